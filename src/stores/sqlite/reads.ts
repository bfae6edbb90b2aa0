import type { TaskId } from '../../contracts/id.ts';
import type { Receipt } from '../../contracts/receipt.ts';
import type { StoreReads } from '../../contracts/store.ts';
import { frontMax, type Place, type Standing } from './line-cache.ts';
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
import type { Source } from './source.ts';
import type { StatementName } from './statements.ts';

type Value = string | number | null | SqlRow;
const byId =
  <Row>(source: Source, codec: Codec<Row>, name: StatementName) =>
  (id: string): Row | undefined =>
    source.byId(codec, name, id);
const one =
  <Row>(source: Source, codec: Codec<Row>) =>
  (name: StatementName, ...values: Value[]): Row | undefined =>
    source.first(codec, name, values);
const many =
  <Row>(source: Source, codec: Codec<Row>) =>
  (name: StatementName, ...values: Value[]): Row[] =>
    source.all(codec, name, values);

/** Every read of the port, at once. */
export function readsOf(source: Source): Now<StoreReads> {
  return { ...rowReads(source), ...openReads(source), ...dueReads(source), ...pagesOf(source) };
}

function rowReads(source: Source) {
  const channel = byId(source, channels, 'channel');
  const [inbound, session] = [one(source, inbounds), one(source, sessions)];
  const [receipt, incident] = [one(source, receipts), one(source, incidents)];
  return {
    channel,
    channelAt: (address) => {
      const alias = source.apart.one('aliasGet', address)?.['channel'];
      return channel(String(alias ?? address));
    },
    account: byId(source, accounts, 'account'),
    inbound: byId(source, inbounds, 'inbound'),
    inboundByKey: (key) => inbound('inboundByKey', key),
    session: byId(source, sessions, 'session'),
    sessionFor: (worker, key, personId) => session('sessionFor', worker, key, personId ?? null),
    transcript: (id, limit) =>
      source.transcripts.read(id, limit, () => source.all(transcripts, 'transcript', [id, limit])),
    task: byId(source, tasks, 'task'),
    receiptByKey: (subject, kind, revision) =>
      receipt('receiptByKey', subject.kind, subject.id, kind, revision),
    receipt: byId(source, receipts, 'receipt'),
    ask: byId(source, asks, 'ask'),
    incidentOpen: (key) => incident('incidentOpen', key),
    adapterState: (key, name) => {
      const value = source.apart.one('adapterState', key, name)?.['value'];
      return value === undefined ? undefined : String(value);
    },
  } satisfies Partial<Now<StoreReads>>;
}

function openReads(source: Source) {
  const receipt = byId(source, receipts, 'receipt');
  const [receiptList, taskOne] = [many(source, receipts), one(source, tasks)];
  const [taskList, askList, inboundList] = [
    many(source, tasks),
    many(source, asks),
    many(source, inbounds),
  ];
  return {
    line: (channel) => {
      const { line, parked, unripe } = source.lines.read(channel, (place) =>
        frontOf(source, channel, place),
      );
      const known = (id: string | undefined) => (id === undefined ? undefined : receipt(id));
      return { head: known(line), parked: known(parked), unripe: known(unripe) };
    },
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
      const range = rangeOf(tail);
      return range === undefined
        ? []
        : taskList('tasksByTail', { ...range, channel: channel ?? null, limit });
    },
    taskIdsByTail: (tail, limit) => {
      const range = rangeOf(tail);
      if (range === undefined) return [];
      source.rows.flush('tasks');
      const found = source.apart.rows('taskIdsByTail', range.from, range.to, limit);
      return found.map(([id]) => id as TaskId);
    },
    asksOpenIn: (channel) => askList('asksOpenIn', channel),
    asksOf: (task) => askList('asksOf', task),
    inboundsOpenOf: (task) => inboundList('inboundsOpenOf', task),
  } satisfies Partial<Now<StoreReads>>;
}

function frontOf(source: Source, channel: string, place: Place): Standing[] {
  source.rows.flush('receipts');
  const found =
    place === 'line'
      ? source.apart.rows('lineFront', channel, frontMax)
      : source.apart.rows('datedFront', channel, place, frontMax);
  return found.map(([id, order]) => ({ id: String(id), order: Number(order) }));
}

/** Where the ids that end so stand in the index. Behind every digit stands `g`: the end of what begins so. */
function rangeOf(tail: string): { readonly from: string; readonly to: string } | undefined {
  if (!/^[0-9a-f]+$/i.test(tail)) return undefined;
  const from = tailOf(tail);
  return { from, to: `${from}g` };
}

/** The kind is looked at before the row is decoded: a Task may have many. */
function shownOf(source: Source, task: string, kinds: readonly string[]): Receipt[] {
  source.rows.flush('receipts');
  return source.apart
    .rows('receiptsShownOf', task)
    .filter((values) => kinds.includes(String(values[kindAt])))
    .map((values) => source.take(receipts, values));
}
const kindAt = receipts.columns.indexOf('kind');

function dueReads(source: Source) {
  const [taskList, channelList] = [many(source, tasks), many(source, channels)];
  return {
    sessionsReady: (limit) => many(source, sessions)('sessionsReady', limit),
    tasksDue: (nowMs, limit) =>
      source.statements
        .all('tasksDue', nowMs, limit)
        .map((raw) => ({ id: raw['id'], dueAtMs: raw['due_at_ms'] }) as DueTask),
    channelsDue: (nowMs, limit) =>
      source.statements
        .all('channelsDue', nowMs, limit)
        .map(
          ({ key, due_at_ms, priority, account }) =>
            ({ key, dueAtMs: due_at_ms, priority, account }) as unknown as DueChannel,
        ),
    nextDue: () => {
      const tasksMs = source.statements.one('tasksNextDue')?.['due_at_ms'];
      const channelsMs = source.statements.one('channelsNextDue')?.['due_at_ms'];
      return {
        ...(typeof tasksMs === 'number' ? { tasksMs } : {}),
        ...(typeof channelsMs === 'number' ? { channelsMs } : {}),
      };
    },
    newestAtMs: () => {
      const row = source.apart.one('journalNewest');
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
