import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrateSqlite, openSqlite, readSqlite } from '../../../src/stores/sqlite/index.ts';
import { readMigrations } from '../../../src/stores/sqlite/migrate.ts';
import { key1, put, putBasics } from '../../../src/testing/store-conformance-kit.ts';
import { receiptRow, taskId, taskRow } from '../../../src/testing/store-conformance-rows.ts';
import { me, runtime } from '../runtime.ts';
import { startChild } from './child-process.ts';
import { tempFile } from './temp-file.ts';

describe('a reader', () => {
  it('sees what is committed while another process writes', async () => {
    const { file } = tempFile();
    const writer = await startChild('write', file);
    expect(await writer.next()).toBe('open');
    const reader = await readSqlite({ file });
    for (let i = 0; i < 50; i++) {
      const key = (await writer.next()) ?? '';
      expect(await reader.read((reads) => reads.adapterState('child', key))).toBeDefined();
    }
    const { walBytes } = await reader.read((reads) => reads.figures());
    expect(walBytes).toBeGreaterThan(0);
    reader.close();
    await expect(reader.read((reads) => reads.figures())).rejects.toMatchObject({ code: 'closed' });
  });

  it('sees one state in one script, and holds nobody up', async () => {
    const { file } = tempFile();
    const store = await openSqlite({ file, runtime, owner: me });
    await putBasics(store);
    await put(store, (tx) => tx.putTask(taskRow(1)));
    const reader = await readSqlite({ file });
    expect(reader.epoch).toBe(store.epoch);
    const other = new Database(file);
    const seen = await reader.read(function* (reads) {
      const before = yield* reads.channel(key1);
      other.exec('UPDATE channels SET seq = 77');
      const after = yield* reads.channel(key1);
      return [before?.seq, after?.seq];
    });
    expect(seen).toEqual([0, 0]);
    expect((await reader.read((reads) => reads.channel(key1)))?.seq).toBe(77);
    other.close();
    await put(store, (tx) => tx.putReceipt(receiptRow(1)));
    expect(
      (await reader.read((reads) => reads.receiptsPage({}, { after: 0, limit: 9 }))).rows,
    ).toHaveLength(1);
    await store.close();
    expect((await reader.read((reads) => reads.task(taskId(1))))?.seq).toBe(1);
    reader.close();
  });

  it('writes nothing', async () => {
    const { file } = tempFile();
    const store = await openSqlite({ file, runtime, owner: me });
    await putBasics(store);
    await store.close();
    const reader = await readSqlite({ file });
    const sneaky = (reads: object) =>
      (reads as { prune?: unknown }).prune ?? (reads as { putTask?: unknown }).putTask;
    expect(sneaky(reader)).toBeUndefined();
    reader.close();
    const database = new Database(file, { readonly: true });
    expect(() => database.exec('DELETE FROM channels')).toThrow(/readonly/);
    database.close();
  });

  it('says clearly why it cannot read a file', async () => {
    const { file, folder } = tempFile();
    await expect(readSqlite({ file })).rejects.toMatchObject({ code: 'missing' });

    const letter = `${folder}/letter`;
    writeFileSync(letter, 'dear reader, '.repeat(200));
    await expect(readSqlite({ file: letter })).rejects.toMatchObject({ code: 'not_ours' });

    const other = new Database(`${folder}/other`);
    other.exec('CREATE TABLE t (a)');
    other.close();
    await expect(readSqlite({ file: `${folder}/other` })).rejects.toMatchObject({
      code: 'not_ours',
      message: expect.stringContaining('another program'),
    });
    await expect(openSqlite({ file: `${folder}/other`, runtime, owner: me })).rejects.toMatchObject(
      { code: 'not_ours' },
    );

    writeFileSync(`${folder}/empty`, '');
    await expect(readSqlite({ file: `${folder}/empty` })).rejects.toMatchObject({
      code: 'not_ours',
    });

    await migrateSqlite({ file });
    const next = [...readMigrations(), { idx: 1, tag: '0001_next', sql: 'CREATE TABLE next (a)' }];
    await expect(readSqlite({ file, migrations: next })).rejects.toMatchObject({ code: 'older' });
    await migrateSqlite({ file, migrations: next });
    await expect(readSqlite({ file })).rejects.toMatchObject({
      code: 'newer',
      message: expect.stringContaining('0001_next'),
    });
  });
});
