import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { receiptMoves } from '../../../src/contracts/receipt.ts';
import type { Store, StoreReads } from '../../../src/contracts/store.ts';
import { contractMoves, taskMoves } from '../../../src/contracts/task.ts';
import { openSqlite, readSqlite } from '../../../src/stores/sqlite/index.ts';
import {
  keyOf,
  ownerId,
  receiptId,
  sessionId,
  t0,
  taskId,
} from '../../../src/testing/store-conformance-rows.ts';
import { me, runtime } from '../runtime.ts';
import { makeFixture } from './make-fixture.ts';
import { tempFile } from './temp-file.ts';

const folder = new URL('./fixtures/', import.meta.url);
const version = process.env['READBACK_FIXTURE'];
if (version !== undefined) {
  const made = join(mkdtempSync(join(tmpdir(), 'readback-fixture-')), 'made.sqlite');
  await makeFixture(made);
  mkdirSync(folder, { recursive: true });
  copyFileSync(made, new URL(`${version}.sqlite`, folder));
}
const fixtures = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.sqlite'))
  : [];

it('there is a file of a released version', () => {
  expect(fixtures).toContain('0.1.0.sqlite');
});

const all = { after: 0, limit: 1_000 };

describe.each(fixtures)('the file of %s', (name) => {
  const opened = async (): Promise<{ file: string; store: Store }> => {
    const { file } = tempFile();
    copyFileSync(new URL(name, folder), file);
    return { file, store: await openSqlite({ file, runtime, owner: me }) };
  };

  it('opens, and every row of it can be read', async () => {
    const { store } = await opened();
    await store.read(function* (reads: StoreReads) {
      const tasks = yield* reads.tasksPage({}, all);
      const receipts = yield* reads.receiptsPage({}, all);
      const invalid = [
        tasks.invalid,
        receipts.invalid,
        (yield* reads.journalPage({}, all)).invalid,
        (yield* reads.incidentsPage({}, all)).invalid,
      ];
      for (const n of [1, 2, 3]) invalid.push((yield* reads.history(keyOf(n), all)).invalid);
      expect(invalid.flat()).toEqual([]);
      expect(new Set(tasks.rows.map(({ state }) => state))).toEqual(
        new Set(Object.keys(taskMoves)),
      );
      expect(new Set(tasks.rows.map(({ contract }) => contract.state))).toEqual(
        new Set(Object.keys(contractMoves)),
      );
      expect(new Set(receipts.rows.map(({ state }) => state))).toEqual(
        new Set(Object.keys(receiptMoves)),
      );
      for (const { id } of receipts.rows) yield* reads.attempts(id);
      for (const { id } of tasks.rows) yield* reads.asksOf(id);
      expect(yield* reads.transcript(sessionId(1), 9)).toHaveLength(3);
      expect((yield* reads.sessionsReady(9)).length).toBe(1);
      expect((yield* reads.channelsHeldByOthers(me, 9)).length).toBe(0);
      expect((yield* reads.channelsHeldByOthers(ownerId(2), 9)).length).toBe(2);
      expect(yield* reads.adapterState('webchat/main', 'cursor')).toBe('12');
    });
    await store.close();
  });

  it('is read on from: what was open is taken up, moved and settled', async () => {
    const { file, store } = await opened();
    const epoch = store.epoch;
    await store.write('go on', function* (tx) {
      expect((yield* tx.line(keyOf(1))).head?.id).toBe(receiptId(1));
      const receipt = yield* tx.receipt(receiptId(1));
      if (receipt !== undefined) tx.putReceipt({ ...receipt, state: 'claimed', attempts: 2 });
      const task = yield* tx.task(taskId(2));
      if (task !== undefined)
        tx.putTask({
          ...task,
          state: 'ended',
          contract: { state: 'terminal_pending' },
          endedAtMs: t0,
          cause: { end: 'interrupted', reason: 'restart' },
        });
      expect(yield* tx.nextSeq('task')).toBe(21);
      yield* tx.shiftTimes(1_000);
      yield* tx.journal({ name: 'clock.jumped', data: { deltaMs: 1_000 } }, t0);
    });
    await store.write('prune', (tx) => tx.prune(t0 + 1, 10_000));
    await store.close();
    const reader = await readSqlite({ file });
    expect(reader.epoch).toBe(epoch);
    expect((await reader.read((reads) => reads.task(taskId(2))))?.contract.state).toBe(
      'terminal_pending',
    );
    expect((await reader.read((reads) => reads.tasksPage({}, all))).invalid).toEqual([]);
    reader.close();
    const database = new Database(file);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.pragma('foreign_key_check')).toEqual([]);
    database.close();
  });
});
