import assert from 'node:assert/strict';
import type { StoreReads } from '../contracts/store.ts';
import { get, ids, key1, key2, put, putBasics, type StoreTest } from './store-conformance-kit.ts';
import {
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

export function listSuite(test: StoreTest): void {
  lines(test);
  ofTasks(test);
  dues(test);
  holders(test);
  figures(test);
}

function lines(test: StoreTest): void {
  test('the line of a Channel: its lowest number, and what is due first of the parked and the unripe', async ({
    store,
  }) => {
    await putBasics(store, [1, 2]);
    await put(store, (tx) => {
      tx.putReceipt(shownRow(1));
      tx.putReceipt(receiptRow(7, { seq: 7 }));
      tx.putReceipt(receiptRow(5, { seq: 5 }));
      tx.putReceipt(receiptRow(2, { seq: 2, place: 'parked', dueAtMs: t0 + 9 }));
      tx.putReceipt(receiptRow(3, { seq: 3, place: 'parked', dueAtMs: t0 + 4 }));
      tx.putReceipt(receiptRow(4, { seq: 4, place: 'parked' }));
      tx.putReceipt(receiptRow(8, { seq: 0, place: 'unripe', dueAtMs: t0 + 3 }));
      tx.putReceipt(receiptRow(9, { seq: 0, place: 'unripe', dueAtMs: t0 + 2 }));
      tx.putReceipt(receiptRow(10, { channel: key2, seq: 1 }));
    });
    const line = await get(store, (reads) => reads.line(key1));
    assert.deepEqual(
      [line.head?.id, line.parked?.id, line.unripe?.id],
      [receiptId(5), receiptId(3), receiptId(9)],
    );
  });

  test('what is open in a Channel, by number, the unripe last, at most as many as asked', async ({
    store,
  }) => {
    await putBasics(store, [1, 2]);
    await put(store, (tx) => {
      tx.putReceipt(receiptRow(8, { seq: 0, place: 'unripe', dueAtMs: t0 }));
      tx.putReceipt(receiptRow(3, { seq: 3, state: 'unknown' }));
      tx.putReceipt(receiptRow(1, { seq: 1, state: 'claimed' }));
      tx.putReceipt(receiptRow(2, { seq: 2, place: 'parked', dueAtMs: t0 }));
      tx.putReceipt(shownRow(4));
      tx.putReceipt(receiptRow(5, { channel: key2, seq: 1 }));
    });
    await get(store, function* (reads: StoreReads) {
      assert.deepEqual(ids(yield* reads.receiptsOpenIn(key1, 9)), [1, 2, 3, 8].map(receiptId));
      assert.deepEqual(ids(yield* reads.receiptsOpenIn(key1, 2)), [1, 2].map(receiptId));
    });
  });
}

function ofTasks(test: StoreTest): void {
  test("a Task's Receipts: the open ones by opening, the shown ones by kind", async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putReceipt(shownRow(4, ofTask(1, { kind: 'ack' })));
      tx.putReceipt(shownRow(3, ofTask(1, { kind: 'progress' })));
      tx.putReceipt(receiptRow(2, ofTask(1, { kind: 'progress', revision: 1 })));
      tx.putReceipt(receiptRow(1, ofTask(1, { kind: 'question' })));
      tx.putReceipt(receiptRow(5, ofTask(2, { kind: 'ack' })));
    });
    await get(store, function* (reads: StoreReads) {
      assert.deepEqual(ids(yield* reads.receiptsOpenOf(taskId(1))), [2, 1].map(receiptId));
      assert.deepEqual(
        ids(yield* reads.receiptsShownOf(taskId(1), ['progress', 'ack'])),
        [4, 3].map(receiptId),
      );
      assert.deepEqual(ids(yield* reads.receiptsShownOf(taskId(1), ['progress'])), [receiptId(3)]);
    });
  });

  test('Tasks of a Channel and of a Session, by acceptance', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putTask(taskRow(3, { state: 'running' }));
      tx.putTask(taskRow(1));
      tx.putTask(taskRow(2, { session: sessionId(2) }));
      tx.putTask(taskRow(4));
      tx.putTask(endedRow(5));
      tx.putTask(taskRow(6, { channel: key2, session: sessionId(3) }));
    });
    await get(store, function* (reads: StoreReads) {
      assert.deepEqual(ids(yield* reads.tasksOpenIn(key1)), [1, 2, 3, 4].map(taskId));
      assert.deepEqual(ids(yield* reads.tasksQueuedIn(sessionId(1), 9)), [1, 4].map(taskId));
      assert.deepEqual(ids(yield* reads.tasksQueuedIn(sessionId(1), 1)), [taskId(1)]);
    });
  });

  test('the newest that has ended, of all or of one Person', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putTask(endedRow(1, { personId: 'ada' }));
      tx.putTask(endedRow(2, { personId: 'bob' }));
      tx.putTask(taskRow(3, { personId: 'ada' }));
    });
    await get(store, function* (reads: StoreReads) {
      assert.equal((yield* reads.taskEndedLast(key1, undefined))?.id, taskId(2));
      assert.equal((yield* reads.taskEndedLast(key1, 'ada'))?.id, taskId(1));
      assert.equal(yield* reads.taskEndedLast(key2, undefined), undefined);
      assert.equal(yield* reads.taskEndedLast(key1, 'eve'), undefined);
    });
  });

  test('a Task is found by the end of its id', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putTask(taskRow(0xabcd1));
      tx.putTask(taskRow(0xbbcd1, { channel: key2 }));
      tx.putTask(taskRow(0xabcd2));
    });
    const tails = (tail: string, limit = 9, channel?: typeof key1) =>
      get(store, (reads) => reads.tasksByTail(tail, channel, limit));
    const idsOf = (tail: string, limit = 9) =>
      get(store, (reads) => reads.taskIdsByTail(tail, limit));
    assert.deepEqual(ids(await tails('abcd1')), [taskId(0xabcd1)]);
    assert.deepEqual(ids(await tails('BCD1')).sort(), [taskId(0xabcd1), taskId(0xbbcd1)]);
    assert.deepEqual(ids(await tails('bcd1', 9, key2)), [taskId(0xbbcd1)]);
    assert.equal((await tails('bcd1', 1)).length, 1);
    assert.deepEqual(await idsOf('abcd1'), [taskId(0xabcd1)]);
    assert.deepEqual([...(await idsOf('BCD1'))].sort(), [taskId(0xabcd1), taskId(0xbbcd1)]);
    assert.equal((await idsOf('bcd1', 1)).length, 1);
    for (const nothing of ['ffff', '', '%', '_', 'abcd1x', "'"]) {
      assert.deepEqual(await tails(nothing), []);
      assert.deepEqual(await idsOf(nothing), []);
    }
    assert.deepEqual(ids(await tails(taskId(0xabcd2).replaceAll('-', ''))), [taskId(0xabcd2)]);
  });

  test('Asks and commands that wait', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putAsk(askRow(2));
      tx.putAsk(askRow(1, { state: 'closed' }));
      tx.putAsk(askRow(3, { task: taskId(2), channel: key2 }));
      tx.putInbound(inboundRow(1, { became: 'open', task: taskId(1) }));
      tx.putInbound(inboundRow(2, { became: 'command', task: taskId(1) }));
    });
    await get(store, function* (reads: StoreReads) {
      assert.deepEqual(ids(yield* reads.asksOf(taskId(1))), [askId(2), askId(1)]);
      assert.deepEqual(ids(yield* reads.asksOpenIn(key1)), [askId(2)]);
      assert.deepEqual(ids(yield* reads.inboundsOpenOf(taskId(1))), [inboundId(1)]);
    });
  });
}

function dues(test: StoreTest): void {
  test('what is due, earliest first, and the nearest of all', async ({ store }) => {
    await put(store, (tx) => {
      tx.putChannel(channelRow(1, { dueAtMs: t0 + 5, priority: 3 }));
      tx.putChannel(channelRow(2, { dueAtMs: t0 + 2 }));
      tx.putChannel(channelRow(3, { dueAtMs: t0 + 9 }));
      tx.putChannel(channelRow(4));
      tx.putSession(sessionRow(1));
      tx.putTask(taskRow(1, { dueAtMs: t0 + 8 }));
      tx.putTask(taskRow(2, { dueAtMs: t0 + 4 }));
      tx.putTask(taskRow(3));
    });
    await get(store, function* (reads: StoreReads) {
      assert.deepEqual(yield* reads.channelsDue(t0 + 5, 9), [
        { key: key2, dueAtMs: t0 + 2, priority: 0, account: 'webchat/main' },
        { key: key1, dueAtMs: t0 + 5, priority: 3, account: 'webchat/main' },
      ]);
      assert.deepEqual(yield* reads.tasksDue(t0 + 4, 9), [{ id: taskId(2), dueAtMs: t0 + 4 }]);
      assert.equal((yield* reads.channelsDue(t0 + 99, 1)).length, 1);
      assert.deepEqual(yield* reads.nextDue(), { tasksMs: t0 + 4, channelsMs: t0 + 2 });
    });
  });

  test('Sessions that are free and waited for, longest first', async ({ store }) => {
    await put(store, (tx) => {
      tx.putSession(sessionRow(1, { readyAtMs: t0 + 2 }));
      tx.putSession(sessionRow(2, { readyAtMs: t0 + 1 }));
      tx.putSession(sessionRow(3));
    });
    assert.deepEqual(ids(await get(store, (reads) => reads.sessionsReady(9))), [
      sessionId(2),
      sessionId(1),
    ]);
    assert.deepEqual(ids(await get(store, (reads) => reads.sessionsReady(1))), [sessionId(2)]);
  });

  test('a Session by Worker, Channel and Person', async ({ store }) => {
    await put(store, (tx) => {
      tx.putSession(sessionRow(1));
      tx.putSession(sessionRow(2, { personId: 'ada' }));
      tx.putSession(sessionRow(3, { worker: 'other' }));
    });
    await get(store, function* (reads: StoreReads) {
      assert.equal((yield* reads.sessionFor('echo', key1, undefined))?.id, sessionId(1));
      assert.equal((yield* reads.sessionFor('echo', key1, 'ada'))?.id, sessionId(2));
      assert.equal((yield* reads.sessionFor('other', key1, undefined))?.id, sessionId(3));
      assert.equal(yield* reads.sessionFor('echo', key1, 'eve'), undefined);
      assert.equal(yield* reads.sessionFor('echo', key2, undefined), undefined);
    });
  });
}

function holders(test: StoreTest): void {
  test('Tasks that another holds, or nobody, at work', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putTask(taskRow(1, { state: 'running', owner: ownerId(1) }));
      tx.putTask(taskRow(2, { state: 'waiting', owner: ownerId(2) }));
      tx.putTask(taskRow(3, { state: 'aborting', owner: ownerId(3) }));
      tx.putTask(taskRow(4, { state: 'running' }));
      tx.putTask(taskRow(5, { state: 'queued' }));
      tx.putTask(endedRow(6, { owner: ownerId(2) }));
    });
    const held = (limit: number) =>
      get(store, (reads) => reads.tasksHeldByOthers(ownerId(2), limit));
    assert.deepEqual(ids(await held(9)).sort(), [1, 3, 4].map(taskId));
    assert.equal((await held(1)).length, 1);
  });

  test('Channels that another leases or sees, each once', async ({ store }) => {
    await put(store, (tx) => {
      tx.putChannel(
        channelRow(1, { owner: ownerId(1), leaseUntilMs: t0, audienceOwner: ownerId(1) }),
      );
      tx.putChannel(channelRow(2, { audience: 'present', audienceOwner: ownerId(3) }));
      tx.putChannel(channelRow(3, { owner: ownerId(2), leaseUntilMs: t0 }));
      tx.putChannel(channelRow(4, { account: 'slack/main' }));
    });
    await get(store, function* (reads: StoreReads) {
      const held = yield* reads.channelsHeldByOthers(ownerId(2), 9);
      assert.deepEqual(held.map((channel) => channel.key).sort(), [key1, key2]);
      const mine = yield* reads.channelsOfAccount('webchat/main', 9);
      assert.deepEqual(mine.map((channel) => channel.key).sort(), [key1, key2, keyOf(3)]);
      assert.equal((yield* reads.channelsOfAccount('webchat/main', 2)).length, 2);
    });
  });
}

function figures(test: StoreTest): void {
  test('figures: what waits for an audience is not backlog', async ({ store }) => {
    await put(store, (tx) => {
      tx.putChannel(channelRow(1));
      tx.putChannel(channelRow(2, { audience: 'absent' }));
      tx.putSession(sessionRow(1));
      tx.putTask(taskRow(1));
      tx.putTask(endedRow(2));
      tx.putReceipt(receiptRow(1, { unseen: true, openedAtMs: t0 }));
      tx.putReceipt(receiptRow(2, { channel: key2, openedAtMs: t0 + 1 }));
      tx.putReceipt(receiptRow(3, { openedAtMs: t0 + 2 }));
      tx.putReceipt(receiptRow(4, { openedAtMs: t0 + 3, state: 'unknown' }));
      tx.putReceipt(receiptRow(5, { state: 'dead' }));
      tx.putReceipt(shownRow(6));
    });
    const { walBytes: _, ...figures } = await get(store, (reads) => reads.figures());
    assert.deepEqual(figures, {
      tasksOpen: 1,
      receiptsOpen: 2,
      receiptsUnseen: 2,
      receiptsDead: 1,
      incidentsOpen: 0,
      oldestOpenAtMs: t0 + 2,
    });
  });
}
