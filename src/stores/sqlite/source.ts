import { LineCache } from './line-cache.ts';
import type { RowCache } from './row-cache.ts';
import { type Codec, rowInvalid, type SqlRow, type SqlValue, type SqlValues } from './row-codec.ts';
import type { StatementName, Statements } from './statements.ts';
import { TranscriptCache } from './transcript-cache.ts';

type Bound = SqlValue | SqlRow;

/** Where rows come from: the statements of one connection, and the rows that scripts have read and put. */
export class Source {
  readonly #statements: Statements;
  readonly rows: RowCache;
  readonly transcripts = new TranscriptCache();
  readonly lines = new LineCache();
  /** A write script runs: only then may something be put. */
  writing = false;
  /** Bytes of the write-ahead log; undefined in memory. */
  readonly walBytes: () => number | undefined;

  constructor(statements: Statements, rows: RowCache, walBytes: () => number | undefined) {
    this.#statements = statements;
    this.rows = rows;
    this.walBytes = walBytes;
  }

  /** For statements that look at anything: all that was put is written before. */
  get statements(): Statements {
    this.rows.flushAll();
    return this.#statements;
  }

  /** For statements on tables without a codec, or that only append: what was put may wait. */
  get apart(): Statements {
    return this.#statements;
  }

  /** Somebody else, or a statement by itself, has changed rows: nothing is known any more. */
  forget(): void {
    this.rows.clear();
    this.transcripts.clear();
    this.lines.clear();
  }

  /** The row of an id: as the script knows it, or by that statement. Throws `row_invalid`. */
  byId<Row>(codec: Codec<Row>, name: StatementName, id: string): Row | undefined {
    const held = this.rows.read(codec.table, id);
    if (held !== undefined) return held.row === undefined ? undefined : codec.decodeKnown(held.row);
    const values = this.#statements.row(name, id);
    if (values !== undefined) return this.take(codec, values);
    this.rows.found(codec as Codec<never>, id, undefined);
    return undefined;
  }

  /** The first row that a statement on the codec's table finds. Throws `row_invalid`. */
  first<Row>(codec: Codec<Row>, name: StatementName, values: readonly Bound[]): Row | undefined {
    this.rows.flush(codec.table);
    const found = this.#statements.row(name, ...values);
    return found === undefined ? undefined : this.take(codec, found);
  }

  /** All rows that a statement on the codec's table finds. Throws `row_invalid`. */
  all<Row>(codec: Codec<Row>, name: StatementName, values: readonly Bound[]): Row[] {
    this.rows.flush(codec.table);
    return this.#statements.rows(name, ...values).map((found) => this.take(codec, found));
  }

  /** Decodes what was found, and remembers it. What is known to be readable is not checked again. Throws `row_invalid`. */
  take<Row>(codec: Codec<Row>, values: SqlValues): Row {
    const id = codec.idOf(values);
    const held = this.rows.known(codec.table, id);
    if (held !== undefined && isSame(held.values, values)) {
      this.rows.read(codec.table, id);
      return codec.decodeKnown(held);
    }
    const decoded = codec.decode(values);
    if (!decoded.ok) throw rowInvalid(decoded.invalid);
    this.rows.found(codec as Codec<never>, id, decoded.known);
    return decoded.row;
  }
}

function isSame(one: SqlValues, other: SqlValues): boolean {
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
