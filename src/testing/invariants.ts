import type { Database, Statement } from 'better-sqlite3';
import type { Sent, Shown } from './fake-platform.ts';

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
  const facts = look(scene);
  for (const task of facts.tasks.values()) {
    judgeEnd(facts, task);
    judgeContract(facts, task);
    judgeClocks(facts, task, options.lateMs ?? 100);
    judgeJournal(facts, task);
  }
  judgeInbounds(facts);
  judgeAsks(facts);
  judgeSessions(facts);
  judgeChannels(facts, options.lateMs ?? 100);
  const { editMs = Number.POSITIVE_INFINITY } = options;
  judgeShown(facts, scene.shown, scene.nowMs - editMs);
  judgeOrder(facts, scene.sent);
  judgeDead(facts);
  if (options.quiet !== false) judgeQuiet(facts);
  return facts.complaints;
}

interface TaskFact {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'waiting' | 'aborting' | 'ended';
  readonly contractState: string;
  readonly contract: Readonly<Record<string, number | string | undefined>>;
  readonly end: string | null;
  readonly dueAtMs: number | null;
  readonly owner: string | null;
  readonly leaseUntilMs: number | null;
  readonly ask: string | null;
  readonly session: string;
  readonly inbound: string;
}
interface ReceiptFact {
  readonly id: string;
  readonly state: string;
  readonly open: number;
  readonly kind: string;
  readonly subjectKind: string;
  readonly subject: string;
  readonly task: string | null;
  readonly channel: string;
  readonly reason: string | null;
  readonly end: string | null;
  /** Of an amend: the message. */
  readonly target: string | null;
  readonly marks: string;
  readonly parts: string;
}
interface SessionFact {
  readonly id: string;
  readonly busy: string | null;
  readonly queued: number;
  readonly readyAtMs: number | null;
}
interface AskFact {
  readonly id: string;
  readonly task: string;
  readonly state: string;
}
interface InboundFact {
  readonly id: string;
  readonly became: string;
  readonly task: string | null;
}

interface Facts {
  readonly database: Database;
  readonly nowMs: number;
  readonly tasks: ReadonlyMap<string, TaskFact>;
  readonly receipts: ReadonlyMap<string, ReceiptFact>;
  /** The terminals of each Task. */
  readonly terminals: ReadonlyMap<string, readonly ReceiptFact[]>;
  /** Messages that were to be finished and were not. */
  readonly amended: ReadonlySet<string>;
  /** Tasks of which something was surfaced; of which something is still to be sent. */
  readonly surfaced: ReadonlySet<string>;
  readonly coming: ReadonlySet<string>;
  readonly asks: ReadonlyMap<string, AskFact>;
  readonly complaints: string[];
}

const taskQuery = `SELECT id, state, contract_state AS contractState, contract, cause ->> 'end' AS end,
  due_at_ms AS dueAtMs, owner, lease_until_ms AS leaseUntilMs, ask, session, inbound FROM tasks`;
const receiptQuery = `SELECT id, state, open, kind, subject_kind AS subjectKind,
  subject_id AS subject, task, channel, reason,
  content ->> 'end' AS end, content ->> 'target' AS target, marks, parts FROM receipts`;

function look({ database, nowMs }: Scene): Facts {
  const all = <Row>(query: string): Row[] => rowsOf<Row>(database, query);
  const tasks = all<TaskFact & { contract: string }>(taskQuery).map(
    (row): TaskFact => ({ ...row, contract: JSON.parse(row.contract) }),
  );
  const receipts = all<ReceiptFact>(receiptQuery);
  const terminals = new Map<string, ReceiptFact[]>();
  const surfaced = new Set<string>();
  const coming = new Set<string>();
  const amended = new Set<string>();
  for (const receipt of receipts) {
    if (receipt.target !== null && receipt.state === 'superseded') amended.add(receipt.target);
    if (receipt.kind === 'terminal')
      terminals.set(receipt.subject, [...(terminals.get(receipt.subject) ?? []), receipt]);
    if (receipt.task === null) continue;
    if (receipt.state === 'surfaced') surfaced.add(receipt.task);
    if (receipt.open === 1) coming.add(receipt.task);
  }
  const asks = all<AskFact>('SELECT id, task, state FROM asks');
  return {
    database,
    nowMs,
    tasks: new Map(tasks.map((task) => [task.id, task])),
    receipts: new Map(receipts.map((receipt) => [receipt.id, receipt])),
    terminals,
    amended,
    surfaced,
    coming,
    asks: new Map(asks.map((ask) => [ask.id, ask])),
    complaints: [],
  };
}

const prepared = new WeakMap<Database, Map<string, Statement>>();

/** Asked after every step: prepared once. */
export function rowsOf<Row>(database: Database, query: string, ...values: unknown[]): Row[] {
  const known = prepared.get(database) ?? new Map<string, Statement>();
  prepared.set(database, known);
  const statement = known.get(query) ?? database.prepare(query);
  known.set(query, statement);
  return statement.all(...values) as Row[];
}

/** I2: one end, one terminal; an ended Task holds nothing. */
function judgeEnd({ complaints, terminals }: Facts, task: TaskFact): void {
  const own = terminals.get(task.id) ?? [];
  const due = task.state === 'ended' ? 1 : 0;
  if (own.length !== due)
    complaints.push(`I2 task ${task.id} (${task.state}) has ${own.length} terminals`);
  if (task.state !== 'ended') return;
  if (task.end === null) complaints.push(`I2 task ${task.id} ended without a cause`);
  const held = { owner: task.owner, ask: task.ask, lease: task.leaseUntilMs, due: task.dueAtMs };
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
function judgeContract(facts: Facts, task: TaskFact): void {
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

/** I8: an open Task waits for some clock, and none of its clocks lies behind. */
function judgeClocks({ complaints, nowMs, asks }: Facts, task: TaskFact, lateMs: number): void {
  if (task.state === 'ended') return;
  const ask = task.ask === null ? undefined : asks.get(task.ask);
  if (task.state === 'waiting' && ask?.state !== 'open')
    complaints.push(`I4 task ${task.id} waits without an open question`);
  if (task.dueAtMs === null) complaints.push(`I8 open task ${task.id} waits for no clock`);
  else if (task.dueAtMs < nowMs - lateMs)
    complaints.push(`I8 a clock of task ${task.id} is ${nowMs - task.dueAtMs} ms overdue`);
  const clock = boundOf[task.state];
  if (task.contract[clock] === undefined)
    complaints.push(`I8 ${task.state} task ${task.id} has no ${clock}`);
}

/** The Journal tells one acceptance, at most one start, one end. */
function judgeJournal({ complaints, database }: Facts, task: TaskFact): void {
  const rows = rowsOf<{ name: string; n: number }>(
    database,
    `SELECT name, count(*) AS n FROM journal WHERE task_id = ? AND name IN ('task.accepted', 'task.started', 'task.ended') GROUP BY name`,
    task.id,
  );
  const count = (name: string): number => rows.find((row) => row.name === name)?.n ?? 0;
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
function judgeInbounds({ complaints, database, tasks, receipts }: Facts): void {
  const inbounds = rowsOf<InboundFact>(database, 'SELECT id, became, task FROM inbounds');
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

function judgeAsks({ complaints, asks, tasks }: Facts): void {
  for (const ask of asks.values())
    if (ask.state === 'open' && tasks.get(ask.task)?.ask !== ask.id)
      complaints.push(`I4 the question ${ask.id} is open and its task does not wait for it`);
}

/** One Task at a time per Session, and the counters say what is. */
function judgeSessions({ complaints, database, tasks }: Facts): void {
  const sessions = rowsOf<SessionFact>(
    database,
    'SELECT id, busy, queued, ready_at_ms AS readyAtMs FROM sessions',
  );
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
function judgeChannels({ complaints, database, nowMs }: Facts, lateMs: number): void {
  const idle = rowsOf<{ key: string }>(
    database,
    `SELECT c.key FROM channels c WHERE c.due_at_ms IS NULL AND c.audience <> 'absent'
        AND EXISTS (SELECT 1 FROM receipts r WHERE r.channel = c.key AND r.open = 1 AND r.unseen = 0)`,
  );
  for (const { key } of idle)
    complaints.push(`I5 channel ${key} has something to send and no due time`);
  if (lateMs === Number.POSITIVE_INFINITY) return;
  const stuck = rowsOf<{ key: string; dueAtMs: number }>(
    database,
    `SELECT key, due_at_ms AS dueAtMs FROM channels WHERE due_at_ms < ? AND lease_until_ms IS NOT NULL AND lease_until_ms < ?`,
    nowMs - lateMs,
    nowMs - lateMs,
  );
  for (const { key, dueAtMs } of stuck)
    complaints.push(`I5 the lease of channel ${key} ran out ${nowMs - dueAtMs} ms ago`);
}

/** I3, I7 and what stays on the screen: no text without its row, none twice, nothing that still shows work. */
function judgeShown(facts: Facts, shown: readonly Shown[], editableSinceMs: number): void {
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
function judgeButtons(facts: Facts, message: Shown, receipt: ReceiptFact): void {
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
function judgeOrder({ complaints, receipts }: Facts, sent: readonly Sent[]): void {
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
function judgeDead({ database, complaints, receipts }: Facts): void {
  const dead = [...receipts.values()].filter(
    (receipt) =>
      receipt.state === 'dead' && receipt.reason !== 'unseen' && receipt.subjectKind !== 'incident',
  );
  if (dead.length === 0) return;
  const rows = rowsOf<{ key: string }>(database, 'SELECT key FROM incidents');
  const keys = new Set(rows.map((row) => row.key));
  for (const { id, kind, channel } of dead) {
    const own = [`receipt:${id}`, `channel:${channel}`, `row:receipts:${id}`];
    if (!own.some((key) => keys.has(key)))
      complaints.push(`I5 the ${kind} ${id} died without an incident`);
  }
}

/** Nothing is left to do: no open Task, no open Receipt. */
function judgeQuiet({ complaints, receipts, tasks }: Facts): void {
  for (const receipt of receipts.values())
    if (receipt.open === 1)
      complaints.push(`the ${receipt.kind} ${receipt.id} is ${receipt.state}`);
  for (const task of tasks.values())
    if (task.state !== 'ended') complaints.push(`the task ${task.id} is ${task.state}`);
}
