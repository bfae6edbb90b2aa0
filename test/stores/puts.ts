import type { Channel } from '../../src/contracts/channel.ts';
import type { ChannelKey } from '../../src/contracts/id.ts';
import type { Receipt } from '../../src/contracts/receipt.ts';
import { receiptMoves } from '../../src/contracts/receipt.ts';
import type { Script, Tx } from '../../src/contracts/store.ts';
import { contractMoves, type Task, taskMoves } from '../../src/contracts/task.ts';
import {
  accountRow,
  askId,
  askRow,
  attemptRow,
  channelRow,
  inboundId,
  inboundRow,
  incidentRow,
  keyOf,
  receiptId,
  receiptRow,
  sessionId,
  sessionRow,
  taskId,
  taskRow,
} from '../../src/testing/store-conformance-rows.ts';
import type { Table } from './model-rows.ts';
import { accountOf, accountRefOf, inboundKey, incidentKey, subjectOf, timeOf } from './rows.ts';

/** What is set in a row; null takes a property away. Names that end as an instant hold a small number of seconds. */
export type Patch = Readonly<Record<string, unknown>>;

/** Puts row `n` of a table: the one that is there, patched, or a new one. */
export interface PutOp {
  readonly op: 'put';
  readonly table: Table;
  readonly n: number;
  /** The number of what it belongs to: a Channel, a Task, a Receipt. */
  readonly home: number;
  /** Without reading it before: right for a new row alone. */
  readonly blind: boolean;
  /** Which of the states that it may move to; 0 stays. */
  readonly move: number;
  readonly patch: Patch;
}

/** The Channel that an address leads to, made when there is none, and its next number. */
export function* numbered(
  tx: Tx,
  n: number,
): Script<{ readonly channel: ChannelKey; readonly seq: number }> {
  const channel = yield* homeOf(tx, n);
  const seq = channel.seq + 1;
  tx.putChannel({ ...channel, seq });
  return { channel: channel.key, seq };
}

function* homeOf(tx: Tx, n: number): Script<Channel> {
  const there = (yield* tx.channelAt(keyOf(n))) ?? (yield* tx.channel(keyOf(n)));
  if (there !== undefined) return there;
  const row = channelRow(n);
  tx.putChannel(row);
  tx.putAlias(row.key, row.key);
  return row;
}

const instant = /(At|Until|Since)Ms$/;

/** Instants as milliseconds, in objects inside it as well. */
function dated(value: unknown, n: number): unknown {
  if (Array.isArray(value)) return value.map((one) => dated(one, n));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    instant.test(name) && typeof one === 'number' ? timeOf(one, n) : dated(one, n),
  ]);
  return Object.fromEntries(entries);
}

function patched<Row extends object>(row: Row, op: PutOp): Row {
  const changed = { ...row, ...(dated(op.patch, op.n) as object) };
  const left = Object.entries(changed).filter(([, value]) => value !== null);
  return Object.fromEntries(left) as Row;
}

export function* putOne(tx: Tx, op: PutOp): Script<unknown> {
  return yield* puts[op.table](tx, op);
}

function next(
  moves: Readonly<Record<string, readonly string[]>>,
  from: string,
  move: number,
): string {
  const to = [from, ...(moves[from] ?? [])];
  return to[move % to.length] ?? from;
}

type Put = (tx: Tx, op: PutOp) => Script<unknown>;

const puts: Readonly<Record<Table, Put>> = {
  *channels(tx, op) {
    const before = op.blind ? undefined : yield* tx.channel(keyOf(op.n));
    const row = patched(before ?? channelRow(op.n), op);
    const fence = row.fence + (op.move % 3);
    tx.putChannel(op.patch['fence'] === undefined ? { ...row, fence } : row);
  },
  *accounts(tx, op) {
    const ref = accountRefOf(op.n);
    const before = op.blind ? undefined : yield* tx.account(accountOf(op.n));
    tx.putAccount(patched(before ?? accountRow({ key: accountOf(op.n), ...ref }), op));
  },
  *inbounds(tx, op) {
    const before = op.blind ? undefined : yield* tx.inbound(inboundId(op.n));
    tx.putInbound(patched(before ?? (yield* newInbound(tx, op)), op));
  },
  *sessions(tx, op) {
    const before = op.blind ? undefined : yield* tx.session(sessionId(op.n));
    const person = op.n > 4 ? { personId: 'ada' } : {};
    const worker = op.n % 3 === 0 ? 'other' : 'echo';
    const fresh = sessionRow(op.n, {
      channel: (yield* homeOf(tx, op.home)).key,
      worker,
      ...person,
    });
    tx.putSession(patched(before ?? fresh, op));
  },
  *tasks(tx, op) {
    const before = op.blind ? undefined : yield* tx.task(taskId(op.n));
    tx.putTask(movedTask(before ?? (yield* newTask(tx, op)), op));
  },
  *asks(tx, op) {
    const task = yield* tx.task(taskId(1 + (op.home % 3)));
    const before = op.blind ? undefined : yield* tx.ask(askId(op.n));
    if (before === undefined && task === undefined) return;
    const { id = taskId(1), channel = keyOf(1) } = task ?? {};
    tx.putAsk(patched(before ?? askRow(op.n, { task: id, channel }), op));
  },
  *receipts(tx, op) {
    const before = op.blind ? undefined : yield* tx.receipt(receiptId(op.n));
    const row = movedReceipt(before ?? (yield* newReceipt(tx, op)), op);
    tx.putReceipt(row);
    // Often asked for by then and again after: who stands first follows what is put.
    return op.move < 4 ? yield* tx.line(row.channel) : undefined;
  },
  *attempts(tx, op) {
    const receipt = yield* tx.receipt(receiptId(op.home));
    if (receipt === undefined) return;
    const known = op.blind ? [] : yield* tx.attempts(receipt.id);
    const before = known.find(({ n }) => n === op.n);
    tx.putAttempt(patched(before ?? attemptRow(op.home, op.n, { channel: receipt.channel }), op));
  },
  *incidents(tx, op) {
    const before = op.blind ? undefined : yield* tx.incidentOpen(incidentKey(op.n));
    const row = patched(before ?? incidentRow(op.n, { key: incidentKey(op.n) }), op);
    tx.putIncident(row);
    // Looked for at once: whether two stand open for a moment inside a script is nobody's promise.
    yield* tx.incidentOpen(row.key);
  },
};

function* newInbound(tx: Tx, op: PutOp): Script<ReturnType<typeof inboundRow>> {
  const place = yield* numbered(tx, op.home);
  const row = inboundRow(op.n, { ...place, key: inboundKey(op.n), receivedAtMs: timeOf(op.n, 0) });
  if (op.n % 4 !== 0) return row;
  const { id, channel, person, sentAtMs } = row.inbound;
  const press = {
    kind: 'press',
    id,
    channel,
    person,
    sentAtMs,
    button: 'b',
    clientId: false,
  } as const;
  return { ...row, inbound: press };
}

function* newTask(tx: Tx, op: PutOp): Script<Task> {
  const channel = yield* homeOf(tx, op.home);
  const session = sessionId(1 + (op.home % 3));
  const personId = op.n % 2 ? 'ada' : 'bob';
  // Two of them have the number of another.
  const seq = op.n > 6 ? op.n - 6 + (op.n % 2 ? 0 : 20) : op.n;
  return taskRow(op.n, { channel: channel.key, session, personId, seq });
}

function movedTask(before: Task, op: PutOp): Task {
  const row = patched(before, op);
  const state = (op.patch['state'] ?? next(taskMoves, before.state, op.move)) as Task['state'];
  const to = next(contractMoves, before.contract.state, Math.floor(op.move / 2));
  const contract = { ...row.contract, state: to as Task['contract']['state'] };
  const ended = state === 'ended' ? { endedAtMs: row.endedAtMs ?? timeOf(op.move, op.n) } : {};
  return { ...row, state, contract, ...ended };
}

function* newReceipt(tx: Tx, op: PutOp): Script<Receipt> {
  const unripe = op.move === 5;
  const place = unripe
    ? { channel: (yield* homeOf(tx, op.home)).key, seq: 0 }
    : yield* numbered(tx, op.home);
  const about = subjectOf(op.n);
  const ofTask = about.subject.kind === 'task' ? { task: about.subject.id } : {};
  const row = receiptRow(op.n, {
    ...place,
    ...about,
    ...ofTask,
    openedAtMs: timeOf(op.home, op.n),
  });
  return unripe ? { ...row, place: 'unripe', dueAtMs: timeOf(op.home, op.n) } : row;
}

function movedReceipt(before: Receipt, op: PutOp): Receipt {
  const row = patched(before, op);
  const state = op.patch['state'] ?? next(receiptMoves, before.state, op.move);
  const moved = { ...row, state: state as Receipt['state'] };
  if (!['surfaced', 'superseded', 'dead'].includes(moved.state)) return moved;
  const { place: _, dueAtMs: _due, ...settled } = moved;
  return { ...settled, settledAtMs: moved.settledAtMs ?? timeOf(op.move, op.n) };
}
