import { ContractError } from '../../contracts/error.ts';
import { RelayEvents } from '../../contracts/event.ts';
import { receiptMoves } from '../../contracts/receipt.ts';
import type { Tx } from '../../contracts/store.ts';
import { contractMoves, taskMoves } from '../../contracts/task.ts';
import { failureOf } from './failure.ts';
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
  tasks,
  transcripts,
} from './rows.ts';
import type { Now } from './scripts.ts';
import type { Source } from './source.ts';
import type { StatementName } from './statements.ts';

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
  const { statements } = source;
  const put = <Row>(
    codec: Codec<Row>,
    insert: StatementName,
    check?: (before: SqlRow, after: SqlRow) => void,
  ) => {
    return (row: Row): void => putRow(source, { codec, insert, check }, row);
  };
  return {
    putChannel: put(channels, 'channelInsert', checkChannel),
    putAccount: put(accounts, 'accountInsert'),
    putInbound: put(inbounds, 'inboundInsert'),
    putSession: put(sessions, 'sessionInsert'),
    putTask: put(tasks, 'taskInsert', checkTask),
    putAsk: put(asks, 'askInsert'),
    putReceipt: put(receipts, 'receiptInsert', checkReceipt),
    putIncident: put(incidents, 'incidentInsert'),
    putAttempt: (row) => {
      guarded('attempts', `${row.receipt}:${row.n}`, () =>
        statements.run('attemptPut', attempts.encode(row)),
      );
    },
    putAlias: (address, channel) => void statements.run('aliasPut', address, channel),
    addTranscript: (session, item) => {
      const raw = { ...transcripts.encode(item), session };
      guarded('transcripts', session, () => statements.run('transcriptAdd', raw));
    },
    setAdapterState: (account, key, value) => {
      assertBytes(value, adapterStateBytesMax, { account, key });
      statements.run('adapterStatePut', account, key, value);
    },
    journal: ({ name, data, taskId, channel, sessionId }, atMs) => {
      const checked = RelayEvents[name].safeParse(data);
      if (!checked.success)
        throw new ContractError('event_invalid', `the data of ${name} breaks its schema`, {
          ids: { event: name },
        });
      const text = JSON.stringify(data);
      assertBytes(text, journalBytesMax, { event: name });
      return statements.add(
        'journalAdd',
        atMs,
        name,
        taskId ?? null,
        channel ?? null,
        sessionId ?? null,
        text,
      );
    },
    nextSeq: (list) => Number(statements.one('nextSeq', list)?.['value']),
    renewTasks: (owner, leaseUntilMs) => void statements.run('renewTasks', leaseUntilMs, owner),
  };
}

interface Putting<Row> {
  readonly codec: Codec<Row>;
  readonly insert: StatementName;
  readonly check: ((before: SqlRow, after: SqlRow) => void) | undefined;
}

/** Read before: only what differs is written. Not read: a new row. */
function putRow<Row>(source: Source, { codec, insert, check }: Putting<Row>, row: Row): void {
  const after = codec.encode(row);
  const id = codec.idOf(after);
  const before = source.seen.get(codec.table, id);
  if (before === undefined) {
    guarded(codec.table, id, () => source.statements.run(insert, after));
  } else {
    check?.(before, after);
    const changed = codec.columns.filter((column) => after[column] !== before[column]);
    if (changed.length === 0) return;
    const changes = guarded(codec.table, id, () =>
      source.statements.change(codec.table, codec.key, changed, after),
    );
    if (changes !== 1)
      throw new ContractError('row_missing', `row ${id} of ${codec.table} is gone`, {
        ids: { table: codec.table, id },
      });
  }
  source.seen.set(codec.table, id, after);
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

function checkTask(before: SqlRow, after: SqlRow): void {
  assertMove(taskMoves, {
    what: 'task',
    id: after['id'],
    from: before['state'],
    to: after['state'],
  });
  assertMove(contractMoves, {
    what: 'contract',
    id: after['id'],
    from: before['contract_state'],
    to: after['contract_state'],
  });
}

function checkReceipt(before: SqlRow, after: SqlRow): void {
  assertMove(receiptMoves, {
    what: 'receipt',
    id: after['id'],
    from: before['state'],
    to: after['state'],
  });
}

/** Numbers and fences are given once: a Channel that was read before a merge must be read again. */
function checkChannel(before: SqlRow, after: SqlRow): void {
  for (const column of ['seq', 'fence']) {
    if (Number(after[column]) >= Number(before[column])) continue;
    const ids = {
      channel: String(after['key']),
      from: String(before[column]),
      to: String(after[column]),
    };
    throw new ContractError(
      'illegal_move',
      `${column} of channel ${ids.channel} went back from ${ids.from} to ${ids.to}`,
      { ids },
    );
  }
}
