import type { SqlRow } from './row-codec.ts';

/** The rows that a script has read or written, as they are in the database: what a put is compared with. */
export class Seen {
  readonly #tables = new Map<string, Map<string, SqlRow>>();

  get(table: string, id: string): SqlRow | undefined {
    return this.#tables.get(table)?.get(id);
  }

  set(table: string, id: string, raw: SqlRow): void {
    let rows = this.#tables.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#tables.set(table, rows);
    }
    rows.set(id, raw);
  }

  delete(table: string, id: string): void {
    this.#tables.get(table)?.delete(id);
  }

  /** Between two scripts; and after rows were changed behind the script's back. */
  clear(): void {
    for (const rows of this.#tables.values()) if (rows.size > 0) rows.clear();
  }
}
