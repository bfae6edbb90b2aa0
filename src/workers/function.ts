import { ConfigError, ContractError, WorkerError } from '../contracts/error.ts';
import type { TranscriptItem } from '../contracts/session.ts';
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

/** What a person asked, and what was said in this Channel before. */
export interface FunctionTask extends TaskInput {
  /** Oldest first, this Task not included. */
  readonly history: readonly TranscriptItem[];
}

/** What a function may do to the outside while it works. After its Task ended all of it does nothing. */
export interface FunctionIO {
  /** Aborted by a person, a clock or a stop: end soon, or you are left behind after `graceMs`. */
  readonly signal: AbortSignal;
  /** Shows text as it grows. Without a returned text, all of it together is the result. */
  text(delta: string): void;
  /** Says what is being done, in a few words; `fraction` from 0 to 1. */
  progress(message: string, fraction?: number): void;
  /**
   * Asks the person. With `choices` the answer is one of them, without it is free text; `undefined` when
   * nobody answered in time or nobody could be asked. Never throws.
   *
   * ```ts
   * const answer = await io.ask('Deploy to production?', ['yes', 'no']);
   * if (answer !== 'yes') return 'Not deployed.';
   * ```
   */
  ask(question: string, choices?: readonly string[]): Promise<string | undefined>;
  /** The same with all there is to say: a permission, an option that refuses. */
  ask(request: AskRequest): Promise<AskReply>;
  /** Any other event of the port. */
  emit(event: WorkerEvent): void;
  /** A sign of life without words. */
  touch(): void;
}

/** A text, or nothing (then what was streamed), now or later; or chunks of text, streamed as they come. */
export type FunctionResult =
  | string
  | undefined
  | void
  // biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is one of ours
  | Promise<string | undefined | void>
  | AsyncIterable<string>;
export type WorkerFunction = (task: FunctionTask, io: FunctionIO) => FunctionResult;

export interface FunctionWorkerOptions {
  /** Unique in a relay and stored with every Task: do not change it while Tasks are open. Default `function`. */
  readonly name?: string;
  readonly deadlines?: DeadlinesPatch;
}

const capabilities: WorkerCapabilities = {
  session: 'none',
  resume: 'transcript',
  reattach: false,
  steer: false,
  abort: 'cooperative',
  idempotentPrompt: false,
  asks: ['permission', 'question'],
  exclusiveDirectory: false,
};
/** Items of a Session's memory that are kept between its Tasks. */
const historyMax = 200;
/** Longest text of one Task, in UTF-16 units. */
const textMax = 1_000_000;

/**
 * Makes a Worker of a function: `async (task, io) => 'the answer'`, or an async generator that yields it.
 *
 * What it throws ends the Task `failed`, as does an end without any text (`no_result`). After an abort a
 * returned text still counts; anything else ends the Task as the abort says. It is not stopped by force:
 * one that ignores `io.signal` runs on, unheard. Nothing of it survives a restart.
 *
 * Throws `ConfigError` `bad_worker` when there is no function, the name is not 1 to 200
 * characters or an option is unknown.
 */
export function defineWorker(fn: WorkerFunction): Worker;
export function defineWorker(options: FunctionWorkerOptions, fn: WorkerFunction): Worker;
export function defineWorker(
  first: FunctionWorkerOptions | WorkerFunction,
  second?: WorkerFunction,
): Worker {
  const options = typeof first === 'function' ? {} : first;
  const fn = typeof first === 'function' ? first : second;
  const { name = 'function', deadlines, ...unknown } = options;
  if (typeof fn !== 'function')
    throw new ConfigError('bad_worker', 'defineWorker: needs a function');
  if (typeof name !== 'string' || name === '' || name.length > 200) {
    throw new ConfigError('bad_worker', 'defineWorker: name must be 1 to 200 characters');
  }
  for (const key of Object.keys(unknown)) {
    throw new ConfigError('bad_worker', `defineWorker: there is no option ${key}`);
  }
  return {
    name,
    capabilities,
    ...(deadlines && { deadlines }),
    ensureSession: async (spec) => openSession(spec, fn),
    dispose: async () => {},
  };
}

function openSession(spec: SessionSpec, fn: WorkerFunction): WorkerSession {
  let history = spec.transcript;
  return {
    resumeToken: null,
    async prompt(task, io) {
      const result = await run(fn, { ...task, history }, io);
      const said: TranscriptItem[] = [
        { role: 'user', text: task.text, taskId: task.id, atMs: Date.now() },
      ];
      if (result.status === 'completed') {
        said.push({ role: 'assistant', text: result.text, taskId: task.id, atMs: Date.now() });
      }
      history = [...history, ...said].slice(-historyMax);
      return result;
    },
    close: async () => {},
  };
}

async function run(fn: WorkerFunction, task: FunctionTask, io: TaskIO): Promise<TaskResult> {
  const stream = openStream(io);
  try {
    const result = fn(task, openIO(io, stream.add));
    const text = isIterable(result) ? await drain(result, io.signal, stream.add) : await result;
    return ended(asText(text), stream.text(), io.signal);
  } catch (error) {
    return failed(error, stream.text(), io.signal);
  }
}

/** What was streamed so far, as one part. */
function openStream(io: TaskIO): { add: (delta: string) => void; text: () => string } {
  let text = '';
  return {
    text: () => text,
    add(delta) {
      if (typeof delta !== 'string') {
        throw new ContractError('not_text', `only texts can be streamed, got ${typeof delta}`);
      }
      if (delta === '') return;
      if (text.length + delta.length > textMax) {
        throw new ContractError('text_too_long', `more than ${textMax} characters were streamed`);
      }
      text += delta;
      io.emit({ kind: 'text', partId: 'text', delta });
    },
  };
}

function openIO(io: TaskIO, text: (delta: string) => void): FunctionIO {
  return {
    signal: io.signal,
    text,
    progress(message, fraction) {
      io.emit({ kind: 'progress', message, ...(fraction !== undefined && { fraction }) });
    },
    ask: ((asked: string | AskRequest, choices: readonly string[] = []) =>
      typeof asked === 'string'
        ? askWords(io, asked, choices)
        : io.ask(asked)) as FunctionIO['ask'],
    emit: (event) => io.emit(event),
    touch: () => io.touch(),
  };
}

async function askWords(
  io: TaskIO,
  text: string,
  choices: readonly string[],
): Promise<string | undefined> {
  const options = choices.map((label, index) => ({ id: String(index), label }));
  const reply = await io.ask({ kind: 'question', text, options, freeText: options.length === 0 });
  if (reply.outcome === 'cancelled') return undefined;
  return reply.outcome === 'answered' ? reply.text : choices[Number(reply.optionId)];
}

/** Streams what is yielded; a text that a generator returns at its end is the result. Stops listening at an abort. */
async function drain(
  chunks: AsyncIterable<string>,
  signal: AbortSignal,
  add: (delta: string) => void,
): Promise<string | undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let open = true;
  try {
    while (!signal.aborted) {
      const step: IteratorResult<string, unknown> = await iterator.next();
      open = step.done !== true;
      if (step.done) return asText(step.value);
      add(step.value);
    }
    return undefined;
  } finally {
    if (open) await iterator.return?.();
  }
}

function isIterable(result: FunctionResult): result is AsyncIterable<string> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

function asText(returned: unknown): string | undefined {
  if (typeof returned === 'string') return returned;
  if (returned === undefined || returned === null) return undefined;
  throw new ContractError('not_text', `the function must return a text, got ${typeof returned}`);
}

function ended(text: string | undefined, streamed: string, signal: AbortSignal): TaskResult {
  if (text !== undefined && text.trim() !== '') return { status: 'completed', text };
  if (signal.aborted) return aborted(signal, streamed);
  if (streamed.trim() !== '') return { status: 'completed', text: streamed };
  return { status: 'failed', text: '', reason: 'no_result' };
}

function failed(error: unknown, streamed: string, signal: AbortSignal): TaskResult {
  if (signal.aborted) return aborted(signal, streamed);
  const { code, name, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : wrap(error);
  const retryable = error instanceof WorkerError && error.retryable;
  return {
    status: 'failed',
    text: streamed,
    reason: 'error',
    error: { code: typeof code === 'string' ? code : name, message, retryable },
  };
}

function wrap(thrown: unknown): NodeJS.ErrnoException {
  return new Error(typeof thrown === 'string' ? thrown : `a ${typeof thrown} was thrown`);
}

function aborted(signal: AbortSignal, text: string): TaskResult {
  const cause = EndCause.safeParse(signal.reason);
  if (!cause.success) return { status: 'cancelled', text, reason: 'aborted' };
  return { status: cause.data.end, text, reason: cause.data.reason };
}
