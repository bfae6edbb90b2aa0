import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, it } from 'vitest';
import { openSqlite, SqliteMemory } from '../../../src/stores/sqlite/index.ts';
import {
  type CorruptRow,
  type StoreUnderTest,
  storeConformance,
} from '../../../src/testing/store-conformance.ts';
import { me, runtime } from '../runtime.ts';

function corrupt(database: Database.Database, { table, where, set }: CorruptRow): void {
  const assign = Object.keys(set).map((column) => `${column} = @set_${column}`);
  const match = Object.keys(where).map((column) => `${column} = @where_${column}`);
  const values = { ...prefixed('set_', set), ...prefixed('where_', where) };
  const { changes } = database
    .prepare(`UPDATE ${table} SET ${assign.join(', ')} WHERE ${match.join(' AND ')}`)
    .run(values);
  if (changes !== 1) throw new Error(`${changes} rows of ${table} were changed, not one`);
}

function prefixed(prefix: string, values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

const rows = (database: Database.Database, table: string): number =>
  (database.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get() as { n: number }).n;

async function openMemory(): Promise<StoreUnderTest> {
  const memory = new SqliteMemory();
  const open = () => openSqlite({ file: ':memory:', runtime, owner: me, memory });
  let store = await open();
  return {
    get store() {
      return store;
    },
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    corrupt: (row) => corrupt(memory.database, row),
    count: (table) => rows(memory.database, table),
    end: async () => {
      await store.close();
      memory.close();
    },
  };
}

async function openFile(): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'readback-store-'));
  const file = join(folder, 'readback.sqlite');
  const open = () => openSqlite({ file, runtime, owner: me });
  const other = <T>(work: (database: Database.Database) => T): T => {
    const database = new Database(file);
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  let store = await open();
  return {
    get store() {
      return store;
    },
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    corrupt: (row) => other((database) => corrupt(database, row)),
    count: (table) => other((database) => rows(database, table)),
    end: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

storeConformance({ name: 'sqlite in memory', open: openMemory }, { describe, it });
storeConformance({ name: 'sqlite in a file', open: openFile }, { describe, it });
