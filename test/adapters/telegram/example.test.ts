import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type FakeTelegram,
  startFakeTelegram,
  type TelegramMessage,
} from '../../../src/testing/telegram/index.ts';
import { ensureBuilt } from '../../build.ts';
import { killBots, startBot } from '../../cli/bot-process.ts';
import { ends, type ToldMessage, told } from '../../support/transcript.ts';

/**
 * Goal: the example does what its page says, from the command line, as a user starts it. After a wanted change:
 *   READBACK_TRANSCRIPT=1 npx vitest run test/adapters/telegram/example.test.ts
 * prints the transcript for docs/adapters/telegram.md.
 */
const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/adapters/telegram.md'), 'utf8');
const patience = { timeoutMs: 30_000 };

describe('examples/telegram-bot', () => {
  let telegram: FakeTelegram;
  let data: string;

  beforeAll(async () => {
    telegram = await startFakeTelegram();
    data = mkdtempSync(join(tmpdir(), 'readback-telegram-'));
    vi.stubEnv('TELEGRAM_BOT_TOKEN', telegram.token);
    vi.stubEnv('TELEGRAM_API_ROOT', telegram.apiRoot);
  });

  afterAll(async () => {
    killBots();
    vi.unstubAllEnvs();
    await telegram.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('talks as its page shows', { timeout: 120_000 }, async () => {
    const cli = await ensureBuilt();
    const bot = await startBot(cli, data, join(root, 'examples/telegram-bot'));
    expect(bot.said()).toContain('on       telegram');
    const ann = telegram.person({ name: 'Ann' });
    const { chat } = ann;
    ann.say('hello');
    await chat.waitFor(({ text }) => text.startsWith('Write'), patience);
    ann.say('deploy');
    const question = await chat.waitFor((message) => labels(message).length === 2, patience);
    await ann.press(question, 'staging').answered;
    await chat.waitFor(({ text }) => text === 'Deployed to staging.', patience);
    ann.say('report');
    await chat.waitFor(({ text }) => text.includes('step 200:'), patience);
    const bytes = new TextEncoder().encode('one\ntwo\nthree\n');
    ann.say('', { files: [{ name: 'notes.txt', mimeType: 'text/plain', bytes }] });
    await chat.waitFor(({ text }) => text.includes('14 bytes'), patience);
    await bot.end('SIGTERM');
    const talk = chat.messages.map((message) => told(named(message))).join('\n');
    if (process.env['READBACK_TRANSCRIPT']) console.log(talk);
    const shown = /```text\n(Ann: hello[\s\S]*?)\n```/.exec(page)?.[1] ?? '';
    expect(ends(shown)).toEqual(ends(talk));
    expect(bot.said()).not.toContain(telegram.token);
  });
});

const labels = ({ buttons }: TelegramMessage): string[] => buttons.flat().map(({ text }) => text);

const named = (message: TelegramMessage): ToldMessage => ({
  ...message,
  from: message.from.kind === 'bot' ? { name: 'Bot' } : message.from,
});
