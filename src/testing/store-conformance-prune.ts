import assert from 'node:assert/strict';
import type { Store, StoreReads } from '../contracts/store.ts';
import { get, key1, key2, put, putBasics, type StoreTest } from './store-conformance-kit.ts';
import {
  askRow,
  attemptRow,
  endedRow,
  inboundRow,
  incidentRow,
  ofTask,
  receiptId,
  receiptRow,
  sessionId,
  shownRow,
  t0,
  taskId,
  taskRow,
} from './store-conformance-rows.ts';

export function pruneSuite(test: StoreTest): void {
  forgetting(test);
  pruning(test);
}

const day = 86_400_000;

function forgetting(test: StoreTest): void {
  test('the handles of a Channel are forgotten, and only those', async ({ store }) => {
    await putBasics(store, [1, 2]);
    const live = (channel: typeof key1) => ({
      receiptId: receiptId(1),
      handle: 'h',
      channel,
      shownAtMs: t0,
      unknownEdit: false,
    });
    const amend = { ...receiptRow(3).content, target: 'h1' };
    await put(store, (tx) => {
      tx.putReceipt(
        shownRow(1, {
          parts: [
            { text: 'a', handle: 'h1', shownAtMs: t0 },
            { text: 'b "handle"' },
            { text: 'c', handle: 'h2' },
          ],
        }),
      );
      tx.putReceipt(shownRow(2, { channel: key2 }));
      tx.putReceipt(receiptRow(3, { kind: 'amend', content: amend }));
      tx.putTask(taskRow(1, { live: live(key1) }));
      tx.putTask(taskRow(2, { live: live(key2) }));
      tx.putTask(taskRow(3, { channel: key2, live: live(key2) }));
      tx.putTask(taskRow(4, { channel: key2, live: live(key1) }));
      tx.putReceipt(
        shownRow(4, {
          ...ofTask(4, { kind: 'question' }),
          channel: key1,
          originChannel: key2,
          originSeq: 4,
        }),
      );
    });
    await put(store, (tx) => tx.forgetHandles(key1));
    await get(store, function* (reads: StoreReads) {
      assert.deepEqual((yield* reads.receipt(receiptId(1)))?.parts, [
        { text: 'a', shownAtMs: t0 },
        { text: 'b "handle"' },
        { text: 'c' },
      ]);
      assert.equal((yield* reads.receipt(receiptId(2)))?.parts[0]?.handle, 'h2');
      assert.equal((yield* reads.receipt(receiptId(3)))?.content.target, undefined);
      const { rows } = yield* reads.tasksPage({}, { after: 0, limit: 9 });
      assert.deepEqual(
        rows.map((task) => task.live?.channel),
        [undefined, key2, key2, undefined],
      );
    });
  });
}

function pruning(test: StoreTest): void {
  const before = t0 + day;
  const late = t0 + 2 * day;
  const prune = (store: Store, limit = 1_000) =>
    store.write('prune', (tx) => tx.prune(before, limit));

  test('what is over goes, with all that hangs on it', async (under) => {
    const { store } = under;
    await putBasics(store);
    await store.write('seed', function* (tx) {
      tx.putInbound(inboundRow(1, { became: 'task', task: taskId(1) }));
      tx.putTask(endedRow(1));
      tx.putReceipt(shownRow(1, ofTask(1, { kind: 'terminal' })));
      tx.putReceipt(receiptRow(2, ofTask(1, { state: 'dead', reason: 'gone', settledAtMs: t0 })));
      tx.putReceipt(shownRow(3));
      tx.putInbound(inboundRow(3));
      tx.putAttempt(attemptRow(1, 1));
      tx.putAttempt(attemptRow(3, 1));
      tx.putAsk(askRow(1, { state: 'answered' }));
      tx.putIncident(incidentRow(1, { closedAtMs: t0 }));
      tx.addTranscript(sessionId(1), { role: 'assistant', text: 'x', taskId: taskId(1), atMs: t0 });
      yield* tx.journal({ name: 'task.started', data: { attempt: 1 }, taskId: taskId(1) }, t0);
      yield* tx.journal({ name: 'relay.stopped', data: { interrupted: 0 } }, t0);
    });
    assert.equal(await prune(store), 13);
    for (const table of [
      'inbounds',
      'tasks',
      'receipts',
      'attempts',
      'asks',
      'incidents',
      'transcripts',
      'journal',
    ]) {
      assert.equal(await under.count(table), 0, table);
    }
    assert.equal(await prune(store), 0);
    assert.equal(await under.count('sessions'), 1);
    assert.equal(await under.count('channels'), 1);
  });

  test('nothing that is open, young or named by what is open goes', async (under) => {
    const { store } = under;
    await putBasics(store);
    await store.write('seed', function* (tx) {
      tx.putTask(taskRow(1));
      tx.putInbound(inboundRow(1, { became: 'task', task: taskId(1) }));
      tx.putReceipt(shownRow(1, ofTask(1, { kind: 'ack' })));
      tx.putInbound(inboundRow(20, { became: 'answer', task: taskId(1) }));
      tx.putTask(taskRow(21));
      tx.putInbound(inboundRow(21, { became: 'note' }));
      tx.putTask(endedRow(2));
      tx.putReceipt(receiptRow(2, ofTask(2, { kind: 'terminal', state: 'unknown' })));
      tx.putTask(endedRow(3, { endedAtMs: late }));
      tx.putTask(endedRow(4));
      tx.putReceipt(shownRow(4, ofTask(4, { kind: 'terminal', settledAtMs: late })));
      tx.putTask(endedRow(5));
      tx.putAsk(askRow(5, { task: taskId(5) }));
      tx.putReceipt(receiptRow(6));
      tx.putInbound(inboundRow(6));
      tx.putInbound(inboundRow(7, { became: 'open' }));
      tx.putInbound(inboundRow(8, { receivedAtMs: late }));
      tx.putReceipt(receiptRow(9, { state: 'dead', settledAtMs: late }));
      tx.putIncident(incidentRow(1));
      yield* tx.journal({ name: 'task.started', data: { attempt: 1 }, taskId: taskId(1) }, t0);
    });
    assert.equal(await prune(store), 0);
  });

  for (const limit of [1, 4, 9]) {
    test(`it goes on in steps of ${limit}, and a Task goes last`, async (under) => {
      const { store } = under;
      await putBasics(store);
      await store.write('seed', function* (tx) {
        for (let n = 1; n <= 3; n++) {
          tx.putTask(endedRow(n));
          tx.putReceipt(shownRow(n, ofTask(n)));
          tx.putAttempt(attemptRow(n, 1));
          tx.putAsk(askRow(n, { task: taskId(n), state: 'closed' }));
          for (let i = 0; i < 6; i++) {
            yield* tx.journal(
              { name: 'task.started', data: { attempt: 1 }, taskId: taskId(n) },
              t0,
            );
          }
        }
      });
      let gone = 0;
      for (let steps = 0; steps < 50; steps++) {
        const step = await prune(store, limit);
        assert.ok(step <= limit);
        gone += step;
        if (step === 0) break;
      }
      assert.equal(gone, 3 * 10);
      for (const table of ['tasks', 'journal', 'attempts', 'asks']) {
        assert.equal(await under.count(table), 0, table);
      }
    });
  }

  test('numbers of lists are not given again after all rows are gone', async (under) => {
    const { store } = under;
    await putBasics(store);
    const note = () =>
      store.write('note', (tx) =>
        tx.journal({ name: 'relay.stopped', data: { interrupted: 0 } }, t0),
      );
    const first = await note();
    await put(store, (tx) => tx.putReceipt(shownRow(1)));
    const { lastSeq } = await get(store, (reads) => reads.receiptsPage({}, { after: 0, limit: 1 }));
    assert.ok((await prune(store)) > 0);
    await put(store, (tx) => tx.putReceipt(shownRow(2)));
    assert.ok(
      (await get(store, (reads) => reads.receiptsPage({}, { after: 0, limit: 1 }))).lastSeq >
        lastSeq,
    );
    assert.ok((await note()) > first);
  });
}
