import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrateSqlite, openSqlite } from '../../../src/stores/sqlite/index.ts';
import { type Migration, readFolder, readMigrations } from '../../../src/stores/sqlite/migrate.ts';
import { putBasics } from '../../../src/testing/store-conformance-kit.ts';
import { me, runtime } from '../runtime.ts';
import { tempFile } from './temp-file.ts';

const next: Migration = {
  idx: readMigrations().length,
  tag: '0099_next',
  sql: "CREATE TABLE next (a);--> statement-breakpoint\nINSERT INTO next VALUES ('x');",
};
const broken: Migration = {
  ...next,
  sql: 'CREATE TABLE next (a); DELETE FROM tasks; CREATE TABLE next (a);',
};

async function started(): Promise<string> {
  const { file } = tempFile();
  const store = await openSqlite({ file, runtime, owner: me });
  await putBasics(store);
  await store.close();
  return file;
}

function dump(file: string): unknown {
  const database = new Database(file, { readonly: true });
  const tables = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
    .all() as { name: string; sql: string }[];
  const rows = tables
    .filter(({ sql }) => sql?.startsWith('CREATE TABLE'))
    .map(({ name }) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]);
  database.close();
  return { tables, rows };
}

describe('migrations', () => {
  it('are applied once, and said', async () => {
    const { file } = tempFile();
    const tags = readMigrations().map(({ tag }) => tag);
    expect(await migrateSqlite({ file })).toEqual(tags);
    expect(await migrateSqlite({ file })).toEqual([]);
    expect(await migrateSqlite({ file, migrations: [...readMigrations(), next] })).toEqual([
      next.tag,
    ]);
  });

  it('keep the rows', async () => {
    const file = await started();
    const store = await openSqlite({
      file,
      runtime,
      owner: me,
      migrations: [...readMigrations(), next],
    });
    expect(await store.read((reads) => reads.channelsOfAccount('webchat/main', 9))).toHaveLength(1);
    await store.close();
  });

  it('that fail leave the database as it was', async () => {
    const file = await started();
    const before = dump(file);
    for (const migrations of [
      [...readMigrations(), broken],
      [...readMigrations(), next, { ...broken, idx: next.idx + 1, tag: '0100_bad' }],
    ]) {
      await expect(openSqlite({ file, runtime, owner: me, migrations })).rejects.toMatchObject({
        code: 'migration_failed',
        ids: { tag: expect.any(String) },
      });
      await expect(migrateSqlite({ file, migrations })).rejects.toMatchObject({
        code: 'migration_failed',
      });
      expect(dump(file)).toEqual(before);
    }
    await (await openSqlite({ file, runtime, owner: me })).close();
  });

  it('that leave rows without what they refer to are taken back', async () => {
    const { file } = tempFile();
    const database = new Database(file);
    database.close();
    const orphan: Migration = {
      ...next,
      sql: "INSERT INTO attempts VALUES ('nobody', 1, 'send', 'c', 0, 1, 'o', 0, 0, NULL, NULL)",
    };
    await migrateSqlite({ file });
    await expect(
      migrateSqlite({ file, migrations: [...readMigrations(), orphan] }),
    ).rejects.toMatchObject({ code: 'migration_failed' });
  });

  it('of a newer version are not touched by this one, nor is the file', async () => {
    const file = await started();
    await migrateSqlite({ file, migrations: [...readMigrations(), next] });
    const bytes = readFileSync(file);
    await expect(openSqlite({ file, runtime, owner: me })).rejects.toMatchObject({
      code: 'newer',
      ids: { tag: next.tag },
    });
    await expect(migrateSqlite({ file })).rejects.toMatchObject({ code: 'newer' });
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('of the same number and another name are of another version', async () => {
    const file = await started();
    const renamed = readMigrations().map((migration) => ({
      ...migration,
      tag: `${migration.tag}_other`,
    }));
    await expect(
      openSqlite({ file, runtime, owner: me, migrations: renamed }),
    ).rejects.toMatchObject({ code: 'newer' });
  });

  it('are missed loudly', () => {
    expect(() => readFolder(new URL('file:///nowhere/'))).toThrow(
      /\/nowhere\/meta\/_journal\.json/,
    );
  });

  it('lie three levels above the source and above the built file', () => {
    const from = (path: string) =>
      new URL('../../../drizzle/sqlite/', `file:///package/${path}`).pathname;
    expect(from('src/stores/sqlite/migrate.ts')).toBe('/package/drizzle/sqlite/');
    expect(from('dist/stores/sqlite/migrate.js')).toBe('/package/drizzle/sqlite/');
  });
});
