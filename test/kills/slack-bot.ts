import type { SendClocksPatch } from '../../src/contracts/task.ts';
import {
  type FakeSlack,
  type SlackMessage,
  type SlackPerson,
  type SlackThread,
  startFakeSlack,
} from '../../src/testing/slack/index.ts';
import { type Line, PlatformBot, type PlatformBotOptions, patienceMs } from './platform-bot.ts';

export interface SlackBotOptions extends PlatformBotOptions {
  /** Default `socket`. */
  readonly mode?: 'socket' | 'http';
}

/** A look into the history takes longer than Slack needs to show there what it took: five seconds. */
const clocks: SendClocksPatch = { sendMs: 8_000, backoffMs: 10, backoffCapMs: 40, drainMs: 1_000 };

/** A bot on Slack that dies and comes back over one file, and the Slack that outlives it, with its limits. */
export class SlackBot extends PlatformBot {
  readonly slack: FakeSlack;
  readonly ann: SlackPerson;
  readonly #mode: 'socket' | 'http';
  readonly #threads: SlackThread[] = [];

  private constructor(slack: FakeSlack, { mode = 'socket', ...options }: SlackBotOptions) {
    super({ name: 'slack', create: 'createSlack', clocks }, options);
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
