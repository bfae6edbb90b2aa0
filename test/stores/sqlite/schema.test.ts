import { readdirSync, readFileSync } from 'node:fs';
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api';
import { getTableColumns, getTableName, is } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { Account } from '../../../src/contracts/channel.ts';
import { codec } from '../../../src/stores/sqlite/row-codec.ts';
import { codecs } from '../../../src/stores/sqlite/rows.ts';
import * as schema from '../../../src/stores/sqlite/schema.ts';

const folder = new URL('../../../drizzle/sqlite/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const ledger = (read('meta/_journal.json') as { entries: { idx: number; tag: string }[] }).entries;
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .sort();

describe('migrations', () => {
  it('say the same as the schema: else run `npx drizzle-kit generate`', async () => {
    const last = String(ledger.at(-1)?.idx).padStart(4, '0');
    const stored = read(`meta/${last}_snapshot.json`) as Awaited<
      ReturnType<typeof generateSQLiteDrizzleJson>
    >;
    const wanted = await generateSQLiteDrizzleJson(schema, stored.id);
    expect(await generateSQLiteMigration(stored, wanted)).toEqual([]);
  });

  it('are compared by something that sees a difference', async () => {
    const { aliases: _, ...less } = schema;
    const wanted = await generateSQLiteDrizzleJson(less);
    expect(await generateSQLiteMigration(await generateSQLiteDrizzleJson(schema), wanted)).toEqual([
      'DROP TABLE `aliases`;',
    ]);
  });

  it('are listed in the ledger as they lie in the folder, numbered without gap or repeat', () => {
    expect(files).toEqual(ledger.map(({ tag }) => `${tag}.sql`));
    expect(ledger.map(({ idx }) => idx)).toEqual(ledger.map((_, index) => index));
    expect(ledger.map(({ tag }) => Number(tag.slice(0, 4)))).toEqual(ledger.map(({ idx }) => idx));
    const snapshots = readdirSync(new URL('meta/', folder))
      .filter((name) => name.endsWith('_snapshot.json'))
      .sort();
    expect(snapshots).toEqual(ledger.map(({ tag }) => `${tag.slice(0, 4)}_snapshot.json`));
  });
});

const tables = Object.values(schema).filter((value) => is(value, SQLiteTable));

describe('codecs', () => {
  /** Given by the database or by a statement of its own. */
  const unwritten: Readonly<Record<string, readonly string[]>> = {
    inbounds: ['list_seq'],
    asks: ['list_seq'],
    receipts: ['list_seq'],
  };

  for (const codec of Object.values(codecs)) {
    it(`of ${codec.table} writes exactly the columns of its table`, () => {
      const table = tables.find((candidate) => getTableName(candidate) === codec.table);
      const columns = Object.values(getTableColumns(table as SQLiteTable)).map(
        (column) => column.name,
      );
      expect([...codec.columns].sort()).toEqual(
        columns.filter((name) => !unwritten[codec.table]?.includes(name)).sort(),
      );
    });
  }

  it('are refused when their contract has grown past their columns', () => {
    const spec = { table: 'accounts', key: ['key'], schema: Account, plain: ['key', 'adapter'] };
    expect(() => codec(spec)).toThrow(
      /accounts has no column for account, pausedUntilMs, authorized/,
    );
  });

  it('name keys that are unique', () => {
    for (const codec of Object.values(codecs)) {
      const { columns, primaryKeys } = getTableConfig(
        tables.find((table) => getTableName(table) === codec.table) as SQLiteTable,
      );
      const single = columns
        .filter((column) => column.primary || column.isUnique)
        .map((column) => column.name);
      const composite = primaryKeys.map((key) => key.columns.map((column) => column.name).join());
      expect([...single, ...composite]).toContain(codec.key.join());
    }
  });
});
