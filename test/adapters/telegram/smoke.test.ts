import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import testApi from 'telegram-test-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTelegram } from '../../../src/adapters/telegram/index.ts';
import type { Relay } from '../../../src/contracts/relay.ts';
import { createSystemRuntime } from '../../../src/core/system-runtime.ts';
import { createRelay, newOwner } from '../../../src/relay.ts';
import { openSqlite, SqliteMemory } from '../../../src/stores/sqlite/index.ts';
import { createFakeWorker, type FakeWorker } from '../../../src/testing/fake-worker.ts';

/**
 * Goal: our fake of the Bot API shares its author with the adapter; this server does not. On the real clock, over the
 * real `fetch`. It is not Telegram either: it answers a poll at once and forgets what it handed over, whatever offset
 * is asked for; it knows no limits, answers edits with null, and every method that it does not know (typing, drafts,
 * the menu) with 500. So nothing of those is checked here.
 */
// Its types say `default`; what it exports is the class itself.
const TelegramServer = testApi as unknown as typeof testApi.default;
const token = '666:AASecondAuthorOfAServer0000000000000';

interface Shown {
  readonly messageId: number;
  readonly message: {
    readonly chat_id: number | string;
    readonly text: string;
    readonly reply_markup?: { readonly inline_keyboard?: readonly (readonly Button[])[] };
    readonly reply_parameters?: { readonly message_id: number };
  };
}
interface Button {
  readonly text: string;
  readonly callback_data: string;
}

let server: InstanceType<typeof TelegramServer>;
let client: ReturnType<typeof server.getClient>;
let relay: Relay;
let memory: SqliteMemory;
let worker: FakeWorker;
let logs: string[];

/** It takes no port 0: that is set past its constructor. */
async function listen(): Promise<string> {
  server = new TelegramServer({ host: '127.0.0.1', storeTimeout: 3_600 });
  server.config.port = 0;
  await server.start();
  const { server: http } = server as unknown as { server: Server };
  const { address, port } = http.address() as AddressInfo;
  expect(address).toBe('127.0.0.1');
  server.config.apiURL = `http://127.0.0.1:${port}`;
  return server.config.apiURL;
}

beforeEach(async () => {
  const apiRoot = await listen();
  client = server.getClient(token, { userId: 77, chatId: 77, firstName: 'Ann' });
  worker = createFakeWorker();
  logs = [];
  const runtime = createSystemRuntime();
  const owner = newOwner(runtime);
  memory = new SqliteMemory();
  const store = await openSqlite({ file: ':memory:', runtime, owner, memory });
  relay = createRelay({
    store,
    owner,
    runtime,
    adapters: [createTelegram({ token, apiRoot, commands: false })],
    workers: [worker],
    deadlines: { ackDelayMs: 50 },
    log: (level, message, data) => void logs.push(`${level} ${message} ${JSON.stringify(data)}`),
  });
  await relay.start();
});

afterEach(async () => {
  await relay.stop({ now: true });
  await server.stop();
  memory.close();
});

const shown = (): readonly Shown[] => server.storage.botMessages as unknown as readonly Shown[];
const labels = (one: Shown | undefined): readonly string[] =>
  one?.message.reply_markup?.inline_keyboard?.flat().map(({ text }) => text) ?? [];

/** The first message for which `fits` holds, now or after the next messages and edits. */
async function seen(fits: (one: Shown) => boolean): Promise<Shown> {
  for (;;) {
    const found = shown().find(fits);
    if (found !== undefined) return found;
    const over = new AbortController();
    const { signal } = over;
    const changes = ['AddedBotMessage', 'EditedMessageText'];
    await Promise.race(changes.map((name) => once(server, name, { signal })));
    over.abort();
  }
}

const say = (text: string) => client.sendMessage(client.makeMessage(text));

describe('a Bot API server by another author', () => {
  it('a message is acked in reply, progress and the answer come by editing it', async () => {
    await say('count the files');
    const call = await worker.next();
    expect(call.task.text).toBe('count the files');
    const placeholder = await seen(({ message }) => message.text === 'On it…');
    expect(labels(placeholder)).toEqual(['Cancel']);
    expect(placeholder.message.reply_parameters?.message_id).toBe(1);
    call.emit({ kind: 'progress', message: 'half of them' });
    await seen(({ message }) => message.text.includes('half of them'));
    call.finish('There are **12**.');
    const answer = await seen(({ message }) => message.text === 'There are 12.');
    expect(answer.messageId).toBe(placeholder.messageId);
    expect(labels(answer)).toEqual([]);
    expect(shown()).toHaveLength(1);
    expect(logs.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });

  it('a question is asked by buttons and answered by a press', async () => {
    await say('deploy');
    const call = await worker.next();
    const reply = call.ask({
      kind: 'permission',
      text: 'Where to?',
      options: [
        { id: 'staging', label: 'Staging' },
        { id: 'nowhere', label: 'Nowhere', refuses: true },
      ],
    });
    const question = await seen(({ message }) => message.text.startsWith('Where to?'));
    expect(labels(question)).toEqual(['Staging', 'Nowhere']);
    const data = question.message.reply_markup?.inline_keyboard?.flat()[0]?.callback_data ?? '';
    const { messageId: message_id } = question;
    await client.sendCallback(client.makeCallbackQuery(data, { message: { message_id } as never }));
    expect(await reply).toEqual({ outcome: 'selected', optionId: 'staging' });
    const answered = await seen((one) => one.messageId === message_id && labels(one).length === 0);
    expect(answered.message.text).toContain('Staging');
    call.finish('Deployed.');
    await seen(({ message }) => message.text === 'Deployed.');
  });

  it('what comes in one after the other is worked off in order', async () => {
    await say('first');
    await say('second');
    const first = await worker.next();
    expect(first.task.text).toBe('first');
    first.finish('one');
    await seen(({ message }) => message.text.endsWith('one'));
    const second = await worker.next();
    expect(second.task.text).toBe('second');
    second.finish('two');
    await seen(({ message }) => message.text.endsWith('two'));
  });
});
