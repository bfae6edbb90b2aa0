import { ContractError, StoreError } from '../../contracts/error.ts';
import type { InvalidRow } from '../../contracts/store.ts';

/** A row as the driver gives and takes it. */
export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;
type Plain = Record<string, unknown>;

/** What is needed of a schema of the contracts. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly code?: string | undefined;
}
interface RowSchema<Row> {
  safeParse(
    value: unknown,
  ): { success: true; data: Row } | { success: false; error: { issues: readonly Issue[] } };
  /** Of an object: its properties. */
  readonly shape?: Readonly<Record<string, unknown>>;
}

export type Decoded<Row> =
  | { readonly ok: true; readonly row: Row }
  | { readonly ok: false; readonly invalid: InvalidRow };

/** How the rows of one table are written and read. */
export interface Codec<Row> {
  readonly table: string;
  readonly columns: readonly string[];
  /** The columns that name a row: in errors (joined by `:`), in the record of what a script read, in `WHERE`. */
  readonly key: readonly string[];
  idOf(raw: SqlRow): string;
  /** Throws `ContractError` `row_invalid` for what could not be read again. */
  encode(row: Row): SqlRow;
  decode(raw: SqlRow): Decoded<Row>;
}

export interface CodecSpec<Row> {
  readonly table: string;
  readonly key: readonly string[];
  readonly schema: RowSchema<Row>;
  /** Columns that hold a property of the same name in camel case, as it is. */
  readonly plain: readonly string[];
  /** 0 or 1 for a boolean. */
  readonly flags?: readonly string[];
  /** JSON text of a property; absent is NULL. */
  readonly json?: readonly string[];
  /** Columns that follow from the others: written for queries, never read back. */
  readonly derived?: readonly string[];
  derive?(row: Row): SqlRow;
  /** Columns of a property inside a property, by column: `subject_kind` is `['subject', 'kind']`. */
  readonly inner?: Readonly<Record<string, readonly [string, string]>>;
  /** The row is one JSON column. */
  readonly whole?: string;
}

/** How one column and its property become each other. Nothing there is NULL and an absent property in every form. */
interface Field {
  readonly column: string;
  readonly property: string;
  /** The property that holds it. */
  readonly within: string | undefined;
  toSql(value: unknown): SqlValue;
  /** Throws for what cannot be it. */
  fromSql(value: SqlValue): unknown;
}
type Form = Pick<Field, 'toSql' | 'fromSql'>;

const plain: Form = { toSql: (value) => value as SqlValue, fromSql: (value) => value };
const flag: Form = {
  toSql: Number,
  fromSql: (value) => (value === 1 ? true : value === 0 ? false : value),
};
const json: Form = { toSql: JSON.stringify, fromSql: (value) => JSON.parse(String(value)) };
/** Without a property that is a column of its own. */
const jsonWithout = (property: string): Form => ({
  toSql: (value) => JSON.stringify({ ...(value as Plain), [property]: undefined }),
  fromSql: json.fromSql,
});

const camel = (column: string): string =>
  column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

export function codec<Row>(spec: CodecSpec<Row>): Codec<Row> {
  const fields = fieldsOf(spec);
  const known = new Set(fields.map((field) => field.within ?? field.property));
  const lost = Object.keys(spec.schema.shape ?? {}).filter((property) => !known.has(property));
  // A property without a column would be lost silently: the contract has grown and the schema of the store has not.
  if (lost.length > 0) {
    throw new ContractError('column_missing', `${spec.table} has no column for ${lost.join(', ')}`);
  }
  return {
    table: spec.table,
    key: spec.key,
    columns: [...fields.map((field) => field.column), ...(spec.derived ?? [])],
    idOf: (raw) => idOf(spec.key, raw),
    encode: (row) => encode(spec, fields, row),
    decode: (raw) => decode(spec, fields, raw),
  };
}

function fieldsOf<Row>(spec: CodecSpec<Row>): readonly Field[] {
  const inner = Object.entries(spec.inner ?? {});
  const of = (columns: readonly string[] = [], formOf: (property: string) => Form): Field[] =>
    columns.map((column) => {
      const property = camel(column);
      return { column, property, within: undefined, ...formOf(property) };
    });
  const jsonOf = (property: string): Form => {
    const own = inner.find(([, [within]]) => within === property);
    return own === undefined ? json : jsonWithout(own[1][1]);
  };
  return [
    ...of(spec.plain, () => plain),
    ...of(spec.flags, () => flag),
    ...of(spec.json, jsonOf),
    // Behind the JSON that they are put back into.
    ...inner.map(([column, [within, property]]) => ({ column, property, within, ...plain })),
  ];
}

function encode<Row>(spec: CodecSpec<Row>, fields: readonly Field[], row: Row): SqlRow {
  const checked = spec.schema.safeParse(row);
  const source = (spec.whole === undefined ? row : { ...row, [spec.whole]: row }) as Plain;
  if (!checked.success) {
    const id = spec.key.map((column) => source[camel(column)]).join(':');
    const why = `a row for ${spec.table} breaks its schema: ${firstIssue(checked.error)}`;
    throw new ContractError('row_invalid', why, { ids: { table: spec.table, id } });
  }
  const raw: SqlRow = {};
  for (const { column, property, within, toSql } of fields) {
    const value = (within === undefined ? source : (source[within] as Plain))[property];
    raw[column] = value === undefined || value === null ? null : toSql(value);
  }
  return spec.derive === undefined ? raw : Object.assign(raw, spec.derive(row));
}

function decode<Row>(spec: CodecSpec<Row>, fields: readonly Field[], raw: SqlRow): Decoded<Row> {
  const row: Plain = {};
  for (const { column, property, within, fromSql } of fields) {
    const value = raw[column];
    if (value === null || value === undefined) continue;
    try {
      if (within === undefined) row[property] = fromSql(value);
      else place(row, within, property, value);
    } catch {
      return invalid(spec, raw, `${column}: not JSON`);
    }
  }
  const parsed = spec.schema.safeParse(spec.whole === undefined ? row : row[spec.whole]);
  return parsed.success
    ? { ok: true, row: parsed.data }
    : invalid(spec, raw, firstIssue(parsed.error));
}

/** What is no object stays what it is, for the schema to refuse. */
function place(row: Plain, within: string, property: string, value: SqlValue): void {
  row[within] ??= {};
  const outer = row[within];
  if (typeof outer === 'object' && !Array.isArray(outer)) (outer as Plain)[property] = value;
}

function invalid<Row>(spec: CodecSpec<Row>, raw: SqlRow, cause: string): Decoded<Row> {
  return { ok: false, invalid: { table: spec.table, id: idOf(spec.key, raw), cause } };
}

function idOf(key: readonly string[], raw: SqlRow): string {
  const [first = '', ...rest] = key;
  return rest.length === 0 ? String(raw[first]) : key.map((column) => raw[column]).join(':');
}

/** Where and what, never the value: a row holds the text of messages. */
function firstIssue(error: { issues: readonly Issue[] }): string {
  const issue = error.issues[0];
  return issue === undefined ? 'unknown' : `${issue.path.map(String).join('.')}: ${issue.code}`;
}

export function rowInvalid(invalidRow: InvalidRow): StoreError {
  const { table, id, cause } = invalidRow;
  return new StoreError('row_invalid', `row ${id} of ${table} cannot be read: ${cause}`, {
    ids: { table, id },
  });
}
