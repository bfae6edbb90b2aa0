import { ChannelKey, ChannelRef, SessionId, TaskId } from '../../contracts/id.ts';
import type { InvalidRow } from '../../contracts/store.ts';
import {
  Contract,
  ContractState,
  Deadlines,
  deadlineDefaults,
  EndCause,
  LiveMessage,
  TaskState,
} from '../../contracts/task.ts';
import type { SqlRow, SqlValue } from './row-codec.ts';
import { attempts, channels } from './rows.ts';
import type { Source } from './source.ts';
import type { StatementName } from './statements.ts';

/** What can be said of whose the row was. */
export interface Keys {
  readonly channel?: ChannelKey;
  readonly task?: TaskId;
  readonly session?: SessionId;
}

interface Cure {
  readonly get: StatementName;
  /** The values that `get` takes. */
  name(id: string): SqlValue[];
  apply(source: Source, raw: SqlRow, atMs: number): void;
  /** Columns that hold keys. */
  readonly keys: { readonly channel?: string; readonly task?: string; readonly session?: string };
}

/**
 * Takes a row that cannot be read out of the way of all others: a copy of it is kept as it is, then its states are set
 * so that no list of open things finds it. A Task can be read again afterwards if its keys can; a Receipt stays unreadable, for its
 * words may be what is broken, and is listed so. Unknown rows change nothing.
 */
export function quarantine(source: Source, invalid: InvalidRow, atMs: number): Keys {
  const cure = cures[invalid.table];
  const raw = cure && source.statements.one(cure.get, ...cure.name(invalid.id));
  if (cure === undefined || raw === undefined) return {};
  const copy = JSON.stringify(raw);
  source.statements.run('quarantineCopy', invalid.table, invalid.id, invalid.cause, copy, atMs);
  const keys = keysOf(source, raw, cure.keys);
  cure.apply(source, raw, atMs);
  source.forget();
  // A Channel that cannot be read itself is nobody's help.
  const { channel, ...rest } = keys;
  return channel !== undefined && channelReadable(source, channel) ? { channel, ...rest } : rest;
}

const whole = (id: string): SqlValue[] => [id];
/** `<id>:<number>`; the ids themselves have no colon. */
const numbered = (id: string): SqlValue[] => [
  id.slice(0, id.lastIndexOf(':')),
  Number(id.slice(id.lastIndexOf(':') + 1)),
];
const drop =
  (statement: StatementName, columns: readonly string[]) =>
  (source: Source, raw: SqlRow): void => {
    source.statements.run(statement, ...columns.map((column) => raw[column] ?? null));
  };

const cures: Readonly<Record<string, Cure>> = {
  receipts: {
    get: 'receipt',
    name: whole,
    apply: (source, raw, atMs) =>
      void source.statements.run('quarantineReceipt', { id: raw['id'] ?? null, atMs }),
    keys: { channel: 'channel', task: 'task' },
  },
  tasks: {
    get: 'task',
    name: whole,
    apply: endTask,
    keys: { channel: 'channel', task: 'id', session: 'session' },
  },
  channels: { get: 'channel', name: whole, apply: mendChannel, keys: { channel: 'key' } },
  sessions: {
    get: 'session',
    name: whole,
    apply: drop('quarantineSession', ['id']),
    keys: { channel: 'channel', session: 'id' },
  },
  accounts: { get: 'account', name: whole, apply: drop('quarantineAccount', ['key']), keys: {} },
  inbounds: {
    get: 'inbound',
    name: whole,
    apply: drop('quarantineInbound', ['id']),
    keys: { channel: 'channel', task: 'task' },
  },
  asks: {
    get: 'ask',
    name: whole,
    apply: drop('askDelete', ['id']),
    keys: { channel: 'channel', task: 'task' },
  },
  attempts: { get: 'attemptGet', name: numbered, apply: mendAttempt, keys: { channel: 'channel' } },
  transcripts: {
    get: 'transcriptGet',
    name: numbered,
    apply: drop('transcriptDelete', ['session', 'seq']),
    keys: { session: 'session' },
  },
  incidents: { get: 'incidentGet', name: whole, apply: drop('incidentDelete', ['id']), keys: {} },
  journal: {
    get: 'journalGet',
    name: (id) => [Number(id)],
    apply: drop('journalDelete', ['seq']),
    keys: { channel: 'channel', task: 'task_id', session: 'session_id' },
  },
};

function keysOf(source: Source, raw: SqlRow, columns: Cure['keys']): Keys {
  const read = (column: string | undefined): SqlValue | undefined =>
    column === undefined ? undefined : raw[column];
  const channel = ChannelKey.safeParse(read(columns.channel));
  const task = TaskId.safeParse(read(columns.task));
  const session = SessionId.safeParse(read(columns.session));
  const heir = channel.success
    ? source.statements.one('aliasGet', channel.data)?.['channel']
    : undefined;
  return {
    ...(channel.success ? { channel: (heir ?? channel.data) as ChannelKey } : {}),
    ...(task.success ? { task: task.data } : {}),
    ...(session.success ? { session: session.data } : {}),
  };
}

function channelReadable(source: Source, key: ChannelKey): boolean {
  const raw = source.statements.one('channel', key);
  return raw !== undefined && channels.decode(channels.valuesOf(raw)).ok;
}

interface Readable {
  safeParse(value: unknown): { readonly success: boolean };
}

/** The JSON of a column if its schema takes it, else what stands for it. */
function mended(raw: SqlRow, column: string, schema: Readable, otherwise: unknown): string | null {
  const text = raw[column];
  try {
    if (typeof text === 'string' && schema.safeParse(JSON.parse(text)).success) return text;
  } catch {
    // Not JSON: replaced below.
  }
  return otherwise === undefined ? null : JSON.stringify(otherwise);
}

/** It ends `failed`, with what of it can still be read. */
function endTask(source: Source, raw: SqlRow, atMs: number): void {
  const over = TaskState.safeParse(raw['state']).data === 'ended';
  const terminal =
    ContractState.safeParse(raw['contract_state']).data?.startsWith('terminal') === true;
  const cause = { end: 'failed', reason: 'row_invalid' } satisfies EndCause;
  source.statements.run('quarantineTask', {
    id: raw['id'] ?? null,
    atMs,
    contractState: terminal ? (raw['contract_state'] ?? null) : 'terminal_pending',
    contract: mended(raw, 'contract', Contract.omit({ state: true }), {}),
    deadlines: mended(raw, 'deadlines', Deadlines, deadlineDefaults),
    cause: over ? mended(raw, 'cause', EndCause, cause) : JSON.stringify(cause),
    live: mended(raw, 'live', LiveMessage, undefined),
    files: mended(raw, 'files', { safeParse: (value) => ({ success: Array.isArray(value) }) }, []),
  });
}

/** The key is its first address: better than none. Nothing leaves it until somebody looks, unless it can be read now. */
function mendChannel(source: Source, raw: SqlRow): void {
  const key = raw['key'] ?? null;
  const [adapter, account, conversation, thread] = String(key).split('/').map(decodePart);
  const first = { adapter, account, conversation, ...(thread === undefined ? {} : { thread }) };
  const address = mended(raw, 'address', ChannelRef, first);
  const readable = channels.decode(
    channels.valuesOf({ ...raw, address, owner: null, lease_until_ms: null }),
  ).ok;
  source.statements.run('quarantineChannel', {
    key,
    address,
    dueAtMs: readable ? (raw['due_at_ms'] ?? null) : null,
  });
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Without its outcome it says what is true: it may have been sent. */
function mendAttempt(source: Source, raw: SqlRow): void {
  const [receipt, n] = [raw['receipt'] ?? null, raw['n'] ?? null];
  source.statements.run('quarantineAttempt', receipt, n);
  const left = source.statements.one('attemptGet', receipt, n);
  if (left === undefined || !attempts.decode(attempts.valuesOf(left)).ok)
    source.statements.run('attemptDelete', receipt, n);
}
