import type { Ask } from '../contracts/ask.ts';
import type { Clock } from '../contracts/event.ts';
import type { TaskId } from '../contracts/id.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import { abortTask } from './abort.ts';
import { moveContract, setDue } from './contract.ts';
import type { Core, Work } from './core.ts';
import { priorityMax, readChannel } from './line.ts';
import { present } from './present.ts';
import { heartbeatOf, openProgress, positionOf } from './progress.ts';
import { closeAsk, remind } from './question.ts';
import { endTask } from './task-end.ts';

/** Fires what is overdue of one Task's clocks, each once, in one transaction. No clock passes in silence. */
export function* fireTask(work: Work, core: Core, taskId: TaskId): Script<void> {
  const task = yield* work.task(taskId);
  if (task === undefined || task.state === 'ended') return;
  const { contract } = task;
  if (isDue(contract.graceDueAtMs, work.now) && task.cause !== undefined) {
    yield* missed(work, task, 'grace', contract.graceDueAtMs);
    yield* endTask(work, core, taskId, { cause: task.cause, detached: true });
    return;
  }
  if (task.state === 'queued' && isDue(contract.queueDueAtMs, work.now)) {
    yield* missed(work, task, 'queue', contract.queueDueAtMs);
    yield* endTask(work, core, taskId, { cause: { end: 'timed_out', reason: 'never_started' } });
    return;
  }
  if (isDue(contract.terminalDueAtMs, work.now)) {
    yield* missed(work, task, 'terminal', contract.terminalDueAtMs);
    yield* abortTask(work, core, taskId, { end: 'timed_out', reason: 'terminal' });
    return;
  }
  if (isDue(contract.askDueAtMs, work.now) && task.ask !== undefined) {
    yield* fireAsk(work, core, task, present(yield* work.ask(task.ask), 'ask', task.ask));
    return;
  }
  yield* fireSilence(work, core, task);
}

function isDue(atMs: number | undefined, nowMs: number): boolean {
  return atMs !== undefined && atMs <= nowMs;
}

function* missed(work: Work, task: Task, clock: Clock, dueAtMs: number | undefined): Script<void> {
  const lateMs = work.now - (dueAtMs ?? work.now);
  yield* work.note({
    name: 'deadline.missed',
    data: { clock, lateMs },
    taskId: task.id,
    channel: task.channel,
  });
}

function* fireAsk(work: Work, core: Core, task: Task, ask: Ask): Script<void> {
  if (work.now >= ask.untilMs) {
    yield* missed(work, task, 'answer', ask.untilMs);
    yield* closeAsk(work, core, ask, 'timed_out');
    return;
  }
  yield* remind(work, core, task, ask);
  work.putTask(setDue(task));
}

/** The ack, the heartbeat and the silence that should not have been. */
function* fireSilence(work: Work, core: Core, task: Task): Script<void> {
  const { contract } = task;
  if (task.ask === undefined) contract.askDueAtMs = undefined;
  if (isDue(contract.ackDueAtMs, work.now)) {
    yield* missed(work, task, 'ack', contract.ackDueAtMs);
    contract.ackDueAtMs = undefined;
    const channel = yield* readChannel(work, task.channel);
    channel.priority = priorityMax;
    work.putChannel(channel);
  }
  if (isDue(contract.progressDueAtMs, work.now)) {
    yield* missed(work, task, 'progress', contract.progressDueAtMs);
    contract.progressDueAtMs = undefined;
    moveContract(task, 'sla_missed');
  }
  if (isDue(contract.heartbeatDueAtMs, work.now)) {
    contract.heartbeatDueAtMs = undefined;
    yield* work.note({
      name: 'deadline.near',
      data: { clock: 'progress' },
      taskId: task.id,
      channel: task.channel,
    });
    yield* heartbeat(work, core, task);
  }
  work.putTask(setDue(task));
}

function* heartbeat(work: Work, core: Core, task: Task): Script<void> {
  // A question that is not shown yet is what is to be shown.
  if (task.state === 'waiting') return;
  if (task.state === 'queued') {
    const elapsedMs = work.now - task.acceptedAtMs;
    yield* openProgress(work, core, task, {
      kind: 'queued',
      task,
      position: yield* positionOf(work, task),
      elapsedMs,
    });
    return;
  }
  yield* openProgress(
    work,
    core,
    task,
    heartbeatOf(task, core.hooks.latestWord(task.id), work.now),
  );
}
