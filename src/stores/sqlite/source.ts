import { type Codec, rowInvalid, type SqlRow } from './row-codec.ts';
import type { Seen } from './seen.ts';
import type { Statements } from './statements.ts';

/** Where rows come from: the statements of one connection, and what a script has seen of them. */
export interface Source {
  readonly statements: Statements;
  readonly seen: Seen;
  /** A write script runs: only then may something be put. */
  writing: boolean;
  /** Bytes of the write-ahead log; undefined in memory. */
  walBytes(): number | undefined;
}

/** Decodes, remembers, or throws `row_invalid`. */
export function take<Row>(source: Source, codec: Codec<Row>, raw: SqlRow): Row {
  const decoded = codec.decode(raw);
  if (!decoded.ok) throw rowInvalid(decoded.invalid);
  source.seen.set(codec.table, codec.idOf(raw), raw);
  return decoded.row;
}
