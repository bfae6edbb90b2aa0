import type { JournalEntry } from '../../src/contracts/event.ts';
import type { Script, StoreReads, Tx } from '../../src/contracts/store.ts';
import type { Task } from '../../src/contracts/task.ts';
import {
  askId,
  inboundId,
  incidentId,
  keyOf,
  ownerId,
  receiptId,
  sessionId,
  taskId,
} from '../../src/testing/store-conformance-rows.ts';
import type { Table } from './model-rows.ts';
import { numbered, type PutOp, putOne } from './puts.ts';
import { performRead, type ReadOp } from './reads.ts';
import { accountOf, timeOf } from './rows.ts';

export type Op =
  | ReadOp
  | PutOp
  | { readonly op: 'alias'; readonly address: number; readonly channel: number }
  | { readonly op: 'say'; readonly session: number; readonly at: number; readonly text: string }
  | { readonly op: 'note'; readonly account: number; readonly key: number; readonly value: string }
  | {
      readonly op: 'journal';
      readonly task: number;
      readonly channel: number;
      readonly at: number;
      readonly words: number;
    }
  | { readonly op: 'next'; readonly list: 'task' | 'incident' }
  | { readonly op: 'ripen'; readonly receipt: number }
  | { readonly op: 'route'; readonly receipt: number; readonly channel: number }
  | { readonly op: 'end'; readonly task: number; readonly at: number }
  | { readonly op: 'renew'; readonly owner: number; readonly at: number }
  | { readonly op: 'shift'; readonly seconds: number }
  | { readonly op: 'merge'; readonly from: number; readonly to: number }
  | { readonly op: 'forget'; readonly channel: number }
  | { readonly op: 'prune'; readonly before: number; readonly limit: number }
  | { readonly op: 'quarantine'; readonly table: Table | 'journal' | 'weather'; readonly n: number }
  | { readonly op: 'fail'; readonly how: 'throw' | 'yield' | 'event' };

/** Rows were changed behind the script's reads: it reads again what it replaces. */
interface Doing {
  swept: boolean;
}

/** A script of these: what each answered. */
export function* perform(tx: Tx, ops: readonly Op[]): Script<readonly unknown[]> {
  const doing: Doing = { swept: false };
  const answers: unknown[] = [];
  for (const op of ops) answers.push(own(yield* performOne(tx, op, doing)));
  return answers;
}

export function* performReads(
  reads: StoreReads,
  ops: readonly ReadOp[],
): Script<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const op of ops) answers.push(own(yield* performRead(reads, op)));
  return answers;
}

/** As data of our own. */
function own(answer: unknown): unknown {
  return answer === undefined ? 'nothing' : JSON.parse(JSON.stringify(answer));
}

function* performOne(tx: Tx, op: Op, doing: Doing): Script<unknown> {
  switch (op.op) {
    case 'read':
      return yield* performRead(tx, op);
    case 'put':
      return yield* putOne(tx, { ...op, blind: op.blind && !doing.swept });
    case 'alias':
      return void tx.putAlias(keyOf(op.address), keyOf(op.channel));
    case 'say':
      return void tx.addTranscript(sessionId(op.session), {
        role: op.at % 2 ? 'assistant' : 'user',
        text: op.text,
        taskId: taskId(1),
        atMs: timeOf(op.at, 0),
      });
    case 'note':
      return void tx.setAdapterState(accountOf(op.account), `k${op.key}`, op.value);
    case 'journal':
      yield* tx.journal(entryOf(op), timeOf(op.at, 0));
      return undefined;
    case 'next':
      return yield* tx.nextSeq(op.list);
    case 'ripen':
      return yield* ripen(tx, op.receipt);
    case 'route':
      return yield* route(tx, op.receipt, op.channel);
    case 'end':
      return yield* end(tx, op.task, op.at);
    case 'fail':
      return yield* fail(tx, op.how);
    default:
      doing.swept = true;
      return yield* sweep(tx, op);
  }
}

type Sweep = Extract<
  Op,
  { readonly op: 'renew' | 'shift' | 'merge' | 'forget' | 'prune' | 'quarantine' }
>;

function* sweep(tx: Tx, op: Sweep): Script<unknown> {
  switch (op.op) {
    case 'renew':
      return void tx.renewTasks(ownerId(op.owner), timeOf(op.at, 0));
    case 'shift':
      return void (yield* tx.shiftTimes(op.seconds * 1_000));
    case 'merge':
      return void (yield* tx.mergeChannel(keyOf(op.from), keyOf(op.to)));
    case 'forget':
      return void tx.forgetHandles(keyOf(op.channel));
    case 'prune':
      return yield* pruneAll(tx, timeOf(op.before, 0), op.limit);
    case 'quarantine':
      return yield* quarantineOne(tx, op.table, op.n);
  }
}

/** In steps: which rows go first is the store's own business, what is left in the end is not. */
function* pruneAll(tx: Tx, beforeMs: number, limit: number): Script<unknown> {
  let gone = 0;
  for (let step = 1; step > 0; gone += step) {
    step = yield* tx.prune(beforeMs, limit);
    if (step > limit) return `${step} rows went, at most ${limit} were asked for`;
  }
  return gone;
}

/** The id of row `n` of a table. */
export function idOfRow(table: Table, n: number): string {
  const ids: Readonly<Record<Table, string>> = {
    channels: keyOf(n),
    accounts: accountOf(n),
    inbounds: inboundId(n),
    sessions: sessionId(n),
    tasks: taskId(n),
    asks: askId(n),
    receipts: receiptId(n),
    attempts: `${receiptId(n)}:1`,
    incidents: incidentId(n),
  };
  return ids[table];
}

function* quarantineOne(tx: Tx, table: Table | 'journal' | 'weather', n: number): Script<unknown> {
  const named = { table, cause: 'said so', id: '1' };
  if (table === 'journal') {
    const { rows } = yield* tx.journalPage({}, { after: 0, limit: 1 });
    return yield* tx.quarantine({ ...named, id: String(rows[0]?.seq ?? 0) }, timeOf(n, 0));
  }
  const id = table === 'weather' ? '1' : idOfRow(table, n);
  return yield* tx.quarantine({ ...named, id }, timeOf(n, 0));
}

/** What ends a script half way: nothing of it may be left. */
function* fail(tx: Tx, how: 'throw' | 'yield' | 'event'): Script<unknown> {
  if (how === 'throw') throw Object.assign(new Error('half way'), { code: 'half_way' });
  if (how === 'yield') yield Promise.resolve();
  return yield* tx.journal({ name: 'task.started', data: { attempt: 1, more: 1 } } as never, 1);
}

function entryOf(op: Extract<Op, { readonly op: 'journal' }>): JournalEntry {
  const about = {
    ...(op.task > 0 ? { taskId: taskId(op.task) } : {}),
    ...(op.channel > 0 ? { channel: keyOf(op.channel) } : {}),
    ...(op.words % 2 ? { sessionId: sessionId(1) } : {}),
  };
  if (op.words === 0) return { name: 'task.started', data: { attempt: op.at + 1 }, ...about };
  const text = 'é'.repeat(op.words * 190);
  return { name: 'worker.warning', data: { code: text, message: text }, ...about };
}

function* ripen(tx: Tx, n: number): Script<unknown> {
  const receipt = yield* tx.receipt(receiptId(n));
  if (receipt?.place !== 'unripe') return 'not unripe';
  const at = Number(/c(\d+)$/.exec(receipt.channel)?.[1] ?? 1);
  const { seq } = yield* numbered(tx, at);
  const { dueAtMs: _, ...row } = receipt;
  tx.putReceipt({ ...row, place: 'line', seq });
  return seq;
}

/** Without what hangs on it: open Asks and Receipts of an ended Task keep it from being pruned. */
function* end(tx: Tx, n: number, at: number): Script<unknown> {
  const task = yield* tx.task(taskId(n));
  if (task === undefined) return 'not there';
  const { state } = task.contract;
  const over = state.startsWith('terminal') ? state : 'terminal_pending';
  const contract = { ...task.contract, state: over } as Task['contract'];
  tx.putTask({ ...task, state: 'ended', contract, endedAtMs: timeOf(at, n) });
  return undefined;
}

function* route(tx: Tx, n: number, to: number): Script<unknown> {
  const receipt = yield* tx.receipt(receiptId(n));
  if (receipt === undefined) return 'not there';
  const { channel, seq } = yield* numbered(tx, to);
  tx.putReceipt({ ...receipt, channel, seq, route: receipt.route + 1 });
  return seq;
}
