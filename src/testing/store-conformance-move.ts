import assert from 'node:assert/strict';
import type { Store, StoreReads } from '../contracts/store.ts';
import { get, ids, key1, key2, put, refuses, type StoreTest } from './store-conformance-kit.ts';
import {
  accountRow,
  askId,
  askRow,
  channelRow,
  endedRow,
  inboundId,
  inboundRow,
  keyOf,
  ofTask,
  ownerId,
  receiptId,
  receiptRow,
  sessionId,
  sessionRow,
  shownRow,
  t0,
  taskId,
  taskRow,
} from './store-conformance-rows.ts';

export function moveSuite(test: StoreTest): void {
  shifting(test);
  merging(test);
}

function shifting(test: StoreTest): void {
  const times = { dueAtMs: t0 + 1, leaseUntilMs: t0 + 2 };
  const contract = {
    state: 'progressing',
    ackDueAtMs: t0 + 3,
    terminalDueAtMs: t0 + 4,
    lastSurfacedAtMs: t0,
  } as const;
  const live = {
    receiptId: receiptId(1),
    handle: 'h',
    channel: key1,
    shownAtMs: t0,
    unknownEdit: false,
  };
  const seed = (store: Store) =>
    put(store, (tx) => {
      tx.putAccount(accountRow({ pausedUntilMs: t0 + 5 }));
      tx.putChannel(
        channelRow(1, { ...times, owner: ownerId(1), confirmUntilMs: t0 + 6, lastSentAtMs: t0 }),
      );
      tx.putSession(sessionRow(1, { readyAtMs: t0 }));
      tx.putTask(taskRow(1, { ...times, state: 'running', contract, live }));
      tx.putTask(endedRow(2, { contract: { state: 'terminal_acked', ackDueAtMs: t0 } }));
      tx.putAsk(askRow(1, { untilMs: t0 + 7, remindAtMs: t0 + 8 }));
      tx.putAsk(askRow(2, { state: 'closed' }));
      tx.putReceipt(
        receiptRow(1, {
          place: 'parked',
          dueAtMs: t0 + 9,
          headSinceMs: t0,
          expiresAtMs: t0 + 10,
          evidenceDueAtMs: t0 + 11,
          keyValidUntilMs: t0 + 12,
        }),
      );
      tx.putReceipt(shownRow(2));
    });
  const all = (store: Store) =>
    get(store, function* (reads: StoreReads) {
      return {
        account: yield* reads.account('webchat/main'),
        channel: yield* reads.channel(key1),
        session: yield* reads.session(sessionId(1)),
        task: yield* reads.task(taskId(1)),
        ended: yield* reads.task(taskId(2)),
        ask: yield* reads.ask(askId(1)),
        closed: yield* reads.ask(askId(2)),
        receipt: yield* reads.receipt(receiptId(1)),
        shown: yield* reads.receipt(receiptId(2)),
      };
    });
  for (const delta of [3_600_000, -3_600_000]) {
    test(`a jump of the clock by ${delta} ms moves what is open and nothing else`, async ({
      store,
    }) => {
      await seed(store);
      const before = await all(store);
      await store.write('jump', (tx) => tx.shiftTimes(delta));
      const after = await all(store);
      assert.equal(after.account?.pausedUntilMs, t0 + 5 + delta);
      assert.deepEqual(after.channel, {
        ...before.channel,
        dueAtMs: t0 + 1 + delta,
        headDueAtMs: t0 + delta,
        leaseUntilMs: t0 + 2 + delta,
        confirmUntilMs: t0 + 6 + delta,
        lastSentAtMs: t0 + delta,
      });
      assert.equal(after.session?.readyAtMs, t0 + delta);
      assert.deepEqual(after.task, {
        ...before.task,
        dueAtMs: t0 + 1 + delta,
        leaseUntilMs: t0 + 2 + delta,
        contract: {
          state: 'progressing',
          ackDueAtMs: t0 + 3 + delta,
          terminalDueAtMs: t0 + 4 + delta,
          lastSurfacedAtMs: t0 + delta,
        },
        live: { ...live, shownAtMs: t0 + delta },
      });
      assert.deepEqual(after.ask, {
        ...before.ask,
        untilMs: t0 + 7 + delta,
        remindAtMs: t0 + 8 + delta,
      });
      assert.deepEqual(after.receipt, {
        ...before.receipt,
        openedAtMs: t0 + delta,
        dueAtMs: t0 + 9 + delta,
        headSinceMs: t0 + delta,
        expiresAtMs: t0 + 10 + delta,
        evidenceDueAtMs: t0 + 11 + delta,
        keyValidUntilMs: t0 + 12 + delta,
      });
      assert.deepEqual(
        [after.ended, after.closed, after.shown],
        [before.ended, before.closed, before.shown],
      );
    });
  }

  test('times do not go below zero, and rows can still be read', async ({ store }) => {
    await seed(store);
    await store.write('jump', (tx) => tx.shiftTimes(-10 * t0));
    const { task, channel, receipt } = await all(store);
    assert.deepEqual([task?.dueAtMs, channel?.dueAtMs, receipt?.expiresAtMs], [0, 0, 0]);
  });
}

function merging(test: StoreTest): void {
  const seed = (store: Store) =>
    put(store, (tx) => {
      tx.putChannel(channelRow(1, { seq: 10, dueAtMs: t0 + 9 }));
      tx.putChannel(channelRow(2, { seq: 5, dueAtMs: t0 + 3 }));
      tx.putChannel(channelRow(3));
      for (const n of [1, 2, 3]) tx.putAlias(keyOf(n), keyOf(n));
      tx.putAlias(keyOf(22), key2);
      tx.putSession(sessionRow(1));
      tx.putSession(sessionRow(2, { channel: key2 }));
      tx.putSession(sessionRow(3, { channel: key2, worker: 'other' }));
      tx.putInbound(inboundRow(9, { seq: 9 }));
      tx.putReceipt(shownRow(10, { seq: 10 }));
      tx.putInbound(inboundRow(1, { channel: key2, seq: 1 }));
      tx.putTask(
        taskRow(1, {
          channel: key2,
          session: sessionId(2),
          live: {
            receiptId: receiptId(2),
            handle: 'h',
            channel: key2,
            shownAtMs: t0,
            unknownEdit: false,
          },
        }),
      );
      tx.putReceipt(shownRow(2, { channel: key2, ...ofTask(1, { kind: 'ack' }), seq: 2 }));
      tx.putReceipt(receiptRow(4, { channel: key2, seq: 4 }));
      tx.putReceipt(receiptRow(5, { channel: key2, seq: 5 }));
      tx.putReceipt(receiptRow(6, { channel: key2, seq: 0, place: 'unripe', dueAtMs: t0 }));
      tx.putReceipt(shownRow(3, { channel: keyOf(3), seq: 1, originChannel: key2, originSeq: 3 }));
      tx.putAsk(askRow(1, { channel: key2 }));
    });

  test('all of a Channel moves behind what stands in the other, in its order', async ({
    store,
  }) => {
    await seed(store);
    await store.write('merge', (tx) => tx.mergeChannel(key2, key1));
    await get(store, function* (reads: StoreReads) {
      const { rows } = yield* reads.history(key1, { after: 0, limit: 99 });
      assert.deepEqual(
        rows.map(({ seq, row }) => [seq, row.id]),
        [
          [9, inboundId(9)],
          [10, receiptId(10)],
          [11, inboundId(1)],
          [12, receiptId(2)],
          [13, receiptId(3)],
        ],
      );
      const open = yield* reads.receiptsOpenIn(key1, 99);
      assert.deepEqual(
        open.map((row) => [row.seq, row.originSeq, row.id]),
        [
          [14, 14, receiptId(4)],
          [15, 15, receiptId(5)],
          [0, 0, receiptId(6)],
        ],
      );
      assert.equal((yield* reads.line(key1)).unripe?.id, receiptId(6));
      const channel = yield* reads.channel(key1);
      assert.deepEqual([channel?.seq, channel?.dueAtMs], [15, t0 + 3]);
      const task = yield* reads.task(taskId(1));
      assert.deepEqual(
        [task?.channel, task?.live?.channel, task?.session],
        [key1, key1, sessionId(2)],
      );
      assert.deepEqual(ids(yield* reads.asksOpenIn(key1)), [askId(1)]);
      assert.deepEqual(ids(yield* reads.tasksOpenIn(key1)), [taskId(1)]);
    });
  });

  test('the old Channel is gone and all its addresses lead to the other', async ({ store }) => {
    await seed(store);
    await store.write('merge', (tx) => tx.mergeChannel(key2, key1));
    await get(store, function* (reads: StoreReads) {
      assert.equal(yield* reads.channel(key2), undefined);
      for (const address of [key1, key2, keyOf(22)])
        assert.equal((yield* reads.channelAt(address))?.key, key1);
      assert.deepEqual((yield* reads.history(key2, { after: 0, limit: 9 })).rows, []);
    });
  });

  test('Sessions move; of two for the same the older is found and has the memory of both', async ({
    store,
  }) => {
    await seed(store);
    const said = (text: string) =>
      ({ role: 'assistant', text, taskId: taskId(1), atMs: t0 }) as const;
    await put(store, (tx) => {
      tx.addTranscript(sessionId(1), said('first'));
      tx.addTranscript(sessionId(2), said('second'));
      tx.addTranscript(sessionId(2), said('third'));
    });
    await store.write('merge', (tx) => tx.mergeChannel(key2, key1));
    await get(store, function* (reads: StoreReads) {
      assert.equal((yield* reads.sessionFor('echo', key1, undefined))?.id, sessionId(1));
      assert.equal((yield* reads.sessionFor('other', key1, undefined))?.id, sessionId(3));
      assert.deepEqual(yield* reads.transcript(sessionId(1), 9), [
        said('first'),
        said('second'),
        said('third'),
      ]);
      assert.equal((yield* reads.session(sessionId(2)))?.channel, key1);
    });
  });

  test('a Channel that was read before must be read again', async ({ store }) => {
    await seed(store);
    const stale = store.write('merge', function* (tx) {
      const channel = (yield* tx.channel(key1)) ?? channelRow(1);
      yield* tx.mergeChannel(key2, key1);
      tx.putChannel({ ...channel, seq: channel.seq + 1 });
    });
    await refuses('duplicate', stale);
    await store.write('merge', function* (tx) {
      yield* tx.mergeChannel(key2, key1);
      const channel = (yield* tx.channel(key1)) ?? channelRow(1);
      tx.putChannel({ ...channel, seq: channel.seq + 1 });
    });
    assert.equal((await get(store, (reads) => reads.channel(key1)))?.seq, 16);
  });

  test('a Channel that is not there is refused; with itself nothing happens', async ({ store }) => {
    await seed(store);
    await refuses(
      'row_missing',
      store.write('merge', (tx) => tx.mergeChannel(keyOf(77), key1)),
    );
    await store.write('merge', (tx) => tx.mergeChannel(key1, key1));
    assert.equal((await get(store, (reads) => reads.channel(key1)))?.seq, 10);
  });
}
