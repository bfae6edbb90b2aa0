import type Database from 'better-sqlite3';
import { StoreError } from '../../contracts/error.ts';
import type { Runtime } from '../../contracts/runtime.ts';
import { failureOf } from './failure.ts';

/** Writes that may wait; one more is refused. */
const queueMax = 10_000;
/** Writes of one commit. */
const batchMax = 512;
/** A commit takes no further write after so long: timers and platforms are not kept waiting by a long queue. */
const holdMs = 5;

/** What the owner of the rows hears of a transaction. */
interface Heard {
  began(): void;
  committed(): void;
  rolledBack(): void;
}

interface Op {
  readonly name: string;
  run(): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}
type Result =
  | { readonly kind: 'committed'; readonly values: readonly unknown[] }
  /** Rolled back; by what. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Nobody can write now: no write is to blame. */
  | { readonly kind: 'blocked'; readonly error: unknown };

/**
 * Group commit: what is asked for in one turn is written in one transaction, with one wait for the disk, and answered
 * in order after it. When something of a batch fails, all of it is rolled back and done again one by one, so that only
 * the culprit is refused.
 */
export class CommitQueue {
  readonly #database: Database.Database;
  readonly #runtime: Runtime;
  readonly #heard: Heard;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  #waiting: Op[] = [];
  #armed = false;
  #closed = false;

  constructor(database: Database.Database, runtime: Runtime, heard: Heard) {
    this.#database = database;
    this.#runtime = runtime;
    this.#heard = heard;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** `work` may run twice. */
  add<T>(name: string, work: () => T): Promise<T> {
    if (this.#closed)
      return Promise.reject(
        new StoreError('closed', `the store is closed: ${name}`, { ids: { write: name } }),
      );
    if (this.#waiting.length >= queueMax) {
      return Promise.reject(
        new StoreError('overloaded', `${queueMax} writes wait: ${name}`, { ids: { write: name } }),
      );
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        name,
        run: work,
        resolve: resolve as (result: unknown) => void,
        reject,
      });
      this.#arm();
    });
  }

  /** Writes what waits, then takes no more. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
  }

  /** Forgets what waits, as a crash would: nobody is answered. */
  drop(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#runtime.soon(() => {
      this.#armed = false;
      this.#flush();
      if (this.#waiting.length > 0) this.#arm();
    });
  }

  #flush(): void {
    const batch = this.#waiting.splice(0, batchMax);
    if (batch.length === 0) return;
    const together = this.#transact(batch);
    if (together.kind === 'committed') {
      // What was not reached in time comes first in the next commit.
      const rest = batch.splice(together.values.length);
      if (rest.length > 0) this.#waiting.unshift(...rest);
    }
    if (together.kind !== 'failed' || batch.length === 1) {
      for (const [index, op] of batch.entries()) answer(op, together, index);
      return;
    }
    let blocked: Result | undefined;
    for (const op of batch) {
      const alone: Result = blocked ?? this.#transact([op]);
      if (alone.kind === 'blocked') blocked = alone;
      answer(op, alone, 0);
    }
  }

  #transact(batch: readonly Op[]): Result {
    try {
      this.#begin.run();
    } catch (error) {
      return { kind: 'blocked', error };
    }
    try {
      this.#heard.began();
      const values = this.#runAll(batch);
      this.#runtime.crashPoint?.('store.committing');
      this.#commit.run();
      this.#runtime.crashPoint?.('store.committed');
      this.#heard.committed();
      return { kind: 'committed', values };
    } catch (error) {
      this.#rollback();
      return { kind: 'failed', error };
    }
  }

  /** As many as there is time for, one at least. */
  #runAll(batch: readonly Op[]): unknown[] {
    const untilMs = this.#runtime.monoMs() + holdMs;
    const values: unknown[] = [];
    for (const op of batch) {
      values.push(op.run());
      if (this.#runtime.monoMs() > untilMs) break;
    }
    return values;
  }

  /** A full disk may have rolled back already. If it cannot be done the next begin fails, and says so to its writes. */
  #rollback(): void {
    this.#heard.rolledBack();
    try {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
    } catch {
      // The cause is what is told.
    }
  }
}

function answer(op: Op, result: Result, index: number): void {
  if (result.kind === 'committed') op.resolve(result.values[index]);
  else op.reject(failureOf(result.error, { write: op.name }));
}
