import { Api } from 'grammy';
import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import type { TelegramFault } from '../../../src/testing/telegram/index.ts';
import { breakage, client, failure, refusal, server } from './ground.ts';

async function opened() {
  const telegram = await server();
  const ann = telegram.person();
  ann.say('hello');
  return { telegram, ann, api: client(telegram) };
}

const planned: [fault: TelegramFault, seen: string, shown: boolean][] = [
  [
    { kind: 'status', code: 403, description: 'Forbidden: bot was blocked by the user' },
    '403 Forbidden: bot was blocked by the user',
    false,
  ],
  [{ kind: 'rate_limited', retryAfterS: 7 }, '429 Too Many Requests: retry after 7', false],
  [{ kind: 'server_error' }, '500 Internal Server Error', false],
  [{ kind: 'server_error', code: 503 }, '503 Internal Server Error', false],
];

test.each(planned)('%o is an answer of the Bot API', async (fault, seen, shown) => {
  const { telegram, ann, api } = await opened();
  const plan = telegram.fault('sendMessage', fault);
  expect(await refusal(api.sendMessage(ann.id, 'hi'))).toBe(seen);
  await plan.spent;
  expect([plan.hits, ann.chat.texts.length === 1]).toEqual([1, shown]);
  expect(telegram.calls.at(-1)).toMatchObject({ fault: fault.kind, applied: shown });
  await api.sendMessage(ann.id, 'hi');
  expect(ann.chat.texts).toEqual(['hi']);
});

const broken: [kind: TelegramFault, code: string, shown: number][] = [
  [{ kind: 'reset' }, 'ECONNRESET', 0],
  [{ kind: 'applied_then_reset' }, 'ECONNRESET', 1],
  [{ kind: 'html' }, 'invalid-json', 0],
  [{ kind: 'status', code: 502, description: '', body: 'oops' }, 'invalid-json', 0],
];

test.each(broken)('%o is no answer of the Bot API', async (fault, code, shown) => {
  const { telegram, ann, api } = await opened();
  telegram.fault('sendMessage', fault);
  expect(await breakage(api.sendMessage(ann.id, 'hi'))).toBe(code);
  expect(ann.chat.texts).toHaveLength(shown);
  expect(telegram.calls.at(-1)).toMatchObject({ applied: shown === 1, answer: undefined });
});

test.each([
  ['hang', 0],
  ['applied_then_hang', 1],
] as const)('%s ends only when the client gives up', async (kind, shown) => {
  const { telegram, ann, api } = await opened();
  telegram.fault('sendMessage', { kind });
  const arrived = telegram.nextCall('sendMessage', { arrived: true });
  const ended = telegram.nextCall('sendMessage');
  const giveUp = new AbortController();
  const sent = failure(api.sendMessage(ann.id, 'hi', {}, giveUp.signal as never));
  await arrived;
  giveUp.abort();
  expect(await sent).toHaveProperty('name', 'HttpError');
  expect(await ended).toMatchObject({ answer: undefined, applied: shown === 1 });
  expect(ann.chat.texts).toHaveLength(shown);
});

test('wrong JSON is neither success nor refusal', async () => {
  const { telegram, ann, api } = await opened();
  telegram.fault('sendMessage', { kind: 'wrong_json' });
  expect(await failure(api.sendMessage(ann.id, 'hi'))).toMatchObject({ error_code: undefined });
  expect(ann.chat.texts).toEqual([]);
});

test('slow answers late by the clock of the test, and does at once what was asked', async () => {
  const runtime = createFakeRuntime();
  const telegram = await server({ runtime });
  const ann = telegram.person();
  ann.say('hello');
  telegram.fault('sendMessage', { kind: 'slow', ms: 5_000 });
  const arrived = telegram.nextCall('sendMessage', { arrived: true });
  let isAnswered = false;
  const sent = client(telegram)
    .sendMessage(ann.id, 'hi')
    .then(() => {
      isAnswered = true;
    });
  await arrived;
  await runtime.advance(4_999);
  expect([ann.chat.texts, isAnswered]).toEqual([['hi'], false]);
  await runtime.advance(1);
  await sent;
});

test('faults come in the order of their plans, for their method and chat', async () => {
  const { telegram, ann, api } = await opened();
  const bob = telegram.person();
  bob.say('hello');
  const getsWhole = telegram.fault('*', { kind: 'server_error' }, { chat: bob.chat, times: 2 });
  telegram.fault('SENDMESSAGE', { kind: 'server_error', code: 501 });
  expect(await api.getUpdates()).toHaveLength(2);
  await api.sendChatAction(ann.id, 'typing');
  expect(await refusal(api.sendMessage(ann.id, 'x'))).toContain('501');
  expect(await refusal(api.sendMessage(bob.id, 'x'))).toContain('500');
  expect(getsWhole.hits).toBe(1);
  getsWhole.cancel();
  await api.sendMessage(bob.id, 'x');
  telegram.fault('*', { kind: 'reset' });
  expect(await api.getUpdates()).toHaveLength(2);
  telegram.clearFaults();
  await api.sendMessage(bob.id, 'y');
  expect(() => telegram.fault('x', { kind: 'reset' }, { times: 0 })).toThrow('times must be 1');
});

test('a lost answer to getUpdates brings the same updates again', async () => {
  const { telegram, api } = await opened();
  telegram.fault('getUpdates', { kind: 'applied_then_reset' });
  expect(await breakage(api.getUpdates())).toBe('ECONNRESET');
  expect(await api.getUpdates()).toHaveLength(1);
});

test('a flood that stops the whole bot ends by the clock', async () => {
  const runtime = createFakeRuntime();
  const telegram = await server({ runtime });
  const [ann, bob] = [telegram.person(), telegram.person()];
  ann.say('hello');
  bob.say('hello');
  const api = client(telegram);
  telegram.fault('sendMessage', { kind: 'rate_limited', retryAfterS: 30, wholeBot: true });
  await failure(api.sendMessage(ann.id, 'x'));
  await runtime.advance(10_500);
  expect(await failure(api.sendMessage(bob.id, 'x'))).toMatchObject({
    parameters: { retry_after: 20 },
  });
  await runtime.advance(19_500);
  await api.sendMessage(bob.id, 'x');
});

test('a revoked token is refused everywhere, a wrong one too, a malformed one is not found', async () => {
  const { telegram, ann, api } = await opened();
  telegram.revokeToken();
  for (const call of [api.getMe(), api.getUpdates(), api.sendMessage(ann.id, 'x')])
    expect(await refusal(call)).toBe('401 Unauthorized');
  telegram.restoreToken();
  expect((await api.getMe()).id).toBe(telegram.botId);
  expect(await refusal(client(telegram, '123:wrong').getMe())).toBe('401 Unauthorized');
  expect(await refusal(client(telegram, 'nonsense').getMe())).toBe('404 Not Found');
  expect(
    await refusal(
      (api.raw as never as Record<string, () => Promise<unknown>>)['doIt']?.() ?? Promise.resolve(),
    ),
  ).toBe('404 Not Found: method not found');
});

test('a server that is down refuses connections and comes back on its port', async () => {
  const { telegram, ann, api } = await opened();
  const { apiRoot } = telegram;
  const poll = breakage(api.getUpdates({ offset: 999_999_999, timeout: 50 }));
  await telegram.nextCall('getUpdates', { arrived: true });
  await telegram.down();
  expect(await poll).toBe('ECONNRESET');
  expect(await breakage(api.sendMessage(ann.id, 'x'))).toBe('ECONNREFUSED');
  await telegram.up();
  expect(telegram.apiRoot).toBe(apiRoot);
  await api.sendMessage(ann.id, 'back');
  expect(ann.chat.texts).toEqual(['back']);
});

test('stop ends all that waits at once', async () => {
  const { telegram, api } = await opened();
  const poll = breakage(api.getUpdates({ offset: 999_999_999, timeout: 50 }));
  await telegram.nextCall('getUpdates', { arrived: true });
  await telegram.stop();
  expect(await poll).toBe('ECONNRESET');
  await telegram.stop();
  await expect(telegram.up()).rejects.toThrow('the server was stopped');
});

test('the token stands nowhere but in its property', async () => {
  const { telegram, ann, api } = await opened();
  await api.sendMessage(ann.id, 'hi');
  const stray = new Api(`${telegram.botId}:wrong`, { apiRoot: telegram.apiRoot });
  await failure(stray.getMe());
  const { inspect } = await import('node:util');
  const secret = telegram.token.split(':')[1] ?? '';
  const seen = inspect([telegram.calls, ann, ann.chat.messages], { depth: 12, showHidden: true });
  expect(seen).not.toContain(secret);
});
