import type { ChannelKey } from '../../src/contracts/id.ts';
import type { Page, PageRequest, Script, StoreReads } from '../../src/contracts/store.ts';
import {
  askId,
  inboundId,
  keyOf,
  ownerId,
  receiptId,
  sessionId,
  taskId,
} from '../../src/testing/store-conformance-rows.ts';
import {
  accountOf,
  deliveryKinds,
  inboundKey,
  incidentKey,
  most,
  receiptStates,
  subjectOf,
  taskStates,
  timeOf,
} from './rows.ts';

/** One read of the port, by name; `a` and `b` are whole numbers from which it takes its arguments. */
export interface ReadOp {
  readonly op: 'read';
  readonly name: ReadName;
  readonly a: number;
  readonly b: number;
}
export type ReadName = keyof typeof readers;
type Reader = (reads: StoreReads, a: number, b: number) => Script<unknown>;

const upTo = (n: number, max: number): number => 1 + (n % max);
const channelOf = (n: number): ChannelKey => keyOf(upTo(n, most.channels));
const maybe = <Value>(n: number, value: Value): Value | undefined =>
  n % 3 === 0 ? undefined : value;
/** More than there are rows: where the port names no order, nothing is left out. */
const plenty = 200;

interface WithId {
  readonly id?: string;
  readonly key?: string;
}
/** The port says nothing of their order. */
function* unordered(rows: Script<readonly WithId[]>): Script<readonly WithId[]> {
  const name = (row: WithId): string => row.id ?? row.key ?? '';
  return [...(yield* rows)].sort((one, other) => (name(one) < name(other) ? -1 : 1));
}
function* count(rows: Script<readonly unknown[]>): Script<number> {
  return (yield* rows).length;
}

/**
 * A list from its start to its end in pages of `limit`. The numbers that a store gives by itself are left out, for they
 * may have gaps; that they rise, and that the page ends with its last, is told.
 */
function* walk<Row extends object>(
  page: (request: PageRequest) => Script<Page<Row>>,
  { limit, number }: { readonly limit: number; readonly number?: keyof Row },
): Script<unknown> {
  const pages: unknown[] = [];
  for (let after = 0, more = true; more && pages.length < plenty; ) {
    const { rows, invalid, lastSeq, ...rest } = yield* page({ after, limit });
    const numbers = number === undefined ? [] : rows.map((row) => Number(row[number]));
    const rises = numbers.every((one, at) => one > (at === 0 ? after : Number(numbers[at - 1])));
    const full = rows.length + invalid.length;
    pages.push({
      rows: rows.map((row) => (number === undefined ? row : { ...row, [number]: 'its number' })),
      invalid: invalid.map(({ table, id }) => ({ table, id })),
      more: rest.more,
      rises,
      ends:
        full === 0 ? lastSeq === after : lastSeq >= (numbers.at(-1) ?? lastSeq) && lastSeq > after,
    });
    ({ more } = rest);
    after = lastSeq;
  }
  return pages;
}

/** One page from anywhere, of a list whose numbers the caller has given. */
function* part<Row>(page: Script<Page<Row>>): Script<unknown> {
  const { invalid, ...rest } = yield* page;
  return { ...rest, invalid: invalid.map(({ table, id }) => ({ table, id })) };
}

const tails = ['1', '2', '0', '01', '000a', '0c', 'ffff', '', '%', 'A'] as const;

const rowReaders = {
  channel: (reads, a) => reads.channel(channelOf(a)),
  channelAt: (reads, a) => reads.channelAt(keyOf(upTo(a, most.addresses))),
  account: (reads, a) => reads.account(accountOf(a)),
  inbound: (reads, a) => reads.inbound(inboundId(upTo(a, most.inbounds))),
  inboundByKey: (reads, a) => reads.inboundByKey(inboundKey(upTo(a, most.inbounds))),
  session: (reads, a) => reads.session(sessionId(upTo(a, most.sessions))),
  sessionFor: (reads, a, b) =>
    reads.sessionFor(a % 2 ? 'echo' : 'other', channelOf(b), maybe(a, a % 4 < 2 ? 'ada' : 'bob')),
  transcript: (reads, a, b) => reads.transcript(sessionId(upTo(a, most.sessions)), b),
  task: (reads, a) => reads.task(taskId(upTo(a, most.tasks))),
  receiptByKey: (reads, a, b) => {
    const { subject, kind, revision } = subjectOf(upTo(a, most.receipts));
    return reads.receiptByKey(subject, kind, b === 0 ? revision + 1 : revision);
  },
  receipt: (reads, a) => reads.receipt(receiptId(upTo(a, most.receipts))),
  ask: (reads, a) => reads.ask(askId(upTo(a, most.asks))),
  incidentOpen: (reads, a) => reads.incidentOpen(incidentKey(upTo(a, most.incidents))),
  adapterState: (reads, a, b) => reads.adapterState(accountOf(a), `k${b % 3}`),
} satisfies Record<string, Reader>;

const listReaders = {
  line: (reads, a) => reads.line(channelOf(a)),
  receiptsOpenOf: (reads, a) => reads.receiptsOpenOf(taskId(upTo(a, most.tasks))),
  receiptsShownOf: (reads, a, b) =>
    reads.receiptsShownOf(taskId(upTo(a, most.tasks)), deliveryKinds.slice(b % 6)),
  receiptsOpenIn: (reads, a, b) => reads.receiptsOpenIn(channelOf(a), b),
  attempts: (reads, a) => reads.attempts(receiptId(upTo(a, most.receipts))),
  tasksOpenIn: (reads, a) => reads.tasksOpenIn(channelOf(a)),
  tasksQueuedIn: (reads, a, b) => reads.tasksQueuedIn(sessionId(upTo(a, most.sessions)), b),
  taskEndedLast: (reads, a, b) =>
    reads.taskEndedLast(channelOf(a), maybe(b, b % 2 ? 'ada' : 'bob')),
  tasksByTail: (reads, a, b) =>
    unordered(reads.tasksByTail(tails[a % 10] ?? '', maybe(b, channelOf(b)), plenty)),
  tasksByTailSome: (reads, a, b) =>
    count(reads.tasksByTail(tails[a % 10] ?? '', maybe(b, channelOf(b)), 1 + b)),
  taskIdsByTail: function* (reads, a) {
    return [...(yield* reads.taskIdsByTail(tails[a % 10] ?? '', plenty))].sort();
  },
  taskIdsByTailSome: (reads, a, b) => count(reads.taskIdsByTail(tails[a % 10] ?? '', b)),
  asksOpenIn: (reads, a) => reads.asksOpenIn(channelOf(a)),
  asksOf: (reads, a) => reads.asksOf(taskId(upTo(a, most.tasks))),
  inboundsOpenOf: (reads, a) => reads.inboundsOpenOf(taskId(upTo(a, most.tasks))),
  sessionsReady: (reads, a) => reads.sessionsReady(a),
  tasksDue: (reads, a, b) => reads.tasksDue(timeOf(a, 99), b),
  channelsDue: (reads, a, b) => reads.channelsDue(timeOf(a, 99), b),
  nextDue: (reads) => reads.nextDue(),
  newestAtMs: (reads) => reads.newestAtMs(),
  tasksHeldByOthers: (reads, a) =>
    unordered(reads.tasksHeldByOthers(ownerId(upTo(a, most.owners)), plenty)),
  tasksHeldByOthersSome: (reads, a, b) =>
    count(reads.tasksHeldByOthers(ownerId(upTo(a, most.owners)), b)),
  channelsHeldByOthers: (reads, a) =>
    unordered(reads.channelsHeldByOthers(ownerId(upTo(a, most.owners)), plenty)),
  channelsOfAccount: (reads, a) => unordered(reads.channelsOfAccount(accountOf(a), plenty)),
  channelsOfAccountSome: (reads, a, b) => count(reads.channelsOfAccount(accountOf(a), b)),
} satisfies Record<string, Reader>;

const pageReaders = {
  history: (reads, a, b) =>
    walk((request) => reads.history(channelOf(a), request), { limit: 1 + b, number: 'seq' }),
  historyPart: (reads, a, b) => part(reads.history(channelOf(a), { after: a, limit: 1 + b })),
  tasks: (reads, a, b) => {
    const filter = tasksFilter(a, b);
    return walk((request) => reads.tasksPage(filter, request), { limit: 1 + (b % 5) });
  },
  tasksPart: (reads, a, b) => part(reads.tasksPage({}, { after: a, limit: 1 + b })),
  receipts: (reads, a, b) => {
    const filter = receiptsFilter(a, b);
    const number = 'listSeq' as const;
    return walk((request) => reads.receiptsPage(filter, request), { limit: 1 + (b % 5), number });
  },
  journal: (reads, a, b) => {
    const filter = {
      ...(a % 2 ? { task: taskId(upTo(a, most.tasks)) } : {}),
      ...(a % 3 ? {} : { channel: channelOf(b) }),
    };
    const number = 'seq' as const;
    return walk((request) => reads.journalPage(filter, request), { limit: 1 + (b % 5), number });
  },
  incidents: (reads, a, b) => {
    const filter = a % 3 === 0 ? {} : { open: a % 3 === 1 };
    return walk((request) => reads.incidentsPage(filter, request), { limit: 1 + (b % 5) });
  },
  incidentsPart: (reads, a, b) => part(reads.incidentsPage({}, { after: a, limit: 1 + b })),
  figures: function* (reads) {
    const { walBytes: _, ...figures } = yield* reads.figures();
    return figures;
  },
} satisfies Record<string, Reader>;

function tasksFilter(a: number, b: number) {
  const state = taskStates[a % 8];
  return {
    ...(state === undefined ? {} : { state }),
    ...(b % 2 ? { channel: channelOf(b) } : {}),
    ...(a % 3 === 0 ? {} : { open: a % 3 === 1 }),
  };
}

function receiptsFilter(a: number, b: number) {
  const state = receiptStates[a % 9];
  return {
    ...(state === undefined ? {} : { state }),
    ...(b % 2 ? { task: taskId(upTo(b, most.tasks)) } : {}),
    ...(a % 3 === 0 ? {} : { open: a % 3 === 1 }),
  };
}

export const readers = { ...rowReaders, ...listReaders, ...pageReaders };
export const readNames = Object.keys(readers) as readonly ReadName[];

export function performRead(reads: StoreReads, { name, a, b }: ReadOp): Script<unknown> {
  return (readers as Readonly<Record<ReadName, Reader>>)[name](reads, a, b);
}

/** Everything that can be asked, with every first argument that differs. */
export const allReads: readonly ReadOp[] = readNames.flatMap((name) =>
  Array.from({ length: widthOf(name) }, (_, a) => ({
    op: 'read' as const,
    name,
    a,
    b: 3 + (a % 2),
  })),
);

function widthOf(name: ReadName): number {
  if (name in rowReaders) return 16;
  return name in listReaders ? 8 : 6;
}
