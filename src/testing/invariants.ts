import type { Database } from 'better-sqlite3';
import type { Sent, Shown } from './fake-platform.ts';
import {
  type AskFact,
  type ChannelFact,
  type InboundFact,
  type IncidentFact,
  type MarkFact,
  type ReceiptFact,
  type Rows,
  readRows,
  type SessionFact,
  type TaskFact,
} from './invariant-rows.ts';

/** What stands in the store and what people see, at rest: no call is being made at this instant. */
export interface Scene {
  readonly database: Database;
  readonly nowMs: number;
  readonly shown: readonly Shown[];
  readonly sent: readonly Sent[];
}

export interface InvariantOptions {
  /** Everything has come to rest for good: nothing may be left open. Default true. */
  readonly quiet?: boolean;
  /** How late a clock may be; `Infinity` while no process runs. Default 100 ms. */
  readonly lateMs?: number;
  /** For how long the platform lets a message be edited: what is older keeps what it shows. Default for ever. */
  readonly editMs?: number;
}

/**
 * Every invariant of the promise that can be read from the rows and from what people see. Empty: all hold.
 * It reads the tables themselves, not through the code that it judges.
 */
export function brokenInvariants(scene: Scene, options: InvariantOptions = {}): readonly string[] {
  const facts = factsOf(readRows(scene.database));
  return [...brokenAtRest(facts, scene, options), ...brokenClocks(facts, scene.nowMs, options)];
}

/** What holds as long as nothing changes in the rows or on the screen. */
export function brokenAtRest(
  facts: Facts,
  { shown, sent, nowMs }: Omit<Scene, 'database'>,
  { quiet = true, editMs = Number.POSITIVE_INFINITY }: InvariantOptions,
): readonly string[] {
  const found: Found = { ...facts, complaints: [] };
  for (const task of facts.tasks.values()) {
    judgeEnd(found, task);
    judgeContract(found, task);
    judgeClock(found, task);
    judgeJournal(found, task);
  }
  judgeInbounds(found);
  judgeAsks(found);
  judgeSessions(found);
  judgeChannels(found);
  judgeShown(found, shown, nowMs - editMs);
  judgeOrder(found, sent);
  judgeDead(found);
  if (quiet) judgeQuiet(found);
  return found.complaints;
}

/** I8: what breaks by nothing but time. */
export function brokenClocks(
  { tasks, channels }: Facts,
  nowMs: number,
  { lateMs = 100 }: InvariantOptions,
): readonly string[] {
  const complaints: string[] = [];
  if (lateMs === Number.POSITIVE_INFINITY) return complaints;
  const beforeMs = nowMs - lateMs;
  for (const { id, state, dueAtMs } of tasks.values())
    if (state !== 'ended' && dueAtMs !== null && dueAtMs < beforeMs)
      complaints.push(`I8 a clock of task ${id} is ${nowMs - dueAtMs} ms overdue`);
  for (const { key, dueAtMs, leaseUntilMs } of channels) {
    if (dueAtMs === null || leaseUntilMs === null) continue;
    if (dueAtMs < beforeMs && leaseUntilMs < beforeMs)
      complaints.push(`I5 the lease of channel ${key} ran out ${nowMs - dueAtMs} ms ago`);
  }
  return complaints;
}

/** What the rows say. */
export interface Facts {
  readonly tasks: ReadonlyMap<string, TaskFact>;
  readonly receipts: ReadonlyMap<string, ReceiptFact>;
  readonly asks: ReadonlyMap<string, AskFact>;
  readonly inbounds: readonly InboundFact[];
  readonly sessions: readonly SessionFact[];
  readonly channels: readonly ChannelFact[];
  readonly incidents: readonly IncidentFact[];
  /** The terminals of each Task. */
  readonly terminals: ReadonlyMap<string, readonly ReceiptFact[]>;
  /** Messages that were to be finished and were not. */
  readonly amended: ReadonlySet<string>;
  /** Tasks of which something was surfaced; of which something is still to be sent. */
  readonly surfaced: ReadonlySet<string>;
  readonly coming: ReadonlySet<string>;
  /** Channels in which something is to be sent that somebody could see. */
  readonly sending: ReadonlySet<string>;
  /** How often the Journal tells what of which Task. */
  readonly marks: ReadonlyMap<string, number>;
}

/** What is judged, and what was found. */
interface Found extends Facts {
  readonly complaints: string[];
}

export function factsOf(rows: Rows): Facts {
  return {
    ...whatReceiptsSay(rows.receipts.values()),
    terminals: terminalsOf(rows.receipts.values()),
    tasks: byId(rows.tasks),
    receipts: byId(rows.receipts),
    asks: byId(rows.asks),
    inbounds: [...rows.inbounds.values()],
    sessions: [...rows.sessions.values()],
    channels: [...rows.channels.values()],
    incidents: [...rows.incidents.values()],
    marks: countMarks(rows.journal.values()),
  };
}

type Said = Pick<Facts, 'amended' | 'surfaced' | 'coming' | 'sending'>;

function whatReceiptsSay(receipts: Iterable<ReceiptFact>): Said {
  const surfaced = new Set<string>();
  const coming = new Set<string>();
  const sending = new Set<string>();
  const amended = new Set<string>();
  for (const { state, open, unseen, task, channel, target } of receipts) {
    if (target !== null && state === 'superseded') amended.add(target);
    if (open === 1 && unseen === 0) sending.add(channel);
    if (task === null) continue;
    if (state === 'surfaced') surfaced.add(task);
    if (open === 1) coming.add(task);
  }
  return { amended, surfaced, coming, sending };
}

function terminalsOf(receipts: Iterable<ReceiptFact>): Facts['terminals'] {
  const terminals = new Map<string, ReceiptFact[]>();
  for (const receipt of receipts) {
    if (receipt.kind !== 'terminal') continue;
    const known = terminals.get(receipt.subject);
    if (known === undefined) terminals.set(receipt.subject, [receipt]);
    else known.push(receipt);
  }
  return terminals;
}

function countMarks(marks: Iterable<MarkFact>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, task } of marks) {
    const key = `${name} ${task}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function byId<Row extends { readonly id: string }>(
  rows: ReadonlyMap<number, Row>,
): ReadonlyMap<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows.values()) found.set(row.id, row);
  return found;
}

/** I2: one end, one terminal; an ended Task holds nothing. */
function judgeEnd({ complaints, terminals }: Found, task: TaskFact): void {
  const own = terminals.get(task.id) ?? [];
  const due = task.state === 'ended' ? 1 : 0;
  if (own.length !== due)
    complaints.push(`I2 task ${task.id} (${task.state}) has ${own.length} terminals`);
  if (task.state !== 'ended') return;
  if (task.end === null) complaints.push(`I2 task ${task.id} ended without a cause`);
  const held = { owner: task.owner, ask: task.ask, lease: task.leased || null, due: task.dueAtMs };
  for (const [name, value] of Object.entries(held))
    if (value !== null) complaints.push(`I2 ended task ${task.id} still has its ${name}`);
  const told = own[0]?.end ?? null;
  if (told !== null && told !== task.end)
    complaints.push(`I2 task ${task.id}: told ${told}, stored ${task.end}`);
}

const contractOf: Readonly<Record<string, string>> = {
  surfaced: 'terminal_acked',
  dead: 'terminal_failed',
};

/** I4: Task, Contract and Receipt cannot disagree. */
function judgeContract(facts: Found, task: TaskFact): void {
  const { complaints } = facts;
  const state = task.contractState;
  const terminal = facts.terminals.get(task.id)?.[0];
  if (task.state === 'ended' && terminal !== undefined) {
    const expected = contractOf[terminal.state] ?? 'terminal_pending';
    if (state !== expected)
      complaints.push(`I4 task ${task.id}: contract ${state}, its terminal is ${terminal.state}`);
    return;
  }
  if (state.startsWith('terminal'))
    complaints.push(`I4 open task ${task.id} has contract ${state}`);
  const surfaced = facts.surfaced.has(task.id);
  if (surfaced && state === 'created')
    complaints.push(`I4 task ${task.id} is created although something was surfaced`);
  if (!surfaced && (state === 'acked' || state === 'progressing'))
    complaints.push(`I4 task ${task.id} is ${state} although nothing was surfaced`);
}

const boundOf = {
  queued: 'queueDueAtMs',
  running: 'terminalDueAtMs',
  waiting: 'terminalDueAtMs',
  aborting: 'graceDueAtMs',
};

/** I8: an open Task waits for some clock. */
function judgeClock({ complaints, asks }: Found, task: TaskFact): void {
  if (task.state === 'ended') return;
  const ask = task.ask === null ? undefined : asks.get(task.ask);
  if (task.state === 'waiting' && ask?.state !== 'open')
    complaints.push(`I4 task ${task.id} waits without an open question`);
  if (task.dueAtMs === null) complaints.push(`I8 open task ${task.id} waits for no clock`);
  const clock = boundOf[task.state];
  if (task.contract[clock] === undefined)
    complaints.push(`I8 ${task.state} task ${task.id} has no ${clock}`);
}

/** The Journal tells one acceptance, at most one start, one end. */
function judgeJournal({ complaints, marks }: Found, task: TaskFact): void {
  const count = (name: string): number => marks.get(`${name} ${task.id}`) ?? 0;
  if (count('task.accepted') !== 1)
    complaints.push(`I9 task ${task.id}: ${count('task.accepted')} acceptances`);
  if (count('task.started') > 1) complaints.push(`I2 task ${task.id} was started twice`);
  const ends = task.state === 'ended' ? 1 : 0;
  if (count('task.ended') !== ends)
    complaints.push(
      `I9 task ${task.id} (${task.state}): ${count('task.ended')} ends in the journal`,
    );
}

/** I1: nothing accepted without what became of it. */
function judgeInbounds({ complaints, inbounds, tasks, receipts }: Found): void {
  const subjects = new Set([...receipts.values()].map((receipt) => receipt.subject));
  const known = new Set<string>();
  for (const { id, became, task } of inbounds) {
    known.add(id);
    if (became === 'task' && (task === null || !tasks.has(task)))
      complaints.push(`I1 inbound ${id} became a task that is not there`);
    if (became === 'open' && (task === null || tasks.get(task)?.state === 'ended'))
      complaints.push(`I1 the command ${id} was never answered`);
    if (became === 'refusal' && !subjects.has(id))
      complaints.push(`I1 the refusal of ${id} is not visible`);
  }
  for (const task of tasks.values())
    if (!known.has(task.inbound)) complaints.push(`I1 task ${task.id} has no inbound`);
}

function judgeAsks({ complaints, asks, tasks }: Found): void {
  for (const ask of asks.values())
    if (ask.state === 'open' && tasks.get(ask.task)?.ask !== ask.id)
      complaints.push(`I4 the question ${ask.id} is open and its task does not wait for it`);
}

/** One Task at a time per Session, and the counters say what is. */
function judgeSessions({ complaints, sessions, tasks }: Found): void {
  for (const session of sessions) {
    const own = [...tasks.values()].filter((task) => task.session === session.id);
    const queued = own.filter((task) => task.state === 'queued').length;
    const busy = own.filter((task) => task.state !== 'queued' && task.state !== 'ended');
    if (busy.length > 1) complaints.push(`session ${session.id} runs ${busy.length} tasks`);
    if ((session.busy ?? undefined) !== busy[0]?.id)
      complaints.push(`session ${session.id} is busy with ${session.busy}, not ${busy[0]?.id}`);
    if (session.queued !== queued)
      complaints.push(`session ${session.id} counts ${session.queued} waiting, ${queued} are`);
    const ready = session.busy === null && queued > 0;
    if (ready !== (session.readyAtMs !== null))
      complaints.push(`session ${session.id}: ready is ${session.readyAtMs}`);
  }
}

/** I8 for what leaves: a Channel with something to send has a due time, unless nobody is there to see it. */
function judgeChannels({ complaints, channels, sending }: Found): void {
  for (const { key, dueAtMs, audience } of channels)
    if (dueAtMs === null && audience !== 'absent' && sending.has(key))
      complaints.push(`I5 channel ${key} has something to send and no due time`);
}

/** I3, I7 and what stays on the screen: no text without its row, none twice, nothing that still shows work. */
function judgeShown(facts: Found, shown: readonly Shown[], editableSinceMs: number): void {
  const { complaints, receipts } = facts;
  const seen = new Map<string, number>();
  for (const message of shown) {
    const receipt = receipts.get(message.receiptId);
    if (receipt === undefined) {
      complaints.push(`I3 shown without a receipt: ${message.text}`);
      continue;
    }
    const times = (seen.get(message.key) ?? 0) + 1;
    seen.set(message.key, times);
    if (times > 1 && receipt.kind !== 'ack' && !receipt.marks.includes('may_repeat'))
      complaints.push(`I7 shown twice and not marked: ${message.text}`);
    if (message.buttons.length > 0 && message.atMs > editableSinceMs)
      judgeButtons(facts, message, receipt);
  }
}

/** A button of what is over is gone. */
function judgeButtons(facts: Found, message: Shown, receipt: ReceiptFact): void {
  const { complaints, receipts, coming, amended, tasks, asks } = facts;
  // The amend, or the terminal that edits it, may be on its way.
  if (receipt.task !== null && coming.has(receipt.task)) return;
  // It was to be finished and the platform did not let us, or it was never answered for: then nobody can edit it.
  if (amended.has(message.handle) || !isKnown(receipts.values(), message.handle)) return;
  for (const button of message.buttons) {
    const [act, id = ''] = button.id.split(':');
    if (act === 'cancel' && tasks.get(id)?.state === 'ended')
      complaints.push(`still shows Cancel: ${message.text}`);
    if (act === 'answer' && asks.get(id)?.state !== 'open')
      complaints.push(`still shows the buttons of a closed question: ${message.text}`);
  }
}

function isKnown(receipts: Iterable<ReceiptFact>, handle: string): boolean {
  const quoted = JSON.stringify(handle);
  for (const receipt of receipts) if (receipt.parts.includes(quoted)) return true;
  return false;
}

/** I6: in one Channel nothing overtakes but what was parked, redriven or rerouted. */
function judgeOrder({ complaints, receipts }: Found, sent: readonly Sent[]): void {
  const last = new Map<string, number>();
  for (const { delivery, attempt } of sent) {
    const receipt = receipts.get(delivery.receiptId);
    if (receipt === undefined || receipt.marks !== '[]') continue;
    const { conversation } = delivery.channel;
    if (attempt.seq < (last.get(conversation) ?? 0))
      complaints.push(`I6 ${delivery.kind} ${attempt.seq} was overtaken in ${conversation}`);
    last.set(conversation, attempt.seq);
  }
}

/** I5: what is dead is listed, with an incident unless nobody ever came or it tells of one itself. */
function judgeDead({ incidents, complaints, receipts }: Found): void {
  const dead = [...receipts.values()].filter(
    (receipt) =>
      receipt.state === 'dead' && receipt.reason !== 'unseen' && receipt.subjectKind !== 'incident',
  );
  if (dead.length === 0) return;
  const keys = new Set(incidents.map(({ key }) => key));
  for (const { id, kind, channel } of dead) {
    const own = [`receipt:${id}`, `channel:${channel}`, `row:receipts:${id}`];
    if (!own.some((key) => keys.has(key)))
      complaints.push(`I5 the ${kind} ${id} died without an incident`);
  }
}

/** Nothing is left to do: no open Task, no open Receipt. */
function judgeQuiet({ complaints, receipts, tasks }: Found): void {
  for (const receipt of receipts.values())
    if (receipt.open === 1)
      complaints.push(`the ${receipt.kind} ${receipt.id} is ${receipt.state}`);
  for (const task of tasks.values())
    if (task.state !== 'ended') complaints.push(`the task ${task.id} is ${task.state}`);
}
