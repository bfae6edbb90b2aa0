import { AskId, type TaskId } from '../contracts/id.ts';
import type { Script } from '../contracts/store.ts';
import type { EndCause, Task } from '../contracts/task.ts';
import { TaskEnd } from '../contracts/task.ts';
import type { TaskResult, WorkerSession } from '../contracts/worker.ts';
import { abortTask } from './abort.ts';
import { clip } from './clip.ts';
import { setDue } from './contract.ts';
import type { Core, LatestWord, Work } from './core.ts';
import { limit } from './limit.ts';
import { sayOfTask } from './open.ts';
import { errorText } from './port.ts';
import { present } from './present.ts';
import { type Finished, Run } from './run-task.ts';
import { type Ending, endTask } from './task-end.ts';

/** The Tasks at work in this process. What is committed about them is told to their workers here. */
export class Runner {
  readonly #core: Core;
  readonly #runs = new Map<TaskId, Run>();
  #forget: (() => void)[] = [];

  constructor(core: Core) {
    this.#core = core;
  }

  get size(): number {
    return this.#runs.size;
  }

  tasks(): readonly Task[] {
    return [...this.#runs.values()].map((run) => run.task);
  }

  latest(id: TaskId): LatestWord | undefined {
    return this.#runs.get(id)?.latest;
  }

  /** Hears what is committed: an abort reaches the worker, an answer its question, an end leaves the worker behind. */
  listen(): void {
    const { emitter } = this.#core;
    this.#forget = [
      emitter.on('task.detached', () => {
        this.#core.counts.detached += 1;
      }),
      emitter.on('task.aborting', (cause, { taskId }) => this.#of(taskId)?.abort(cause)),
      emitter.on('task.ended', (_, { taskId }) => this.#of(taskId)?.detach()),
      emitter.on('ask.answered', ({ askId }, { taskId }) => this.#closed(taskId, askId)),
      emitter.on('ask.closed', ({ askId }, { taskId }) => this.#closed(taskId, askId)),
    ];
  }

  /** What still runs is left to the next process: what its worker says while it is closed is not its end. */
  stop(): void {
    for (const forget of this.#forget.splice(0)) forget();
    for (const run of this.#runs.values()) run.leave();
  }

  #of(taskId: TaskId | undefined): Run | undefined {
    return taskId === undefined ? undefined : this.#runs.get(taskId);
  }

  #closed(taskId: TaskId | undefined, askId: string): void {
    const closed = this.#of(taskId)?.askClosed(AskId.parse(askId));
    closed?.catch((error: unknown) =>
      this.#core.log('error', 'telling an answer failed', { ask: askId, error: errorText(error) }),
    );
  }

  /** Runs a Task that was started to its end. Does not reject. */
  async run(task: Task): Promise<void> {
    const worker = this.#core.workers.get(task.worker);
    await this.#guard(task, async () => {
      if (worker === undefined) {
        await this.#end(task.id, () => ({ cause: { end: 'failed', reason: 'worker_missing' } }));
        return;
      }
      const run = await this.#open(task);
      await this.#finish(run, await run.prompt(worker, (result) => this.#late(task.id, result)));
    });
  }

  /** Watches a Task that ran before we did, in a session that was brought back. Does not reject. */
  async attach(task: Task, session: WorkerSession): Promise<void> {
    await this.#guard(task, async () => {
      const run = await this.#open(task);
      await this.#finish(run, await run.attach(session, (result) => this.#late(task.id, result)));
    });
  }

  async #guard(task: Task, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#core.log('error', 'running a task failed', { task: task.id, error: errorText(error) });
      const cause: EndCause = { end: 'failed', reason: 'worker_failed' };
      await this.#end(task.id, () => ({ cause, error: errorText(error) })).catch(() => undefined);
    } finally {
      this.#runs.delete(task.id);
    }
  }

  async #open(task: Task): Promise<Run> {
    const channel = await this.#core.store.read((reads) => reads.channel(task.channel));
    const run = new Run(this.#core, task, present(channel, 'channel', task.channel));
    run.idle = () => this.#abortIdle(task.id);
    this.#runs.set(task.id, run);
    this.#core.due.set('renew', this.#core.clock.now() + this.#core.clocks.taskLeaseMs / 3);
    // It may have been aborted before its worker was called.
    const now = await this.#core.store.read((reads) => reads.task(task.id));
    if (now?.state === 'aborting' && now.cause !== undefined) run.abort(now.cause);
    if (now?.state === 'ended') run.detach();
    return run;
  }

  #abortIdle(id: TaskId): void {
    const cause: EndCause = { end: 'timed_out', reason: 'idle' };
    const core = this.#core;
    core
      .persist('idle', function* (work) {
        const task = yield* work.task(id);
        if (task?.state !== 'running') return;
        yield* work.note({
          name: 'deadline.missed',
          data: { clock: 'idle', lateMs: 0 },
          taskId: id,
          channel: task.channel,
        });
        yield* abortTask(work, core, id, cause);
      })
      .catch((error: unknown) =>
        core.log('error', 'aborting an idle task failed', { task: id, error: errorText(error) }),
      );
  }

  async #finish(run: Run, finished: Finished | undefined): Promise<void> {
    if (finished === undefined) return;
    await this.#end(run.task.id, (task) => endingOf(task, finished));
  }

  async #end(id: TaskId, ending: (task: Task) => Ending): Promise<void> {
    const core = this.#core;
    core.runtime.crashPoint?.('task.answered');
    await core.persist('end', function* (work) {
      const task = present(yield* work.task(id), 'task', id);
      yield* endTask(work, core, id, ending(task));
    });
    core.runtime.crashPoint?.('task.ended');
  }

  /** A result after the end: shown once where the end was a time-out or an interruption, else only noted. */
  #late(id: TaskId, result: TaskResult): void {
    const core = this.#core;
    core
      .persist('late', (work) => lateResult(work, core, id, result))
      .catch((error: unknown) =>
        core.log('error', 'storing a late result failed', { task: id, error: errorText(error) }),
      );
  }

  /** Renews the leases of what runs here; the timer calls it. */
  async renew(): Promise<void> {
    const core = this.#core;
    if (this.#runs.size === 0) return;
    await core.persist('renew', function* (work): Script<void> {
      work.renewTasks(core.owner, work.now + core.clocks.taskLeaseMs);
    });
    core.due.set('renew', core.clock.now() + core.clocks.taskLeaseMs / 3);
  }
}

function endingOf(task: Task, finished: Finished): Ending {
  const { result, resume } = finished;
  const known =
    typeof result === 'object' && result !== null && TaskEnd.safeParse(result.status).success;
  const status = known ? result.status : 'failed';
  const text = known && typeof result.text === 'string' ? result.text : '';
  const error = known ? result.error?.message : undefined;
  const cause: EndCause =
    task.state === 'aborting' && status !== 'completed' && task.cause !== undefined
      ? task.cause
      : { end: status, reason: reasonOf(status, known ? result.reason : 'no_result') };
  return {
    cause,
    resume,
    ...(text === '' ? {} : { text }),
    ...(error === undefined ? {} : { error: clip(error, limit.errorChars) }),
  };
}

const reasonDefaults: Readonly<Record<TaskEnd, string>> = {
  completed: 'done',
  failed: 'worker_failed',
  cancelled: 'cancelled by its worker',
  timed_out: 'terminal',
  interrupted: 'worker_lost',
};

function reasonOf(status: TaskEnd, reason: string | undefined): string {
  return clip(reason ?? reasonDefaults[status], 500);
}

function* lateResult(work: Work, core: Core, id: TaskId, result: TaskResult): Script<void> {
  const task = yield* work.task(id);
  const end = task?.cause?.end;
  if (task === undefined || task.state !== 'ended') return;
  const told = end === 'timed_out' || end === 'interrupted';
  const shown = told && typeof result?.text === 'string' && result.text !== '';
  yield* work.note({
    name: 'task.late',
    data: { status: TaskEnd.catch('failed').parse(result?.status), shown },
    taskId: id,
    channel: task.channel,
  });
  if (!shown) return;
  yield* sayOfTask(work, core, {
    task,
    update: { kind: 'late', task, status: result.status, text: result.text },
  });
  work.putTask(setDue(task));
}
