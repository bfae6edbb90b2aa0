import Database from 'better-sqlite3';

/**
 * A database in memory that outlives the store opened on it: what a disk is to a process. Opening a second store on
 * it crashes the first: what that had not committed is gone and is never answered.
 */
export class SqliteMemory {
  readonly database: Database.Database;
  #drop: (() => void) | undefined;

  /** With the database of another one: a second process on the same disk, which a crash of the first leaves alone. */
  constructor(database: Database.Database = new Database(':memory:')) {
    this.database = database;
  }

  /** Ends the store that stands on it as a kill would. */
  crash(): void {
    this.#drop?.();
    this.#drop = undefined;
  }

  /** For the store: how it is crashed. */
  hold(drop: () => void): void {
    this.#drop = drop;
  }

  /** The data goes. */
  close(): void {
    this.crash();
    this.database.close();
  }
}
