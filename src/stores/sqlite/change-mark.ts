import type Database from 'better-sqlite3';

/**
 * Whether anybody has changed the database since our last commit: another connection (a person with a tool, a test),
 * or a statement of this one that is none of the store's. What is kept of rows in memory is then not to be believed.
 */
export class ChangeMark {
  readonly #ours: Database.Statement<[], number>;
  readonly #others: Database.Statement<[], number>;
  #oursAt: number | undefined;
  #othersAt: number | undefined;

  constructor(database: Database.Database) {
    this.#ours = database.prepare<[], number>('SELECT total_changes()').pluck();
    this.#others = database.prepare<[], number>('PRAGMA data_version').pluck();
  }

  /** After a commit of ours: what this connection has changed is known. */
  set(): void {
    this.#oursAt = this.#ours.get();
  }

  isOld(): boolean {
    const [oursAt, othersAt] = [this.#ours.get(), this.#others.get()];
    const isOld = this.#oursAt !== oursAt || this.#othersAt !== othersAt;
    this.#oursAt = oursAt;
    this.#othersAt = othersAt;
    return isOld;
  }
}
