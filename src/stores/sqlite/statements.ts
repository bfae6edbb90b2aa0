import type Database from 'better-sqlite3';
import { merging, pruning, quarantining, shifting } from './maintenance-list.ts';
import type { SqlRow, SqlValue } from './row-codec.ts';
import { counting, paging, reading, writing } from './statement-list.ts';

/** All that is ever said to the database, but for the setting up and `changing`. */
export const statementList = {
  ...reading,
  ...paging,
  ...counting,
  ...writing,
  ...shifting,
  ...merging,
  ...pruning,
  ...quarantining,
} as const;
export type StatementName = keyof typeof statementList;

type Bound = SqlValue | SqlRow;
type Prepared = Database.Statement<Bound[], SqlRow>;

/** The statements of one connection, each prepared at its first use and then kept. */
export class Statements {
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  one(name: StatementName, ...values: Bound[]): SqlRow | undefined {
    return this.#get(name, statementList[name]).get(...values);
  }

  all(name: StatementName, ...values: Bound[]): SqlRow[] {
    return this.#get(name, statementList[name]).all(...values);
  }

  /** How many rows it changed. */
  run(name: StatementName, ...values: Bound[]): number {
    return this.#get(name, statementList[name]).run(...values).changes;
  }

  add(name: StatementName, ...values: Bound[]): number {
    return Number(this.#get(name, statementList[name]).run(...values).lastInsertRowid);
  }

  /** Sets these columns of one row. Few different sets occur: what a claim changes, what a settlement changes. */
  change(table: string, key: readonly string[], columns: readonly string[], raw: SqlRow): number {
    return this.#get(`${table} ${columns.join()}`, changing(table, key, columns)).run(raw).changes;
  }

  #get(name: string, sql: string): Prepared {
    let statement = this.#prepared.get(name);
    if (statement === undefined) {
      statement = this.#database.prepare<Bound[], SqlRow>(sql);
      this.#prepared.set(name, statement);
    }
    return statement;
  }
}

export function changing(
  table: string,
  key: readonly string[],
  columns: readonly string[],
): string {
  const set = columns.map((column) => `${column} = @${column}`).join(', ');
  return `UPDATE ${table} SET ${set} WHERE ${key.map((column) => `${column} = @${column}`).join(' AND ')}`;
}
