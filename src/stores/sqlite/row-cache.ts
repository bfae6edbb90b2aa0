import { ContractError } from '../../contracts/error.ts';
import { failureOf } from './failure.ts';
import type { Codec, KnownRow, SqlValues } from './row-codec.ts';
import type { Statements } from './statements.ts';

/** Rows of one table that are kept from script to script; the longest known go first. */
const keptMax = 1_024;
/** What names another row of the database is written after it. */
const writtenBefore: Readonly<Record<string, string>> = { attempts: 'receipts' };

/** What is known of one row. */
interface Held {
  readonly codec: Codec<never>;
  readonly id: string;
  /** As the script sees it; undefined: there is none. */
  row: KnownRow | undefined;
  /** As it is in the database. */
  stored: SqlValues | undefined;
  /** The script that read or put it last. */
  script: number;
}

/**
 * The rows that scripts have read and put. What was put is written when something looks into its table, or when the
 * script ends: a row that a script puts three times is one statement. Rows are kept between scripts, since nobody
 * else writes; whoever sees that somebody did (`store.ts`), or changes rows by a statement of its own, clears it.
 */
export class RowCache {
  readonly #statements: Statements;
  readonly #tables = new Map<string, Map<string, Held>>();
  readonly #dirty = new Map<string, Set<Held>>();
  #script = 0;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** A new script has read nothing yet. */
  begin(): void {
    this.#script += 1;
    for (const rows of this.#tables.values()) {
      if (rows.size <= keptMax) continue;
      for (const id of rows.keys()) {
        rows.delete(id);
        if (rows.size <= keptMax) break;
      }
    }
  }

  /** What the script sees under that id; undefined: nothing is known of it. */
  read(table: string, id: string): Pick<Held, 'row'> | undefined {
    const held = this.#tables.get(table)?.get(id);
    if (held !== undefined) held.script = this.#script;
    return held;
  }

  /** What is known of a row, whether this script has read it or not. */
  known(table: string, id: string): KnownRow | undefined {
    return this.#tables.get(table)?.get(id)?.row;
  }

  /** What this script has read or put. */
  before(table: string, id: string): KnownRow | undefined {
    const held = this.#tables.get(table)?.get(id);
    return held?.script === this.#script ? held.row : undefined;
  }

  /** It is so in the database. */
  found(codec: Codec<never>, id: string, row: KnownRow | undefined): void {
    const held: Held = { codec, id, row, stored: row?.values, script: this.#script };
    this.#rows(codec.table).set(id, held);
  }

  /** To be written. `before`: the row that it replaces; without one it is new. */
  put(codec: Codec<never>, row: KnownRow, before: KnownRow | undefined): void {
    const { table } = codec;
    const id = codec.idOf(row.values);
    const rows = this.#rows(table);
    let held = before === undefined ? undefined : rows.get(id);
    if (held === undefined) {
      held = { codec, id, row, stored: undefined, script: this.#script };
      rows.set(id, held);
    } else {
      held.row = row;
      held.script = this.#script;
    }
    const dirty = this.#dirty.get(table);
    if (dirty === undefined) this.#dirty.set(table, new Set([held]));
    else dirty.add(held);
  }

  /** Writes what was put into a table. */
  flush(table: string): void {
    const dirty = this.#dirty.get(table);
    if (dirty === undefined || dirty.size === 0) return;
    const first = writtenBefore[table];
    if (first !== undefined) this.flush(first);
    for (const held of dirty) {
      // Before it is written: what cannot be written is not tried again by a later look.
      dirty.delete(held);
      this.#write(held);
    }
  }

  flushAll(): void {
    for (const table of this.#dirty.keys()) this.flush(table);
  }

  /** Nothing is known any more, and nothing waits to be written. */
  clear(): void {
    for (const rows of this.#tables.values()) rows.clear();
    for (const dirty of this.#dirty.values()) dirty.clear();
  }

  #rows(table: string): Map<string, Held> {
    let rows = this.#tables.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#tables.set(table, rows);
    }
    return rows;
  }

  #write(held: Held): void {
    const { codec, id, stored } = held;
    const { values } = held.row as KnownRow;
    try {
      if (stored === undefined) this.#statements.insert(codec, values);
      else if (this.#statements.change(codec, stored, values) === 0) throw gone(codec.table, id);
    } catch (error) {
      throw failureOf(error, { table: codec.table, id });
    }
    held.stored = values;
  }
}

function gone(table: string, id: string): ContractError {
  return new ContractError('row_missing', `row ${id} of ${table} is gone`, { ids: { table, id } });
}
