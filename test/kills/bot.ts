import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Accepted,
  AdapterCapabilities,
  AdapterHost,
  DeliveryAttempt,
  ReconcileQuestion,
} from '../../src/contracts/adapter.ts';
import type { Delivery } from '../../src/contracts/delivery.ts';
import type { RelayEventName } from '../../src/contracts/event.ts';
import type { Health } from '../../src/contracts/relay.ts';
import type { DeadlinesPatch, EndCause, SendClocksPatch } from '../../src/contracts/task.ts';
import type { AskRequest, TaskInput, TaskResult, WorkerEvent } from '../../src/contracts/worker.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { library } from './library.ts';

export interface BotOptions {
  readonly capabilities?: Partial<AdapterCapabilities>;
  readonly deadlines?: DeadlinesPatch;
  readonly clocks?: SendClocksPatch;
  /** The platform can be asked whether something is shown. */
  readonly reconcile?: boolean;
  /** The worker can watch a Task again. */
  readonly reattach?: boolean;
  /** Another bot's; default one of its own. */
  readonly file?: string;
}

/** Where the child kills itself: a place that cannot be hit from outside. */
export type Die = { readonly nth?: number } & (
  | { readonly at: 'before' | 'after'; readonly write: string }
  | { readonly at: 'event'; readonly event: RelayEventName; readonly receipt?: string }
  | { readonly at: 'claimed'; readonly act: 'send' | 'reconcile' }
  | { readonly at: 'answered'; readonly delivery?: string; readonly part?: number }
);

/** A line of the child. */
export type Line =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; code?: string; message: string; ids?: Record<string, unknown> }
  | { readonly kind: 'event'; name: RelayEventName; data: Record<string, unknown>; taskId?: string }
  | { readonly kind: 'log'; level: string; message: string; data?: unknown }
  | { readonly kind: 'abort'; task: string; cause: EndCause }
  | { readonly kind: 'answer'; id: number; value?: unknown; error?: string }
  | ({ readonly kind: 'call'; id: number } & Asked);
type Asked =
  | { port: 'deliver'; body: { delivery: Delivery; attempt: DeliveryAttempt } }
  | { port: 'reconcile'; body: Omit<ReconcileQuestion, 'signal'> }
  | { port: 'prompt' | 'attach'; body: { task: TaskInput } };

/** One Task at work in the child, in the hands of the test. */
export interface Call {
  readonly kind: 'prompt' | 'attach';
  readonly task: TaskInput;
  /** Which start of the bot it belongs to, from 1. */
  readonly life: number;
  aborted: EndCause | undefined;
  ignoresAbort: boolean;
  done: boolean;
  finish(result: string | TaskResult): void;
  emit(event: WorkerEvent): void;
  ask(request: AskRequest): void;
}

const capabilitiesDefault: AdapterCapabilities = {
  lengthMax: 200,
  lengthUnit: 'utf16',
  editMs: Number.POSITIVE_INFINITY,
  buttons: true,
  files: false,
  streams: false,
  terminalAs: 'edit',
  unknownPolicy: 'mark',
  audience: 'always',
  evidence: 'accepted',
};
/** Nothing waits long, and no clock fires that a test did not set. */
const deadlinesDefault: DeadlinesPatch = {
  ackDelayMs: 10,
  ackMs: 30_000,
  progressMs: 60_000,
  progressEveryMs: 10,
  graceMs: 60_000,
};
const clocksDefault: SendClocksPatch = {
  sendMs: 500,
  leaseMs: 120_000,
  taskLeaseMs: 120_000,
  backoffMs: 10,
  backoffCapMs: 40,
  drainMs: 1_000,
};
const patienceMs = 90_000;

/** A bot that dies and comes back over one file, and what outlives it: its platform, and the effects of its work. */
export class Bot {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'readback-kill-'));
  readonly file: string;
  readonly effectsFile: string = join(this.folder, 'effects');
  readonly platform: FakePlatform;
  readonly capabilities: AdapterCapabilities;
  readonly options: BotOptions;
  readonly calls: Call[] = [];
  /** What was accepted: the platform was told so. */
  readonly accepted: { readonly conversation: string; readonly id: string }[] = [];
  lines: Line[] = [];
  life = 0;
  /** What a worker does by itself; else the test does it. */
  auto: ((call: Call) => void) | undefined;
  /** What the platform shows now it answers only then. */
  answersAfter: Promise<void> | undefined;
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  #requests = 0;
  readonly #pending = new Map<number, (line: Extract<Line, { kind: 'answer' }>) => void>();
  readonly #watchers = new Set<() => void>();

  constructor(options: BotOptions = {}) {
    this.options = options;
    this.file = options.file ?? join(this.folder, 'bot.db');
    this.capabilities = { ...capabilitiesDefault, ...options.capabilities };
    this.platform = new FakePlatform({
      capabilities: this.capabilities,
      reconcile: options.reconcile ?? false,
    });
    const runtime = { wallMs: () => Date.now() };
    const accept: AdapterHost['accept'] = async (inbound) => {
      const answer = await this.#request<Accepted>('accept', inbound);
      this.accepted.push({ conversation: inbound.channel.conversation, id: inbound.id });
      return answer;
    };
    this.platform.host = { runtime, accept } as AdapterHost;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** A new process with a new owner; resolves when it takes messages, or with what it was refused for. */
  async start(die?: Die): Promise<Line> {
    await this.#gone;
    await this.launch(die);
    return await this.until(
      'the bot is up',
      () =>
        this.lines.find((line) => line.kind === 'ready' || line.kind === 'refused') ??
        (this.#child?.connected ? undefined : { kind: 'refused', message: 'it ended' }),
    );
  }

  /** A new process, not waited for. */
  async launch(die?: Die): Promise<void> {
    const from = await library();
    const { deadlines, clocks, reconcile, reattach } = this.options;
    const config = {
      file: this.file,
      effects: this.effectsFile,
      capabilities: this.capabilities,
      deadlines: { ...deadlinesDefault, ...deadlines },
      clocks: { ...clocksDefault, ...clocks },
      reconcile,
      reattach,
      die,
    };
    this.life += 1;
    this.lines = [];
    const path = join(import.meta.dirname, 'child.mjs');
    const child = fork(path, [from, JSON.stringify(config)], { execArgv: [] });
    this.#child = child;
    // What it had sent before its death is still read: such requests had left it.
    this.#gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    child.on('message', (line: Line) => this.#hear(line, child));
    child.on('exit', () => this.#look());
    child.on('disconnect', () => this.#look());
  }

  /** SIGKILL, now. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
    for (const call of this.calls) call.done = true;
    this.#pending.clear();
  }

  /** It kills itself at the place that `start` named. */
  async died(): Promise<void> {
    await this.until('the bot killed itself', () => this.#child?.signalCode === 'SIGKILL');
    await this.kill();
  }

  /** Waits until nothing is open any more: no Task, no Receipt. */
  async drained(): Promise<void> {
    await this.#request('drained', undefined);
  }

  /** Ends in order, so that the file can be read in peace. */
  async stop(): Promise<void> {
    await this.#request('stop', undefined);
    this.#child?.disconnect();
    await this.#gone;
  }

  /** Nothing of it is left: no process, no file. */
  async dispose(): Promise<void> {
    if (this.#child?.connected) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async health(): Promise<Health> {
    return await this.#request<Health>('health', undefined);
  }

  /** The effects that the work had, over all lives: how often each Task was begun, and how often watched again. */
  effects(port: 'prompt' | 'attach' = 'prompt'): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const text = existsSync(this.effectsFile) ? readFileSync(this.effectsFile, 'utf8') : '';
    for (const line of text.split('\n')) {
      const [was, id] = line.split(' ');
      if (was === port && id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  }

  /** The work on the newest message with that text, in this life. */
  async work(text: string): Promise<Call> {
    return await this.until(`work on "${text}"`, () =>
      this.calls.findLast((call) => call.task.text === text && call.life === this.life),
    );
  }

  /** Whether that was committed in this life. */
  event(name: RelayEventName, receipt?: string): boolean {
    return this.lines.some(
      (line) =>
        line.kind === 'event' &&
        line.name === name &&
        (receipt === undefined || line.data['kind'] === receipt),
    );
  }

  /** Whether a Receipt of that kind was stored as shown in this life. */
  surfaced(receipt: string): boolean {
    return this.event('receipt.surfaced', receipt);
  }

  /** Resolves with what `look` finds, looked for after every line of the child. */
  async until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const watch = (): void => {
        const found = look();
        if (found === undefined || found === false) return;
        clearTimeout(timer);
        this.#watchers.delete(watch);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(watch);
        reject(new Error(`waited ${patienceMs} ms for: ${what}\n${this.story()}`));
      }, patienceMs);
      this.#watchers.add(watch);
      watch();
    });
  }

  /** What happened last, for a failure. */
  story(): string {
    const lines = this.lines.slice(-25).map((line) => JSON.stringify(line).slice(0, 220));
    const shown = this.platform.shown.map((message) => `${message.handle} ${message.text}`);
    return [`life ${this.life}`, ...lines, 'shown:', ...shown].join('\n');
  }

  #hear(line: Line, child: ChildProcess): void {
    this.lines.push(line);
    if (line.kind === 'answer') {
      this.#pending.get(line.id)?.(line);
      this.#pending.delete(line.id);
    } else if (line.kind === 'abort') {
      this.#abort(line);
    } else if (line.kind === 'call') {
      this.#answer(line, child);
    }
    this.#look();
  }

  #abort({ task, cause }: Extract<Line, { kind: 'abort' }>): void {
    const call = this.calls.findLast((one) => one.task.id === task);
    if (call === undefined) return;
    call.aborted = cause;
    if (!call.ignoresAbort) call.finish({ status: cause.end, text: '', reason: cause.reason });
  }

  #answer(line: Extract<Line, { kind: 'call' }>, child: ChildProcess): void {
    const reply = (value: unknown): void => {
      if (child.connected) child.send({ kind: 'answer', id: line.id, value }, () => undefined);
      this.#look();
    };
    if (line.port === 'prompt' || line.port === 'attach') {
      this.#open(line.port, line.body.task, { child, reply });
      return;
    }
    const adapter = this.platform.adapter();
    const { signal } = new AbortController();
    const answer =
      line.port === 'deliver'
        ? adapter.deliver(line.body.delivery, { ...line.body.attempt, signal })
        : adapter.reconcile?.({ ...line.body, signal } as ReconcileQuestion);
    const after = this.answersAfter;
    void answer?.then(async (value) => {
      this.#look();
      await after;
      reply(value);
    });
  }

  #open(
    kind: Call['kind'],
    task: TaskInput,
    to: { child: ChildProcess; reply: (value: unknown) => void },
  ): void {
    const send = (line: object): void => {
      if (to.child.connected) to.child.send({ task: task.id, ...line }, () => undefined);
    };
    const call: Call = {
      kind,
      task,
      life: this.life,
      aborted: undefined,
      ignoresAbort: false,
      done: false,
      finish(result) {
        if (call.done) return;
        call.done = true;
        to.reply(typeof result === 'string' ? { status: 'completed', text: result } : result);
      },
      emit: (event) => send({ kind: 'emit', event }),
      ask: (request) => send({ kind: 'ask', request }),
    };
    this.calls.push(call);
    this.auto?.(call);
  }

  /** Asks the child. Rejects with its error, or when it dies before it answers. */
  async #request<T>(name: string, body: unknown): Promise<T> {
    const child = this.#child;
    this.#requests += 1;
    const id = this.#requests;
    let answer: Pick<Extract<Line, { kind: 'answer' }>, 'value' | 'error'> | undefined;
    this.#pending.set(id, (line) => {
      answer = line;
    });
    if (child?.connected) child.send({ kind: 'request', id, name, body }, () => undefined);
    const { value, error } = await this.until(
      `an answer to ${name}`,
      () => answer ?? (child?.connected ? undefined : { error: 'the bot died' }),
    );
    if (error !== undefined) throw new Error(error);
    return value as T;
  }

  #look(): void {
    for (const watch of [...this.#watchers]) watch();
  }
}
