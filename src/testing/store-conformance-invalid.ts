import assert from 'node:assert/strict';
import type { StoreReads } from '../contracts/store.ts';
import { good, places, seed } from './store-conformance-damage.ts';
import {
  get,
  ids,
  key1,
  refuses,
  type StoreTest,
  type StoreUnderTest,
} from './store-conformance-kit.ts';
import { inboundId, incidentId, receiptId, taskId } from './store-conformance-rows.ts';

export function invalidSuite(test: StoreTest): void {
  single(test);
  pages(test);
}

function single(test: StoreTest): void {
  for (const [table, { where, id, bad, read }] of Object.entries(places)) {
    if (read === undefined) continue;
    test(`a row of ${table} that cannot be read throws row_invalid with its name, and never its text`, async (under) => {
      for (const [column, values] of Object.entries(bad)) {
        for (const value of values) {
          await fresh(under, table);
          await under.corrupt({ table, where, set: { [column]: value } });
          const { ids: named, message } = await refuses('row_invalid', get(under.store, read));
          assert.deepEqual(named, { table, id }, `${column} = ${value}`);
          assert.doesNotMatch(message, /secret/);
        }
      }
    });
  }

  test('a bad row does not touch its neighbours', async (under) => {
    await seed(under);
    await under.corrupt({ table: 'receipts', where: { id: receiptId(1) }, set: { content: '{' } });
    assert.ok(await get(under.store, (reads) => reads.receipt(receiptId(2))));
    await refuses(
      'row_invalid',
      get(under.store, (reads) => reads.line(key1)),
    );
    await refuses(
      'row_invalid',
      under.store.write('any', (tx) => tx.receiptsOpenIn(key1, 9)),
    );
  });
}

/** The rows of the seed as they were; each value is tried on a whole row. */
const whole = new WeakMap<StoreUnderTest, true>();
async function fresh(under: StoreUnderTest, table: string): Promise<void> {
  if (!whole.has(under)) {
    await seed(under);
    whole.set(under, true);
    return;
  }
  await under.corrupt({ table, where: places[table]?.where ?? {}, set: good[table] ?? {} });
}

function pages(test: StoreTest): void {
  test('a page returns the good rows and names the bad', async (under) => {
    await seed(under);
    for (const [table, column] of [
      ['tasks', 'contract'],
      ['receipts', 'content'],
      ['incidents', 'kind'],
      ['journal', 'data'],
    ] as const) {
      await under.corrupt({ table, where: places[table]?.where ?? {}, set: { [column]: '{' } });
    }
    await under.corrupt({ table: 'inbounds', where: { id: inboundId(1) }, set: { inbound: '{' } });
    const all = { after: 0, limit: 9 };
    await get(under.store, function* (reads: StoreReads) {
      const tasks = yield* reads.tasksPage({}, all);
      assert.deepEqual(
        [ids(tasks.rows), ids(tasks.invalid), tasks.invalid[0]?.table],
        [[taskId(2)], [taskId(1)], 'tasks'],
      );
      const receipts = yield* reads.receiptsPage({}, all);
      assert.deepEqual(
        [ids(receipts.rows), ids(receipts.invalid)],
        [[receiptId(2), receiptId(3)], [receiptId(1)]],
      );
      const incidents = yield* reads.incidentsPage({}, all);
      assert.deepEqual(
        [ids(incidents.rows), ids(incidents.invalid)],
        [[incidentId(2)], [incidentId(1)]],
      );
      const journal = yield* reads.journalPage({}, all);
      assert.deepEqual([journal.rows.map((row) => row.seq), ids(journal.invalid)], [[2], ['1']]);
      const history = yield* reads.history(key1, all);
      assert.deepEqual(
        [ids(history.rows.map(({ row }) => row)), ids(history.invalid)],
        [[inboundId(2), receiptId(3)], [inboundId(1)]],
      );
    });
  });

  test('a page of nothing but bad rows still leads on', async (under) => {
    await seed(under);
    await under.corrupt({ table: 'tasks', where: { id: taskId(1) }, set: { contract: '{' } });
    const page = await get(under.store, (reads) => reads.tasksPage({}, { after: 0, limit: 1 }));
    assert.deepEqual(
      [page.rows.length, page.invalid.length, page.more, page.lastSeq],
      [0, 1, true, 1],
    );
  });
}
