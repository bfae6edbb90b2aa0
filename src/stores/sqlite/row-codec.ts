import { ContractError, StoreError } from '../../contracts/error.ts';
import type { InvalidRow } from '../../contracts/store.ts';

/** A row as the driver gives and takes it. */
export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;
/** The same as a list, in the order of its codec's columns: what the hot statements give and take. */
export type SqlValues = SqlValue[];
/**
 * A row that can be read: it was checked when it was read or put. What its columns of JSON hold is parsed once, frozen
 * and given out again and again, for most scripts read a text or a list only to leave it as it is.
 */
export interface KnownRow {
  readonly values: SqlValues;
  /** By column; absent until somebody asked. */
  readonly parsed: unknown[];
}
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
  readonly shape?: Readonly<Record<string, Property>>;
}
interface Property {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true }
    | { readonly success: false; readonly error: { issues: readonly Issue[] } };
}

export type Decoded<Row> =
  | { readonly ok: true; readonly row: Row; readonly known: KnownRow }
  | { readonly ok: false; readonly invalid: InvalidRow };

/** How the rows of one table are written and read. */
export interface Codec<Row> {
  readonly table: string;
  readonly columns: readonly string[];
  /** The columns that name a row: in errors (joined by `:`), in the cache of rows, in `WHERE`. */
  readonly key: readonly string[];
  idOf(values: SqlValues): string;
  /** What is not the same as in `before` is checked. Throws `ContractError` `row_invalid` for what could not be read again. */
  encode(row: Row, before?: KnownRow): KnownRow;
  /** Checks all of it. Properties of JSON are frozen: they are replaced, never changed. */
  decode(values: SqlValues): Decoded<Row>;
  /** A new object each time, its properties of JSON the same and frozen. */
  decodeKnown(row: KnownRow): Row;
  /** Of a row with names. */
  valuesOf(raw: SqlRow): SqlValues;
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
  /** JSON that is parsed once, frozen and shared. */
  readonly frozen: boolean;
  /** Absent: it is what it is. Throws `NotJson`. */
  readonly fromSql?: (value: SqlValue, column: string) => unknown;
}
type Form = Pick<Field, 'toSql' | 'fromSql' | 'frozen'>;

const plain: Form = { frozen: false, toSql: (value) => value as SqlValue };
const flag: Form = {
  frozen: false,
  toSql: Number,
  fromSql: (value) => (value === 1 ? true : value === 0 ? false : value),
};
const json: Form = { frozen: true, toSql: (value) => JSON.stringify(value), fromSql: parseJson };
/** Without a property that is a column of its own, and so not frozen: that one is put back. */
const jsonWithout = (property: string): Form => ({
  frozen: false,
  toSql: (value) => JSON.stringify({ ...(value as Plain), [property]: undefined }),
  fromSql: parseJson,
});

function parseJson(value: SqlValue, column: string): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    throw new NotJson(column);
  }
}

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
  const columns = [...fields.map((field) => field.column), ...(spec.derived ?? [])];
  const table: Table<Row> = { spec, fields, columns, known };
  const keys = spec.key.map((column) => columns.indexOf(column));
  const [first = 0] = keys;
  const idOf =
    keys.length === 1
      ? (values: SqlValues) => String(values[first])
      : (values: SqlValues) => keys.map((at) => values[at]).join(':');
  return {
    table: spec.table,
    key: spec.key,
    columns,
    idOf,
    encode: (row, before) => encode(table, row, before),
    decode: (values) => decode(table, values, idOf),
    decodeKnown: (row) => assemble(table, row) as Row,
    valuesOf: (raw) => columns.map((column) => raw[column] ?? null),
  };
}

interface Table<Row> {
  readonly spec: CodecSpec<Row>;
  readonly fields: readonly Field[];
  readonly columns: readonly string[];
  /** Properties of its schema that a column holds. */
  readonly known: ReadonlySet<string>;
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

function encode<Row>(table: Table<Row>, row: Row, before: KnownRow | undefined): KnownRow {
  const { spec, fields, columns } = table;
  if (before === undefined) assertWhole(table, row);
  const source = (spec.whole === undefined ? row : { ...row, [spec.whole]: row }) as Plain;
  const values: SqlValues = new Array(columns.length);
  const parsed: unknown[] = [];
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] as Field;
    const value = propertyOf(source, field);
    if (value === undefined || value === null) values[at] = null;
    else if (isUnchanged(field, value, before?.parsed[at])) {
      values[at] = before?.values[at] ?? null;
      parsed[at] = value;
    } else values[at] = field.toSql(value);
  }
  if (before !== undefined) assertChanged(table, row, { before: before.values, values });
  const known: KnownRow = { values, parsed };
  if (spec.derive === undefined) return known;
  const derived = spec.derive(row);
  for (let at = fields.length; at < columns.length; at += 1)
    values[at] = derived[columns[at] as string] ?? null;
  return known;
}

function propertyOf(source: Plain, { property, within }: Field): unknown {
  return within === undefined
    ? source[property]
    : (source[within] as Plain | undefined)?.[property];
}

/** What was given out frozen and is the same object still, is the same text. */
function isUnchanged({ frozen }: Field, value: unknown, given: unknown): boolean {
  return frozen && value === given;
}

function assertWhole<Row>(table: Table<Row>, row: Row): void {
  const checked = table.spec.schema.safeParse(row);
  if (!checked.success) throw rowRefused(table, row, firstIssue(checked.error));
}

/** Only what a put changes can be wrong: the rest was checked when it was read or put. */
function assertChanged<Row>(
  table: Table<Row>,
  row: Row,
  change: { readonly before: SqlValues; readonly values: SqlValues },
): void {
  const { spec, fields, known } = table;
  const { shape } = spec.schema;
  if (shape === undefined) return assertWhole(table, row);
  for (const property in row) {
    if (!known.has(property)) throw rowRefused(table, row, `${property}: unrecognized_keys`);
  }
  for (let at = 0; at < fields.length; at += 1) {
    if (change.values[at] === change.before[at]) continue;
    const { property, within } = fields[at] as Field;
    const name = within ?? property;
    const checked = shape[name]?.safeParse((row as Plain)[name]);
    if (checked?.success === false)
      throw rowRefused(table, row, `${name}.${firstIssue(checked.error)}`);
  }
}

function rowRefused<Row>({ spec }: Table<Row>, row: Row, issue: string): ContractError {
  const id = spec.key.map((column) => (row as Plain)[camel(column)]).join(':');
  const why = `a row for ${spec.table} breaks its schema: ${issue}`;
  return new ContractError('row_invalid', why, { ids: { table: spec.table, id } });
}

/** The row that the columns stand for, not checked. Throws `NotJson`. */
function assemble<Row>({ spec, fields }: Table<Row>, { values, parsed }: KnownRow): unknown {
  const row: Plain = {};
  for (let at = 0; at < fields.length; at += 1) {
    const value = values[at];
    if (value === null || value === undefined) continue;
    const { property, within, fromSql, column, frozen } = fields[at] as Field;
    if (frozen) {
      if (parsed[at] === undefined) parsed[at] = freeze(parseJson(value, column));
      row[property] = parsed[at];
    } else if (within !== undefined) place(row, within, property, value);
    else if (fromSql === undefined) row[property] = value;
    else row[property] = fromSql(value, column);
  }
  return spec.whole === undefined ? row : row[spec.whole];
}

function decode<Row>(
  table: Table<Row>,
  values: SqlValues,
  idOf: (values: SqlValues) => string,
): Decoded<Row> {
  const invalid = (cause: string): Decoded<Row> => ({
    ok: false,
    invalid: { table: table.spec.table, id: idOf(values), cause },
  });
  const known: KnownRow = { values, parsed: [] };
  let row: unknown;
  try {
    row = assemble(table, known);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return invalid(`${error.column}: not JSON`);
  }
  const parsed = table.spec.schema.safeParse(row);
  if (!parsed.success) return invalid(firstIssue(parsed.error));
  keepFrozen(table, parsed.data as Plain, known);
  return { ok: true, row: parsed.data, known };
}

/** What the schema made of the JSON (defaults filled in) is what is known from now on. */
function keepFrozen<Row>({ spec, fields }: Table<Row>, row: Plain, { parsed }: KnownRow): void {
  if (spec.whole !== undefined) return;
  for (let at = 0; at < fields.length; at += 1) {
    const { frozen, property } = fields[at] as Field;
    if (frozen && parsed[at] !== undefined) parsed[at] = freeze(row[property]);
  }
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const name in value) freeze((value as Plain)[name]);
  return Object.freeze(value);
}

/** A column of JSON that holds something else. */
class NotJson extends Error {
  readonly column: string;

  constructor(column: string) {
    super(column);
    this.column = column;
  }
}

/** What is no object stays what it is, for the schema to refuse. */
function place(row: Plain, within: string, property: string, value: SqlValue): void {
  row[within] ??= {};
  const outer = row[within];
  if (typeof outer === 'object' && !Array.isArray(outer)) (outer as Plain)[property] = value;
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
