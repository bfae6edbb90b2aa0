import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrashPoint } from '../../src/contracts/crash-point.ts';
import type { RelayEventName } from '../../src/contracts/event.ts';
import type { DeadlinesPatch, SendClocksPatch } from '../../src/contracts/task.ts';
import type { WorkerEvent } from '../../src/contracts/worker.ts';
import { platformLibrary } from './library.ts';

/** Where the child kills itself, once something came in: a place that cannot be hit from outside. */
export type Death = { readonly before: string } | { readonly point: CrashPoint };

export interface PlatformBotOptions {
  readonly deadlines?: DeadlinesPatch;
  /** The worker can watch a Task again. */
  readonly reattach?: boolean;
}

/** A line of the child. */
export type Line =
  | { readonly kind: 'ready'; readonly url?: string }
  | { readonly kind: 'drained' }
  | { readonly kind: 'log'; level: string; message: string; data?: unknown }
  | { readonly kind: 'event'; name: RelayEventName; data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'work'; port: 'prompt' | 'attach'; task: { id: string; text: string } };

/** One Task at work in the child. */
export interface Work {
  emit(event: WorkerEvent): void;
  finish(text: string): void;
}

/** What a platform says of its bot. */
export interface PlatformBotParts {
  readonly name: string;
  readonly clocks: SendClocksPatch;
  /** What makes its adapter. */
  readonly create: string;
}

/** No ack comes between unless a test wants one, and no clock fires that a test did not set. */
const deadlinesDefault: DeadlinesPatch = {
  ackDelayMs: 20_000,
  ackMs: 30_000,
  progressMs: 60_000,
  progressEveryMs: 10,
};
export const patienceMs = 45_000;

/** A bot on a platform that dies and comes back over one file. The platform outlives it. */
export abstract class PlatformBot {
  readonly folder: string;
  readonly file: string;
  lines: Line[] = [];
  readonly #parts: PlatformBotParts;
  readonly #options: PlatformBotOptions;
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  readonly #watchers = new Set<() => void>();

  protected constructor(parts: PlatformBotParts, options: PlatformBotOptions) {
    this.#parts = parts;
    this.#options = options;
    this.folder = mkdtempSync(join(tmpdir(), `readback-${parts.name}-`));
    this.file = join(this.folder, 'bot.db');
  }

  /** What the bot says in answer to all that was asked, in order. */
  abstract get texts(): readonly string[];
  /** What the adapter is made with. */
  protected abstract get config(): object;
  /** What the bot asked of the platform last, for the error of a wait. */
  protected abstract get asked(): readonly string[];
  protected abstract stopPlatform(): Promise<void>;
  /** The process is up: resolves when the platform reaches it. */
  protected async reach(_: Extract<Line, { kind: 'ready' }>): Promise<void> {}

  /** A new process with a new owner, up to where the platform reaches it. */
  async start(die?: Death): Promise<void> {
    await this.#gone;
    const { deadlines, reattach = false } = this.#options;
    const { name, create, clocks } = this.#parts;
    const config = {
      file: this.file,
      effects: join(this.folder, 'effects'),
      create,
      adapter: this.config,
      deadlines: { ...deadlinesDefault, ...deadlines },
      clocks,
      reattach,
      die,
    };
    this.lines = [];
    const path = join(import.meta.dirname, 'platform-child.mjs');
    const child = fork(path, [await platformLibrary(name, create), JSON.stringify(config)], {
      execArgv: [],
    });
    this.#child = child;
    this.#gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    child.on('message', (line: Line) => {
      this.lines.push(line);
      this.#look();
    });
    child.on('exit', () => this.#look());
    const isReady = (line: Line) => line.kind === 'ready';
    const ready = await this.until('the bot is up', () => {
      return this.lines.find(isReady) ?? (child.connected ? undefined : 'gone');
    });
    if (ready !== 'gone' && child.connected && ready.kind === 'ready') await this.reach(ready);
  }

  /** SIGKILL, now. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
  }

  /** It kills itself at the place that `start` named. */
  async died(): Promise<void> {
    await this.until('the bot killed itself', () => this.#child?.signalCode === 'SIGKILL');
    await this.#gone;
  }

  /** The work on a message with that text, in this life. */
  async work(text: string): Promise<Work> {
    const task = await this.until(`work on "${text}"`, () => {
      const isIt = (line: Line) => line.kind === 'work' && line.task.text === text;
      return (this.lines.findLast(isIt) as Extract<Line, { kind: 'work' }> | undefined)?.task.id;
    });
    return {
      emit: (event) => this.#send({ act: 'emit', task, event }),
      finish: (result) => this.#send({ act: 'finish', task, text: result }),
    };
  }

  /** Resolves when that was committed in this life. */
  async event(name: RelayEventName, receipt?: string): Promise<void> {
    await this.until(`${name} of ${receipt}`, () =>
      this.lines.some(
        (line) =>
          line.kind === 'event' &&
          line.name === name &&
          (receipt === undefined || line.data['kind'] === receipt),
      ),
    );
  }

  /** Waits until no Task and no Receipt is open, then ends it in order, so that the file can be read in peace. */
  async settle(): Promise<void> {
    this.#send({ act: 'drain' });
    await this.until('nothing is open', () => this.lines.some(({ kind }) => kind === 'drained'));
    this.#send({ act: 'stop' });
    await this.#gone;
  }

  /** How often the work of each Task was begun, over all lives. */
  effects(): readonly number[] {
    const path = join(this.folder, 'effects');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    const begun = lines.filter((line) => line.startsWith('prompt '));
    return [...new Set(begun)].map((line) => begun.filter((one) => one === line).length);
  }

  async dispose(): Promise<void> {
    await this.kill();
    await this.stopPlatform();
    rmSync(this.folder, { recursive: true, force: true });
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
        reject(new Error(`waited ${patienceMs} ms for: ${what}\n${this.#story()}`));
      }, patienceMs);
      this.#watchers.add(watch);
      watch();
    });
  }

  #story(): string {
    const lines = this.lines.slice(-25).map((line) => JSON.stringify(line).slice(0, 220));
    return [...lines, 'asked:', ...this.asked.slice(-15), 'shown:', ...this.texts].join('\n');
  }

  #send(line: object): void {
    if (this.#child?.connected) this.#child.send(line, () => undefined);
  }

  #look(): void {
    for (const watch of [...this.#watchers]) watch();
  }
}

/** Acts, and is killed when the platform has met what was planned; then it begins again. */
export async function killAtFault(
  bot: PlatformBot,
  planned: { readonly spent: Promise<unknown> },
  act: () => void,
): Promise<void> {
  act();
  await planned.spent;
  await bot.kill();
  await bot.start();
}

/** Runs it with a bot, and ends that. */
export async function withBot<Bot extends PlatformBot>(
  opened: Promise<Bot>,
  run: (bot: Bot) => Promise<void>,
): Promise<void> {
  const bot = await opened;
  try {
    await run(bot);
  } finally {
    await bot.dispose();
  }
}
