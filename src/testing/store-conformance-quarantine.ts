import assert from 'node:assert/strict';
import type { Store, StoreReads } from '../contracts/store.ts';
import { places, seed } from './store-conformance-damage.ts';
import { get, ids, key1, key2, put, refuses, type StoreTest } from './store-conformance-kit.ts';
import {
  channelRow,
  inboundId,
  receiptId,
  sessionId,
  sessionRow,
  t0,
  taskId,
} from './store-conformance-rows.ts';

const cause = 'found by a test';
const quarantine = (store: Store, table: string, id: string) =>
  store.write('quarantine', (tx) => tx.quarantine({ table, id, cause }, t0 + 5));

export function quarantineSuite(test: StoreTest): void {
  test('a Receipt becomes dead and holds nobody up; it stays listed as unreadable', async (under) => {
    await seed(under);
    await under.corrupt({ table: 'receipts', where: { id: receiptId(1) }, set: { content: '{' } });
    assert.deepEqual(await quarantine(under.store, 'receipts', receiptId(1)), {
      channel: key1,
      task: taskId(1),
    });
    await get(under.store, function* (reads: StoreReads) {
      assert.equal((yield* reads.line(key1)).head?.id, receiptId(2));
      assert.deepEqual(ids(yield* reads.receiptsOpenOf(taskId(1))), []);
      const dead = yield* reads.receiptsPage({ state: 'dead' }, { after: 0, limit: 9 });
      assert.deepEqual(ids(dead.invalid), [receiptId(1)]);
      assert.equal((yield* reads.figures()).receiptsDead, 1);
    });
  });

  for (const column of [
    'contract',
    'deadlines',
    'cause',
    'live',
    'files',
    'state',
    'contract_state',
  ]) {
    test(`a Task with a broken ${column} ends failed and can be read again`, async (under) => {
      await seed(under);
      await under.corrupt({ table: 'tasks', where: { id: taskId(1) }, set: { [column]: '{' } });
      await refuses(
        'row_invalid',
        get(under.store, (reads) => reads.task(taskId(1))),
      );
      assert.deepEqual(await quarantine(under.store, 'tasks', taskId(1)), {
        channel: key1,
        task: taskId(1),
        session: sessionId(1),
      });
      const task = await get(under.store, (reads) => reads.task(taskId(1)));
      assert.deepEqual(
        [task?.state, task?.cause?.end, task?.cause?.reason, task?.endedAtMs],
        ['ended', 'failed', 'row_invalid', t0 + 5],
      );
      assert.deepEqual(
        [task?.contract.state, task?.dueAtMs, task?.owner, task?.text],
        ['terminal_pending', undefined, undefined, 'do 1'],
      );
      assert.deepEqual(await get(under.store, (reads) => reads.tasksDue(t0 + 99, 9)), []);
    });
  }

  test('a Task whose keys are broken ends, and what can be read of them is told', async (under) => {
    await seed(under);
    await under.corrupt({
      table: 'tasks',
      where: { id: taskId(1) },
      set: { session: 'nobody', channel: key2 },
    });
    assert.deepEqual(await quarantine(under.store, 'tasks', taskId(1)), { task: taskId(1) });
    assert.deepEqual(ids(await get(under.store, (reads) => reads.tasksOpenIn(key1))), [taskId(2)]);
  });

  test('every other table: what was in the way is not any more', async (under) => {
    const { store } = under;
    await seed(under);
    for (const [table, column] of [
      ['channels', 'address'],
      ['accounts', 'authorized'],
      ['sessions', 'resume'],
      ['asks', 'options'],
      ['attempts', 'outcome'],
      ['incidents', 'kind'],
      ['transcripts', 'item'],
      ['journal', 'name'],
    ] as const) {
      const { where, id, read } = places[table] ?? { where: {}, id: '' };
      await under.corrupt({ table, where, set: { [column]: table === 'accounts' ? 9 : '{' } });
      if (read !== undefined) await refuses('row_invalid', get(store, read));
      await quarantine(store, table, id);
      if (read !== undefined) await get(store, read);
    }
    await under.corrupt({ table: 'inbounds', where: { id: inboundId(1) }, set: { inbound: '{' } });
    await refuses(
      'row_invalid',
      get(store, (reads) => reads.inboundsOpenOf(taskId(1))),
    );
    assert.deepEqual(await quarantine(store, 'inbounds', inboundId(1)), {
      channel: key1,
      task: taskId(1),
    });
    assert.deepEqual(await get(store, (reads) => reads.inboundsOpenOf(taskId(1))), []);
    await get(store, function* (reads: StoreReads) {
      assert.deepEqual((yield* reads.channel(key1))?.address, channelRow(1).address);
      assert.equal((yield* reads.session(sessionId(1)))?.resume, undefined);
      assert.deepEqual(
        (yield* reads.attempts(receiptId(1))).map((row) => row.outcome),
        [undefined, undefined],
      );
      assert.deepEqual((yield* reads.transcript(sessionId(1), 9)).length, 1);
      assert.deepEqual((yield* reads.journalPage({}, { after: 0, limit: 9 })).invalid, []);
    });
    assert.equal(await under.count('quarantined'), 9);
  });

  test('a row that is not there, or in no table of ours, changes nothing', async (under) => {
    await seed(under);
    assert.deepEqual(await quarantine(under.store, 'tasks', taskId(99)), {});
    assert.deepEqual(await quarantine(under.store, 'weather', '1'), {});
    assert.equal(await under.count('quarantined'), 0);
  });

  test('a Channel that cannot be mended is told to nobody', async (under) => {
    await seed(under);
    await put(under.store, (tx) => tx.putSession(sessionRow(9)));
    await under.corrupt({
      table: 'channels',
      where: { key: key1 },
      set: { audience: 'maybe', due_at_ms: t0 },
    });
    assert.deepEqual(await quarantine(under.store, 'channels', key1), {});
    assert.deepEqual(await get(under.store, (reads) => reads.channelsDue(t0 + 99, 9)), []);
  });
}
