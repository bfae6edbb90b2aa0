import assert from 'node:assert/strict';
import { type ReceiptState, receiptMoves } from '../contracts/receipt.ts';
import type { StoreReads, Tx } from '../contracts/store.ts';
import { type ContractState, contractMoves, type TaskState, taskMoves } from '../contracts/task.ts';
import { get, key1, put, putBasics, refuses, type StoreTest } from './store-conformance-kit.ts';
import {
  channelRow,
  inboundId,
  inboundRow,
  incidentId,
  incidentRow,
  ofTask,
  receiptId,
  receiptRow,
  t0,
  taskId,
  taskRow,
} from './store-conformance-rows.ts';

export function keySuite(test: StoreTest): void {
  keys(test);
  moves(test);
}

function keys(test: StoreTest): void {
  const twice: Readonly<Record<string, (tx: Tx) => void>> = {
    'an Inbound of the same key': (tx) => tx.putInbound(inboundRow(2, { key: inboundRow(1).key })),
    'a Task of the same id': (tx) => tx.putTask(taskRow(1, { seq: 9 })),
    'a Task of the same number': (tx) => tx.putTask(taskRow(2, { seq: 1 })),
    'a Receipt of the same subject, kind and revision': (tx) =>
      tx.putReceipt(receiptRow(9, { subject: { kind: 'inbound', id: inboundId(1) } })),
    'a second terminal of a Task': (tx) =>
      tx.putReceipt(receiptRow(9, ofTask(1, { kind: 'terminal', revision: 1 }))),
    'an open Incident of the same key': (tx) =>
      tx.putIncident(incidentRow(2, { key: incidentRow(1).key })),
  };
  for (const [what, again] of Object.entries(twice)) {
    test(`${what} is refused as duplicate, and its transaction leaves nothing`, async ({
      store,
    }) => {
      await putBasics(store);
      await put(store, (tx) => {
        tx.putInbound(inboundRow(1));
        tx.putTask(taskRow(1));
        tx.putReceipt(receiptRow(1));
        tx.putReceipt(receiptRow(2, ofTask(1, { kind: 'terminal' })));
        tx.putIncident(incidentRow(1));
      });
      const both = put(store, (tx) => {
        tx.putReceipt(receiptRow(50));
        again(tx);
      });
      await refuses('duplicate', both);
      assert.equal(await get(store, (reads) => reads.receipt(receiptId(50))), undefined);
    });
  }

  test('a closed Incident makes room for a new one of its key', async ({ store }) => {
    await put(store, (tx) => tx.putIncident(incidentRow(1, { closedAtMs: t0 })));
    await put(store, (tx) => tx.putIncident(incidentRow(2, { key: incidentRow(1).key })));
    const open = await get(store, (reads) => reads.incidentOpen(incidentRow(1).key));
    assert.equal(open?.id, incidentId(2));
  });

  test('keys find their rows', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putInbound(inboundRow(1));
      tx.putReceipt(receiptRow(2, ofTask(1, { kind: 'progress', revision: 3 })));
    });
    await get(store, function* (reads: StoreReads) {
      assert.equal((yield* reads.inboundByKey(inboundRow(1).key))?.id, inboundId(1));
      assert.equal(
        (yield* reads.receiptByKey({ kind: 'task', id: taskId(1) }, 'progress', 3))?.id,
        receiptId(2),
      );
      assert.equal(
        yield* reads.receiptByKey({ kind: 'task', id: taskId(1) }, 'progress', 2),
        undefined,
      );
    });
  });
}

function moves(test: StoreTest): void {
  test('Receipts move along their table and nowhere else', async ({ store }) => {
    await putBasics(store);
    const states = Object.keys(receiptMoves) as ReceiptState[];
    let n = 0;
    for (const from of states) {
      for (const to of states) {
        n += 1;
        const id = receiptId(n);
        const row = receiptRow(n, { state: from });
        await put(store, (tx) => tx.putReceipt(row));
        const move = store.write('move', function* (tx) {
          const read = yield* tx.receipt(id);
          tx.putReceipt({ ...(read ?? row), state: to });
        });
        if (from === to || receiptMoves[from].includes(to)) await move;
        else assert.deepEqual((await refuses('illegal_move', move)).ids, { receipt: id, from, to });
        const after = await get(store, (reads) => reads.receipt(id));
        assert.equal(after?.state, receiptMoves[from].includes(to) ? to : from);
      }
    }
  });

  test('Tasks move along their table and nowhere else', async ({ store }) => {
    await putBasics(store);
    await allMoves(taskMoves, async (n, from: TaskState, to: TaskState) => {
      await put(store, (tx) => tx.putTask(taskRow(n, { state: from })));
      return store.write('move', function* (tx) {
        tx.putTask({ ...((yield* tx.task(taskId(n))) ?? taskRow(n)), state: to });
      });
    });
  });

  test('Contracts move along their table and nowhere else', async ({ store }) => {
    await putBasics(store);
    await allMoves(contractMoves, async (n, from: ContractState, to: ContractState) => {
      await put(store, (tx) => tx.putTask(taskRow(n, { contract: { state: from } })));
      return store.write('move', function* (tx) {
        tx.putTask({ ...((yield* tx.task(taskId(n))) ?? taskRow(n)), contract: { state: to } });
      });
    });
  });

  test('two moves of one script are each looked at', async ({ store }) => {
    await putBasics(store);
    const twice = store.write('twice', function* (tx) {
      tx.putReceipt(receiptRow(1));
      const receipt = (yield* tx.receipt(receiptId(1))) ?? receiptRow(1);
      tx.putReceipt({ ...receipt, state: 'claimed' });
      tx.putReceipt({ ...receipt, state: 'surfaced' });
      tx.putReceipt({ ...receipt, state: 'pending' });
    });
    await refuses('illegal_move', twice);
  });

  test('the number and the fence of a Channel never go back', async ({ store }) => {
    await put(store, (tx) => tx.putChannel(channelRow(1, { seq: 5, fence: 5 })));
    for (const patch of [{ seq: 4 }, { fence: 4 }]) {
      const back = store.write('back', function* (tx) {
        tx.putChannel({ ...((yield* tx.channel(key1)) ?? channelRow(1)), ...patch });
      });
      await refuses('illegal_move', back);
    }
  });
}

async function allMoves<State extends string>(
  table: Readonly<Record<State, readonly State[]>>,
  move: (n: number, from: State, to: State) => Promise<Promise<void>> | Promise<void>,
): Promise<void> {
  const states = Object.keys(table) as State[];
  let n = 100;
  for (const from of states) {
    for (const to of states) {
      n += 1;
      const moved = Promise.resolve(move(n, from, to));
      if (from === to || table[from].includes(to)) await moved;
      else await refuses('illegal_move', moved);
    }
  }
}
