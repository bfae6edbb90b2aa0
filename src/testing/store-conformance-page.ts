import assert from 'node:assert/strict';
import type {
  HistoryRow,
  Page,
  PageRequest,
  Script,
  Store,
  StoreReads,
} from '../contracts/store.ts';
import { get, ids, key1, key2, put, putBasics, type StoreTest } from './store-conformance-kit.ts';
import {
  endedRow,
  inboundId,
  inboundRow,
  incidentId,
  incidentRow,
  ofTask,
  receiptId,
  receiptRow,
  refOf,
  shownRow,
  t0,
  taskId,
  taskRow,
} from './store-conformance-rows.ts';

export function pageSuite(test: StoreTest): void {
  paging(test);
  filters(test);
  histories(test);
}

/** All of a list, page by page. */
async function walk<Row>(
  store: Store,
  read: (reads: StoreReads, page: PageRequest) => Script<Page<Row>>,
  limit = 2,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after = 0, more = true; more; ) {
    const page = await get(store, (reads) => read(reads, { after, limit }));
    assert.ok(page.rows.length + page.invalid.length <= limit);
    assert.ok(page.lastSeq > after || !page.more);
    rows.push(...page.rows);
    ({ lastSeq: after, more } = page);
  }
  return rows;
}

function paging(test: StoreTest): void {
  test('a page that a script reads shows what it has put, and so does everything after it', async ({
    store,
  }) => {
    await putBasics(store);
    await put(store, (tx) => tx.putTask(taskRow(1)));
    const titles = await store.write('retitle', function* (tx) {
      const task = yield* tx.task(taskId(1));
      assert.ok(task !== undefined);
      tx.putTask({ ...task, title: 'new' });
      const { rows } = yield* tx.tasksPage({}, { after: 0, limit: 9 });
      return [rows[0]?.title, (yield* tx.task(taskId(1)))?.title];
    });
    const after = await get(store, (reads) => reads.task(taskId(1)));
    assert.deepEqual([...titles, after?.title], ['new', 'new', 'new']);
  });

  test('pages follow one another without gap or repeat, and say when they end', async ({
    store,
  }) => {
    await putBasics(store);
    await put(store, (tx) => {
      for (let n = 1; n <= 4; n++) {
        tx.putTask(taskRow(n));
        tx.putReceipt(receiptRow(n));
        tx.putIncident(incidentRow(n));
      }
    });
    assert.deepEqual(
      ids(await walk(store, (reads, page) => reads.tasksPage({}, page))),
      [1, 2, 3, 4].map(taskId),
    );
    assert.deepEqual(
      ids(await walk(store, (reads, page) => reads.receiptsPage({}, page))),
      [1, 2, 3, 4].map(receiptId),
    );
    assert.deepEqual(
      ids(await walk(store, (reads, page) => reads.incidentsPage({}, page))),
      [1, 2, 3, 4].map(incidentId),
    );
    const last = await get(store, (reads) => reads.tasksPage({}, { after: 2, limit: 2 }));
    assert.deepEqual([last.more, last.lastSeq], [false, 4]);
    const none = await get(store, (reads) => reads.tasksPage({}, { after: 4, limit: 2 }));
    assert.deepEqual(none, { rows: [], invalid: [], more: false, lastSeq: 4 });
  });

  test('a listed Receipt says its place in the list of all', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => tx.putReceipt(receiptRow(1, { seq: 40 })));
    const { rows, lastSeq } = await get(store, (reads) =>
      reads.receiptsPage({}, { after: 0, limit: 9 }),
    );
    assert.equal(rows[0]?.listSeq, lastSeq);
    assert.equal(rows[0]?.seq, 40);
  });
}

function filters(test: StoreTest): void {
  test('Tasks by state, by Channel, open or not', async ({ store }) => {
    await putBasics(store, [1, 2]);
    await put(store, (tx) => {
      tx.putTask(taskRow(1));
      tx.putTask(taskRow(2, { state: 'running' }));
      tx.putTask(endedRow(3));
      tx.putTask(taskRow(4, { channel: key2 }));
      tx.putTask(endedRow(5, { channel: key2 }));
    });
    const list = async (filter: Parameters<StoreReads['tasksPage']>[0]) =>
      ids(await walk(store, (reads, page) => reads.tasksPage(filter, page)));
    assert.deepEqual(await list({ state: 'queued' }), [1, 4].map(taskId));
    assert.deepEqual(await list({ state: 'ended' }), [3, 5].map(taskId));
    assert.deepEqual(await list({ open: true }), [1, 2, 4].map(taskId));
    assert.deepEqual(await list({ open: false }), [3, 5].map(taskId));
    assert.deepEqual(await list({ channel: key2 }), [4, 5].map(taskId));
    assert.deepEqual(await list({ channel: key1, open: true }), [1, 2].map(taskId));
    assert.deepEqual(await list({ channel: key1, state: 'running' }), [taskId(2)]);
    assert.deepEqual(await list({ state: 'ended', open: true }), []);
    assert.deepEqual(await list({ state: 'queued', open: false }), []);
  });

  test('Receipts by state, by Task, open or not', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => {
      tx.putReceipt(receiptRow(1, ofTask(1)));
      tx.putReceipt(receiptRow(2, { state: 'unknown' }));
      tx.putReceipt(shownRow(3, ofTask(1, { kind: 'ack' })));
      tx.putReceipt(receiptRow(4, { state: 'dead' }));
      tx.putReceipt(receiptRow(5, { state: 'superseded' }));
    });
    const list = async (filter: Parameters<StoreReads['receiptsPage']>[0]) =>
      ids(await walk(store, (reads, page) => reads.receiptsPage(filter, page)));
    assert.deepEqual(await list({ state: 'pending' }), [receiptId(1)]);
    assert.deepEqual(await list({ state: 'dead' }), [receiptId(4)]);
    assert.deepEqual(await list({ state: 'superseded' }), [receiptId(5)]);
    assert.deepEqual(await list({ state: 'surfaced' }), [receiptId(3)]);
    assert.deepEqual(await list({ open: true }), [1, 2].map(receiptId));
    assert.deepEqual(await list({ open: false }), [3, 4, 5].map(receiptId));
    assert.deepEqual(await list({ task: taskId(1) }), [1, 3].map(receiptId));
    assert.deepEqual(await list({ task: taskId(1), open: true }), [receiptId(1)]);
    assert.deepEqual(await list({ task: taskId(1), state: 'surfaced' }), [receiptId(3)]);
    assert.deepEqual(await list({ state: 'dead', open: true }), []);
    assert.deepEqual(await list({ state: 'dead', open: false }), [receiptId(4)]);
    assert.deepEqual(await list({ state: 'claimed', open: false }), []);
  });

  test('the Journal by Task and by Channel, Incidents open or closed', async ({ store }) => {
    await store.write('journal', function* (tx) {
      yield* tx.journal(
        { name: 'task.started', data: { attempt: 1 }, taskId: taskId(1), channel: key1 },
        t0,
      );
      yield* tx.journal(
        { name: 'task.started', data: { attempt: 2 }, taskId: taskId(2), channel: key1 },
        t0,
      );
      yield* tx.journal({ name: 'relay.stopped', data: { interrupted: 0 } }, t0);
      tx.putIncident(incidentRow(1));
      tx.putIncident(incidentRow(2, { closedAtMs: t0 }));
    });
    const list = async (filter: Parameters<StoreReads['journalPage']>[0]) =>
      (await walk(store, (reads, page) => reads.journalPage(filter, page), 1)).map(
        (row) => row.taskId ?? row.name,
      );
    assert.deepEqual(await list({}), [taskId(1), taskId(2), 'relay.stopped']);
    assert.deepEqual(await list({ task: taskId(2) }), [taskId(2)]);
    assert.deepEqual(await list({ channel: key1 }), [taskId(1), taskId(2)]);
    assert.deepEqual(await list({ task: taskId(1), channel: key2 }), []);
    const incidents = async (open: boolean) =>
      ids(await walk(store, (reads, page) => reads.incidentsPage({ open }, page)));
    assert.deepEqual(
      [await incidents(true), await incidents(false)],
      [[incidentId(1)], [incidentId(2)]],
    );
  });
}

const named = (rows: readonly HistoryRow[]): [number, string][] =>
  rows.map(({ seq, row }) => [seq, row.id]);

function histories(test: StoreTest): void {
  test('a transcript holds messages and what was sent, by number', async ({ store }) => {
    await putBasics(store, [1, 2]);
    const press = {
      kind: 'press',
      id: 'p',
      channel: refOf(1),
      person: { id: 'p1', operator: false },
      sentAtMs: t0,
      button: 'b',
      clientId: false,
    } as const;
    await put(store, (tx) => {
      tx.putInbound(inboundRow(1));
      tx.putReceipt(shownRow(2));
      tx.putInbound(inboundRow(3, { inbound: press }));
      tx.putInbound(inboundRow(4, { source: 'code', became: 'notice' }));
      tx.putInbound(inboundRow(5, { source: 'code', became: 'task' }));
      tx.putReceipt(receiptRow(6));
      tx.putReceipt(receiptRow(7, { attempts: 1, state: 'claimed' }));
      tx.putReceipt(receiptRow(8, { state: 'dead' }));
      tx.putReceipt(receiptRow(9, { state: 'superseded', attempts: 1 }));
      tx.putReceipt(shownRow(10, { state: 'superseded' }));
      tx.putInbound(inboundRow(11, { channel: key2 }));
    });
    const rows = await walk(store, (reads, page) => reads.history(key1, page));
    assert.deepEqual(named(rows), [
      [1, inboundId(1)],
      [2, receiptId(2)],
      [5, inboundId(5)],
      [7, receiptId(7)],
      [8, receiptId(8)],
      [10, receiptId(10)],
    ]);
    const later = await get(store, (reads) => reads.history(key1, { after: 5, limit: 1 }));
    assert.deepEqual(
      [named(later.rows), later.more, later.lastSeq],
      [[[7, receiptId(7)]], true, 7],
    );
  });

  test('what took another route stands where it was opened and where it went, each by its number there', async ({
    store,
  }) => {
    await putBasics(store, [1, 2]);
    await put(store, (tx) => {
      tx.putReceipt(shownRow(3, { channel: key2, seq: 9, originChannel: key1, originSeq: 3 }));
      tx.putReceipt(receiptRow(4, { channel: key2, seq: 10, originChannel: key1, originSeq: 4 }));
    });
    const [here, there] = [
      await walk(store, (reads, page) => reads.history(key1, page)),
      await walk(store, (reads, page) => reads.history(key2, page)),
    ];
    assert.deepEqual(named(here), [
      [3, receiptId(3)],
      [4, receiptId(4)],
    ]);
    assert.deepEqual(named(there), [
      [9, receiptId(3)],
      [10, receiptId(4)],
    ]);
  });

  test('a Receipt enters the transcript when it is first sent', async ({ store }) => {
    await putBasics(store);
    await put(store, (tx) => tx.putReceipt(receiptRow(1)));
    assert.deepEqual(await walk(store, (reads, page) => reads.history(key1, page)), []);
    await store.write('claim', function* (tx) {
      const receipt = (yield* tx.receipt(receiptId(1))) ?? receiptRow(1);
      tx.putReceipt({ ...receipt, state: 'claimed', attempts: 1 });
    });
    assert.equal((await walk(store, (reads, page) => reads.history(key1, page))).length, 1);
  });
}
