import { Ask } from '../../src/contracts/ask.ts';
import { Account, Channel } from '../../src/contracts/channel.ts';
import { type JournalRow, RelayEvents } from '../../src/contracts/event.ts';
import { Incident } from '../../src/contracts/incident.ts';
import { Attempt, Receipt, receiptMoves } from '../../src/contracts/receipt.ts';
import { Session } from '../../src/contracts/session.ts';
import { StoredInbound, type StoreReads, type Tx } from '../../src/contracts/store.ts';
import { contractMoves, Task, taskMoves } from '../../src/contracts/task.ts';
import type { Now } from '../../src/stores/sqlite/scripts.ts';
import {
  idOf,
  isListed,
  plain,
  type Rows,
  refused,
  type Seen,
  type Table,
  type Tables,
} from './model-rows.ts';
import { forgetHandles, mergeChannel, prune, quarantine, shiftTimes } from './model-sweeps.ts';

type Writes = Now<Omit<Tx, keyof StoreReads>>;

/** Every write of the port over the model's maps. */
export function modelWrites(rows: Rows, seen: Seen): Writes {
  const put =
    <Name extends Table>(table: Name) =>
    (row: Tables[Name]): void =>
      putRow(rows, seen, { table, row });
  return {
    putChannel: put('channels'),
    putAlias: (address, channel) => void rows.aliases.set(address, channel),
    putAccount: put('accounts'),
    putInbound: put('inbounds'),
    putSession: put('sessions'),
    addTranscript: (session, item) => {
      if (!rows.tables.sessions.has(session)) throw refused('duplicate', `no session ${session}`);
      rows.transcripts = [...rows.transcripts, { session, item: plain(item) }];
    },
    putTask: put('tasks'),
    putAsk: put('asks'),
    putReceipt: put('receipts'),
    putAttempt: put('attempts'),
    putIncident: put('incidents'),
    setAdapterState: (account, key, value) => {
      if (Buffer.byteLength(value) > 65_536) throw refused('too_large', key);
      rows.states.set(`${account} ${key}`, value);
    },
    journal: (entry, atMs) => {
      const { name, data, taskId, channel, sessionId } = entry;
      if (!RelayEvents[name].safeParse(data).success) throw refused('event_invalid', name);
      if (Buffer.byteLength(JSON.stringify(data)) > 4_096) throw refused('too_large', name);
      rows.noted += 1;
      const row = { seq: rows.noted, atMs, name, taskId, channel, sessionId, data };
      rows.journal = [...rows.journal, plain(row) as JournalRow];
      return rows.noted;
    },
    nextSeq: (list) => {
      const next = (rows.counters.get(list) ?? 0) + 1;
      rows.counters.set(list, next);
      return next;
    },
    renewTasks: (owner, leaseUntilMs) =>
      rows.each('tasks', (row) =>
        row.owner === owner && row.state !== 'queued' && row.state !== 'ended'
          ? { ...row, leaseUntilMs }
          : undefined,
      ),
    shiftTimes: (deltaMs) => shiftTimes(rows, deltaMs),
    mergeChannel: (from, to) => {
      mergeChannel(rows, from, to);
      if (from !== to) seen.clear();
    },
    forgetHandles: (channel) => forgetHandles(rows, channel),
    prune: (beforeMs, limit) => prune(rows, beforeMs, limit),
    quarantine: (invalid, atMs) => quarantine(rows, invalid, atMs),
  };
}

const schemas: {
  readonly [Name in Table]: { safeParse(row: unknown): { readonly success: boolean } };
} = {
  channels: Channel,
  accounts: Account,
  inbounds: StoredInbound,
  sessions: Session,
  tasks: Task,
  asks: Ask,
  receipts: Receipt,
  attempts: Attempt,
  incidents: Incident,
};

/** A new row if the script has not seen one of its id, else that one is replaced. */
function putRow<Name extends Table>(
  rows: Rows,
  seen: Seen,
  { table, row: given }: { readonly table: Name; readonly row: Tables[Name] },
): void {
  const id = idOf(table, given);
  if (!schemas[table].safeParse(given).success) throw refused('row_invalid', `${table} ${id}`);
  const row = plain(given);
  const before = rows.tables[table].get(id);
  const known = seen.has(`${table} ${id}`);
  if (before !== undefined && !known && table !== 'attempts')
    throw refused('duplicate', `${table} ${id}`);
  if (before !== undefined && known) assertMoves(table, before.row, row);
  assertUnique(rows, table, row);
  const listed = table === 'receipts' && isListed(row as Receipt);
  if (before === undefined) rows.made += 1;
  const made = before?.made ?? rows.made;
  rows.tables[table].set(id, { row, made, listed, broken: false });
  seen.add(`${table} ${id}`);
}

/** What may stand only once besides the id. */
function assertUnique<Name extends Table>(rows: Rows, table: Name, row: Tables[Name]): void {
  const id = idOf(table, row);
  const others = [...rows.tables[table].values()]
    .map((entry) => entry.row)
    .filter((other) => idOf(table, other) !== id);
  const twice = uniques[table] as ((one: Tables[Name], other: Tables[Name]) => boolean) | undefined;
  if (twice !== undefined && others.some((other) => twice(row, other)))
    throw refused('duplicate', `${table} ${id}`);
}

const uniques: { readonly [Name in Table]?: (one: Tables[Name], other: Tables[Name]) => boolean } =
  {
    inbounds: (one, other) => one.key === other.key,
    tasks: (one, other) => one.seq === other.seq,
    receipts: (one, other) =>
      one.subject.id === other.subject.id &&
      one.kind === other.kind &&
      (one.kind === 'terminal' ||
        (one.subject.kind === other.subject.kind && one.revision === other.revision)),
    incidents: (one, other) =>
      one.seq === other.seq ||
      (one.key === other.key && one.closedAtMs === undefined && other.closedAtMs === undefined),
  };

type Moves = Readonly<Record<string, readonly string[]>>;

function assertMoves<Name extends Table>(table: Name, before: Tables[Name], after: Tables[Name]) {
  const move = (moves: Moves, from: string, to: string): void => {
    if (from !== to && !moves[from]?.includes(to)) throw refused('illegal_move', `${from} ${to}`);
  };
  if (table === 'tasks') {
    const [from, to] = [before as Task, after as Task];
    move(taskMoves, from.state, to.state);
    move(contractMoves, from.contract.state, to.contract.state);
  }
  if (table === 'receipts') move(receiptMoves, (before as Receipt).state, (after as Receipt).state);
  if (table === 'channels') {
    const [from, to] = [before as Channel, after as Channel];
    if (to.seq < from.seq || to.fence < from.fence) throw refused('illegal_move', from.key);
  }
}
