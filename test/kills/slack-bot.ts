import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import type { SendClocksPatch } from '../../src/contracts/task.ts';
import {
  type FakeSlack,
  type SlackMessage,
  type SlackPerson,
  type SlackThread,
  startFakeSlack,
} from '../../src/testing/slack/index.ts';
import {
  bundle,
  type Line,
  PlatformBot,
  type PlatformBotOptions,
  patienceMs,
  platformLibrary,
} from './platform-bot.ts';

export interface SlackBotOptions extends PlatformBotOptions {
  /** Default `socket`. */
  readonly mode?: 'socket' | 'http';
}

/** A look into the history takes longer than Slack needs to show there what it took: five seconds. */
const clocks: SendClocksPatch = { sendMs: 8_000, backoffMs: 10, backoffCapMs: 40, drainMs: 1_000 };
let made: Promise<string> | undefined;

/** A bot on Slack that dies and comes back over one file, and the Slack that outlives it, with its limits. */
export class SlackBot extends PlatformBot {
  readonly slack: FakeSlack;
  readonly ann: SlackPerson;
  readonly #mode: 'socket' | 'http';
  readonly #threads: SlackThread[] = [];

  private constructor(slack: FakeSlack, { mode = 'socket', ...options }: SlackBotOptions) {
    const library = () => (made ??= slackLibrary());
    super({ name: 'slack', clocks, library }, options);
    this.slack = slack;
    this.ann = slack.person({ name: 'Ann' });
    this.#mode = mode;
  }

  static async open(options: SlackBotOptions = {}): Promise<SlackBot> {
    return new SlackBot(await startFakeSlack(), options);
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

  override get texts(): readonly string[] {
    return this.answers.map(({ shown }) => shown);
  }

  protected override get config(): object {
    const { botToken: token, appToken, signingSecret, apiUrl } = this.slack;
    return { token, apiUrl, ...(this.#mode === 'socket' ? { appToken } : { signingSecret }) };
  }

  protected override get asked(): readonly string[] {
    return this.slack.calls.map(({ method, fault }) => `${method} ${fault ?? ''}`.trim());
  }

  protected override async reach({ url }: Extract<Line, { kind: 'ready' }>): Promise<void> {
    if (this.#mode === 'http') await this.slack.setRequestUrl(`${url}/slack/events`);
    else await this.slack.sockets.connected(1, { timeoutMs: patienceMs });
  }

  protected override async stopPlatform(): Promise<void> {
    await this.slack.stop();
  }
}

function slackLibrary(): Promise<string> {
  return platformLibrary('slack', 'createSlack', async (folder, dist) => ({
    plugins: [boltOf(await boltLibrary(folder, dist))],
  }));
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
