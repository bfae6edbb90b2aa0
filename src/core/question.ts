import type { Ask } from '../contracts/ask.ts';
import { AskId, type TaskId } from '../contracts/id.ts';
import type { Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import type { Update } from '../contracts/update.ts';
import type { AskRequest } from '../contracts/worker.ts';
import { holdSilence, moveTask, nearest, restartSilence, setDue } from './contract.ts';
import type { Core, Work } from './core.ts';
import { readChannel, refresh } from './line.ts';
import { newId } from './new-id.ts';
import { sayOfTask } from './open.ts';
import { present } from './present.ts';
import { settleAs, supersede } from './settle-row.ts';

/** A Worker asks: the Task waits, the question is opened. Undefined when the Task does not run any more. */
export function* openAsk(
  work: Work,
  core: Core,
  taskId: TaskId,
  request: AskRequest,
): Script<AskId | undefined> {
  const task = yield* work.task(taskId);
  if (task === undefined || task.state !== 'running') return undefined;
  const id = AskId.parse(newId(core));
  const ask: Omit<Ask, 'receipt'> = {
    id,
    task: task.id,
    channel: task.channel,
    personId: task.personId,
    kind: request.kind,
    text: request.text,
    options: request.options.map((option) => ({ ...option })),
    freeText: request.freeText ?? request.options.length === 0,
    state: 'open',
    openedAtMs: work.now,
    untilMs: latestAnswer(task),
  };
  moveTask(task, 'waiting');
  task.ask = id;
  task.contract.askDueAtMs = ask.untilMs;
  yield* passProgress(work, task);
  const receipt = yield* sayOfTask(work, core, { task, update: askedOf(task, ask, work.now) });
  work.putAsk({ ...ask, receipt: receipt.id });
  work.putTask(setDue(task));
  yield* work.note({
    name: 'ask.opened',
    data: { askId: id, receiptId: receipt.id },
    taskId: task.id,
    channel: task.channel,
  });
  yield* work.note({
    name: 'task.waiting',
    data: { askId: id },
    taskId: task.id,
    channel: task.channel,
  });
  return id;
}

/** A question as it is asked at a time: it says until when it may be answered if it is shown then. */
export function askedOf(task: Task, ask: Omit<Ask, 'receipt'>, nowMs: number): Update {
  const untilMs = Math.min(nowMs + task.deadlines.answerMs, ask.untilMs);
  return { kind: 'question', task, ask: { ...ask, untilMs }, leftMs: untilMs - nowMs };
}

function latestAnswer(task: Task): number {
  return (task.contract.terminalDueAtMs ?? task.acceptedAtMs) - task.deadlines.graceMs;
}

/** A question takes the place of progress that was not shown yet. */
function* passProgress(work: Work, task: Task): Script<void> {
  for (const receipt of yield* work.receiptsOpenOf(task.id)) {
    if (receipt.state !== 'pending' || (receipt.kind !== 'progress' && receipt.kind !== 'ack'))
      continue;
    yield* supersede(work, receipt, 'question');
  }
}

/** The question is seen: its time runs from now, the silence clocks hold. The caller puts the Task. */
export function* askSurfaced(work: Work, task: Task, receipt: Receipt): Script<void> {
  const ask =
    receipt.content.askId === undefined ? undefined : yield* work.ask(receipt.content.askId);
  if (ask === undefined || ask.state !== 'open' || ask.surfacedAtMs !== undefined) return;
  ask.surfacedAtMs = work.now;
  ask.untilMs = Math.min(work.now + task.deadlines.answerMs, ask.untilMs);
  ask.remindAtMs = work.now + Math.floor((ask.untilMs - work.now) / 2);
  work.putAsk(ask);
  holdSilence(task);
  task.contract.askDueAtMs = nearest(ask.remindAtMs, ask.untilMs);
}

export type Answer = NonNullable<Ask['answer']>;

/** Closes an open question with an answer, and lets its Task run on. */
export function* answerAsk(
  work: Work,
  core: Core,
  ask: Ask,
  given: { answer: Answer; by: string },
): Script<void> {
  ask.state = 'answered';
  ask.answer = given.answer;
  ask.answeredBy = given.by;
  ask.closedAtMs = work.now;
  work.putAsk(ask);
  yield* work.note({
    name: 'ask.answered',
    data: { askId: ask.id, by: given.by },
    taskId: ask.task,
    channel: ask.channel,
  });
  yield* afterAsk(work, core, ask);
}

/** Closes an open question without an answer: the refusing option is taken, its buttons go. */
export function* closeAsk(
  work: Work,
  core: Core,
  ask: Ask,
  reason: NonNullable<Ask['reason']>,
): Script<void> {
  ask.state = 'closed';
  ask.reason = reason;
  ask.closedAtMs = work.now;
  work.putAsk(ask);
  yield* work.note({
    name: 'ask.closed',
    data: { askId: ask.id, reason },
    taskId: ask.task,
    channel: ask.channel,
  });
  yield* afterAsk(work, core, ask);
}

function* afterAsk(work: Work, core: Core, ask: Ask): Script<void> {
  const task = present(yield* work.task(ask.task), 'task', ask.task);
  if (task.ask === ask.id) {
    task.ask = undefined;
    task.contract.askDueAtMs = undefined;
    if (task.state === 'waiting') yield* resumeTask(work, task, ask);
  }
  yield* finishQuestion(work, core, task, ask);
  work.putTask(setDue(task));
}

function* resumeTask(work: Work, task: Task, ask: Ask): Script<void> {
  moveTask(task, 'running');
  const channel = yield* readChannel(work, task.channel);
  if (channel.audience !== 'absent') restartSilence(task, work.now);
  yield* work.note({
    name: 'task.resumed',
    data: { askId: ask.id },
    taskId: task.id,
    channel: task.channel,
  });
}

/** A question that is not open any more needs no showing, nor does its reminder; shown ones lose their buttons. */
function* finishQuestion(work: Work, core: Core, task: Task, ask: Ask): Script<void> {
  const asking = yield* work.receipt(ask.receipt);
  if (asking !== undefined) yield* finishAsking(work, core, { task, ask, receipt: asking });
  const shown = yield* work.receiptsShownOf(task.id, ['notice']);
  const open = yield* work.receiptsOpenOf(task.id);
  for (const receipt of [...shown, ...open])
    if (receipt.kind === 'notice' && receipt.content.askId === ask.id)
      yield* finishAsking(work, core, { task, ask, receipt });
}

function* finishAsking(
  work: Work,
  core: Core,
  of: { readonly task: Task; readonly ask: Ask; readonly receipt: Receipt },
): Script<void> {
  const { task, ask, receipt } = of;
  if (receipt.state === 'pending') {
    if (ask.state === 'answered') settleAs(work, receipt, 'superseded', 'answered');
    else yield* supersede(work, receipt, 'closed');
    yield* refresh(work, core, yield* readChannel(work, receipt.channel));
    return;
  }
  const target = receipt.state === 'surfaced' ? receipt.parts.at(-1)?.handle : undefined;
  if (target === undefined) return;
  yield* sayOfTask(work, core, {
    task,
    update: { kind: 'finished', task, what: 'question', ask },
    target,
    channel: receipt.channel,
    labelled: false,
  });
}

/** Half of the time is over. */
export function* remind(work: Work, core: Core, task: Task, ask: Ask): Script<void> {
  ask.remindAtMs = undefined;
  work.putAsk(ask);
  task.contract.askDueAtMs = ask.untilMs;
  const channel = yield* readChannel(work, task.channel);
  if (channel.audience === 'absent') return;
  yield* sayOfTask(work, core, {
    task,
    update: { kind: 'reminder', task, ask, leftMs: ask.untilMs - work.now },
  });
}
