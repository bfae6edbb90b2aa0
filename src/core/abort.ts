import type { Script } from '../contracts/store.ts';
import type { EndCause, Task } from '../contracts/task.ts';
import { holdSilence, moveTask, setDue } from './contract.ts';
import type { Core, Work } from './core.ts';
import { present } from './present.ts';
import { closeAsk } from './question.ts';
import { endTask } from './task-end.ts';

export type Aborted =
  /** It was queued, or nobody works on it: it has ended. */
  | { readonly kind: 'ended' }
  /** Its worker was told; the end comes by its result, at the latest after the grace. */
  | { readonly kind: 'aborting'; readonly cause: EndCause }
  /** It had ended, or somebody else had begun to abort it. */
  | { readonly kind: 'already_ended'; readonly cause: EndCause }
  | { readonly kind: 'already_aborting'; readonly cause: EndCause };

/** Stops a Task: a queued one ends at once, a running one is aborted with its cause stored. */
export function* abortTask(
  work: Work,
  core: Core,
  taskId: Task['id'],
  cause: EndCause,
): Script<Aborted> {
  let task = present(yield* work.task(taskId), 'task', taskId);
  const standing = task.cause ?? cause;
  if (task.state === 'ended') return { kind: 'already_ended', cause: standing };
  if (task.state === 'aborting') return { kind: 'already_aborting', cause: standing };
  if (task.state === 'queued') {
    yield* endTask(work, core, taskId, { cause });
    return { kind: 'ended' };
  }
  const ask = task.ask === undefined ? undefined : yield* work.ask(task.ask);
  if (ask?.state === 'open') {
    yield* closeAsk(work, core, ask, cause.end === 'timed_out' ? 'timed_out' : 'aborted');
    task = present(yield* work.task(taskId), 'task', taskId);
  }
  moveTask(task, 'aborting');
  task.cause = cause;
  holdSilence(task);
  task.contract.terminalDueAtMs = undefined;
  task.contract.ackDueAtMs = undefined;
  task.contract.graceDueAtMs = work.now + task.deadlines.graceMs;
  work.putTask(setDue(task));
  const { end, reason, by } = cause;
  yield* work.note({
    name: 'task.aborting',
    data: { end, reason, ...(by === undefined ? {} : { by }) },
    taskId,
    channel: task.channel,
  });
  return { kind: 'aborting', cause };
}
