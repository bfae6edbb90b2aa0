import type { ResumeToken } from '../contracts/session.ts';
import type { Script } from '../contracts/store.ts';
import type { EndCause, Task } from '../contracts/task.ts';
import type { Update } from '../contracts/update.ts';
import { clip } from './clip.ts';
import { compose } from './compose.ts';
import { moveContract, moveTask, stopClocks } from './contract.ts';
import { type Core, capabilitiesOf, type Work } from './core.ts';
import { limit } from './limit.ts';
import { readChannel, refresh } from './line.ts';
import { neutral } from './neutral.ts';
import { openReceipt, sayOfTask } from './open.ts';
import { present } from './present.ts';
import { tellPositions } from './progress.ts';
import { closeAsk } from './question.ts';
import { supersede } from './settle-row.ts';
import { labelOf } from './short-id.ts';
import { finish } from './surface.ts';

export interface Ending {
  readonly cause: EndCause;
  /** The worker's final text. */
  readonly text?: string | undefined;
  readonly error?: string | undefined;
  readonly resume?: ResumeToken | null | undefined;
  /** The relay was down meanwhile. */
  readonly away?: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** The worker did not stop in its grace. */
  readonly detached?: boolean;
  /** The text does not stand directly under its question. */
  readonly labelled?: boolean;
}

/**
 * Ends a Task in one transaction: state, Contract, terminal Receipt, the amends of everything that still shows
 * work, transcript, resume token, the answers that waited for it, Journal. The first end wins: false when it had ended.
 */
export function* endTask(
  work: Work,
  core: Core,
  taskId: Task['id'],
  ending: Ending,
): Script<boolean> {
  const task = yield* withoutAsk(work, core, taskId, ending.cause);
  if (task.state === 'ended') return false;
  const wasQueued = task.state === 'queued';
  moveTask(task, 'ended');
  moveContract(task, 'terminal_pending');
  stopClocks(task);
  task.cause = ending.cause;
  task.endedAtMs = work.now;
  task.owner = undefined;
  task.leaseUntilMs = undefined;
  task.result = ending.text ?? task.result;
  task.error = ending.error ?? task.error;
  yield* noteEnd(work, task, ending);
  yield* passOpen(work, core, task);
  yield* sayEnd(work, core, task, { ...ending, labelled: ending.labelled === true || wasQueued });
  work.putTask(task);
  yield* leaveSession(work, task, ending, wasQueued);
  if (wasQueued)
    yield* tellPositions(
      work,
      core,
      yield* work.tasksQueuedIn(task.session, limit.queueMaxMax),
      task,
    );
  yield* answerWaiting(work, core, task, ending);
  return true;
}

/** The Task, its open question closed. */
function* withoutAsk(work: Work, core: Core, taskId: Task['id'], cause: EndCause): Script<Task> {
  const task = present(yield* work.task(taskId), 'task', taskId);
  if (task.state === 'ended' || task.ask === undefined) return task;
  const ask = yield* work.ask(task.ask);
  if (ask?.state !== 'open') return { ...task, ask: undefined };
  yield* closeAsk(work, core, ask, cause.end === 'timed_out' ? 'timed_out' : 'aborted');
  return present(yield* work.task(taskId), 'task', taskId);
}

/** The terminal, and the amend of a live message that it will not edit. */
function* sayEnd(work: Work, core: Core, task: Task, ending: Ending): Script<void> {
  const { cause, away, error, detached } = ending;
  const failure = cause.end === 'failed' ? error : undefined;
  const text =
    ending.text ??
    (failure === undefined ? undefined : neutral(clip(failure, limit.shownErrorChars)));
  const update: Update = { kind: 'ended', task, cause, text, detached, away };
  const apart = ending.labelled === true || away !== undefined;
  yield* sayOfTask(work, core, { task, update, ...(apart ? { labelled: true } : {}) });
  const channel = yield* readChannel(work, task.channel);
  if (task.live === undefined || capabilitiesOf(core, channel).terminalAs === 'edit') return;
  yield* finish(work, core, task, { target: task.live.handle });
}

function* noteEnd(work: Work, task: Task, ending: Ending): Script<void> {
  const about = { taskId: task.id, channel: task.channel, sessionId: task.session };
  if (ending.detached === true) yield* work.note({ name: 'task.detached', data: {}, ...about });
  if (task.activity > limit.activityRows) {
    yield* work.note({
      name: 'worker.activity',
      data: { dropped: task.activity - limit.activityRows },
      ...about,
    });
  }
  const workMs = task.startedAtMs === undefined ? undefined : work.now - task.startedAtMs;
  const { end, reason, by } = ending.cause;
  const data = {
    end,
    reason,
    ...(by === undefined ? {} : { by }),
    ...(workMs === undefined ? {} : { workMs }),
  };
  yield* work.note({ name: 'task.ended', data, ...about });
}

/** Nothing of the Task needs showing any more but its end. What is being sent, or may have been, is settled first. */
function* passOpen(work: Work, core: Core, task: Task): Script<void> {
  for (const receipt of yield* work.receiptsOpenOf(task.id)) {
    if (receipt.kind !== 'ack' && receipt.kind !== 'progress' && receipt.kind !== 'question')
      continue;
    const channel = yield* readChannel(work, receipt.channel);
    const askable = core.adapters.get(channel.address.adapter)?.reconcile !== undefined;
    if (receipt.state === 'claimed') continue;
    if (receipt.state !== 'unknown' || !askable) yield* supersede(work, receipt, 'terminal');
    // Looked for at once: the end does not wait for evidence that may never come.
    else if (channel.leaseUntilMs === undefined) channel.headDueAtMs = work.now;
    yield* refresh(work, core, channel);
  }
}

function* leaveSession(work: Work, task: Task, ending: Ending, wasQueued: boolean): Script<void> {
  const session = present(yield* work.session(task.session), 'session', task.session);
  if (wasQueued) session.queued = Math.max(0, session.queued - 1);
  if (session.busy === task.id) {
    session.busy = undefined;
    session.version += 1;
    if (ending.resume !== undefined) session.resume = ending.resume ?? undefined;
    work.addTranscript(session.id, {
      role: 'user',
      text: task.text,
      taskId: task.id,
      atMs: task.acceptedAtMs,
      inbound: task.inbound,
    });
    if (ending.text !== undefined && ending.text !== '') {
      work.addTranscript(session.id, {
        role: 'assistant',
        text: ending.text,
        taskId: task.id,
        atMs: work.now,
      });
    }
  }
  session.readyAtMs =
    session.busy === undefined && session.queued > 0 ? (session.readyAtMs ?? work.now) : undefined;
  work.putSession(session);
}

/** Commands that waited to know the outcome are answered in the transaction that makes it known. */
function* answerWaiting(work: Work, core: Core, task: Task, ending: Ending): Script<void> {
  const { words } = core;
  for (const command of yield* work.inboundsOpenOf(task.id)) {
    command.became = 'command';
    work.putInbound(command);
    const text = endAnswer(core, ending);
    const label = yield* labelOf(work, core, task);
    const { kind, content } = compose(
      { kind: 'answered', text, task },
      { words, label, labelled: true },
    );
    yield* openReceipt(work, core, {
      subject: { kind: 'inbound', id: command.id },
      kind,
      revision: 0,
      channel: command.channel,
      content,
    });
  }
}

function endAnswer(core: Core, ending: Ending): string {
  if (ending.detached === true) return core.words.detached(ending.cause);
  if (ending.cause.end === 'cancelled') return core.words.cancelled(ending.cause);
  return core.words.alreadyEnded(ending.cause);
}
