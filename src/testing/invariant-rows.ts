import type { Database, Statement } from 'better-sqlite3';

export interface TaskFact {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'waiting' | 'aborting' | 'ended';
  readonly contractState: string;
  readonly contract: Readonly<Record<string, number | string | undefined>>;
  readonly end: string | null;
  readonly dueAtMs: number | null;
  readonly owner: string | null;
  /** 1: it has a lease, however long. */
  readonly leased: number;
  readonly ask: string | null;
  readonly session: string;
  readonly inbound: string;
}
export interface ReceiptFact {
  readonly id: string;
  readonly state: string;
  readonly open: number;
  readonly unseen: number;
  readonly kind: string;
  readonly subjectKind: string;
  readonly subject: string;
  readonly task: string | null;
  readonly channel: string;
  readonly reason: string | null;
  readonly end: string | null;
  /** Of an amend: the message. */
  readonly target: string | null;
  readonly marks: string;
  readonly parts: string;
}
export interface AskFact {
  readonly id: string;
  readonly task: string;
  readonly state: string;
}
export interface InboundFact {
  readonly id: string;
  readonly became: string;
  readonly task: string | null;
  /** What the platform calls it. */
  readonly platformId: string;
}
export interface SessionFact {
  readonly id: string;
  readonly busy: string | null;
  readonly queued: number;
  readonly readyAtMs: number | null;
}
export interface ChannelFact {
  readonly key: string;
  readonly dueAtMs: number | null;
  readonly leaseUntilMs: number | null;
  readonly audience: string;
}
export interface IncidentFact {
  readonly key: string;
}
/** What the Journal tells of a Task's acceptance, start and end. */
export interface MarkFact {
  readonly name: string;
  readonly task: string;
}

interface FactOf {
  readonly tasks: TaskFact;
  readonly receipts: ReceiptFact;
  readonly asks: AskFact;
  readonly inbounds: InboundFact;
  readonly sessions: SessionFact;
  readonly channels: ChannelFact;
  readonly incidents: IncidentFact;
  readonly journal: MarkFact;
}
type Table = keyof FactOf;

/** What is judged of each table, by the number that the database gives a row. */
export type Rows = { readonly [T in Table]: ReadonlyMap<number, FactOf[T]> };

interface Look {
  readonly columns: string;
  /** What the columns are made of: a change of anything else is none. */
  readonly of: string;
  /** Other rows of the table are not looked at. */
  readonly where?: string;
}
const looks: Readonly<Record<Table, Look>> = {
  tasks: {
    columns: `id, state, contract_state AS contractState, contract, cause ->> 'end' AS end,
      due_at_ms AS dueAtMs, owner, lease_until_ms IS NOT NULL AS leased, ask, session, inbound`,
    of: 'id, state, contract_state, contract, cause, due_at_ms, owner, lease_until_ms, ask, session, inbound',
  },
  receipts: {
    columns: `id, state, open, unseen, kind, subject_kind AS subjectKind, subject_id AS subject, task, channel,
      reason, content ->> 'end' AS end, content ->> 'target' AS target, marks, parts`,
    of: `id, state, open, unseen, kind, subject_kind, subject_id, task, channel, reason, content, marks, parts`,
  },
  asks: { columns: 'id, task, state', of: 'id, task, state' },
  inbounds: {
    columns: `id, became, task, inbound ->> 'id' AS platformId`,
    of: 'id, became, task, inbound',
  },
  sessions: {
    columns: 'id, busy, queued, ready_at_ms AS readyAtMs',
    of: 'id, busy, queued, ready_at_ms',
  },
  channels: {
    columns: 'key, due_at_ms AS dueAtMs, lease_until_ms AS leaseUntilMs, audience',
    of: 'key, due_at_ms, lease_until_ms, audience',
  },
  incidents: { columns: 'key', of: 'key' },
  journal: {
    columns: 'name, task_id AS task',
    of: 'name, task_id',
    where: `name IN ('task.accepted', 'task.started', 'task.ended')`,
  },
};
const tables = Object.keys(looks) as readonly Table[];

type Raw = Readonly<Record<string, unknown>> & { readonly at: number };

const prepared = new WeakMap<Database, Map<string, Statement>>();

/** Asked again and again: prepared once. */
export function rowsOf<Row>(database: Database, query: string, ...values: unknown[]): Row[] {
  return statementOf(database, query).all(...values) as Row[];
}

function statementOf(database: Database, query: string): Statement {
  const known = prepared.get(database) ?? new Map<string, Statement>();
  prepared.set(database, known);
  const statement = known.get(query) ?? database.prepare(query);
  known.set(query, statement);
  return statement;
}

/** All that is judged, read from the tables themselves. */
export function readRows(database: Database): Rows {
  const rows = byTable((table) => {
    const { columns, where = '1' } = looks[table];
    const query = `SELECT rowid AS at, ${columns} FROM ${table} WHERE ${where} ORDER BY rowid`;
    return new Map(rowsOf<Raw>(database, query).map((raw) => [raw.at, factOf(table, raw)]));
  });
  return rows as unknown as Rows;
}

/**
 * The same for who judges after every step: only what was written since is read again. The database itself says what
 * that is, by triggers that end with the connection and write nothing: whoever writes, and whatever is rolled back. A
 * row that is named without need is read once more. The tables must be there, and empty.
 */
export class WatchedRows {
  readonly #database: Database;
  readonly #known = byTable(() => new Map<number, unknown>());
  /** As they were read. */
  readonly #raw = byTable(() => new Map<number, Raw>());
  readonly #written = byTable(() => new Set<number>());
  /** Grows with every look that found something else than the one before. */
  changes = 0;

  constructor(database: Database) {
    this.#database = database;
    for (const table of tables) this.#watch(table);
  }

  /** As it is now. The maps stay the same ones, and change with the next look. */
  look(): Rows {
    for (const table of tables) {
      const written = this.#written[table];
      if (written.size === 0) continue;
      for (const at of written) this.#read(table, at);
      written.clear();
    }
    return this.#known as unknown as Rows;
  }

  /** The tables that hold something else than what was seen of them: none, or nothing that was judged can be believed. */
  missed(): readonly string[] {
    const seen = this.look();
    const there = readRows(this.#database);
    return tables.filter((table) => textOf(seen[table]) !== textOf(there[table]));
  }

  #watch(table: Table): void {
    const saw = `saw_${table}`;
    this.#database.function(saw, (at: unknown) => {
      this.#written[table].add(at as number);
      return null;
    });
    const { of, where } = looks[table];
    const on = (event: string, row: string, when = ''): string =>
      `CREATE TEMP TRIGGER ${saw}_on_${row}_${event.slice(0, 6)} AFTER ${event} ON main.${table} ${when}
        BEGIN SELECT ${saw}(${row}.rowid); END`;
    const when = where === undefined ? '' : `WHEN NEW.${where}`;
    this.#database.exec(
      [on('INSERT', 'NEW', when), on(`UPDATE OF ${of}`, 'NEW'), on('DELETE', 'OLD')].join(';\n'),
    );
  }

  #read(table: Table, at: number): void {
    const { columns, where = '1' } = looks[table];
    const query = `SELECT rowid AS at, ${columns} FROM ${table} WHERE rowid = ? AND ${where}`;
    const raw = statementOf(this.#database, query).get(at) as Raw | undefined;
    const known = this.#known[table];
    if (isSame(this.#raw[table].get(at), raw)) return;
    this.changes += 1;
    if (raw === undefined) {
      known.delete(at);
      this.#raw[table].delete(at);
    } else {
      known.set(at, factOf(table, raw));
      this.#raw[table].set(at, raw);
    }
  }
}

function isSame(one: Raw | undefined, other: Raw | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  for (const name in one) if (one[name] !== other[name]) return false;
  return true;
}

function byTable<Of>(make: (table: Table) => Of): Readonly<Record<Table, Of>> {
  return Object.fromEntries(tables.map((table) => [table, make(table)])) as Record<Table, Of>;
}

function factOf(table: Table, raw: Raw): unknown {
  return table === 'tasks' ? { ...raw, contract: JSON.parse(String(raw['contract'])) } : raw;
}

function textOf(rows: ReadonlyMap<number, unknown>): string {
  return JSON.stringify([...rows].sort(([one], [other]) => one - other));
}
