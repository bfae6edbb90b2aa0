import type Database from 'better-sqlite3';
import { merging, pruning, quarantining, shifting } from './maintenance-list.ts';
import type { Codec, SqlRow, SqlValue, SqlValues } from './row-codec.ts';
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
type Writing = Database.Statement<[SqlValues]>;
type Columns = Pick<Codec<never>, 'table' | 'key' | 'columns'>;

/** The statements of one connection, each prepared at its first use and then kept. */
export class Statements {
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Prepared>();
  readonly #raw = new Map<string, Prepared>();
  readonly #inserts = new Map<string, Writing>();
  readonly #changes = new Map<string, Writing>();

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

  /** A row as its values, in the order that the statement names. */
  row(name: StatementName, ...values: Bound[]): SqlValues | undefined {
    return this.#getRaw(name).get(...values) as unknown as SqlValues | undefined;
  }

  rows(name: StatementName, ...values: Bound[]): SqlValues[] {
    return this.#getRaw(name).all(...values) as unknown as SqlValues[];
  }

  insert(codec: Columns, values: SqlValues): void {
    let statement = this.#inserts.get(codec.table);
    if (statement === undefined) {
      statement = this.#database.prepare<[SqlValues]>(inserting(codec));
      this.#inserts.set(codec.table, statement);
    }
    statement.run(values);
  }

  /** Sets the columns of one row that differ; how many rows it changed. Few different sets occur: what a claim changes, what a settlement changes. */
  change(codec: Columns, before: SqlValues, after: SqlValues): number {
    const changed: string[] = [];
    const values: SqlValues = [];
    for (let at = 0; at < after.length; at += 1) {
      if (before[at] === after[at]) continue;
      changed.push(codec.columns[at] as string);
      values.push(after[at] as SqlValue);
    }
    if (changed.length === 0) return 1;
    for (const column of codec.key) values.push(after[codec.columns.indexOf(column)] as SqlValue);
    const name = `${codec.table} ${changed.join()}`;
    let statement = this.#changes.get(name);
    if (statement === undefined) {
      statement = this.#database.prepare<[SqlValues]>(changing(codec.table, codec.key, changed));
      this.#changes.set(name, statement);
    }
    return statement.run(values).changes;
  }

  #getRaw(name: StatementName): Prepared {
    let statement = this.#raw.get(name);
    if (statement === undefined) {
      statement = this.#database.prepare<Bound[], SqlRow>(statementList[name]).raw();
      this.#raw.set(name, statement);
    }
    return statement;
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
  const set = columns.map((column) => `${column} = ?`).join(', ');
  return `UPDATE ${table} SET ${set} WHERE ${key.map((column) => `${column} = ?`).join(' AND ')}`;
}

/** A Receipt's n-th attempt is written when it is made and again when it is answered, maybe by another process. */
export function inserting({ table, key, columns }: Columns): string {
  const places = columns.map(() => '?').join(', ');
  const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`;
  if (table !== 'attempts') return insert;
  const set = columns
    .filter((column) => !key.includes(column))
    .map((column) => `${column} = excluded.${column}`);
  return `${insert} ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set.join(', ')}`;
}
