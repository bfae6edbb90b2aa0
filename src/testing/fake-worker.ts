import type { WorkerError } from '../contracts/error.ts';
import { type DeadlinesPatch, EndCause } from '../contracts/task.ts';
import type {
  AskReply,
  AskRequest,
  SessionSpec,
  TaskInput,
  TaskIO,
  TaskResult,
  Worker,
  WorkerCapabilities,
  WorkerEvent,
  WorkerSession,
} from '../contracts/worker.ts';

export interface FakeWorkerOptions {
  /** Default `fake`. */
  readonly name?: string;
  /** Over those of a function: no session, resumed by transcript, cooperative abort. With `reattach` it can be attached. */
  readonly capabilities?: Partial<WorkerCapabilities>;
  readonly deadlines?: DeadlinesPatch;
}

/** One call of `prompt` or `attach`, in the hands of the test. */
export interface FakeCall {
  readonly kind: 'prompt' | 'attach';
  readonly task: TaskInput;
  readonly spec: SessionSpec;
  readonly io: TaskIO;
  /** Also after the end: late talk. */
  emit(event: WorkerEvent): void;
  /** Streams a piece of text. */
  text(delta: string): void;
  ask(request: AskRequest): Promise<AskReply>;
  /** Ends it, with a text as `completed`. False when it had ended: a call settles once. */
  finish(result: string | TaskResult): boolean;
  /** Rejects. */
  fail(error: unknown): boolean;
  /** From now on an abort does nothing; otherwise it ends the call at once as its cause says. */
  ignoreAbort(): void;
  readonly settled: boolean;
}

export interface FakeSession {
  readonly spec: SessionSpec;
  closed: boolean;
  forgotten: boolean;
}

/** A Worker that does what the test says. */
export interface FakeWorker extends Worker {
  /** The oldest call that was not taken yet; waits for it. */
  next(): Promise<FakeCall>;
  /** All calls so far, also those not taken. */
  readonly calls: readonly FakeCall[];
  readonly sessions: readonly FakeSession[];
  /** The next `ensureSession` throws this. */
  failSession(error: WorkerError): void;
  readonly disposed: boolean;
}

const capabilitiesDefault: WorkerCapabilities = {
  session: 'none',
  resume: 'transcript',
  reattach: false,
  steer: false,
  abort: 'cooperative',
  idempotentPrompt: false,
  asks: ['permission', 'question'],
  exclusiveDirectory: false,
};

export function createFakeWorker(options: FakeWorkerOptions = {}): FakeWorker {
  const name = options.name ?? 'fake';
  const capabilities = { ...capabilitiesDefault, ...options.capabilities };
  const calls: FakeCall[] = [];
  const sessions: FakeSession[] = [];
  const taken = createQueue<FakeCall>();
  const failures: WorkerError[] = [];
  let disposed = false;
  const open = (call: FakeCall): void => {
    calls.push(call);
    taken.put(call);
  };
  return {
    name,
    capabilities,
    ...(options.deadlines && { deadlines: options.deadlines }),
    calls,
    sessions,
    next: taken.take,
    failSession: (error) => void failures.push(error),
    get disposed() {
      return disposed;
    },
    async ensureSession(spec) {
      const failure = failures.shift();
      if (failure) throw failure;
      const session: FakeSession = { spec, closed: false, forgotten: false };
      sessions.push(session);
      return openSession(session, { name, capabilities, n: sessions.length, open });
    },
    async dispose() {
      disposed = true;
    },
  };
}

function openSession(
  session: FakeSession,
  made: {
    name: string;
    capabilities: WorkerCapabilities;
    n: number;
    open: (call: FakeCall) => void;
  },
): WorkerSession {
  const call = (kind: FakeCall['kind'], task: TaskInput, io: TaskIO): Promise<TaskResult> =>
    new Promise((resolve, reject) => {
      made.open(openCall({ kind, task, io, spec: session.spec }, { resolve, reject }));
    });
  const native = made.capabilities.resume === 'native';
  return {
    resumeToken: native ? (session.spec.resume ?? { v: 1, worker: made.name, data: made.n }) : null,
    prompt: (task, io) => call('prompt', task, io),
    ...(made.capabilities.reattach && {
      attach: (task: TaskInput, io: TaskIO) => call('attach', task, io),
    }),
    async close(how) {
      session.closed = true;
      session.forgotten ||= how?.forget === true;
    },
  };
}

function openCall(
  of: Pick<FakeCall, 'kind' | 'task' | 'io' | 'spec'>,
  promise: { resolve: (result: TaskResult) => void; reject: (error: unknown) => void },
): FakeCall {
  const { signal } = of.io;
  let settled = false;
  const settle = (act: () => void): boolean => {
    if (settled) return false;
    settled = true;
    signal.removeEventListener('abort', obey);
    act();
    return true;
  };
  const obey = (): void => {
    const cause = EndCause.safeParse(signal.reason).data;
    const status = cause?.end ?? 'cancelled';
    settle(() => promise.resolve({ status, text: '', reason: cause?.reason ?? 'aborted' }));
  };
  const call: FakeCall = {
    ...of,
    emit: (event) => of.io.emit(event),
    text: (delta) => of.io.emit({ kind: 'text', partId: 'text', delta }),
    ask: (request) => of.io.ask(request),
    finish(result) {
      const whole =
        typeof result === 'string' ? { status: 'completed' as const, text: result } : result;
      return settle(() => promise.resolve(whole));
    },
    fail: (error) => settle(() => promise.reject(error)),
    ignoreAbort: () => signal.removeEventListener('abort', obey),
    get settled() {
      return settled;
    },
  };
  if (signal.aborted) obey();
  else signal.addEventListener('abort', obey);
  return call;
}

function createQueue<T>(): { put: (item: T) => void; take: () => Promise<T> } {
  const items: T[] = [];
  const takers: ((item: T) => void)[] = [];
  return {
    put(item) {
      const taker = takers.shift();
      if (taker) taker(item);
      else items.push(item);
    },
    take() {
      const item = items.shift();
      if (item !== undefined) return Promise.resolve(item);
      return new Promise((resolve) => void takers.push(resolve));
    },
  };
}
