import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { StoreError } from '../../contracts/error.ts';
import { failureOf } from './failure.ts';

/** Who writes a database. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly owner: string;
  /** When it took the lock, by its wall clock. */
  readonly sinceMs: number;
}

export interface Lock {
  release(): void;
}

/** A look of another process at the lock may hold it for an instant. */
const lookMs = 500;
/** Two that start at once may both have written their name: one of them waits for the other. */
const roundsMax = 3;

const lockFileOf = (file: string): string => `${file}.lock`;

/**
 * One writer of a file. The lock is a small database beside it: the holder's name is committed there, and then a
 * transaction is kept open, which the kernel ends with the process however that dies. Others can still read the name (the
 * journal is a rollback journal: a reserved lock lets readers in). Throws `StoreError` `locked`.
 */
export function takeLock(file: string, owner: string, sinceMs?: number): Lock {
  const path = lockFileOf(file);
  const database = open(path);
  try {
    for (let round = 0; round < roundsMax; round++) {
      database.exec('BEGIN IMMEDIATE');
      writeHolder(database, {
        pid: process.pid,
        host: hostname(),
        owner,
        sinceMs: sinceMs ?? null,
      });
      database.exec('COMMIT');
      database.exec('BEGIN IMMEDIATE');
      // Between the two somebody else may have come in.
      if (readHolder(database)?.owner === owner) return { release: () => release(database) };
      database.exec('ROLLBACK');
    }
    throw lockedBy(database, file);
  } catch (error) {
    const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
    const refusal = busy ? lockedBy(database, file) : failureOf(error, { file });
    database.close();
    throw refusal;
  }
}

/** Who holds the lock of a file now; undefined when nobody does. Throws nothing for a file that was never opened. */
export function readLock(file: string): LockHolder | undefined {
  const path = lockFileOf(file);
  if (!existsSync(path)) return undefined;
  const database = open(path);
  try {
    database.pragma('busy_timeout = 0');
    database.exec('BEGIN IMMEDIATE');
    database.exec('ROLLBACK');
    return undefined;
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY'))
      throw failureOf(error, { file });
    const holder = readHolder(database);
    return (
      holder && { pid: holder.pid, host: holder.host, owner: holder.owner, sinceMs: holder.sinceMs }
    );
  } finally {
    database.close();
  }
}

function open(path: string): Database.Database {
  const database = new Database(path, { timeout: lookMs });
  try {
    database.pragma('schema_version');
    return database;
  } catch (error) {
    database.close();
    throw new StoreError('not_ours', `${path} is not a lock of ours`, {
      ids: { file: path },
      cause: error,
    });
  }
}

/** Without a time the database's own clock is taken: it is for people to read and decides nothing. */
function writeHolder(
  database: Database.Database,
  holder: Omit<LockHolder, 'sinceMs'> & { sinceMs: number | null },
): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY, pid INTEGER, host TEXT, owner TEXT, since_ms INTEGER)',
  );
  const put = `INSERT OR REPLACE INTO holder (one, pid, host, owner, since_ms)
    VALUES (1, @pid, @host, @owner, COALESCE(@sinceMs, CAST(unixepoch('subsec') * 1000 AS INTEGER)))`;
  database.prepare(put).run(holder);
}

function readHolder(
  database: Database.Database,
): (LockHolder & { readonly since: string }) | undefined {
  const known = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'holder'").get();
  if (known === undefined) return undefined;
  const get = `SELECT pid, host, owner, since_ms AS sinceMs,
    strftime('%Y-%m-%dT%H:%M:%SZ', since_ms / 1000, 'unixepoch') AS since FROM holder`;
  return database.prepare(get).get() as (LockHolder & { since: string }) | undefined;
}

function lockedBy(database: Database.Database, file: string): StoreError {
  const holder = readHolder(database);
  const who =
    holder === undefined
      ? 'another process'
      : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  return new StoreError('locked', `${file} is written by ${who}; one process at a time`, {
    ids: { file, ...holder },
  });
}

function release(database: Database.Database): void {
  if (database.inTransaction) database.exec('ROLLBACK');
  database.close();
}
