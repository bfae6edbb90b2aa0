import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type FakeSlack,
  type SlackMessage,
  type SlackThread,
  startFakeSlack,
} from '../../../src/testing/slack/index.ts';
import { ensureBuilt } from '../../build.ts';
import { type Bot, killBots, startBot } from '../../cli/bot-process.ts';
import { ends, indented, told } from '../../support/transcript.ts';
import { exampleManifest } from './manifest-schema.ts';

/**
 * Goal: the example does what its page says, from the command line, as a user starts it, with the rights and the events
 * of its manifest alone. After a wanted change:
 *   READBACK_TRANSCRIPT=1 npx vitest run test/adapters/slack/example.test.ts
 * prints the transcript for docs/adapters/slack.md.
 */
const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/adapters/slack.md'), 'utf8');
const manifest = exampleManifest();
const patience = { timeoutMs: 30_000 };

let slack: FakeSlack;
let data: string;

beforeEach(async () => {
  slack = await startFakeSlack({
    botName: manifest.features.bot_user.display_name,
    subscriptions: manifest.settings.event_subscriptions.bot_events,
  });
  slack.setScopes(manifest.oauth_config.scopes.bot);
  data = mkdtempSync(join(tmpdir(), 'readback-slack-'));
  vi.stubEnv('SLACK_BOT_TOKEN', slack.botToken);
  vi.stubEnv('SLACK_API_URL', slack.apiUrl);
});

afterEach(async () => {
  killBots();
  vi.unstubAllEnvs();
  await slack.stop();
  rmSync(data, { recursive: true, force: true });
});

async function start(): Promise<Bot> {
  const cli = await ensureBuilt();
  const bot = await startBot(cli, data, join(root, 'examples/slack-app'));
  expect(bot.said()).toContain('on       slack');
  return bot;
}

const firstReply = (message: SlackMessage): Promise<SlackMessage> =>
  message.channel.thread(message).waitFor(({ from }) => from.kind === 'bot', patience);

describe('examples/slack-app', () => {
  it('talks as its page shows, in Socket Mode', { timeout: 180_000 }, async () => {
    vi.stubEnv('SLACK_APP_TOKEN', slack.appToken);
    const bot = await start();
    await slack.sockets.connected(1, patience);
    const ann = slack.person({ name: 'Ann' });
    const releases = slack.channel({ name: 'releases', members: [ann] });
    const asked = ann.mention('hello', { to: releases });
    await firstReply(asked);
    const wanted = ann.mention('deploy', { to: releases });
    const deploying = releases.thread(wanted);
    await ann.press(await button(deploying, 'staging'), 'staging').answered;
    await ann.press(await button(deploying, 'Answer in words'), 'Answer in words').answered;
    const dialog = await ann.waitForView(undefined, patience);
    await ann.submit(dialog, { 'readback:answer': 'faster search' }).answered;
    await deploying.waitFor(({ shown }) => shown.startsWith('Deployed to staging'), patience);
    ann.reply(wanted, 'log');
    await deploying.waitFor(({ shown }) => shown.includes('Nothing failed.'), patience);
    ann.reply(wanted, 'report');
    await deploying.waitFor(({ shown }) => shown.includes('step 200:'), patience);
    const bytes = new TextEncoder().encode('one\ntwo\nthree\n');
    ann.say('', { files: [{ name: 'notes.txt', mimeType: 'text/plain', bytes }] });
    await ann.dm.waitFor(({ shown }) => shown.includes('14 bytes'), patience);
    await bot.end('SIGTERM');
    const talk = [
      '#releases',
      ...[asked, wanted].map((message) => toldThread(releases.thread(message))),
      'Direct message',
      ...ann.dm.all.map(told),
    ].join('\n');
    if (process.env['READBACK_TRANSCRIPT']) console.log(talk);
    const shown = /```text\n(#releases\n[\s\S]*?)\n```/.exec(page)?.[1] ?? '';
    expect(ends(shown)).toEqual(ends(talk));
    expect(slack.callsOf('chat.startStream').filter(({ applied }) => applied)).toHaveLength(1);
    expect(refusals()).toEqual([]);
    for (const secret of [slack.botToken, slack.appToken]) expect(bot.said()).not.toContain(secret);
  });

  it('does the same by HTTP', { timeout: 120_000 }, async () => {
    vi.stubEnv('SLACK_SIGNING_SECRET', slack.signingSecret);
    const bot = await start();
    await slack.setRequestUrl(`${bot.url}/slack/events`);
    const ann = slack.person({ name: 'Ann' });
    const releases = slack.channel({ name: 'releases', members: [ann] });
    const reply = await firstReply(ann.mention('hello', { to: releases }));
    expect(reply.shown).toContain('deploy');
    await ann.command('/desk', 'status').answered;
    await ann.dm.waitFor(({ shown }) => shown !== '', patience);
    await bot.end('SIGTERM');
    expect(slack.sockets.made).toBe(0);
    expect(refusals()).toEqual([]);
    expect(bot.said()).not.toContain(slack.signingSecret);
  });
});

const button = (thread: SlackThread, label: string): Promise<SlackMessage> =>
  thread.waitFor(({ buttons }) => buttons.some(({ text }) => text === label), patience);

/** What Slack refused, whatever it was: with the manifest alone it should be nothing. */
const refusals = (): unknown[] =>
  slack.calls
    .filter(({ answer }) => answer?.['ok'] === false)
    .map(({ method, answer }) => [method, answer]);

const toldThread = (thread: SlackThread): string =>
  thread.messages
    .map((message, at) => (at === 0 ? told(message) : indented(told(message), 2)))
    .join('\n');
