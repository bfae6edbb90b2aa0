import { expect } from 'vitest';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type { Task } from '../../src/contracts/task.ts';
import type { Harness } from './harness.ts';

interface RawSession {
  readonly id: string;
  readonly busy: string | null;
  readonly queued: number;
  readonly ready_at_ms: number | null;
}
interface RawAsk {
  readonly id: string;
  readonly task: string;
  readonly state: string;
}
interface RawInbound {
  readonly id: string;
  readonly became: string;
  readonly task: string | null;
}
interface RawEvent {
  readonly name: string;
  readonly task_id: string | null;
  readonly data: string;
}

/** What stands in the store and on the platform, to be judged. */
interface Scene {
  readonly h: Harness;
  readonly now: number;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly receipts: readonly Receipt[];
  readonly byId: ReadonlyMap<string, Receipt>;
  readonly asks: readonly RawAsk[];
  readonly sessions: readonly RawSession[];
  readonly inbounds: readonly RawInbound[];
  readonly events: readonly RawEvent[];
  readonly complaints: string[];
}

export interface InvariantOptions {
  /** Everything has come to rest: nothing may be left open. Default true. */
  readonly quiet?: boolean;
}

/** Every invariant of promise.md that can be read from the store and from what people see. Empty: all hold. */
export async function brokenInvariants(
  h: Harness,
  options: InvariantOptions = {},
): Promise<readonly string[]> {
  const scene = await look(h);
  for (const task of scene.tasks.values()) {
    judgeEnd(scene, task);
    judgeContract(scene, task);
    judgeClocks(scene, task);
    judgeJournal(scene, task);
  }
  judgeInbounds(scene);
  judgeAsks(scene);
  judgeSessions(scene);
  judgeShown(scene);
  judgeOrder(scene);
  await judgeDead(scene);
  if (options.quiet !== false) judgeQuiet(scene);
  return scene.complaints;
}

export async function expectInvariants(h: Harness, options: InvariantOptions = {}): Promise<void> {
  expect(await brokenInvariants(h, options)).toEqual([]);
}

async function pages<Row>(
  list: (page: { after: number; limit: number }) => Promise<{
    readonly rows: readonly Row[];
    readonly more: boolean;
    readonly lastSeq: number;
  }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after = 0; ; ) {
    const page = await list({ after, limit: 500 });
    rows.push(...page.rows);
    if (!page.more) return rows;
    after = page.lastSeq;
  }
}

async function look(h: Harness): Promise<Scene> {
  const raw = <Row>(sql: string): Row[] => h.memory.database.prepare(sql).all() as Row[];
  const tasks = await pages((page) => h.relay.tasks.list({}, page));
  const receipts = await pages((page) => h.relay.receipts.list({}, page));
  return {
    h,
    now: h.runtime.wallMs(),
    tasks: new Map(tasks.map((task) => [task.id, task])),
    receipts,
    byId: new Map(receipts.map((receipt) => [receipt.id, receipt])),
    asks: raw<RawAsk>('SELECT id, task, state FROM asks'),
    sessions: raw<RawSession>('SELECT id, busy, queued, ready_at_ms FROM sessions'),
    inbounds: raw<RawInbound>('SELECT id, became, task FROM inbounds'),
    events: raw<RawEvent>('SELECT name, task_id, data FROM journal ORDER BY seq'),
    complaints: [],
  };
}

const isOpen = (receipt: Receipt): boolean =>
  receipt.state === 'pending' || receipt.state === 'claimed' || receipt.state === 'unknown';

function terminalsOf(scene: Scene, task: Task): Receipt[] {
  return scene.receipts.filter(
    (receipt) => receipt.kind === 'terminal' && receipt.subject.id === task.id,
  );
}

/** I2: one end, one terminal; an ended Task holds nothing. */
function judgeEnd({ complaints, ...scene }: Scene, task: Task): void {
  const terminals = terminalsOf({ complaints, ...scene }, task);
  const due = task.state === 'ended' ? 1 : 0;
  if (terminals.length !== due)
    complaints.push(`I2 task ${task.id} (${task.state}) has ${terminals.length} terminals`);
  if (task.state !== 'ended') return;
  if (task.cause === undefined) complaints.push(`I2 task ${task.id} ended without a cause`);
  const held = { owner: task.owner, ask: task.ask, lease: task.leaseUntilMs, due: task.dueAtMs };
  for (const [name, value] of Object.entries(held))
    if (value !== undefined) complaints.push(`I2 ended task ${task.id} still has its ${name}`);
  if (terminals[0]?.content.end !== undefined && terminals[0].content.end !== task.cause?.end)
    complaints.push(
      `I2 task ${task.id}: told ${terminals[0].content.end}, stored ${task.cause?.end}`,
    );
}

const contractOf: Readonly<Record<string, string>> = {
  surfaced: 'terminal_acked',
  dead: 'terminal_failed',
};

/** I4: Task, Contract and Receipt cannot disagree. */
function judgeContract(scene: Scene, task: Task): void {
  const { complaints } = scene;
  const { state } = task.contract;
  const [terminal] = terminalsOf(scene, task);
  if (task.state === 'ended' && terminal !== undefined) {
    const expected = contractOf[terminal.state] ?? 'terminal_pending';
    if (state !== expected)
      complaints.push(`I4 task ${task.id}: contract ${state}, its terminal is ${terminal.state}`);
    return;
  }
  if (state.startsWith('terminal'))
    complaints.push(`I4 open task ${task.id} has contract ${state}`);
  const surfaced = scene.receipts.some(
    (receipt) => receipt.task === task.id && receipt.state === 'surfaced',
  );
  if (surfaced && state === 'created')
    complaints.push(`I4 task ${task.id} is created although something was surfaced`);
  if (!surfaced && (state === 'acked' || state === 'progressing'))
    complaints.push(`I4 task ${task.id} is ${state} although nothing was surfaced`);
}

/** I8: an open Task waits for some clock, and none of its clocks lies behind. */
function judgeClocks({ complaints, now, asks }: Scene, task: Task): void {
  const ask = asks.find((one) => one.task === task.id && one.state === 'open');
  if (task.state === 'waiting' && (ask === undefined || task.ask !== ask.id))
    complaints.push(`I4 task ${task.id} waits without an open question`);
  if (task.state === 'ended') return;
  if (task.dueAtMs === undefined) complaints.push(`I8 open task ${task.id} waits for no clock`);
  else if (task.dueAtMs < now - 100)
    complaints.push(`I8 a clock of task ${task.id} is ${now - task.dueAtMs} ms overdue`);
  const bound = { queued: 'queueDueAtMs', running: 'terminalDueAtMs', waiting: 'terminalDueAtMs' };
  const clock = task.state === 'aborting' ? 'graceDueAtMs' : bound[task.state];
  const due = task.contract[clock as 'queueDueAtMs'];
  if (due === undefined) complaints.push(`I8 ${task.state} task ${task.id} has no ${clock}`);
}

/** The Journal tells one acceptance, at most one start of each life, one end. */
function judgeJournal({ complaints, events }: Scene, task: Task): void {
  const names = events.filter((event) => event.task_id === task.id).map((event) => event.name);
  const count = (name: string): number => names.filter((one) => one === name).length;
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
function judgeInbounds({ complaints, inbounds, tasks, receipts }: Scene): void {
  for (const { id, became, task } of inbounds) {
    if (became === 'task' && (task === null || !tasks.has(task)))
      complaints.push(`I1 inbound ${id} became a task that is not there`);
    if (became === 'open' && (task === null || tasks.get(task)?.state === 'ended'))
      complaints.push(`I1 the command ${id} was never answered`);
    const said = receipts.some((receipt) => receipt.subject.id === id);
    if (became === 'refusal' && !said) complaints.push(`I1 the refusal of ${id} is not visible`);
  }
  for (const task of tasks.values())
    if (!inbounds.some((inbound) => inbound.id === task.inbound))
      complaints.push(`I1 task ${task.id} has no inbound`);
}

function judgeAsks({ complaints, asks, tasks }: Scene): void {
  for (const ask of asks)
    if (ask.state === 'open' && tasks.get(ask.task)?.ask !== ask.id)
      complaints.push(`I4 the question ${ask.id} is open and its task does not wait for it`);
}

/** One Task at a time per Session, and the counters say what is. */
function judgeSessions({ complaints, sessions, tasks }: Scene): void {
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
    if (ready !== (session.ready_at_ms !== null))
      complaints.push(`session ${session.id}: ready is ${session.ready_at_ms}`);
  }
}

/** I3, I7 and what stays on the screen: no text without its row, none twice, nothing that still shows work. */
function judgeShown({ complaints, h, byId, asks, tasks, receipts }: Scene): void {
  const seen = new Map<string, number>();
  // What was shown and never answered for cannot be edited by anybody.
  const known = new Set(
    receipts.flatMap((receipt) => receipt.parts.map((part) => part.handle ?? '')),
  );
  for (const message of h.platform.shown) {
    const receipt = byId.get(message.receiptId);
    if (receipt === undefined) {
      complaints.push(`I3 shown without a receipt: ${message.text}`);
      continue;
    }
    seen.set(message.key, (seen.get(message.key) ?? 0) + 1);
    const free = receipt.kind === 'ack' || receipt.marks.includes('may_repeat');
    if ((seen.get(message.key) ?? 0) > 1 && !free)
      complaints.push(`I7 shown twice and not marked: ${message.text}`);
    // The amend, or the terminal that edits it, may be on its way.
    const coming = receipts.some((other) => other.task === receipt.task && isOpen(other));
    if (coming || !known.has(message.handle)) continue;
    for (const button of message.buttons) {
      const [act, id = ''] = button.id.split(':');
      if (act === 'cancel' && tasks.get(id)?.state === 'ended')
        complaints.push(`still shows Cancel: ${message.text}`);
      if (act === 'answer' && asks.find((ask) => ask.id === id)?.state !== 'open')
        complaints.push(`still shows the buttons of a closed question: ${message.text}`);
    }
  }
}

/** I6: in one Channel nothing overtakes but what was parked, redriven or rerouted. */
function judgeOrder({ complaints, h, byId }: Scene): void {
  const last = new Map<string, number>();
  for (const { delivery, attempt } of h.platform.sent) {
    const receipt = byId.get(delivery.receiptId);
    if (receipt === undefined || receipt.marks.length > 0) continue;
    const { conversation } = delivery.channel;
    if (attempt.seq < (last.get(conversation) ?? 0))
      complaints.push(`I6 ${delivery.kind} ${attempt.seq} was overtaken in ${conversation}`);
    last.set(conversation, attempt.seq);
  }
}

/** I5: what is dead is listed, with an incident unless nobody ever came. */
async function judgeDead({ h, complaints, receipts }: Scene): Promise<void> {
  const incidents = await pages((page) => h.relay.incidents.list({}, page));
  for (const receipt of receipts) {
    if (receipt.state !== 'dead' || receipt.reason === 'unseen') continue;
    const keys = [
      `receipt:${receipt.id}`,
      `channel:${receipt.channel}`,
      `row:receipts:${receipt.id}`,
    ];
    if (!incidents.some((incident) => keys.includes(incident.key)))
      complaints.push(`I5 the ${receipt.kind} ${receipt.id} died without an incident`);
  }
}

/** Nothing is left to do: no open Task, no open Receipt. */
function judgeQuiet({ complaints, receipts, tasks }: Scene): void {
  for (const receipt of receipts)
    if (isOpen(receipt)) complaints.push(`the ${receipt.kind} ${receipt.id} is ${receipt.state}`);
  for (const task of tasks.values())
    if (task.state !== 'ended') complaints.push(`the task ${task.id} is ${task.state}`);
}
