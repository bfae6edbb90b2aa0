import { statSync } from 'node:fs';
import type {
  HistoryRow,
  InvalidRow,
  ListedReceipt,
  Page,
  PageRequest,
  StoreFigures,
  StoreReads,
} from '../../contracts/store.ts';
import type { Codec, SqlRow } from './row-codec.ts';
import { inbounds, incidents, journal, receiptOpen, receipts, tasks } from './rows.ts';
import type { Now } from './scripts.ts';
import type { Source } from './source.ts';
import type { StatementName } from './statements.ts';

/** Longest page. */
const pageMax = 1_000;

type Reads = Now<StoreReads>;

/** The lists: good rows are returned, bad ones named. */
export function pagesOf(source: Source) {
  const page = <Row>(
    codec: Codec<Row>,
    request: PageRequest,
    query: { name: StatementName; values?: SqlRow; number?: string },
  ): Page<Row> => {
    const { after, limit } = bounds(request);
    const raws = source.statements.all(query.name, { ...query.values, after, limit: limit + 1 });
    return gather(
      source,
      request,
      raws.map((raw) => ({
        raw,
        codec,
        seq: Number(raw[query.number ?? 'seq']),
        shape: (row) => row as Row,
      })),
    );
  };
  return {
    history: (channel, request) => historyOf(source, channel, request),
    tasksPage: (filter, request) => page(tasks, request, tasksQuery(filter)),
    receiptsPage: (filter, request) => {
      const { name, values } = receiptsQuery(filter);
      const { after, limit } = bounds(request);
      const raws = source.statements.all(name, { ...values, after, limit: limit + 1 });
      const found = raws.map((raw) => {
        const listSeq = Number(raw['list_seq']);
        return {
          raw,
          codec: receipts,
          seq: listSeq,
          shape: (row: unknown) => ({ ...(row as ListedReceipt), listSeq }),
        };
      });
      return gather<ListedReceipt>(source, request, found);
    },
    journalPage: ({ task, channel }, request) => {
      if (task !== undefined)
        return page(journal, request, {
          name: 'journalPageOf',
          values: { task, channel: channel ?? null },
        });
      if (channel !== undefined)
        return page(journal, request, { name: 'journalPageIn', values: { channel } });
      return page(journal, request, { name: 'journalPage' });
    },
    incidentsPage: ({ open }, request) => {
      const name =
        open === undefined ? 'incidentsPage' : open ? 'incidentsPageOpen' : 'incidentsPageClosed';
      return page(incidents, request, { name });
    },
    figures: () => figuresOf(source),
  } satisfies Partial<Reads>;
}

function bounds(request: PageRequest): PageRequest {
  return { after: request.after, limit: Math.min(Math.max(Math.trunc(request.limit), 1), pageMax) };
}

interface Found<Row> {
  readonly raw: SqlRow;
  readonly codec: Codec<unknown>;
  readonly seq: number;
  readonly shape: (row: unknown) => Row;
}

/** Decodes what was found, one row more than asked for: that one says that there is more. */
function gather<Row>(
  source: Source,
  request: PageRequest,
  found: readonly Found<Row>[],
): Page<Row> {
  const { after, limit } = bounds(request);
  const rows: Row[] = [];
  const invalid: InvalidRow[] = [];
  const shown = found.slice(0, limit);
  for (const { raw, codec, shape } of shown) {
    const values = codec.valuesOf(raw);
    const decoded = codec.decode(values);
    if (decoded.ok) {
      source.rows.found(codec as Codec<never>, codec.idOf(values), decoded.known);
      rows.push(shape(decoded.row));
    } else invalid.push(decoded.invalid);
  }
  return { rows, invalid, more: found.length > limit, lastSeq: shown.at(-1)?.seq ?? after };
}

type Query = { name: StatementName; values: SqlRow };
const flag = (open: boolean | undefined): number | null =>
  open === undefined ? null : Number(open);

function tasksQuery({ state, channel, open }: Parameters<Reads['tasksPage']>[0]): Query {
  const wanted = { state: state ?? null, open: flag(open) };
  const both = state !== undefined && open !== undefined;
  // A filter that contradicts itself finds nothing; the small list of open ones says so soonest.
  if (both && open !== (state !== 'ended'))
    return { name: 'tasksPageOpen', values: { state: 'ended' } };
  if (channel !== undefined) return { name: 'tasksPageIn', values: { ...wanted, channel } };
  if (state === 'ended' || open === false) return { name: 'tasksPageEnded', values: {} };
  if (state !== undefined || open === true)
    return { name: 'tasksPageOpen', values: { state: wanted.state } };
  return { name: 'tasksPage', values: {} };
}

function receiptsQuery({ state, task, open }: Parameters<Reads['receiptsPage']>[0]): Query {
  const wanted = { state: state ?? null, open: flag(open) };
  if (task !== undefined) return { name: 'receiptsPageOf', values: { ...wanted, task } };
  if (open === true || (state !== undefined && receiptOpen(state) && open === undefined)) {
    return { name: 'receiptsPageOpen', values: { state: wanted.state } };
  }
  if (state === 'dead') return { name: 'receiptsPageDead', values: {} };
  if (state === 'superseded') return { name: 'receiptsPageSuperseded', values: {} };
  return { name: 'receiptsPage', values: wanted };
}

/** Inbounds, what was opened here, and what was moved here from elsewhere, as one list. */
function historyOf(source: Source, channel: string, request: PageRequest): Page<HistoryRow> {
  const { after, limit } = bounds(request);
  const find = (
    name: StatementName,
    number: string,
  ): (Found<HistoryRow> & { readonly seq: number })[] =>
    source.statements.all(name, channel, after, limit + 1).map((raw) => {
      const seq = Number(raw[number]);
      const kind = name === 'historyInbounds' ? 'inbound' : 'receipt';
      return {
        raw,
        codec: kind === 'inbound' ? inbounds : receipts,
        seq,
        shape: (row) => ({ kind, seq, row }) as HistoryRow,
      };
    });
  const found = [
    ...find('historyInbounds', 'seq'),
    ...find('historyOrigin', 'origin_seq'),
    ...find('historyMoved', 'seq'),
  ];
  return gather(
    source,
    request,
    found.sort((a, b) => a.seq - b.seq),
  );
}

function figuresOf(source: Source): StoreFigures {
  const { statements } = source;
  const open = statements.one('countReceiptsOpen');
  const unseen = Number(open?.['unseen']);
  const oldest = statements.one('oldestOpen')?.['at_ms'];
  const walBytes = source.walBytes();
  return {
    tasksOpen: Number(statements.one('countTasksOpen')?.['n']),
    receiptsOpen: Number(open?.['n']) - unseen,
    receiptsUnseen: unseen,
    receiptsDead: Number(statements.one('countReceiptsDead')?.['n']),
    incidentsOpen: Number(statements.one('countIncidentsOpen')?.['n']),
    ...(oldest === undefined ? {} : { oldestOpenAtMs: Number(oldest) }),
    ...(walBytes === undefined ? {} : { walBytes }),
  };
}

/** Size of the write-ahead log beside a database file; 0 when there is none. */
export function walBytesOf(file: string): number {
  return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
