import assert from 'node:assert/strict';
import type { StoreReads } from '../contracts/store.ts';
import {
  get,
  key1,
  key2,
  put,
  putBasics,
  refuses,
  type StoreTest,
} from './store-conformance-kit.ts';
import {
  accountRow,
  askId,
  askRow,
  attemptRow,
  channelRow,
  inboundId,
  inboundRow,
  incidentRow,
  ofTask,
  ownerId,
  receiptId,
  receiptRow,
  refOf,
  sessionId,
  sessionRow,
  shownRow,
  t0,
  taskId,
  taskRow,
} from './store-conformance-rows.ts';

export function putSuite(test: StoreTest): void {
  roundTrips(test);
  replacing(test);
}

/** Every property that a row may have. */
const full = {
  channel: channelRow(2, {
    address: { ...refOf(2), thread: 't/1' },
    dueAtMs: t0 + 1,
    owner: ownerId(1),
    leaseUntilMs: t0 + 2,
    confirmUntilMs: t0 + 3,
    audience: 'absent',
    audienceOwner: ownerId(2),
    absentSinceMs: t0 + 4,
    lastSentAtMs: t0 + 5,
  }),
  account: accountRow({ pausedUntilMs: t0 + 9, authorized: false }),
  inbound: inboundRow(7, { task: taskId(7), became: 'task' }),
  session: sessionRow(7, {
    personId: 'p1',
    resume: { v: 1, worker: 'echo', data: { at: [1, 'ü"\\'] } },
    busy: taskId(7),
    readyAtMs: t0,
  }),
  task: taskRow(7, {
    session: sessionId(7),
    personName: 'Ada',
    anchor: 'm7',
    state: 'aborting',
    files: [{ name: 'a.txt' }],
    contract: {
      state: 'progressing',
      ackDueAtMs: 1,
      heartbeatDueAtMs: 2,
      progressDueAtMs: 3,
      queueDueAtMs: 4,
      terminalDueAtMs: 5,
      graceDueAtMs: 6,
      lastSurfacedAtMs: 7,
    },
    cause: { end: 'cancelled', reason: 'asked to', by: 'Ada' },
    result: 'fine',
    error: 'not so fine',
    owner: ownerId(1),
    leaseUntilMs: t0,
    startedAtMs: t0,
    endedAtMs: t0,
    live: { receiptId: receiptId(7), handle: 'h', channel: key1, shownAtMs: t0, unknownEdit: true },
    ackReceipt: receiptId(7),
    ask: askId(7),
    retryOf: taskId(1),
    dueAtMs: t0,
  }),
  ask: askRow(7, {
    surfacedAtMs: t0,
    remindAtMs: t0,
    answer: { kind: 'text', text: 'no' },
    answeredBy: 'Ada',
    reason: 'superseded',
    closedAtMs: t0,
  }),
  receipt: shownRow(7, {
    ...ofTask(7),
    kind: 'question',
    place: 'parked',
    marks: ['late', 'may_repeat'],
    repairs: ['split', 'plain'],
    dueAtMs: t0,
    headSinceMs: t0,
    evidenceDueAtMs: t0,
    keyValidUntilMs: t0,
    reason: 'why',
    live: true,
    editedOnce: true,
    unseen: true,
    content: {
      text: 'a\n"b" ü 🎈',
      buttons: [{ id: 'b', label: 'B', style: 'danger' }],
      files: [{ name: 'f', mimeType: 'text/plain', text: 'x' }],
      label: 'L',
      labelled: true,
      anchor: 'm7',
      notify: false,
      position: 2,
      askId: askId(7),
      freeText: true,
      untilMs: t0,
      end: 'failed',
      target: 'h',
    },
  }),
  attempt: attemptRow(7, 1, {
    finishedAtMs: t0,
    outcome: {
      kind: 'deferred',
      atMs: t0,
      reason: 'rate_limited',
      scope: 'account',
      retryAfterMs: 5,
      cause: 'slow down',
    },
  }),
  incident: incidentRow(7, { closedAtMs: t0 }),
};

function roundTrips(test: StoreTest): void {
  test('a row with everything in it comes back as it was put, also after a restart', async (under) => {
    await putBasics(under.store);
    await put(under.store, (tx) => {
      tx.putChannel(full.channel);
      tx.putAccount(full.account);
      tx.putInbound(full.inbound);
      tx.putSession(full.session);
      tx.putTask(full.task);
      tx.putAsk(full.ask);
      tx.putReceipt(full.receipt);
      tx.putAttempt(full.attempt);
      tx.putIncident({ ...full.incident, closedAtMs: undefined } as never);
    });
    const store = await under.reopen();
    const all = await get(store, function* (reads: StoreReads) {
      return {
        channel: yield* reads.channel(key2),
        account: yield* reads.account('webchat/main'),
        inbound: yield* reads.inbound(inboundId(7)),
        session: yield* reads.session(sessionId(7)),
        task: yield* reads.task(taskId(7)),
        ask: yield* reads.ask(askId(7)),
        receipt: yield* reads.receipt(receiptId(7)),
        attempt: (yield* reads.attempts(receiptId(7)))[0],
        incident: yield* reads.incidentOpen(full.incident.key),
      };
    });
    const { closedAtMs: _, ...incident } = full.incident;
    assert.deepEqual(all, { ...full, incident });
  });

  test('what is not there is undefined, and lists are empty', async ({ store }) => {
    await get(store, function* (reads: StoreReads) {
      assert.equal(yield* reads.channel(key1), undefined);
      assert.equal(yield* reads.channelAt(key1), undefined);
      assert.equal(yield* reads.task(taskId(1)), undefined);
      assert.equal(
        yield* reads.receiptByKey({ kind: 'task', id: taskId(1) }, 'terminal', 0),
        undefined,
      );
      assert.equal(yield* reads.adapterState('a', 'k'), undefined);
      assert.deepEqual(yield* reads.line(key1), {
        head: undefined,
        parked: undefined,
        unripe: undefined,
      });
      assert.deepEqual(yield* reads.nextDue(), {});
      assert.deepEqual(yield* reads.tasksPage({}, { after: 0, limit: 5 }), {
        rows: [],
        invalid: [],
        more: false,
        lastSeq: 0,
      });
    });
  });
}

function replacing(test: StoreTest): void {
  test('a row that was read is replaced, one that was not is new and so a duplicate', async ({
    store,
  }) => {
    await putBasics(store);
    await put(store, (tx) => tx.putTask(taskRow(1)));
    await store.write('read first', function* (tx) {
      const task = yield* tx.task(taskId(1));
      assert.ok(task);
      task.title = 'changed';
      task.personName = undefined as never;
      tx.putTask(task);
    });
    assert.equal((await get(store, (reads) => reads.task(taskId(1))))?.title, 'changed');
    await refuses(
      'duplicate',
      put(store, (tx) => tx.putTask(taskRow(1, { title: 'blind' }))),
    );
    assert.equal((await get(store, (reads) => reads.task(taskId(1))))?.title, 'changed');
  });

  test('an optional property that is taken away is gone', async ({ store }) => {
    await put(store, (tx) => tx.putChannel(full.channel));
    await store.write('take away', function* (tx) {
      const { owner: _, leaseUntilMs: __, ...channel } = (yield* tx.channel(key2)) ?? full.channel;
      tx.putChannel(channel);
    });
    const { owner: _, leaseUntilMs: __, ...left } = full.channel;
    assert.deepEqual(await get(store, (reads) => reads.channel(key2)), left);
  });

  test('writes are seen by later reads of the same script, and a second put replaces the first', async ({
    store,
  }) => {
    await store.write('twice', function* (tx) {
      tx.putChannel(channelRow(1));
      const channel = yield* tx.channel(key1);
      assert.ok(channel);
      tx.putChannel({ ...channel, seq: 5 });
      tx.putChannel({ ...channel, seq: 6 });
      assert.equal((yield* tx.channel(key1))?.seq, 6);
    });
    assert.equal((await get(store, (reads) => reads.channel(key1)))?.seq, 6);
  });

  test('a row of a list or a page counts as read', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => tx.putTask(taskRow(1)));
    await store.write('by list', function* (tx) {
      const [task] = yield* tx.tasksOpenIn(key1);
      assert.ok(task);
      tx.putTask({ ...task, title: 'list' });
    });
    await store.write('by page', function* (tx) {
      const [task] = (yield* tx.tasksPage({}, { after: 0, limit: 1 })).rows;
      assert.equal(task?.title, 'list');
      tx.putTask({ ...(task ?? taskRow(1)), title: 'page' });
    });
    assert.equal((await get(store, (reads) => reads.task(taskId(1))))?.title, 'page');
  });

  test('what a caller changes in a row after reading it changes nothing by itself', async ({
    store,
  }) => {
    await put(store, (tx) => tx.putChannel(channelRow(1)));
    await store.write('no put', function* (tx) {
      const channel = yield* tx.channel(key1);
      assert.ok(channel);
      channel.seq = 99;
      assert.equal((yield* tx.channel(key1))?.seq, 0);
    });
    assert.equal((await get(store, (reads) => reads.channel(key1)))?.seq, 0);
  });

  test('a row that could not be read again is refused before it is written', async ({ store }) => {
    await putBasics(store);
    const broken = taskRow(1, { fence: 1.5 });
    const { message } = await refuses(
      'row_invalid',
      put(store, (tx) => tx.putTask(broken)),
    );
    assert.match(message, /tasks.*fence/);
    await refuses(
      'row_invalid',
      put(store, (tx) => tx.putReceipt(receiptRow(1, { dueAtMs: Number.NaN }))),
    );
    assert.equal(await get(store, (reads) => reads.task(taskId(1))), undefined);
  });

  test('a fence that another script has moved is seen', async ({ store }) => {
    await put(store, (tx) => tx.putChannel(channelRow(1, { fence: 3 })));
    const claim = store.write('claim', function* (tx) {
      const channel = (yield* tx.channel(key1)) ?? channelRow(1);
      tx.putChannel({ ...channel, fence: channel.fence + 1, owner: ownerId(2) });
    });
    const stale = store.write('settle', function* (tx) {
      const channel = yield* tx.channel(key1);
      return channel?.fence === 3;
    });
    await claim;
    assert.equal(await stale, false);
  });

  test('an Attempt is put as often as wanted and stays one row', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putReceipt(receiptRow(1));
      tx.putAttempt(attemptRow(1, 2));
      tx.putAttempt(attemptRow(1, 1));
    });
    const done = attemptRow(1, 1, {
      finishedAtMs: t0,
      outcome: { kind: 'unknown', atMs: t0, phase: 'written', cause: 'reset' },
    });
    await put(store, (tx) => tx.putAttempt(done));
    assert.deepEqual(await get(store, (reads) => reads.attempts(receiptId(1))), [
      done,
      attemptRow(1, 2),
    ]);
  });
}
