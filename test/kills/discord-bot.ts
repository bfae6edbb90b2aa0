import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SendClocksPatch } from '../../src/contracts/task.ts';
import {
  type DiscordChannel,
  type DiscordMessage,
  type DiscordPerson,
  type FakeDiscord,
  startFakeDiscord,
} from '../../src/testing/discord/index.ts';
import {
  bundle,
  PlatformBot,
  type PlatformBotOptions,
  patienceMs,
  platformLibrary,
} from './platform-bot.ts';

/** A look into the history takes longer than the adapter gives Discord to show there what it took: five seconds. */
const clocks: SendClocksPatch = { sendMs: 8_000, backoffMs: 10, backoffCapMs: 40, drainMs: 1_000 };
let made: Promise<string> | undefined;

/** A bot on Discord that dies and comes back over one file, and the Discord that outlives it, with its limits. */
export class DiscordBot extends PlatformBot {
  readonly discord: FakeDiscord;
  readonly ann: DiscordPerson;
  readonly #rooms: DiscordChannel[] = [];

  private constructor(discord: FakeDiscord, options: PlatformBotOptions) {
    const library = () => (made ??= discordLibrary());
    super({ name: 'discord', clocks, library }, options);
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

function discordLibrary(): Promise<string> {
  return platformLibrary('discord', 'createDiscord', async (folder, dist) => {
    const path = await clientLibrary(folder, dist);
    return {
      plugins: [
        {
          name: 'discord.js',
          setup: ({ onResolve }) =>
            void onResolve({ filter: /^(discord\.js|@discordjs\/ws)$/ }, () => ({
              path,
              external: true,
            })),
        },
      ],
    };
  });
}

/** discord.js and what lies beneath it as one file: of many files it takes a second to load, of one a third. */
async function clientLibrary(folder: string, resolveDir: string): Promise<string> {
  const contents = `
    exports.REST = require('discord.js').REST;
    exports.WebSocketManager = require('@discordjs/ws').WebSocketManager;`;
  const file = join(folder, 'discord-client.cjs');
  // Speeds a client up that does without it.
  const external = ['zlib-sync'];
  await bundle({ stdin: { contents, resolveDir }, format: 'cjs', outfile: file, external });
  const outfile = join(folder, 'discord-client.mjs');
  const exported = '{ REST, WebSocketManager }';
  writeFileSync(outfile, `import all from './discord-client.cjs'; export const ${exported} = all;`);
  return outfile;
}
