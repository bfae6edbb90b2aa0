import type { SessionId, TaskId } from '../contracts/id.ts';
import type { Session } from '../contracts/session.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import { holdSilence, moveTask, setDue } from './contract.ts';
import type { Core, Taken, Work } from './core.ts';
import { limit } from './limit.ts';
import { readChannel } from './line.ts';
import { errorText } from './port.ts';
import { openProgress, tellPositions } from './progress.ts';

/** Which Task runs now: one per Session, the longest waiting first, bounded in all. */
export class Dispatcher {
  readonly #core: Core;
  readonly #run: (task: Task) => Promise<void>;
  readonly #running = new Set<TaskId>();
  /** Started in a transaction that is not over yet. */
  #starting = 0;
  /** Somebody may wait for the room of one that runs. */
  #isFull = false;
  #wanted = false;
  #looking = false;
  #stopped = false;

  /** `run` settles when the Task has ended or was left behind; it must not reject. */
  constructor(core: Core, run: (task: Task) => Promise<void>) {
    this.#core = core;
    this.#run = run;
  }

  get running(): number {
    return this.#running.size;
  }

  get looking(): boolean {
    return this.#looking;
  }

  /** A Session may have become free. */
  wake(): void {
    this.#wanted = true;
    if (this.#looking || this.#stopped) return;
    this.#looking = true;
    void this.#look();
  }

  #room(): number {
    return this.#core.settings.concurrency - this.#running.size - this.#starting;
  }

  /** Starts nothing any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** A Task that runs although nobody started it here: it was attached. */
  adopt(task: Task, done: Promise<void>): void {
    this.#track(task.id, done);
  }

  /** Starts a Session's next Task in the transaction that made it ready, when nobody waits for the room. */
  *startAtOnce(work: Work, session: SessionId): Script<Taken | undefined> {
    if (this.#stopped || this.#looking || this.#room() <= 0) return undefined;
    const task = yield* startNext(work, this.#core, session);
    if (task === undefined) return undefined;
    this.#starting += 1;
    return {
      begin: () => {
        this.#starting -= 1;
        this.#begin(task);
      },
      giveBack: () => {
        this.#starting -= 1;
      },
    };
  }

  async #look(): Promise<void> {
    while (this.#wanted && !this.#stopped) {
      this.#wanted = false;
      try {
        await this.#round();
      } catch (error) {
        this.#core.log('error', 'starting tasks failed', { error: errorText(error) });
        this.#core.due.set('dispatch', this.#core.clock.now() + limit.rewriteCapMs);
      }
    }
    this.#looking = false;
  }

  async #round(): Promise<void> {
    const room = Math.min(this.#room(), limit.batch);
    this.#isFull = room <= 0;
    if (room <= 0) return;
    const ready = await this.#core.store.read((reads) => reads.sessionsReady(room));
    this.#isFull = ready.length === room;
    const started = await Promise.all(ready.map((session) => this.#start(session)));
    if (ready.length === room && started.some((task) => task !== undefined)) this.#wanted = true;
  }

  async #start(session: Session): Promise<Task | undefined> {
    if (this.#stopped) return undefined;
    const task = await this.#core.persist('start', (work) =>
      startNext(work, this.#core, session.id),
    );
    if (task === undefined) return undefined;
    this.#begin(task);
    return task;
  }

  #begin(task: Task): void {
    this.#core.runtime.crashPoint?.('task.started');
    this.#track(task.id, this.#run(task));
  }

  #track(id: TaskId, done: Promise<void>): void {
    this.#running.add(id);
    void done.finally(() => {
      this.#running.delete(id);
      if (this.#isFull) this.wake();
    });
  }
}

/** The start is stored before the worker is called. */
function* startNext(work: Work, core: Core, sessionId: SessionId): Script<Task | undefined> {
  const session = yield* work.session(sessionId);
  if (session === undefined || session.busy !== undefined) return undefined;
  const queued = yield* work.tasksQueuedIn(session.id, limit.queueMaxMax + 1);
  const [task] = queued;
  session.readyAtMs = undefined;
  session.queued = Math.max(0, queued.length - 1);
  if (task !== undefined) session.busy = task.id;
  work.putSession(session);
  if (task === undefined) return undefined;
  yield* beginTask(work, core, task);
  yield* tellPositions(work, core, queued.slice(1), task);
  return task;
}

function* beginTask(work: Work, core: Core, task: Task): Script<void> {
  const { deadlines, contract } = task;
  moveTask(task, 'running');
  task.owner = core.owner;
  task.fence += 1;
  task.leaseUntilMs = work.now + core.clocks.taskLeaseMs;
  task.startedAtMs = work.now;
  contract.queueDueAtMs = undefined;
  contract.terminalDueAtMs = work.now + deadlines.terminalMs;
  const channel = yield* readChannel(work, task.channel);
  if (channel.audience === 'absent') holdSilence(task);
  if (contract.state !== 'created' && task.apart)
    yield* openProgress(work, core, task, { kind: 'started', task });
  work.putTask(setDue(task));
  yield* work.note({
    name: 'task.started',
    data: { attempt: task.attempt },
    taskId: task.id,
    channel: task.channel,
    sessionId: task.session,
  });
}
