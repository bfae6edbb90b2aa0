import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { storyItem, TaskItem } from '../../src/cli/item.ts';
import type { Config } from '../../src/config.ts';
import type { AskReply, AskRequest } from '../../src/contracts/worker.ts';
import { ensureBuilt } from '../build.ts';
import { type CliResult, runBuilt } from '../cli/bot-process.ts';

const configFile = join(import.meta.dirname, 'whole.config.mjs');
const patienceMs = 20_000;

/** What can be told to the bot as JSON. */
export type Settings = Pick<Config, 'deadlines' | 'clocks' | 'webchat' | 'page'>;
export type Story = ReturnType<typeof storyItem>;
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type Line =
  | {
      readonly kind: 'began';
      readonly run: number;
      readonly text: string;
      readonly attempt: number;
    }
  | { readonly kind: 'answered'; readonly run: number; readonly reply: AskReply }
  | { readonly kind: 'aborted'; readonly run: number };

/** One Task at work in the bot, in the hands of the test. */
export class Work {
  readonly attempt: number;
  readonly #bot: WholeBot;
  readonly #run: number;

  constructor(bot: WholeBot, began: Extract<Line, { kind: 'began' }>) {
    this.#bot = bot;
    this.#run = began.run;
    this.attempt = began.attempt;
  }

  progress(message: string, fraction?: number): void {
    this.#act('progress', { message, fraction });
  }
  text(delta: string): void {
    this.#act('text', { delta });
  }
  end(text: string): void {
    this.#act('end', { text });
  }
  fail(message: string): void {
    this.#act('fail', { message });
  }
  deafen(): void {
    this.#act('deafen', {});
  }
  /** Asks; the reply comes later. */
  ask(text: string, labels: readonly string[] = [], freeText = labels.length === 0): void {
    const options = labels.map((label, index) => ({ id: `option-${index}`, label }));
    const request: AskRequest = { kind: 'question', text, options, freeText };
    this.#act('ask', { request });
  }
  async reply(): Promise<AskReply> {
    return await this.#bot.until('an answer', () => this.#heard('answered')?.reply);
  }
  async aborted(): Promise<void> {
    await this.#bot.until('an abort', () => this.#heard('aborted'));
  }

  #act(act: string, said: object): void {
    this.#bot.tell({ run: this.#run, act, ...said });
  }

  #heard<Kind extends Line['kind']>(kind: Kind): Extract<Line, { kind: Kind }> | undefined {
    return this.#bot.lines.findLast(
      (line): line is Extract<Line, { kind: Kind }> => line.kind === kind && line.run === this.#run,
    );
  }
}

/** The built command line with a bot of our own, on a folder and a port that outlive its process. */
export class WholeBot {
  /** What its worker said in this life. */
  lines: Line[] = [];
  readonly #cli: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #settings: Settings;
  #child: ChildProcess | undefined;
  #exit: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #printed = '';
  #taken = new Set<number>();
  readonly #watchers = new Set<() => void>();

  private constructor(at: { cli: string; folder: string; port: number }, settings: Settings) {
    this.#cli = at.cli;
    this.#folder = at.folder;
    this.#port = at.port;
    this.#settings = settings;
  }

  static async start(settings: Settings = {}): Promise<WholeBot> {
    const cli = await ensureBuilt();
    const folder = await mkdtemp(join(tmpdir(), 'readback-whole-'));
    const bot = new WholeBot({ cli, folder, port: await freePort() }, settings);
    await bot.start();
    return bot;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get data(): string {
    return join(this.#folder, 'data');
  }

  /** A new process over the same file and at the same address; resolves when it serves. */
  async start(): Promise<void> {
    await this.#exit;
    this.lines = [];
    this.#taken = new Set();
    this.#printed = '';
    const env = {
      ...process.env,
      READBACK_DATA: this.data,
      PORT: String(this.#port),
      WHOLE_SETTINGS: JSON.stringify(this.#settings),
    };
    const child = spawn(process.execPath, [this.#cli, 'start', '--config', configFile], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    let ended: Exit | undefined;
    this.#exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        ended = { code, signal };
        resolve(ended);
        this.#look();
      });
    });
    const print = (chunk: Buffer): void => {
      this.#printed += chunk.toString();
      this.#look();
    };
    child.stdout?.on('data', print);
    child.stderr?.on('data', print);
    child.on('message', (line) => {
      this.lines.push(line as Line);
      this.#look();
    });
    await this.until('the bot serves', () => {
      if (ended !== undefined) throw new Error(`it ended:\n${this.#printed}`);
      return this.#printed.includes(`is at ${this.url}`);
    });
  }

  /** SIGKILL, now. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** Asks it to stop; resolves when it has heard. */
  async terminate(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.printed('stopping: open work gets its time');
  }

  /** A signal more; resolves with how it ended. */
  async end(signal?: NodeJS.Signals): Promise<Exit> {
    if (signal !== undefined) this.#child?.kill(signal);
    return await this.#exit;
  }

  /** Ends it and takes its folder away. */
  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async printed(text: string): Promise<void> {
    await this.until(text, () => this.#printed.includes(text));
  }

  /** The next Task with that text that its worker began, once each. */
  async work(text: string): Promise<Work> {
    return await this.until(`work on ${JSON.stringify(text.slice(0, 80))}`, () => {
      const began = this.lines.find(
        (line): line is Extract<Line, { kind: 'began' }> =>
          line.kind === 'began' && line.text === text && !this.#taken.has(line.run),
      );
      if (began === undefined) return undefined;
      this.#taken.add(began.run);
      return new Work(this, began);
    });
  }

  tell(line: object): void {
    this.#child?.send(line, () => {});
  }

  /** One command of the command line, as an operator types it. */
  async run(...args: string[]): Promise<CliResult> {
    return await runBuilt(this.#cli, this.data, args);
  }

  /** What `readback tasks` lists of those with such a title, oldest first. */
  async tasks(...titles: readonly string[]): Promise<TaskItem[]> {
    const listed = JSON.parse((await this.run('tasks', '--json')).out) as { items: TaskItem[] };
    return listed.items.filter(({ title }) => titles.includes(title));
  }

  /** What `readback inspect` tells of it, by its id or the end of it. */
  async story(id: string): Promise<Story> {
    return JSON.parse((await this.run('inspect', id, '--json')).out) as Story;
  }

  /** Resolves with what `look` finds, looked for after everything that the bot says. */
  async until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(watch);
      };
      const watch = (): void => {
        try {
          const found = look();
          if (found === undefined || found === false) return;
          end();
          resolve(found);
        } catch (error) {
          end();
          reject(error as Error);
        }
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`waited ${patienceMs} ms for: ${what}\n${this.#printed.slice(-2_000)}`));
      }, patienceMs);
      this.#watchers.add(watch);
      watch();
    });
  }

  #look(): void {
    for (const watch of [...this.#watchers]) watch();
  }
}

/** Below the ports that connections take by themselves, so that nobody has it while the bot is down. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
