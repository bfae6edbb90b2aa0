import type { SendClocksPatch } from '../../src/contracts/task.ts';
import {
  type DiscordChannel,
  type DiscordMessage,
  type DiscordPerson,
  type FakeDiscord,
  startFakeDiscord,
} from '../../src/testing/discord/index.ts';
import { PlatformBot, type PlatformBotOptions, patienceMs } from './platform-bot.ts';

/** A look into the history takes longer than the adapter gives Discord to show there what it took: five seconds. */
const clocks: SendClocksPatch = { sendMs: 8_000, backoffMs: 10, backoffCapMs: 40, drainMs: 1_000 };

/** A bot on Discord that dies and comes back over one file, and the Discord that outlives it, with its limits. */
export class DiscordBot extends PlatformBot {
  readonly discord: FakeDiscord;
  readonly ann: DiscordPerson;
  readonly #rooms: DiscordChannel[] = [];

  private constructor(discord: FakeDiscord, options: PlatformBotOptions) {
    super({ name: 'discord', create: 'createDiscord', clocks }, options);
    this.discord = discord;
    this.ann = discord.person({ name: 'Ann' });
  }

  static async open(options: PlatformBotOptions = {}): Promise<DiscordBot> {
    return new DiscordBot(await startFakeDiscord(), options);
  }

  /** Ann asks in a channel of its own. */
  ask(text: string): DiscordChannel {
    const room = this.discord.channel();
    this.#rooms.push(room);
    this.ann.mention(text, { to: room });
    return room;
  }

  /** What the bot says in answer to all that was asked, in order. */
  get answers(): readonly DiscordMessage[] {
    return this.#rooms.flatMap(({ messages }) =>
      messages.filter(({ from }) => from.kind === 'bot'),
    );
  }

  override get texts(): readonly string[] {
    return this.answers.map(({ shown }) => shown);
  }

  protected override get config(): object {
    const { token, apiUrl } = this.discord;
    return { token, apiUrl };
  }

  protected override get asked(): readonly string[] {
    return this.discord.calls.map(({ route, fault }) => `${route} ${fault ?? ''}`.trim());
  }

  protected override async reach(): Promise<void> {
    await this.discord.gateway.connected(1, { timeoutMs: patienceMs });
  }

  protected override async stopPlatform(): Promise<void> {
    await this.discord.stop();
  }
}
