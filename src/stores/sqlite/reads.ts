import type { Receipt } from '../../contracts/receipt.ts';
import type { StoreReads } from '../../contracts/store.ts';
import { pagesOf } from './pages.ts';
import type { Codec, SqlRow } from './row-codec.ts';
import {
  accounts,
  asks,
  attempts,
  channels,
  inbounds,
  incidents,
  receipts,
  sessions,
  tailOf,
  tasks,
  transcripts,
} from './rows.ts';
import type { Now } from './scripts.ts';
import { type Source, take } from './source.ts';
import type { StatementName } from './statements.ts';

type Finder<Row> = (name: StatementName, ...values: (string | number | null | SqlRow)[]) => Row;
const one =
  <Row>(source: Source, codec: Codec<Row>): Finder<Row | undefined> =>
  (name, ...values) => {
    const raw = source.statements.one(name, ...values);
    return raw === undefined ? undefined : take(source, codec, raw);
  };
const many =
  <Row>(source: Source, codec: Codec<Row>): Finder<Row[]> =>
  (name, ...values) =>
    source.statements.all(name, ...values).map((raw) => take(source, codec, raw));

/** Every read of the port, at once. */
export function readsOf(source: Source): Now<StoreReads> {
  return { ...rowReads(source), ...openReads(source), ...dueReads(source), ...pagesOf(source) };
}

function rowReads(source: Source) {
  const { statements } = source;
  const [channel, inbound, session] = [
    one(source, channels),
    one(source, inbounds),
    one(source, sessions),
  ];
  const [task, receipt, ask] = [one(source, tasks), one(source, receipts), one(source, asks)];
  const [account, incident, items] = [
    one(source, accounts),
    one(source, incidents),
    many(source, transcripts),
  ];
  return {
    channel: (key) => channel('channel', key),
    channelAt: (address) => {
      const alias = statements.one('aliasGet', address)?.['channel'];
      return channel('channel', alias ?? address);
    },
    account: (key) => account('account', key),
    inbound: (id) => inbound('inbound', id),
    inboundByKey: (key) => inbound('inboundByKey', key),
    session: (id) => session('session', id),
    sessionFor: (worker, key, personId) => session('sessionFor', worker, key, personId ?? null),
    transcript: (id, limit) => items('transcript', id, limit).reverse(),
    task: (id) => task('task', id),
    receiptByKey: (subject, kind, revision) =>
      receipt('receiptByKey', subject.kind, subject.id, kind, revision),
    receipt: (id) => receipt('receipt', id),
    ask: (id) => ask('ask', id),
    incidentOpen: (key) => incident('incidentOpen', key),
    adapterState: (key, name) => {
      const value = statements.one('adapterState', key, name)?.['value'];
      return value === undefined ? undefined : String(value);
    },
  } satisfies Partial<Now<StoreReads>>;
}

function openReads(source: Source) {
  const [receipt, receiptList, taskOne] = [
    one(source, receipts),
    many(source, receipts),
    one(source, tasks),
  ];
  const [taskList, askList, inboundList] = [
    many(source, tasks),
    many(source, asks),
    many(source, inbounds),
  ];
  return {
    line: (channel) => ({
      head: receipt('receiptHead', channel),
      parked: receipt('receiptDated', channel, 'parked'),
      unripe: receipt('receiptDated', channel, 'unripe'),
    }),
    receiptsOpenOf: (task) => receiptList('receiptsOpenOf', task),
    receiptsShownOf: (task, kinds) => shownOf(source, task, kinds),
    receiptsOpenIn: (channel, limit) => {
      const numbered = receiptList('receiptsNumberedIn', channel, limit);
      const room = limit - numbered.length;
      return room > 0 ? [...numbered, ...receiptList('receiptsUnripeIn', channel, room)] : numbered;
    },
    attempts: (id) => many(source, attempts)('attempts', id),
    tasksOpenIn: (channel) => taskList('tasksOpenIn', channel),
    tasksQueuedIn: (session, limit) => taskList('tasksQueuedIn', session, limit),
    taskEndedLast: (channel, personId) =>
      personId === undefined
        ? taskOne('taskEndedLast', channel)
        : taskOne('taskEndedLastOf', channel, personId),
    tasksByTail: (tail, channel, limit) => {
      if (!/^[0-9a-f]+$/i.test(tail)) return [];
      const from = tailOf(tail);
      // Behind every digit stands `g`: the end of what begins so.
      return taskList('tasksByTail', { from, to: `${from}g`, channel: channel ?? null, limit });
    },
    asksOpenIn: (channel) => askList('asksOpenIn', channel),
    asksOf: (task) => askList('asksOf', task),
    inboundsOpenOf: (task) => inboundList('inboundsOpenOf', task),
  } satisfies Partial<Now<StoreReads>>;
}

/** The kind is looked at before the row is decoded: a Task may have many. */
function shownOf(source: Source, task: string, kinds: readonly string[]): Receipt[] {
  const raws = source.statements
    .all('receiptsShownOf', task)
    .filter((raw) => kinds.includes(String(raw['kind'])));
  return raws.map((raw) => take(source, receipts, raw));
}

function dueReads(source: Source) {
  const { statements } = source;
  const [taskList, channelList] = [many(source, tasks), many(source, channels)];
  return {
    sessionsReady: (limit) => many(source, sessions)('sessionsReady', limit),
    tasksDue: (nowMs, limit) =>
      statements
        .all('tasksDue', nowMs, limit)
        .map((raw) => ({ id: raw['id'], dueAtMs: raw['due_at_ms'] }) as DueTask),
    channelsDue: (nowMs, limit) =>
      statements
        .all('channelsDue', nowMs, limit)
        .map(
          ({ key, due_at_ms, priority, account }) =>
            ({ key, dueAtMs: due_at_ms, priority, account }) as unknown as DueChannel,
        ),
    nextDue: () => {
      const tasksMs = statements.one('tasksNextDue')?.['due_at_ms'];
      const channelsMs = statements.one('channelsNextDue')?.['due_at_ms'];
      return {
        ...(typeof tasksMs === 'number' ? { tasksMs } : {}),
        ...(typeof channelsMs === 'number' ? { channelsMs } : {}),
      };
    },
    newestAtMs: () => {
      const row = statements.one('journalNewest');
      return row === undefined ? undefined : Number(row['at_ms']);
    },
    tasksHeldByOthers: (owner, limit) => {
      const found = [
        ...taskList('tasksHeldBelow', owner, limit),
        ...taskList('tasksHeldAbove', owner, limit),
        // Left open on purpose at a stop: nobody holds them, so whoever comes next does.
        ...taskList('tasksHeldByNone', limit),
      ];
      return found.slice(0, limit);
    },
    channelsHeldByOthers: (owner, limit) => {
      const names = [
        'channelsOwnedBelow',
        'channelsOwnedAbove',
        'channelsSeenBelow',
        'channelsSeenAbove',
      ] as const;
      const found = names.flatMap((name) => channelList(name, owner, limit));
      return [...new Map(found.map((channel) => [channel.key, channel])).values()].slice(0, limit);
    },
    channelsOfAccount: (account, limit) => channelList('channelsOfAccount', account, limit),
  } satisfies Partial<Now<StoreReads>>;
}

type Item<List> = List extends readonly (infer One)[] ? One : never;
type DueTask = Item<ReturnType<Now<StoreReads>['tasksDue']>>;
type DueChannel = Item<ReturnType<Now<StoreReads>['channelsDue']>>;
