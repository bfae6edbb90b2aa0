import type { Channel } from '../contracts/channel.ts';
import type { OwnerId, TaskId } from '../contracts/id.ts';
import type { Script } from '../contracts/store.ts';
import type { EndCause, Task } from '../contracts/task.ts';
import type { WorkerSession } from '../contracts/worker.ts';
import { loseAudience } from './audience.ts';
import { releaseLease } from './claim.ts';
import { setDue } from './contract.ts';
import type { Core, Work } from './core.ts';
import { fireTask } from './fire.ts';
import { limit } from './limit.ts';
import { refresh } from './line.ts';
import { callPort, errorText } from './port.ts';
import { present } from './present.ts';
import { closeAsk } from './question.ts';
import { endTask } from './task-end.ts';

/** A Task whose worker watches it again. */
export interface Attached {
  readonly task: Task;
  readonly session: WorkerSession;
}

/**
 * What a dead process left: its leases fall, what its workers can still tell is asked, the rest ends truthfully.
 * Before any adapter takes messages; may be interrupted at any step and done again. Then the overdue clocks.
 */
export async function recover(core: Core, attached: (one: Attached) => void): Promise<number> {
  await followClockBack(core);
  core.runtime.crashPoint?.('recovery.clock');
  const recovered = await recoverLost(core, attached);
  core.runtime.crashPoint?.('recovery.tasks');
  await fireOverdue(core);
  core.runtime.crashPoint?.('recovery.clocks');
  await armTimer(core);
  return recovered;
}

/**
 * The clock went back while nobody was there (it was wrong before, or it is wrong now and will be set): every stored
 * time lies too far ahead, and moves back as far as is known. A clock that went forward is as if we had been away.
 */
async function followClockBack(core: Core): Promise<void> {
  const newestAtMs = await core.store.read((reads) => reads.newestAtMs());
  if (newestAtMs === undefined) return;
  const deltaMs = core.clock.now() - newestAtMs;
  if (deltaMs >= -limit.clockDriftMs) return;
  await core.persist('clock-back', function* (work): Script<void> {
    yield* work.shiftTimes(deltaMs);
    yield* work.note({ name: 'clock.jumped', data: { deltaMs } });
  });
  core.log('warn', 'the clock went back while nobody was there', { deltaMs });
}

/** What other processes left that are gone or whose leases ran out; while we run as well, since they may die later than we start. */
export async function recoverLost(core: Core, attached: (one: Attached) => void): Promise<number> {
  await releaseChannels(core);
  core.runtime.crashPoint?.('recovery.leases');
  return await recoverTasks(core, attached);
}

function gone(
  core: Core,
  owner: OwnerId | undefined,
  leaseUntilMs: number | undefined,
  nowMs: number,
): boolean {
  if (owner === undefined || owner === core.owner) return false;
  return core.store.ownerGone(owner) || (leaseUntilMs ?? 0) <= nowMs;
}

async function releaseChannels(core: Core): Promise<void> {
  for (;;) {
    const released = await core.persist('release', function* (work) {
      const held = yield* work.channelsHeldByOthers(core.owner, limit.batch);
      let count = 0;
      for (const channel of held) if (yield* releaseChannel(work, core, channel)) count += 1;
      return count;
    });
    if (released === 0) return;
  }
}

function* releaseChannel(work: Work, core: Core, channel: Channel): Script<boolean> {
  const leaseGone = gone(core, channel.owner, channel.leaseUntilMs, work.now);
  const audienceGone =
    channel.audienceOwner !== undefined &&
    gone(core, channel.audienceOwner, 0, work.now) &&
    core.store.ownerGone(channel.audienceOwner);
  if (leaseGone) {
    releaseLease(channel);
    channel.headDueAtMs = Math.min(channel.headDueAtMs, work.now);
  }
  if (leaseGone || audienceGone) yield* refresh(work, core, channel);
  if (audienceGone) yield* loseAudience(work, core, channel);
  return leaseGone || audienceGone;
}

async function recoverTasks(core: Core, attached: (one: Attached) => void): Promise<number> {
  let recovered = 0;
  const seen = new Set<TaskId>();
  // A worker that hangs holds the start no longer than this; its Tasks are then decided while the rest runs.
  const over = new AbortController();
  const patience = core.runtime.sleep(core.clocks.attachMs, over.signal);
  for (;;) {
    const held = await core.store.read((reads) => reads.tasksHeldByOthers(core.owner, limit.batch));
    const fresh = held.filter(
      (task) => !seen.has(task.id) && gone(core, task.owner, task.leaseUntilMs, core.clock.now()),
    );
    if (fresh.length === 0) {
      over.abort();
      return recovered;
    }
    for (const task of fresh) seen.add(task.id);
    const told = Promise.all(fresh.map((task) => recoverTask(core, task, attached)));
    told.catch((error: unknown) =>
      core.log('error', 'recovering a task failed', { error: errorText(error) }),
    );
    await Promise.race([told, patience]);
    recovered += fresh.length;
  }
}

async function recoverTask(
  core: Core,
  task: Task,
  attached: (one: Attached) => void,
): Promise<void> {
  if (task.state !== 'aborting') {
    const session = await reattach(core, task);
    if (session !== undefined) {
      const mine = await core.persist('adopt', (work) => adopt(work, core, task));
      core.runtime.crashPoint?.('recovery.task');
      if (mine !== undefined) attached({ task: mine, session });
      return;
    }
  }
  await core.persist('interrupt', (work) => interrupt(work, core, task));
  core.runtime.crashPoint?.('recovery.task');
}

async function reattach(core: Core, task: Task): Promise<WorkerSession | undefined> {
  const worker = core.workers.get(task.worker);
  if (worker?.capabilities.reattach !== true) return undefined;
  const [row, transcript] = await core.store.read(function* (reads) {
    return [
      yield* reads.session(task.session),
      yield* reads.transcript(task.session, limit.transcriptItems),
    ] as const;
  });
  const resume = row?.resume;
  const spec = {
    sessionId: task.session,
    channel: task.channel,
    transcript,
    ...(resume === undefined ? {} : { resume }),
  };
  const answer = await callPort(
    core,
    { name: `${worker.name}.ensureSession`, limitMs: core.clocks.attachMs },
    (signal) => worker.ensureSession(spec, { signal }),
  );
  if (answer.kind === 'answered' && answer.value.attach !== undefined) return answer.value;
  core.log('warn', 'a task could not be attached', {
    task: task.id,
    cause: answer.kind === 'failed' ? answer.cause : 'no attach',
  });
  return undefined;
}

/** Takes the Task over: the write decides, should two try. */
function* adopt(work: Work, core: Core, before: Task): Script<Task | undefined> {
  let task = yield* work.task(before.id);
  if (task === undefined || task.state === 'ended' || task.fence !== before.fence) return undefined;
  const ask = task.ask === undefined ? undefined : yield* work.ask(task.ask);
  if (ask?.state === 'open') {
    // Who waited for the answer is dead: the worker asks again if it must.
    yield* closeAsk(work, core, ask, 'superseded');
    task = present(yield* work.task(before.id), 'task', before.id);
  }
  task.owner = core.owner;
  task.fence += 1;
  task.leaseUntilMs = work.now + core.clocks.taskLeaseMs;
  task.apart = true;
  work.putTask(setDue(task));
  yield* work.note({ name: 'task.attached', data: {}, taskId: task.id, channel: task.channel });
  return task;
}

/** Never run again silently: it may have had effects. One that was being aborted ends as its cause says. */
function* interrupt(work: Work, core: Core, before: Task): Script<void> {
  const task = yield* work.task(before.id);
  if (task === undefined || task.state === 'ended' || task.fence !== before.fence) return;
  const cause: EndCause =
    task.state === 'aborting' && task.cause !== undefined
      ? task.cause
      : { end: 'interrupted', reason: 'restarted' };
  const fromMs = Math.min(
    work.now,
    Math.max(
      task.startedAtMs ?? task.acceptedAtMs,
      (task.leaseUntilMs ?? work.now) - core.clocks.taskLeaseMs,
      // Somebody saw something of it then: it was still there.
      task.contract.lastSurfacedAtMs ?? 0,
    ),
  );
  yield* endTask(work, core, task.id, { cause, away: { fromMs, toMs: work.now }, labelled: true });
}

/** What became overdue while nobody was there fires once. */
async function fireOverdue(core: Core): Promise<void> {
  // Every clock of a Task may be overdue; each round fires one at least.
  for (let round = 0; round < limit.batch; round++) {
    const due = await core.store.read((reads) => reads.tasksDue(core.clock.now(), limit.batch));
    if (due.length === 0) return;
    for (const { id } of due) {
      await core
        .persist('fire', (work) => fireTask(work, core, id))
        .catch((error: unknown) => {
          core.log('error', 'firing an overdue clock failed', {
            task: id,
            error: errorText(error),
          });
          throw error;
        });
    }
  }
}

/** Everything open that waits for a time, into the heap: the store is its truth. */
async function armTimer(core: Core): Promise<void> {
  const far = Number.MAX_SAFE_INTEGER;
  const [tasks, channels] = await core.store.read(function* (reads) {
    return [
      yield* reads.tasksDue(far, 1_000_000),
      yield* reads.channelsDue(far, 1_000_000),
    ] as const;
  });
  for (const { id, dueAtMs } of tasks) core.due.set(`task:${id}`, dueAtMs);
  for (const { key, dueAtMs } of channels) core.due.set(`channel:${key}`, dueAtMs);
  core.due.set('dispatch', core.clock.now());
}
