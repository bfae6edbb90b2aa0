import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import type { CrashPoint } from '../../src/contracts/crash-point.ts';
import type { RelayEventName } from '../../src/contracts/event.ts';
import type { DeadlinesPatch, SendClocksPatch } from '../../src/contracts/task.ts';
import type { WorkerEvent } from '../../src/contracts/worker.ts';
import {
  type FakeTelegram,
  startFakeTelegram,
  type TelegramPerson,
} from '../../src/testing/telegram/index.ts';
import { ensureBuilt } from '../build.ts';
import { library } from './library.ts';

/** Where the child kills itself, once something came in: a place that cannot be hit from outside. */
export type TelegramDeath = { readonly before: string } | { readonly point: CrashPoint };

export interface TelegramBotOptions {
  readonly deadlines?: DeadlinesPatch;
  /** The worker can watch a Task again. */
  readonly reattach?: boolean;
}

/** A line of the child. */
type Line =
  | { readonly kind: 'ready' | 'drained' }
  | { readonly kind: 'log'; level: string; message: string; data?: unknown }
  | { readonly kind: 'event'; name: RelayEventName; data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'work'; port: 'prompt' | 'attach'; task: { id: string; text: string } };

/** One Task at work in the child. */
export interface TelegramWork {
  emit(event: WorkerEvent): void;
  finish(text: string): void;
}

/** No ack comes between unless a test wants one, and no clock fires that a test did not set. */
const deadlinesDefault: DeadlinesPatch = {
  ackDelayMs: 20_000,
  ackMs: 30_000,
  progressMs: 60_000,
  progressEveryMs: 10,
};
/** An edit that may be overtaken is repeated after `sendMs`; a request that takes so long is a lost one. */
const clocks: SendClocksPatch = { sendMs: 3_000, backoffMs: 10, backoffCapMs: 40, drainMs: 1_000 };
const patienceMs = 45_000;
let made: Promise<string> | undefined;

/** A bot on Telegram that dies and comes back over one file, and the Telegram that outlives it, with its limits. */
export class TelegramBot {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'readback-telegram-'));
  readonly file: string = join(this.folder, 'bot.db');
  readonly telegram: FakeTelegram;
  readonly ann: TelegramPerson;
  lines: Line[] = [];
  readonly #options: TelegramBotOptions;
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  readonly #watchers = new Set<() => void>();

  private constructor(telegram: FakeTelegram, options: TelegramBotOptions) {
    this.telegram = telegram;
    this.ann = telegram.person({ name: 'Ann' });
    this.#options = options;
  }

  static async open(options: TelegramBotOptions = {}): Promise<TelegramBot> {
    return new TelegramBot(await startFakeTelegram(), options);
  }

  /** A new process with a new owner, up to where it asks for updates. */
  async start(die?: TelegramDeath): Promise<void> {
    await this.#gone;
    made ??= telegramLibrary();
    const { token, apiRoot } = this.telegram;
    const config = {
      file: this.file,
      effects: join(this.folder, 'effects'),
      telegram: { token, apiRoot },
      deadlines: { ...deadlinesDefault, ...this.#options.deadlines },
      clocks,
      reattach: this.#options.reattach === true,
      die,
    };
    this.lines = [];
    const path = join(import.meta.dirname, 'telegram-child.mjs');
    const child = fork(path, [await made, JSON.stringify(config)], { execArgv: [] });
    this.#child = child;
    this.#gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    child.on('message', (line: Line) => {
      this.lines.push(line);
      this.#look();
    });
    child.on('exit', () => this.#look());
    await this.until('the bot is up', () => this.#has('ready') || !child.connected);
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
  async work(text: string): Promise<TelegramWork> {
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
    await this.until('nothing is open', () => this.#has('drained'));
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
    await this.telegram.stop();
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
    return [...lines, 'shown:', ...this.ann.chat.texts].join('\n');
  }

  #has(kind: Line['kind']): boolean {
    return this.lines.some((line) => line.kind === kind);
  }

  #send(line: object): void {
    if (this.#child?.connected) this.#child.send(line, () => undefined);
  }

  #look(): void {
    for (const watch of [...this.#watchers]) watch();
  }
}

/** As `library`, with the adapter in the same file: an error of the core is one for the adapter too. */
async function telegramLibrary(): Promise<string> {
  const dist = dirname(await ensureBuilt());
  const core = await library();
  const outfile = join(dirname(core), 'telegram.mjs');
  const parts = {
    'relay.js': 'createRelay, newOwner',
    'core/system-runtime.js': 'createSystemRuntime',
    'contracts/event.js': 'RelayEvents',
    'stores/sqlite/index.js': 'openSqlite',
    'adapters/telegram/index.js': 'createTelegram',
  };
  const contents = Object.entries(parts)
    .map(([path, names]) => `export { ${names} } from ${JSON.stringify(join(dist, path))};`)
    .join('\n');
  await build({
    stdin: { contents, resolveDir: dist },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3', 'grammy'],
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}
