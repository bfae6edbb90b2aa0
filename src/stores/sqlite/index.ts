import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from '../../contracts/error.ts';
import type { OwnerId } from '../../contracts/id.ts';
import type { Runtime } from '../../contracts/runtime.ts';
import type { Script, Store, StoreReads } from '../../contracts/store.ts';
import { failureOf } from './failure.ts';
import { takeLock } from './lock.ts';
import type { SqliteMemory } from './memory.ts';
import { applyMigrations, inspectFile, type Migration, readMigrations } from './migrate.ts';
import { walBytesOf } from './pages.ts';
import { readsOf } from './reads.ts';
import { RowCache } from './row-cache.ts';
import { asScripts, runScript } from './scripts.ts';
import { applySettings, checkPlace, checkVersion, type Durability } from './settings.ts';
import { Source } from './source.ts';
import { Statements } from './statements.ts';
import { createStore } from './store.ts';

export { type LockHolder, readLock } from './lock.ts';
export { SqliteMemory } from './memory.ts';

export interface SqliteOptions {
  /** Path of the database file, made when it is not there; `:memory:` for one that ends with the store. */
  readonly file: string;
  readonly runtime: Runtime;
  /** This incarnation of this process. */
  readonly owner: OwnerId;
  /** Default `power`: an acknowledged write survives a loss of power. `process`: it survives only our own death. */
  readonly durability?: Durability;
  /** With `:memory:`: a database that outlives the store, so that a test can crash and restart over it. */
  readonly memory?: SqliteMemory;
  /** Other migrations than the shipped ones; for tests. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens a database for writing: takes its lock, migrates it, checks its settings. One process at a time may.
 * Throws `StoreError`: `locked` (names the holder), `not_ours`, `newer`, `settings`, `migration_failed`, `missing`, `corrupt`.
 */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const { runtime, owner, durability = 'power', memory } = options;
  const migrations = options.migrations ?? readMigrations();
  const inFile = options.file !== ':memory:';
  const file = inFile ? resolve(options.file) : options.file;
  if (inFile) checkPlace(file);
  const lock = inFile ? takeLock(file, owner, runtime.wallMs()) : undefined;
  memory?.crash();
  let database: Database.Database | undefined;
  try {
    database = memory?.database ?? new Database(file);
    prepareFile(database, { file, durability, migrations, runtime });
    const epoch = epochOf(database, runtime);
    const end = (): void => {
      runtime.crashPoint?.('store.checkpointing');
      if (inFile) checkpoint(database as Database.Database);
      if (memory === undefined) database?.close();
      lock?.release();
    };
    const store = createStore({
      database,
      runtime,
      owner,
      epoch,
      walBytes: inFile ? () => walBytesOf(file) : () => undefined,
      end,
    });
    memory?.hold(store.drop);
    return store.port;
  } catch (error) {
    if (memory === undefined) database?.close();
    lock?.release();
    throw failureOf(error, { file });
  }
}

/** Nothing is written to a file before it is known to be ours. */
function prepareFile(
  database: Database.Database,
  options: {
    file: string;
    durability: Durability;
    migrations: readonly Migration[];
    runtime: Runtime;
  },
): void {
  const { file, durability, migrations, runtime } = options;
  inspectFile(database, file, migrations);
  checkVersion(
    (database.prepare('SELECT sqlite_version() AS version').get() as { version: string }).version,
  );
  applySettings(database, { file, durability });
  applyMigrations(database, file, migrations, runtime);
  applySettings(database, { file, durability });
}

/** Made once for a database: a copy has the same, a new file another. */
function epochOf(database: Database.Database, runtime: Runtime): string {
  const statements = new Statements(database);
  const known = statements.one('metaGet', 'epoch')?.['value'];
  if (known !== undefined) return String(known);
  const epoch = Buffer.from(runtime.random(16)).toString('hex');
  statements.run('metaPut', 'epoch', epoch);
  return epoch;
}

/** Best effort: a reader that is at work now keeps the log, and nothing is lost by that. */
function checkpoint(database: Database.Database): void {
  try {
    database.pragma('busy_timeout = 100');
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // The next opening reads the log.
  }
}

/** Brings a file to this program's schema without starting anything; the tags of the migrations applied. Needs the lock. */
export async function migrateSqlite(options: {
  readonly file: string;
  readonly migrations?: readonly Migration[];
}): Promise<readonly string[]> {
  const file = resolve(options.file);
  checkPlace(file);
  const lock = takeLock(file, 'migrate');
  let database: Database.Database | undefined;
  try {
    database = new Database(file);
    const migrations = options.migrations ?? readMigrations();
    inspectFile(database, file, migrations);
    applySettings(database, { file, durability: 'power' });
    return applyMigrations(database, file, migrations);
  } catch (error) {
    throw failureOf(error, { file });
  } finally {
    database?.close();
    lock.release();
  }
}

/** The reading side of a file that another process may write. */
export interface SqliteReader {
  readonly epoch: string;
  /** One script sees one state of the database. Keep it short: the log cannot be cut while it runs. */
  read<T>(script: (reads: StoreReads) => Script<T>): Promise<T>;
  close(): void;
}

/** Opens a file for reading beside its writer. Throws `StoreError`: `missing`, `not_ours`, `newer`, `older` (migrate it first). */
export async function readSqlite(options: {
  readonly file: string;
  readonly migrations?: readonly Migration[];
}): Promise<SqliteReader> {
  const file = resolve(options.file);
  if (!existsSync(file)) throw new StoreError('missing', `${file} is not there`, { ids: { file } });
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const epoch = inspectForReading(database, file, options.migrations ?? readMigrations());
    const statements = new Statements(database);
    const source = new Source(statements, new RowCache(statements), () => walBytesOf(file));
    const reads = asScripts<StoreReads>(readsOf(source));
    const snapshot = database.transaction(<T>(script: (reads: StoreReads) => Script<T>): T => {
      // Another process writes.
      source.forget();
      return runScript('read', script(reads));
    });
    return {
      epoch,
      read: async (script) => {
        if (!database.open) throw new StoreError('closed', `${file} is closed`, { ids: { file } });
        try {
          return snapshot(script) as ReturnType<typeof script> extends Script<infer T> ? T : never;
        } catch (error) {
          throw failureOf(error, { file });
        }
      },
      close: () => void database.close(),
    };
  } catch (error) {
    database.close();
    throw failureOf(error, { file });
  }
}

function inspectForReading(
  database: Database.Database,
  file: string,
  migrations: readonly Migration[],
): string {
  const state = inspectFile(database, file, migrations);
  if (state.kind === 'empty')
    throw new StoreError('not_ours', `${file} holds nothing yet`, { ids: { file } });
  if (state.pending.length > 0) {
    throw new StoreError(
      'older',
      `${file} is of an older version; open it with this one once, or migrate it`,
      { ids: { file } },
    );
  }
  return String(new Statements(database).one('metaGet', 'epoch')?.['value'] ?? '');
}
