import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import type { CrashPoint } from '../../src/contracts/crash-point.ts';
import type { RelayEventName } from '../../src/contracts/event.ts';
import type { DeadlinesPatch, SendClocksPatch } from '../../src/contracts/task.ts';
import type { WorkerEvent } from '../../src/contracts/worker.ts';
import {
  type FakeSlack,
  type SlackMessage,
  type SlackPerson,
  type SlackThread,
  startFakeSlack,
} from '../../src/testing/slack/index.ts';
import { ensureBuilt } from '../build.ts';
import { library } from './library.ts';

/** Where the child kills itself, once something came in: a place that cannot be hit from outside. */
export type SlackDeath = { readonly before: string } | { readonly point: CrashPoint };

export interface SlackBotOptions {
  /** Default `socket`. */
  readonly mode?: 'socket' | 'http';
  readonly deadlines?: DeadlinesPatch;
  /** The worker can watch a Task again. */
  readonly reattach?: boolean;
}

/** A line of the child. */
type Line =
  | { readonly kind: 'ready'; readonly url?: string }
  | { readonly kind: 'drained' }
  | { readonly kind: 'log'; level: string; message: string; data?: unknown }
  | { readonly kind: 'event'; name: RelayEventName; data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'work'; port: 'prompt' | 'attach'; task: { id: string; text: string } };

/** One Task at work in the child. */
export interface SlackWork {
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
/** A look into the history takes longer than Slack needs to show there what it took: five seconds. */
const clocks: SendClocksPatch = { sendMs: 8_000, backoffMs: 10, backoffCapMs: 40, drainMs: 1_000 };
const patienceMs = 45_000;
let made: Promise<string> | undefined;

/** A bot on Slack that dies and comes back over one file, and the Slack that outlives it, with its limits. */
export class SlackBot {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'readback-slack-'));
  readonly file: string = join(this.folder, 'bot.db');
  readonly slack: FakeSlack;
  readonly ann: SlackPerson;
  lines: Line[] = [];
  readonly #options: SlackBotOptions;
  readonly #threads: SlackThread[] = [];
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  readonly #watchers = new Set<() => void>();

  private constructor(slack: FakeSlack, options: SlackBotOptions) {
    this.slack = slack;
    this.ann = slack.person({ name: 'Ann' });
    this.#options = options;
  }

  static async open(options: SlackBotOptions = {}): Promise<SlackBot> {
    return new SlackBot(await startFakeSlack(), options);
  }

  /** A new process with a new owner, up to where Slack reaches it. */
  async start(die?: SlackDeath): Promise<void> {
    await this.#gone;
    made ??= slackLibrary();
    const { botToken: token, appToken, signingSecret, apiUrl } = this.slack;
    const { mode = 'socket', deadlines, reattach = false } = this.#options;
    const config = {
      file: this.file,
      effects: join(this.folder, 'effects'),
      slack: { token, apiUrl, ...(mode === 'socket' ? { appToken } : { signingSecret }) },
      deadlines: { ...deadlinesDefault, ...deadlines },
      clocks,
      reattach,
      die,
    };
    this.lines = [];
    const path = join(import.meta.dirname, 'slack-child.mjs');
    const child = fork(path, [await made, JSON.stringify(config)], { execArgv: [] });
    this.#child = child;
    this.#gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    child.on('message', (line: Line) => {
      this.lines.push(line);
      this.#look();
    });
    child.on('exit', () => this.#look());
    const ready = await this.until('the bot is up', () => {
      const line = this.lines.find(({ kind }) => kind === 'ready');
      return line ?? (child.connected ? undefined : { kind: 'ready' as const });
    });
    await this.#reach(mode, ready as Extract<Line, { kind: 'ready' }>);
  }

  async #reach(mode: 'socket' | 'http', { url }: { readonly url?: string }): Promise<void> {
    if (this.#child?.connected !== true) return;
    if (mode === 'http') await this.slack.setRequestUrl(`${url}/slack/events`);
    else await this.slack.sockets.connected(1, { timeoutMs: patienceMs });
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

  /** Ann asks in a channel; all that comes of it stands in a thread of its own. */
  ask(text: string): SlackThread {
    const channel = this.slack.channel({ members: [this.ann] });
    const thread = channel.thread(this.ann.mention(text, { to: channel }));
    this.#threads.push(thread);
    return thread;
  }

  /** What the bot says in answer to all that was asked, in order. */
  get answers(): readonly SlackMessage[] {
    return this.#threads.flatMap(({ messages }) =>
      messages.filter(({ from }) => from.kind === 'bot'),
    );
  }

  get texts(): readonly string[] {
    return this.answers.map(({ shown }) => shown);
  }

  /** The work on a message with that text, in this life. */
  async work(text: string): Promise<SlackWork> {
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
    await this.slack.stop();
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
    const calls = this.slack.calls
      .slice(-15)
      .map(({ method, fault }) => `${method} ${fault ?? ''}`.trim());
    return [...lines, 'asked:', ...calls, 'shown:', ...this.texts].join('\n');
  }

  #send(line: object): void {
    if (this.#child?.connected) this.#child.send(line, () => undefined);
  }

  #look(): void {
    for (const watch of [...this.#watchers]) watch();
  }
}

/** As `library`, with the adapter in the same file: an error of the core is one for the adapter too. */
async function slackLibrary(): Promise<string> {
  const dist = dirname(await ensureBuilt());
  const core = await library();
  const outfile = join(dirname(core), 'slack.mjs');
  const parts = {
    'relay.js': 'createRelay, newOwner',
    'serve.js': 'serve',
    'core/system-runtime.js': 'createSystemRuntime',
    'contracts/event.js': 'RelayEvents',
    'stores/sqlite/index.js': 'openSqlite',
    'adapters/slack/index.js': 'createSlack',
  };
  const contents = Object.entries(parts)
    .map(([path, names]) => `export { ${names} } from ${JSON.stringify(join(dist, path))};`)
    .join('\n');
  await bundle({
    stdin: { contents, resolveDir: dist },
    format: 'esm',
    outfile,
    plugins: [boltOf(await boltLibrary(dirname(core), dist))],
  });
  return outfile;
}

/** Bolt as one file too: a process starts in half the time. */
async function boltLibrary(folder: string, resolveDir: string): Promise<string> {
  const file = join(folder, 'bolt.cjs');
  const stdin = { contents: "module.exports = require('@slack/bolt');", resolveDir };
  await bundle({ stdin, format: 'cjs', outfile: file });
  const outfile = join(folder, 'bolt.mjs');
  const contents = `import all from './bolt.cjs'; export const { SocketModeReceiver, webApi } = all;`;
  writeFileSync(outfile, contents);
  return outfile;
}

const boltOf = (path: string): Plugin => ({
  name: 'bolt',
  setup: ({ onResolve }) =>
    void onResolve({ filter: /^@slack\/bolt$/ }, () => ({ path, external: true })),
});

async function bundle(options: BuildOptions): Promise<void> {
  const external = ['better-sqlite3', '@hono/node-server', 'hono'];
  await build({ bundle: true, platform: 'node', external, logLevel: 'silent', ...options });
}
