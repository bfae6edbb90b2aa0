import type { Channel } from '../contracts/channel.ts';
import type { AskId, ReceiptId } from '../contracts/id.ts';
import { InboundFile } from '../contracts/inbound.ts';
import type { EndCause, Task } from '../contracts/task.ts';
import type {
  AskReply,
  AskRequest,
  TaskInput,
  TaskIO,
  TaskResult,
  Worker,
  WorkerEvent,
  WorkerSession,
} from '../contracts/worker.ts';
import { activityOf } from './activity.ts';
import { clip } from './clip.ts';
import { setDue } from './contract.ts';
import type { Core, LatestWord } from './core.ts';
import { limit } from './limit.ts';
import { callPort, errorText } from './port.ts';
import { newsOf, openProgress } from './progress.ts';
import { openAsk } from './question.ts';
import { replyOf } from './reply.ts';
import { Showing } from './showing.ts';

/** What a worker's end means for its Task. */
export interface Finished {
  readonly result: TaskResult;
  readonly resume: WorkerSession['resumeToken'];
}

/** One Task at work in this process: the worker's events against the clocks. It never sends; it writes what it learned. */
export class Run {
  readonly task: Task;
  readonly io: TaskIO;
  readonly #core: Core;
  readonly #abort = new AbortController();
  readonly #showing: Showing;
  readonly #asks = new Map<AskId, (reply: AskReply) => void>();
  #asking: Promise<unknown> = Promise.resolve();
  #said:
    | { readonly word: () => string; readonly fraction: number | undefined; readonly atMs: number }
    | undefined;
  #told: LatestWord | undefined;
  #telling = false;
  /** Monotonic, so that a jump of the clock starves no word. */
  #progressMono: number;
  #idleMono: number;
  #activity = 0;
  #over = false;
  #leave!: (left: 'left' | 'gone') => void;
  readonly #left: Promise<'left' | 'gone'>;
  #session: WorkerSession | undefined;
  #tellTruth!: (finished: Finished) => void;
  readonly #truth: Promise<Finished>;

  constructor(core: Core, task: Task, channel: Channel) {
    this.#core = core;
    this.task = task;
    this.#left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    this.#truth = new Promise((resolve) => {
      this.#tellTruth = resolve;
    });
    const sinceMs = core.clock.now() - task.acceptedAtMs;
    this.#progressMono =
      core.runtime.monoMs() - sinceMs + task.deadlines.ackDelayMs - task.deadlines.progressEveryMs;
    this.#idleMono = core.runtime.monoMs();
    this.#showing = new Showing(core, {
      taskId: task.id,
      liveId: task.ackReceipt as ReceiptId,
      channel,
    });
    this.io = {
      signal: this.#abort.signal,
      emit: (event) => this.#emit(event),
      ask: (request) => this.#ask(request),
      touch: () => this.#alive(),
    };
  }

  /** The newest words, for a progress that is claimed. */
  get latest(): LatestWord | undefined {
    if (this.#said === undefined) return undefined;
    const { word, fraction, atMs } = this.#said;
    return { word: clip(word(), limit.progressGraphemes, 'grapheme'), fraction, atMs };
  }

  /** The worker is told to stop; `signal.reason` is the cause. */
  abort(cause: EndCause): void {
    this.#showing.stop();
    this.#closeAsks('aborted');
    if (!this.#abort.signal.aborted) this.#abort.abort(cause);
  }

  /** The Task has ended without its worker: nobody waits for it any more, and nothing it says counts. */
  detach(): void {
    this.#over = true;
    this.abort({ end: 'cancelled', reason: 'ended' });
    this.#leave('left');
  }

  /** This process goes and the Task stays as it is stored; its worker is not told. */
  leave(): void {
    this.#over = true;
    this.#showing.stop();
    this.#leave('gone');
  }

  get detached(): boolean {
    return this.#over;
  }

  /** A question was answered or closed; the row tells how. */
  async askClosed(id: AskId): Promise<void> {
    const settle = this.#asks.get(id);
    if (settle === undefined) return;
    this.#asks.delete(id);
    const ask = await this.#core.store.read((reads) => reads.ask(id));
    this.#alive();
    settle(ask === undefined ? { outcome: 'cancelled', reason: 'superseded' } : replyOf(ask));
  }

  /** Runs the worker to its end, or until it is left behind (`undefined`; a late result goes to `late`). */
  async prompt(worker: Worker, late: (result: TaskResult) => void): Promise<Finished | undefined> {
    return await this.#until(late, async () => {
      const session = await this.#open(worker);
      this.#session = session;
      const result = await session.prompt(this.input(), this.io);
      return { result, resume: session.resumeToken };
    });
  }

  /** Watches a Task that ran before we did. */
  async attach(
    session: WorkerSession,
    late: (result: TaskResult) => void,
  ): Promise<Finished | undefined> {
    const { attach } = session;
    if (attach === undefined) return lost('the worker cannot attach');
    return await this.#until(late, async () => {
      const result = await attach.call(session, this.input(), this.io);
      return { result, resume: session.resumeToken };
    });
  }

  async #until(
    late: (result: TaskResult) => void,
    work: () => Promise<Finished>,
  ): Promise<Finished | undefined> {
    this.#showing.start(() => this.#asks.size === 0);
    const working = work().catch((error: unknown): Finished => failed(error));
    const idle = this.#watchIdle();
    const first = await Promise.race([working, this.#left, this.#truth]);
    // With a reason: without one an exception with its stack is made, for every Task.
    idle.abort('answered');
    this.#over = true;
    this.#showing.stop();
    if (first === 'gone') return undefined;
    if (first !== 'left') return first;
    void working.then(({ result }) => late(result));
    return undefined;
  }

  async #open(worker: Worker): Promise<WorkerSession> {
    const { task } = this;
    const [row, transcript] = await this.#core.store.read(function* (reads) {
      return [
        yield* reads.session(task.session),
        yield* reads.transcript(task.session, limit.transcriptItems),
      ] as const;
    });
    const spec = { sessionId: task.session, channel: task.channel, transcript };
    const { signal } = this.io;
    if (row?.resume === undefined) return await worker.ensureSession(spec, { signal });
    try {
      return await worker.ensureSession({ ...spec, resume: row.resume }, { signal });
    } catch (error) {
      // A resume that fails opens a new native session with the transcript as context, and says so.
      const reason = errorText(error).slice(0, 500);
      const { id, session } = task;
      await this.#core.persist('session-reopened', (work) =>
        work.note({ name: 'session.reopened', data: { reason }, taskId: id, sessionId: session }),
      );
      return await worker.ensureSession(spec, { signal });
    }
  }

  input(): TaskInput {
    const { id, text, attempt, personId, personName } = this.task;
    const files = this.task.files.flatMap((file) => {
      const parsed = InboundFile.safeParse(file);
      return parsed.success ? [parsed.data] : [];
    });
    const person = personName === undefined ? { id: personId } : { id: personId, name: personName };
    return { id, text, files, attempt, person };
  }

  #alive(): void {
    this.#idleMono = this.#core.runtime.monoMs();
  }

  #emit(event: WorkerEvent): void {
    if (this.#over || this.#abort.signal.aborted) return;
    this.#alive();
    if (event.kind === 'progress') this.#say(() => event.message, event.fraction);
    if (event.kind === 'tool_call') this.#say(() => event.call.title ?? event.call.name, undefined);
    const streamed = this.#showing.take(event);
    // Where text cannot be streamed it is the newest word.
    if (streamed && !this.#showing.streams) this.#say(() => this.#showing.text, undefined);
    this.#record(event);
  }

  /** Worker activity for the Journal, without text; beyond the limit it is counted. */
  #record(event: WorkerEvent): void {
    const entry = activityOf(event, this.task);
    if (entry === undefined) return;
    this.#activity += 1;
    const { id } = this.task;
    if (this.#activity > limit.activityRows && this.#activity % limit.activityRows !== 0) return;
    const count = this.#activity;
    void this.#core
      .persist('activity', function* (work) {
        const task = yield* work.task(id);
        if (task === undefined || task.state === 'ended') return;
        if (count <= limit.activityRows) yield* work.note(entry);
        work.putTask({ ...task, activity: count });
      })
      .catch((error: unknown) =>
        this.#core.log('error', 'recording activity failed', { task: id, error: errorText(error) }),
      );
  }

  /** The newest word is kept in memory; a progress is opened at most every `progressEveryMs`. */
  #say(word: () => string, fraction: number | undefined): void {
    this.#said = { word, fraction, atMs: this.#core.clock.now() };
    if (this.#telling) return;
    this.#telling = true;
    void this.#tell();
  }

  async #tell(): Promise<void> {
    const { id, deadlines } = this.task;
    const core = this.#core;
    try {
      const waitMs = this.#progressMono + deadlines.progressEveryMs - core.runtime.monoMs();
      if (waitMs > 0) await core.runtime.sleep(waitMs, this.#abort.signal);
      this.#progressMono = core.runtime.monoMs();
      this.#telling = false;
      const { latest } = this;
      if (this.#over || this.#abort.signal.aborted || latest === undefined) return;
      // A word that is shown already opens nothing and resets no clock.
      if (latest.word === this.#told?.word && latest.fraction === this.#told?.fraction) return;
      this.#told = latest;
      await core.persist('progress', function* (work) {
        const task = yield* work.task(id);
        if (task?.state !== 'running') return;
        if (yield* openProgress(work, core, task, newsOf(task, latest))) work.putTask(setDue(task));
      });
    } catch (error) {
      core.log('error', 'opening progress failed', { task: id, error: errorText(error) });
    }
  }

  /** One question at a time; others wait their turn. */
  #ask(request: AskRequest): Promise<AskReply> {
    const asked = this.#asking.then(() => this.#askNow(request));
    this.#asking = asked;
    return asked;
  }

  async #askNow(request: AskRequest): Promise<AskReply> {
    if (this.#over || this.#abort.signal.aborted)
      return { outcome: 'cancelled', reason: 'aborted' };
    try {
      const { id } = this.task;
      const opened = await this.#core.persist('ask', (work) =>
        openAsk(work, this.#core, id, bounded(request)),
      );
      if (opened === undefined) return { outcome: 'cancelled', reason: 'aborted' };
      const reply = new Promise<AskReply>((resolve) => {
        this.#asks.set(opened, resolve);
      });
      // It may have been closed before anybody waited for it here.
      const now = await this.#core.store.read((reads) => reads.ask(opened));
      if (now?.state !== 'open') await this.askClosed(opened);
      return await reply;
    } catch (error) {
      this.#core.log('error', 'asking failed', { task: this.task.id, error: errorText(error) });
      return { outcome: 'cancelled', reason: 'undeliverable' };
    }
  }

  #closeAsks(reason: 'aborted'): void {
    for (const settle of this.#asks.values()) settle({ outcome: 'cancelled', reason });
    this.#asks.clear();
  }

  /** No sign of life for `idleMs`: aborted. Off while a question is open. */
  #watchIdle(): AbortController {
    const stop = new AbortController();
    const { idleMs } = this.task.deadlines;
    if (idleMs > 0) void this.#idleLoop(idleMs, stop.signal);
    return stop;
  }

  async #idleLoop(idleMs: number, stop: AbortSignal): Promise<void> {
    const { runtime } = this.#core;
    while (!stop.aborted && !this.#over) {
      const quietMs = runtime.monoMs() - this.#idleMono;
      if (quietMs >= idleMs && this.#asks.size === 0 && !(await this.#askTruth(quietMs))) {
        this.#onIdle?.();
        return;
      }
      await runtime.sleep(this.#asks.size > 0 ? idleMs : idleMs - quietMs, stop);
    }
  }

  /** A worker that can attach is asked how it stands before it is given up. True: it told, or gave a sign of life. */
  async #askTruth(quietMs: number): Promise<boolean> {
    const session = this.#session;
    const { attach } = session ?? {};
    if (session === undefined || attach === undefined) return false;
    const { runtime, clocks } = this.#core;
    const answer = await callPort({ runtime }, { name: 'attach', limitMs: clocks.attachMs }, () =>
      attach.call(session, this.input(), this.io),
    );
    if (answer.kind === 'answered')
      this.#tellTruth({ result: answer.value, resume: session.resumeToken });
    return answer.kind === 'answered' || runtime.monoMs() - this.#idleMono < quietMs;
  }

  #onIdle: (() => void) | undefined;
  /** Called once when the worker gave no sign of life for its `idleMs`. */
  set idle(told: () => void) {
    this.#onIdle = told;
  }
}

function failed(error: unknown): Finished {
  const message = errorText(error);
  const result: TaskResult = {
    status: 'failed',
    text: '',
    reason: 'worker_failed',
    error: { code: 'thrown', message, retryable: true },
  };
  return { result, resume: null };
}

function lost(message: string): Finished {
  return {
    result: {
      status: 'interrupted',
      text: '',
      reason: 'worker_lost',
      error: { code: 'session_lost', message, retryable: true },
    },
    resume: null,
  };
}

/** What a worker asks is untrusted in its size. */
function bounded(request: AskRequest): AskRequest {
  return {
    ...request,
    text: clip(request.text, 4_000),
    options: request.options.slice(0, 25).map((option, at) => ({
      ...option,
      id: clip(option.id, 200),
      // A button needs a name.
      label: clip(option.label.trim() || option.id.trim() || `${at + 1}`, 80),
    })),
  };
}
