import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ConfigError, StoreError } from '../../contracts/error.ts';
import type { Runtime } from '../../contracts/runtime.ts';

/** One step of the schema, as `drizzle-kit generate` wrote it. */
export interface Migration {
  readonly idx: number;
  readonly tag: string;
  readonly sql: string;
}

/** Marks a file as ours, in its header: `RBK1`. */
const applicationId = 0x52_42_4b_31;

/** The same from `src/stores/sqlite` and from `dist/stores/sqlite`. */
const folder = new URL('../../../drizzle/sqlite/', import.meta.url);

const ledger = 'CREATE TABLE IF NOT EXISTS migrations (idx INTEGER PRIMARY KEY, tag TEXT NOT NULL)';

let shipped: readonly Migration[] | undefined;

/** The migrations of this program, in order; read once. */
export function readMigrations(): readonly Migration[] {
  shipped ??= readFolder(folder);
  return shipped;
}

export function readFolder(from: URL): readonly Migration[] {
  const list = new URL('meta/_journal.json', from);
  if (!existsSync(list))
    throw new ConfigError('migrations_missing', `the migrations are not there: ${list.pathname}`);
  const { entries } = JSON.parse(readFileSync(list, 'utf8')) as {
    entries: { idx: number; tag: string }[];
  };
  return entries.map(({ idx, tag }) => ({
    idx,
    tag,
    sql: readFileSync(new URL(`${tag}.sql`, from), 'utf8'),
  }));
}

export type FileState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'ours'; readonly pending: readonly Migration[] };

/**
 * What a database is, before anything is written to it. Throws `StoreError` `not_ours` for another program's file and
 * `newer` for one that a newer version of this program has changed.
 */
export function inspectFile(
  database: Database.Database,
  file: string,
  migrations: readonly Migration[],
): FileState {
  const ids = { file };
  const { id, tables } = headOf(database, file);
  if (id === 0 && tables === 0) return { kind: 'empty' };
  if (id !== applicationId)
    throw new StoreError('not_ours', `${file} is a database of another program`, { ids });
  const applied = database
    .prepare('SELECT idx, tag FROM migrations ORDER BY idx')
    .all() as Migration[];
  for (const { idx, tag } of applied) {
    const known = migrations.find((migration) => migration.idx === idx);
    if (known?.tag === tag) continue;
    throw new StoreError(
      'newer',
      `${file} was changed by a newer version (migration ${tag}); this one must not write it`,
      { ids: { file, tag } },
    );
  }
  const done = new Set(applied.map(({ idx }) => idx));
  return { kind: 'ours', pending: migrations.filter(({ idx }) => !done.has(idx)) };
}

function headOf(
  database: Database.Database,
  file: string,
): { readonly id: number; readonly tables: number } {
  try {
    const count = "SELECT COUNT(*) AS n FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'";
    const { n } = database.prepare(count).get() as { n: number };
    return { id: Number(database.pragma('application_id', { simple: true })), tables: n };
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_NOTADB') throw error;
    throw new StoreError('not_ours', `${file} is not a SQLite database`, {
      ids: { file },
      cause: error,
    });
  }
}

/** Brings a database to this program's schema, all or nothing; the tags of what was done. */
export function applyMigrations(
  database: Database.Database,
  file: string,
  migrations: readonly Migration[],
  runtime?: Runtime,
): string[] {
  const state = inspectFile(database, file, migrations);
  const pending = state.kind === 'empty' ? migrations : state.pending;
  if (pending.length === 0) return [];
  // A rebuilt table is dropped under the eyes of those that refer to it; checked before the commit instead.
  database.pragma('foreign_keys = OFF');
  try {
    database.exec('BEGIN IMMEDIATE');
    database.exec(ledger);
    for (const migration of pending) {
      applyOne(database, file, migration);
      runtime?.crashPoint?.('store.migrating');
    }
    if ((database.pragma('foreign_key_check') as unknown[]).length > 0) {
      throw new StoreError(
        'migration_failed',
        `${file}: rows refer to rows that are not there; nothing was changed`,
        { ids: { file } },
      );
    }
    database.pragma(`application_id = ${applicationId}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  } finally {
    database.pragma('foreign_keys = ON');
  }
  return pending.map(({ tag }) => tag);
}

function applyOne(database: Database.Database, file: string, { idx, tag, sql }: Migration): void {
  try {
    database.exec(sql);
    database.prepare('INSERT INTO migrations (idx, tag) VALUES (?, ?)').run(idx, tag);
  } catch (error) {
    const ids = { file, tag };
    throw new StoreError(
      'migration_failed',
      `${file}: migration ${tag} failed; nothing was changed`,
      { ids, cause: error },
    );
  }
}
