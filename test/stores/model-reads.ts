import type { ChannelKey, TaskId } from '../../src/contracts/id.ts';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type {
  HistoryRow,
  InvalidRow,
  Page,
  PageRequest,
  StoreFigures,
  StoreReads,
} from '../../src/contracts/store.ts';
import type { Task } from '../../src/contracts/task.ts';
import type { Now } from '../../src/stores/sqlite/scripts.ts';
import {
  type Entry,
  isOpen,
  type Rows,
  type Seen,
  type Table,
  type Tables,
  take,
} from './model-rows.ts';

type Reads = Now<StoreReads>;

/** Every read of the port over the model's maps: each looks at all rows, and says what it wants in plain words. */
export function modelReads(rows: Rows, seen: Seen): Reads {
  return { ...byKey(rows, seen), ...lists(rows, seen), ...dues(rows, seen), ...pages(rows, seen) };
}

function find(rows: Rows, seen: Seen) {
  const get = <Name extends Table>(table: Name, id: string): Tables[Name] | undefined => {
    const entry = rows.tables[table].get(id);
    return entry && take(table, entry, seen);
  };
  /** The rows that are wanted, in the order in which they were made. */
  const all = <Name extends Table>(table: Name, wanted: (row: Tables[Name]) => boolean) =>
    rows.all(table).filter((entry) => wanted(entry.row));
  const taken = <Name extends Table>(table: Name, found: readonly Entry<Tables[Name]>[]) =>
    found.map((entry) => take(table, entry, seen));
  return { get, all, taken };
}

/** By numbers that rise; a row without one is not wanted. */
function by<Row>(number: (row: Row) => number | undefined) {
  return (one: Entry<Row>, other: Entry<Row>): number =>
    (number(one.row) ?? 0) - (number(other.row) ?? 0) || one.made - other.made;
}

function byKey(rows: Rows, seen: Seen) {
  const { get, all, taken } = find(rows, seen);
  const first = <Name extends Table>(table: Name, wanted: (row: Tables[Name]) => boolean) =>
    taken(table, all(table, wanted).slice(0, 1))[0];
  return {
    channel: (key) => get('channels', key),
    channelAt: (address) => get('channels', rows.aliases.get(address) ?? address),
    account: (key) => get('accounts', key),
    inbound: (id) => get('inbounds', id),
    inboundByKey: (key) => first('inbounds', (row) => row.key === key),
    session: (id) => get('sessions', id),
    sessionFor: (worker, channel, personId) =>
      taken(
        'sessions',
        all(
          'sessions',
          (row) => row.worker === worker && row.channel === channel && row.personId === personId,
        )
          .sort(by((row) => row.openedAtMs))
          .slice(0, 1),
      )[0],
    transcript: (session, limit) => {
      const items = rows.transcripts.filter((one) => one.session === session);
      return items.slice(Math.max(0, items.length - limit)).map((one) => one.item);
    },
    task: (id) => get('tasks', id),
    receiptByKey: (subject, kind, revision) =>
      first(
        'receipts',
        (row) =>
          row.subject.kind === subject.kind &&
          row.subject.id === subject.id &&
          row.kind === kind &&
          row.revision === revision,
      ),
    receipt: (id) => get('receipts', id),
    ask: (id) => get('asks', id),
    incidentOpen: (key) =>
      first('incidents', (row) => row.key === key && row.closedAtMs === undefined),
    adapterState: (account, key) => rows.states.get(`${account} ${key}`),
  } satisfies Partial<Reads>;
}

function lists(rows: Rows, seen: Seen) {
  const { all, taken } = find(rows, seen);
  const dated = (channel: ChannelKey, place: string): Receipt | undefined =>
    taken(
      'receipts',
      all('receipts', (row) => row.channel === channel && row.place === place)
        .filter(({ row }) => row.dueAtMs !== undefined)
        .sort(by((row) => row.dueAtMs))
        .slice(0, 1),
    )[0];
  const withTail = (tail: string, channel: ChannelKey | undefined) =>
    /^[0-9a-f]+$/i.test(tail)
      ? all(
          'tasks',
          (row) =>
            row.id.replaceAll('-', '').endsWith(tail.toLowerCase()) &&
            (channel === undefined || row.channel === channel),
        )
      : [];
  return {
    line: (channel) => ({
      head: taken(
        'receipts',
        all('receipts', (row) => row.channel === channel && row.place === 'line')
          .sort(by((row) => row.seq))
          .slice(0, 1),
      )[0],
      parked: dated(channel, 'parked'),
      unripe: dated(channel, 'unripe'),
    }),
    receiptsOpenOf: (task) =>
      taken(
        'receipts',
        all('receipts', (row) => row.task === task && isOpen(row)),
      ),
    receiptsShownOf: (task, kinds) =>
      taken(
        'receipts',
        all(
          'receipts',
          (row) => row.task === task && row.state === 'surfaced' && kinds.includes(row.kind),
        ),
      ),
    receiptsOpenIn: (channel, limit) => {
      const open = all('receipts', (row) => row.channel === channel && isOpen(row));
      const numbered = open.filter(({ row }) => row.seq > 0).sort(by((row) => row.seq));
      const unripe = open.filter(({ row }) => row.seq === 0);
      return taken('receipts', [...numbered, ...unripe].slice(0, limit));
    },
    attempts: (receipt) =>
      taken('attempts', all('attempts', (row) => row.receipt === receipt).sort(by((row) => row.n))),
    tasksOpenIn: (channel) =>
      taken(
        'tasks',
        all('tasks', (row) => row.channel === channel && row.state !== 'ended').sort(
          by((row) => row.seq),
        ),
      ),
    tasksQueuedIn: (session, limit) =>
      taken(
        'tasks',
        all('tasks', (row) => row.session === session && row.state === 'queued')
          .sort(by((row) => row.seq))
          .slice(0, limit),
      ),
    taskEndedLast: (channel, personId) =>
      taken(
        'tasks',
        all('tasks', (row) => row.channel === channel && row.state === 'ended')
          .filter(({ row }) => personId === undefined || row.personId === personId)
          .sort(by((row) => row.seq))
          .slice(-1),
      )[0],
    tasksByTail: (tail, channel, limit) => taken('tasks', withTail(tail, channel).slice(0, limit)),
    taskIdsByTail: (tail, limit) =>
      withTail(tail, undefined)
        .slice(0, limit)
        .map(({ row }) => row.id),
    asksOpenIn: (channel) =>
      taken(
        'asks',
        all('asks', (row) => row.channel === channel && row.state === 'open'),
      ),
    asksOf: (task) =>
      taken(
        'asks',
        all('asks', (row) => row.task === task),
      ),
    inboundsOpenOf: (task) =>
      taken(
        'inbounds',
        all('inbounds', (row) => row.task === task && row.became === 'open'),
      ),
  } satisfies Partial<Reads>;
}

function dues(rows: Rows, seen: Seen) {
  const { all, taken } = find(rows, seen);
  const due = <Name extends 'tasks' | 'channels'>(table: Name) =>
    all(table, (row) => row.dueAtMs !== undefined).sort(by((row) => row.dueAtMs));
  const atWork = (row: Task): boolean => row.state !== 'ended' && row.state !== 'queued';
  return {
    sessionsReady: (limit) =>
      taken(
        'sessions',
        all('sessions', (row) => row.readyAtMs !== undefined)
          .sort(by((row) => row.readyAtMs))
          .slice(0, limit),
      ),
    tasksDue: (nowMs, limit) =>
      due('tasks')
        .map(({ row }) => ({ id: row.id as TaskId, dueAtMs: row.dueAtMs ?? 0 }))
        .filter(({ dueAtMs }) => dueAtMs <= nowMs)
        .slice(0, limit),
    channelsDue: (nowMs, limit) =>
      due('channels')
        .map(({ row: { key, dueAtMs = 0, priority, account } }) => ({
          key,
          dueAtMs,
          priority,
          account,
        }))
        .filter(({ dueAtMs }) => dueAtMs <= nowMs)
        .slice(0, limit),
    nextDue: () => {
      const tasksMs = due('tasks')[0]?.row.dueAtMs;
      const channelsMs = due('channels')[0]?.row.dueAtMs;
      return {
        ...(tasksMs === undefined ? {} : { tasksMs }),
        ...(channelsMs === undefined ? {} : { channelsMs }),
      };
    },
    newestAtMs: () => rows.journal.at(-1)?.atMs,
    tasksHeldByOthers: (owner, limit) =>
      taken('tasks', all('tasks', (row) => atWork(row) && row.owner !== owner).slice(0, limit)),
    channelsHeldByOthers: (owner, limit) =>
      taken(
        'channels',
        all('channels', (row) =>
          [row.owner, row.audienceOwner].some((held) => held !== undefined && held !== owner),
        ).slice(0, limit),
      ),
    channelsOfAccount: (account, limit) =>
      taken('channels', all('channels', (row) => row.account === account).slice(0, limit)),
  } satisfies Partial<Reads>;
}

interface Found<Row> {
  readonly seq: number;
  readonly read: () => Row;
  readonly invalid: InvalidRow | undefined;
}

function pages(rows: Rows, seen: Seen) {
  const found = <Name extends Table, Row>(
    table: Name,
    entry: Entry<Tables[Name]> & { readonly row: object },
    as: { readonly seq: number; readonly shape: (row: Tables[Name]) => Row },
  ): Found<Row> => ({
    seq: as.seq,
    read: () => as.shape(take(table, entry, seen)),
    invalid: entry.broken
      ? { table, id: (entry.row as { readonly id: string }).id, cause: 'broken' }
      : undefined,
  });
  const pageOf = <Row>(all: readonly Found<Row>[], { after, limit }: PageRequest): Page<Row> => {
    const behind = all.filter(({ seq }) => seq > after).sort((one, other) => one.seq - other.seq);
    const shown = behind.slice(0, limit);
    return {
      rows: shown.filter(({ invalid }) => invalid === undefined).map(({ read }) => read()),
      invalid: shown.flatMap(({ invalid }) => invalid ?? []),
      more: behind.length > limit,
      lastSeq: shown.at(-1)?.seq ?? after,
    };
  };
  const open = (is: boolean, asked: boolean | undefined): boolean =>
    asked === undefined || asked === is;
  const same = <Value>(is: Value, asked: Value | undefined): boolean =>
    asked === undefined || asked === is;
  const history = (channel: ChannelKey): Found<HistoryRow>[] => [
    ...rows
      .all('inbounds')
      .filter(({ row }) => row.channel === channel && row.inbound.kind === 'message')
      .filter(({ row }) => row.became !== 'notice')
      .map((entry) => {
        const { seq } = entry.row;
        const shape = (row: Tables['inbounds']): HistoryRow => ({ kind: 'inbound', seq, row });
        return found('inbounds', entry, { seq, shape });
      }),
    ...rows
      .all('receipts')
      .filter(({ listed, row }) => listed && [row.originChannel, row.channel].includes(channel))
      .map((entry) => {
        const { originChannel, originSeq, seq: here } = entry.row;
        const seq = originChannel === channel ? originSeq : here;
        const shape = (row: Tables['receipts']): HistoryRow => ({ kind: 'receipt', seq, row });
        return found('receipts', entry, { seq, shape });
      }),
  ];
  return {
    history: (channel, request) => pageOf(history(channel), request),
    tasksPage: (filter, request) =>
      pageOf(
        rows
          .all('tasks')
          .filter(({ row }) => same(row.state, filter.state) && same(row.channel, filter.channel))
          .filter(({ row }) => open(row.state !== 'ended', filter.open))
          .map((entry) => found('tasks', entry, { seq: entry.row.seq, shape: (row) => row })),
        request,
      ),
    receiptsPage: (filter, request) =>
      pageOf(
        rows
          .all('receipts')
          .filter(({ row }) => same(row.state, filter.state) && open(isOpen(row), filter.open))
          .filter(({ row }) => filter.task === undefined || row.task === filter.task)
          .map((entry) => {
            const seq = entry.made;
            return found('receipts', entry, { seq, shape: (row) => ({ ...row, listSeq: seq }) });
          }),
        request,
      ),
    journalPage: (filter, request) =>
      pageOf(
        rows.journal
          .filter((row) => filter.task === undefined || row.taskId === filter.task)
          .filter((row) => filter.channel === undefined || row.channel === filter.channel)
          .map((row) => ({ seq: row.seq, read: () => row, invalid: undefined })),
        request,
      ),
    incidentsPage: (filter, request) =>
      pageOf(
        rows
          .all('incidents')
          .filter(({ row }) => open(row.closedAtMs === undefined, filter.open))
          .map((entry) => found('incidents', entry, { seq: entry.row.seq, shape: (row) => row })),
        request,
      ),
    figures: () => figures(rows),
  } satisfies Partial<Reads>;
}

function figures(rows: Rows): StoreFigures {
  const open = rows.all('receipts').filter(({ row }) => isOpen(row));
  const absent = (key: string): boolean => rows.tables.channels.get(key)?.row.audience === 'absent';
  const seen = open.filter(({ row }) => !row.unseen && !absent(row.channel));
  const oldest = seen[0]?.row.openedAtMs;
  return {
    tasksOpen: rows.all('tasks').filter(({ row }) => row.state !== 'ended').length,
    receiptsOpen: seen.length,
    receiptsUnseen: open.length - seen.length,
    receiptsDead: rows.all('receipts').filter(({ row }) => row.state === 'dead').length,
    incidentsOpen: rows.all('incidents').filter(({ row }) => row.closedAtMs === undefined).length,
    ...(oldest === undefined ? {} : { oldestOpenAtMs: oldest }),
  };
}
