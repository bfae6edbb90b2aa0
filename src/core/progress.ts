import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import type { Update } from '../contracts/update.ts';
import { setDue } from './contract.ts';
import type { Core, LatestWord, Work } from './core.ts';
import { readChannel } from './line.ts';
import { sayOfTask } from './open.ts';

/** The worker's newest word, as news. */
export function newsOf(task: Task, latest: LatestWord): Update {
  return { kind: 'progress', task, word: latest.word, fraction: latest.fraction, elapsedMs: 0 };
}

/** That it still works, for how long, and what was last heard. */
export function heartbeatOf(task: Task, latest: LatestWord | undefined, nowMs: number): Update {
  return {
    kind: 'progress',
    task,
    word: latest?.word,
    fraction: latest?.fraction,
    elapsedMs: nowMs - task.acceptedAtMs,
  };
}

/** Opens a progress of a Task, unless one waits to be sent (its words are made at the claim), nobody is there, or progress cannot be shown there. Puts nothing of the Task. */
export function* openProgress(work: Work, core: Core, task: Task, update: Update): Script<boolean> {
  const channel = yield* readChannel(work, task.channel);
  if (channel.audience === 'absent') return false;
  const open = yield* work.receiptsOpenOf(task.id);
  if (open.some((receipt) => receipt.kind === 'progress' && receipt.state === 'pending'))
    return false;
  if ((yield* work.incidentOpen(`channel:${channel.key}`)) !== undefined) return false;
  yield* sayOfTask(work, core, { task, update });
  return true;
}

/** A change of position is a progress, once the queue was shown at all: of those behind `left`, who stands in it no more. */
export function* tellPositions(
  work: Work,
  core: Core,
  queued: readonly Task[],
  left: Task,
): Script<void> {
  for (const [index, task] of queued.entries()) {
    if (task.contract.state === 'created' || task.seq < left.seq) continue;
    const update = { kind: 'queued', task, position: index + 1 } as const;
    if (yield* openProgress(work, core, task, update)) work.putTask(setDue(task));
  }
}

/** The place of a queued Task, from 1. */
export function* positionOf(work: Work, task: Task): Script<number> {
  const queued = yield* work.tasksQueuedIn(task.session, 1_000);
  return queued.findIndex((one) => one.id === task.id) + 1;
}
