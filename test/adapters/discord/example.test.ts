import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type DiscordChannel,
  type DiscordMessage,
  type FakeDiscord,
  startFakeDiscord,
} from '../../../src/testing/discord/index.ts';
import { ensureBuilt } from '../../build.ts';
import { type Bot, killBots, startBot } from '../../cli/bot-process.ts';
import { Page } from '../../support/page.ts';
import { ends, indented, told } from '../../support/transcript.ts';
import { invitePermissions } from './invite.ts';

/**
 * Goal: the example does what its page says, from the command line, as a user starts it, with the permissions of its
 * invite link alone. After a wanted change:
 *   READBACK_TRANSCRIPT=1 npx vitest run test/adapters/discord/example.test.ts
 * prints the transcript for docs/adapters/discord.md.
 */
const root = resolve(import.meta.dirname, '../../..');
const page = new Page('docs/adapters/discord.md');
const patience = { timeoutMs: 30_000 };

let discord: FakeDiscord;
let data: string;

beforeEach(async () => {
  discord = await startFakeDiscord({ botName: 'release-desk' });
  discord.guild.setBotPermissions(invitePermissions(page));
  data = mkdtempSync(join(tmpdir(), 'readback-discord-'));
  vi.stubEnv('DISCORD_TOKEN', discord.token);
  vi.stubEnv('DISCORD_API_URL', discord.apiUrl);
});

afterEach(async () => {
  killBots();
  vi.unstubAllEnvs();
  await discord.stop();
  rmSync(data, { recursive: true, force: true });
});

async function start(): Promise<Bot> {
  const cli = await ensureBuilt();
  const bot = await startBot(cli, data, join(root, 'examples/discord-bot'));
  expect(bot.said()).toContain('on       discord');
  await discord.gateway.connected(1, patience);
  return bot;
}

describe('examples/discord-bot', () => {
  it('talks as its page shows', { timeout: 180_000 }, async () => {
    const bot = await start();
    const ann = discord.person({ name: 'Ann' });
    const releases = discord.channel({ name: 'releases' });
    const asked = ann.mention('hello', { to: releases });
    await answer(asked, ({ shown }) => shown.includes('deploy'));
    const wanted = ann.mention('deploy', { to: releases });
    const where = await answer(wanted, has('staging'));
    await ann.press(where, 'staging').answered;
    const what = await answer(wanted, has('Answer in words'));
    await ann.press(what, 'Answer in words').answered;
    const dialog = await ann.waitForModal(undefined, patience);
    await ann.submit(dialog, { Answer: 'faster search' }).answered;
    await answer(wanted, ({ shown }) => shown.startsWith('Deployed to **staging**'));
    const thread = wanted.thread as DiscordChannel;
    ann.say('log', { to: thread });
    await answer(
      wanted,
      ({ shown, history }) => shown.includes('Nothing failed.') && history.length === 1,
    );
    ann.say('report', { to: thread });
    await answer(wanted, ({ shown }) => shown.includes('step 200:'));
    const bytes = new TextEncoder().encode('one\ntwo\nthree\n');
    ann.say('', { files: [{ name: 'notes.txt', mimeType: 'text/plain', bytes }] });
    await ann.dm.waitFor(({ shown }) => shown.includes('14 bytes'), patience);
    await ann.command('ask', { text: 'hello' }).answered;
    await ann.dm.waitFor(({ shown }) => shown.includes('deploy'), patience);
    await bot.end('SIGTERM');
    const talk = [
      '#releases',
      ...[asked, wanted].map(toldThread),
      'Direct message',
      ...ann.dm.messages.map(told),
    ].join('\n');
    if (process.env['READBACK_TRANSCRIPT']) console.log(talk);
    const shown = /````text\n(#releases\n[\s\S]*?)\n````/.exec(page.text)?.[1] ?? '';
    expect(ends(shown)).toEqual(ends(talk));
    expect(refusals()).toEqual([]);
    expect(bot.said()).not.toContain(discord.token);
  });

  it('takes its session up after a restart', { timeout: 120_000 }, async () => {
    const first = await start();
    await first.end('SIGTERM');
    const ann = discord.person({ name: 'Ann' });
    ann.say('hello');
    const second = await start();
    await ann.dm.waitFor(({ shown }) => shown.includes('deploy'), patience);
    await second.end('SIGTERM');
    const { identifies, resumes } = discord.gateway;
    expect([identifies, resumes]).toEqual([1, 1]);
  });
});

const has =
  (label: string) =>
  ({ buttons }: DiscordMessage): boolean =>
    buttons.some((one) => one.label === label);

/** What the bot says in the thread that it makes of a message. */
async function answer(
  message: DiscordMessage,
  fits: (message: DiscordMessage) => boolean,
): Promise<DiscordMessage> {
  if (message.thread === undefined)
    await discord.nextCall('POST /channels/:id/messages/:id/threads', patience);
  const { thread } = message;
  if (thread === undefined) throw new Error(`no thread was made of "${message.shown}"`);
  return await thread.waitFor(fits, patience);
}

/** What Discord refused, whatever it was. */
const refusals = (): unknown[] =>
  discord.calls
    .filter(({ status = 0 }) => status >= 400)
    .map(({ route, status, answer: said }) => [route, status, said]);

const toldThread = (message: DiscordMessage): string =>
  [
    told(message),
    ...(message.thread?.messages ?? [])
      // A thread begins with a message that shows the one that it was made of.
      .filter(({ shown, files }) => shown !== '' || files.length > 0)
      .map((one) => indented(told(one), 2)),
  ].join('\n');
