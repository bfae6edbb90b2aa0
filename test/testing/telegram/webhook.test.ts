import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bot, webhookCallback } from 'grammy';
import { expect, onTestFinished, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, refusal, server } from './ground.ts';

test('updates are posted one after the other with the secret, again until 2xx', async () => {
  const runtime = createFakeRuntime();
  const heard: { id: number; secret: string | null; atMs: number }[] = [];
  const answers = [500, 403, 200, 200];
  const telegram = await server({
    runtime,
    webhookFetch: async (request) => {
      const body = (await request.json()) as { update_id: number };
      heard.push({
        id: body.update_id,
        secret: request.headers.get('x-telegram-bot-api-secret-token'),
        atMs: runtime.elapsedMs,
      });
      return new Response(null, { status: answers.shift() ?? 200 });
    },
  });
  const api = client(telegram);
  await api.setWebhook('https://bot.example/telegram', { secret_token: 'S3cret' });
  const ann = telegram.person();
  ann.say('one');
  ann.say('two');
  await runtime.advance(500);
  expect(telegram.webhook).toEqual({
    url: 'https://bot.example/telegram',
    lastError: 'Wrong response from the webhook: 500',
  });
  expect(await api.getWebhookInfo()).toMatchObject({ pending_update_count: 2 });
  await runtime.advance(10_000);
  const [first, second] = [heard[0]?.id ?? 0, (heard[0]?.id ?? 0) + 1];
  expect(heard).toEqual([
    { id: first, secret: 'S3cret', atMs: 0 },
    { id: first, secret: 'S3cret', atMs: 1_000 },
    { id: first, secret: 'S3cret', atMs: 3_000 },
    { id: second, secret: 'S3cret', atMs: 3_000 },
  ]);
  expect(telegram.pendingUpdates).toBe(0);
  expect(JSON.stringify(telegram.webhook)).not.toContain('S3cret');
});

test('a poll ends when a webhook is set, and is refused until it is deleted', async () => {
  const telegram = await server({ webhookFetch: async () => new Response() });
  const api = client(telegram);
  const arrived = telegram.nextCall('getUpdates', { arrived: true });
  const poll = refusal(api.getUpdates({ timeout: 50 }));
  await arrived;
  await api.setWebhook('https://bot.example/');
  expect(await poll).toBe('409 Conflict: terminated by setWebhook request');
  expect(await refusal(api.getUpdates())).toBe(
    "409 Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  );
  await api.deleteWebhook();
  expect(await api.getUpdates()).toEqual([]);
  expect(await api.getWebhookInfo()).toMatchObject({ url: '' });
});

test('an address must be https or on this machine; nobody else is reached', async () => {
  const runtime = createFakeRuntime();
  const telegram = await server({ runtime });
  const api = client(telegram);
  expect(await refusal(api.setWebhook('http://bot.example/'))).toBe(
    '400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
  );
  await api.setWebhook('https://bot.example/');
  telegram.person().say('hello');
  await runtime.settle();
  expect(telegram.webhook?.lastError).toBe(
    'Connection refused: without webhookFetch only this machine is reached',
  );
  await api.deleteWebhook({ drop_pending_updates: true });
  expect(telegram.pendingUpdates).toBe(0);
});

test("grammY's own webhook handler answers on a real port, and its method is called", async () => {
  const telegram = await server();
  const bot = new Bot(telegram.token, {
    client: { apiRoot: telegram.apiRoot, canUseWebhookReply: (method) => method === 'sendMessage' },
  });
  bot.on('message:text', (ctx) => ctx.reply(`you said ${ctx.message.text}`));
  const web = createServer(webhookCallback(bot, 'http', { secretToken: 'abc' }));
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
  await bot.api.setWebhook(address, { secret_token: 'abc' });
  const ann = telegram.person();
  ann.say('hello');
  expect((await ann.chat.waitFor(() => true)).text).toBe('you said hello');
  ann.say('bye');
  await ann.chat.waitFor(({ text }) => text === 'you said bye');
  expect(telegram.callsOf('sendMessage')).toEqual([]);
});
