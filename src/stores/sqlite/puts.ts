import { ContractError } from '../../contracts/error.ts';
import { RelayEvents } from '../../contracts/event.ts';
import { receiptMoves } from '../../contracts/receipt.ts';
import type { TranscriptItem } from '../../contracts/session.ts';
import type { Tx } from '../../contracts/store.ts';
import { contractMoves, taskMoves } from '../../contracts/task.ts';
import { failureOf } from './failure.ts';
import type { Codec, SqlValues } from './row-codec.ts';
import {
  accounts,
  asks,
  attempts,
  channels,
  inbounds,
  incidents,
  receipts,
  sessions,
  tasks,
  transcripts,
} from './rows.ts';
import type { Now } from './scripts.ts';
import type { Source } from './source.ts';

/** Largest Journal entry and largest note of an adapter, in bytes of UTF-8. */
const journalBytesMax = 4_096;
const adapterStateBytesMax = 65_536;

type Puts = Now<
  Pick<
    Tx,
    | (`put${string}` & keyof Tx)
    | 'addTranscript'
    | 'setAdapterState'
    | 'journal'
    | 'nextSeq'
    | 'renewTasks'
  >
>;

/** The writes of single rows. */
export function putsOf(source: Source): Puts {
  const put = <Row>(codec: Codec<Row>, check?: Check) => {
    return (row: Row): void => putRow(source, { codec, check }, row);
  };
  return {
    putChannel: put(channels, replaced(checkChannel)),
    putAccount: put(accounts),
    putInbound: put(inbounds),
    putSession: put(sessions),
    putTask: put(tasks, replaced(checkTask)),
    putAsk: put(asks),
    putReceipt: put(receipts, (before, after) => {
      if (before !== undefined) checkReceipt(before, after);
      source.lines.put(before, after);
    }),
    putIncident: put(incidents),
    putAttempt: (row) => {
      const before = source.rows.known(attempts.table, `${row.receipt}:${row.n}`);
      source.rows.put(attempts as Codec<never>, attempts.encode(row, before), before);
    },
    putAlias: (address, channel) => void source.apart.run('aliasPut', address, channel),
    addTranscript: (session, item) => {
      source.rows.flush('sessions');
      const text = itemText(item);
      const values = { session, at_ms: item.atMs, item: text };
      guarded('transcripts', session, () => source.apart.run('transcriptAdd', values));
      source.transcripts.add(session, text);
    },
    setAdapterState: (account, key, value) => {
      assertBytes(value, adapterStateBytesMax, { account, key });
      source.apart.run('adapterStatePut', account, key, value);
    },
    journal: ({ name, data, taskId, channel, sessionId }, atMs) => {
      const checked = RelayEvents[name].safeParse(data);
      if (!checked.success)
        throw new ContractError('event_invalid', `the data of ${name} breaks its schema`, {
          ids: { event: name },
        });
      const text = JSON.stringify(data);
      assertBytes(text, journalBytesMax, { event: name });
      return source.apart.add(
        'journalAdd',
        atMs,
        name,
        taskId ?? null,
        channel ?? null,
        sessionId ?? null,
        text,
      );
    },
    nextSeq: (list) => Number(source.apart.one('nextSeq', list)?.['value']),
    renewTasks: (owner, leaseUntilMs) => {
      source.statements.run('renewTasks', leaseUntilMs, owner);
      source.forget();
    },
  };
}

const itemAt = transcripts.columns.indexOf('item');
function itemText(item: TranscriptItem): string {
  return String(transcripts.encode(item).values[itemAt]);
}

/** Hears of every put; `before` is undefined for a new row. */
type Check = (before: SqlValues | undefined, after: SqlValues) => void;

const replaced =
  (check: (before: SqlValues, after: SqlValues) => void): Check =>
  (before, after) => {
    if (before !== undefined) check(before, after);
  };

interface Putting<Row> {
  readonly codec: Codec<Row>;
  readonly check: Check | undefined;
}

/** Read before: it is replaced. Not read: a new row. */
function putRow<Row>(source: Source, { codec, check }: Putting<Row>, row: Row): void {
  const { rows } = source;
  const id =
    codec.key.length === 1 ? String((row as Record<string, unknown>)[codec.key[0] as string]) : '';
  const before = rows.before(codec.table, id);
  const after = codec.encode(row, before);
  check?.(before?.values, after.values);
  rows.put(codec as Codec<never>, after, before);
}

function guarded<Result>(table: string, id: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw failureOf(error, { table, id });
  }
}

function assertBytes(text: string, bytesMax: number, ids: Readonly<Record<string, string>>): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax)
    throw new ContractError('too_large', `${bytes} bytes, at most ${bytesMax} are stored`, { ids });
}

type Moves = Readonly<Record<string, readonly string[]>>;

function assertMove(
  moves: Moves,
  move: { what: string; id: unknown; from: unknown; to: unknown },
): void {
  const [from, to] = [String(move.from), String(move.to)];
  if (from === to || moves[from]?.includes(to)) return;
  const ids = { [move.what]: String(move.id), from, to };
  throw new ContractError(
    'illegal_move',
    `${move.what} ${move.id} cannot move from ${from} to ${to}`,
    { ids },
  );
}

/** The values of a column in a row as it was and as it is put. */
function column(codec: Codec<never>, name: string) {
  const at = codec.columns.indexOf(name);
  return (before: SqlValues, after: SqlValues) => ({ from: before[at], to: after[at] });
}

const taskState = column(tasks as Codec<never>, 'state');
const contractState = column(tasks as Codec<never>, 'contract_state');
const receiptState = column(receipts as Codec<never>, 'state');

function checkTask(before: SqlValues, after: SqlValues): void {
  const id = tasks.idOf(after);
  assertMove(taskMoves, { what: 'task', id, ...taskState(before, after) });
  assertMove(contractMoves, { what: 'contract', id, ...contractState(before, after) });
}

function checkReceipt(before: SqlValues, after: SqlValues): void {
  const id = receipts.idOf(after);
  assertMove(receiptMoves, { what: 'receipt', id, ...receiptState(before, after) });
}

const onlyGrowing = ['seq', 'fence'].map((name) => ({
  name,
  of: column(channels as Codec<never>, name),
}));

/** Numbers and fences are given once: a Channel that was read before a merge must be read again. */
function checkChannel(before: SqlValues, after: SqlValues): void {
  for (const { name, of } of onlyGrowing) {
    const { from, to } = of(before, after);
    if (Number(to) >= Number(from)) continue;
    const ids = { channel: channels.idOf(after), from: String(from), to: String(to) };
    throw new ContractError(
      'illegal_move',
      `${name} of channel ${ids.channel} went back from ${ids.from} to ${ids.to}`,
      { ids },
    );
  }
}
