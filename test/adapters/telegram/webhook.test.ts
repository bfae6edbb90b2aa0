import { afterEach, describe, expect, test } from 'vitest';
import { createTelegram } from '../../../src/adapters/telegram/index.ts';
import { FakeHost } from '../webchat/fake-host.ts';
import { Stage } from './stage.ts';

const url = 'https://bot.example/telegram/webhook';
const secret = 'a-secret-of-the-operator';

let stage: Stage;
afterEach(async () => {
  await stage.close();
});

/** As Telegram reaches the bot: what `serve` takes off the path is off. */
async function open(): Promise<Stage> {
  const reach = async (request: Request): Promise<Response> => {
    const { method, headers } = request;
    const body = await request.text();
    const inner = new Request('http://bot.example/webhook', { method, headers, body });
    return (await stage.adapter.fetch?.(inner)) ?? new Response(null, { status: 502 });
  };
  stage = await Stage.open({
    config: { mode: { webhook: { url, secret } } },
    fake: { webhookFetch: reach },
    start: false,
  });
  await stage.harness.start();
  await stage.advance(1_000);
  return stage;
}

function ask(more: { path?: string; method?: string; secret?: string; body?: string } = {}) {
  const { path = '/webhook', method = 'POST', body = '{"update_id":1}' } = more;
  const headers = { 'x-telegram-bot-api-secret-token': more.secret ?? secret };
  const init = method === 'GET' ? { method, headers } : { method, headers, body };
  return stage.adapter.fetch?.(new Request(`http://bot.example${path}`, init)) as Promise<Response>;
}

describe('a webhook', () => {
  test('is set with its secret, one connection and the kinds that are wanted', async () => {
    const { telegram } = await open();
    expect(telegram.callsOf('setWebhook')[0]?.payload).toMatchObject({
      url,
      secret_token: secret,
      max_connections: 1,
      allowed_updates: ['message', 'edited_message', 'callback_query', 'my_chat_member'],
    });
    expect(telegram.callsOf('getUpdates')).toEqual([]);
  });

  test('brings messages and presses, in order', async () => {
    const { ann } = await open();
    ann.say('one');
    await stage.advance(3_000);
    const placeholder = await ann.chat.waitFor(({ from }) => from.kind === 'bot');
    const press = ann.press(placeholder, 'Cancel');
    ann.say('two');
    await stage.advance(5_000);
    expect(await press.answered).toBeDefined();
    expect(stage.calls.map(({ task }) => task.text)).toEqual(['one', 'two']);
    expect(stage.telegram.pendingUpdates).toBe(0);
  });

  test('what could not be stored is asked for again, and told to be stored only then', async () => {
    await open();
    const runtime = stage.harness.runtime;
    const host = new FakeHost(runtime);
    const { token, apiRoot, fetch } = stage.telegram;
    const adapter = createTelegram({ token, apiRoot, fetch, mode: { webhook: { url, secret } } });
    await adapter.start(host);
    await stage.advance(1_000);
    const from = { id: 5, is_bot: false, first_name: 'X' };
    const chat = { id: 5, type: 'private', first_name: 'X' };
    const bring = async (message_id: number): Promise<number> => {
      const message = { message_id, date: 1, from, chat, text: `${message_id}` };
      const request = new Request('http://bot.example/webhook', {
        method: 'POST',
        headers: { 'x-telegram-bot-api-secret-token': secret },
        body: JSON.stringify({ update_id: message_id, message }),
      });
      return (await adapter.fetch?.(request))?.status ?? 0;
    };
    host.failAccept = new Error('the disk is full');
    expect(await bring(1)).toBe(503);
    host.failAccept = undefined;
    expect(await Promise.all([bring(1), bring(2), bring(3)])).toEqual([200, 200, 200]);
    expect(host.inbounds.map(({ id }) => id)).toEqual(['1', '2', '3']);
    await adapter.stop();
  });

  test.each<[string, Parameters<typeof ask>[0], number]>([
    ['another path', { path: '/' }, 404],
    ['another method', { method: 'GET' }, 405],
    ['a wrong secret', { secret: 'wrong' }, 401],
    ['no secret', { secret: '' }, 401],
    ['a body without end', { body: `"${'x'.repeat(1_100_000)}"` }, 413],
    ['no JSON', { body: 'x' }, 200],
    ['an update of tomorrow', {}, 200],
  ])('%s', async (_, request, status) => {
    await open();
    expect((await stage.harness.settle(ask(request))).status).toBe(status);
    expect(stage.calls).toEqual([]);
  });

  test('asks to come again before it knows the bot, and after its stop', async () => {
    stage = await Stage.open({ config: { mode: { webhook: { url } } }, start: false });
    const { telegram, harness } = stage;
    telegram.fault('getMe', { kind: 'server_error' }, { times: 2 });
    await harness.start();
    expect((await ask()).status).toBe(401);
    await stage.advance(10_000);
    const [set] = telegram.callsOf('setWebhook');
    const derived = String(set?.payload['secret_token']);
    expect(derived).toMatch(/^[0-9a-f]{64}$/);
    expect((await harness.settle(ask({ secret: derived }))).status).toBe(200);
    await stage.adapter.stop();
    expect((await ask({ secret: derived })).status).toBe(503);
  });

  test('that another program took away is an incident', async () => {
    const { telegram } = await open();
    await fetch(`${telegram.apiRoot}/bot${telegram.token}/deleteWebhook`);
    await stage.advance(6 * 60_000);
    expect(await stage.incidents()).toEqual([expect.stringMatching(/took the webhook/)]);
  });
});
