import { Routes } from 'discord.js';
import { expect, test } from 'vitest';
import type { DiscordLimits } from '../../../src/testing/discord/index.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, failure, server } from './ground.ts';

/** Without the real client, which counts by the real clock and sends nothing to a bucket that it knows to be empty. */
async function opened(limits: DiscordLimits = {}) {
  const runtime = createFakeRuntime();
  const discord = await server({ runtime, limits });
  const room = discord.channel();
  const ask = (path: string, init: RequestInit = {}) =>
    discord.fetch(`${discord.apiUrl}/v10${path}`, {
      headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
      ...init,
    });
  const post = (channel = room) =>
    ask(`/channels/${channel.id}/messages`, { method: 'POST', body: '{"content":"x"}' });
  return { runtime, discord, room, ask, post };
}

test('a bucket says how it stands, and refuses what comes before its time', async () => {
  const { runtime, discord, room, post } = await opened();
  const seen: unknown[] = [];
  for (let n = 0; n < 6; n += 1) {
    const { status, headers } = await post();
    seen.push([
      status,
      headers.get('x-ratelimit-remaining'),
      headers.get('x-ratelimit-reset-after'),
    ]);
    await runtime.advance(100);
  }
  expect(seen).toEqual([
    [200, '4', '5.000'],
    [200, '3', '4.900'],
    [200, '2', '4.800'],
    [200, '1', '4.700'],
    [200, '0', '4.600'],
    [429, '0', '4.500'],
  ]);
  const over = await post();
  expect(await over.json()).toEqual({
    message: 'You are being rate limited.',
    retry_after: 4.4,
    global: false,
  });
  expect([over.headers.get('retry-after'), over.headers.get('x-ratelimit-scope')]).toEqual([
    '5',
    'user',
  ]);
  expect(over.headers.get('x-ratelimit-bucket')).toMatch(/^[\da-f]{16}$/);
  expect([discord.limitsHit, room.texts.length]).toEqual([2, 5]);
  const other = await post(discord.channel());
  expect(other.status).toBe(200);
  expect(other.headers.get('x-ratelimit-bucket')).toBe(over.headers.get('x-ratelimit-bucket'));
  await runtime.advance(4_400);
  expect((await post()).status).toBe(200);
});

test('all routes together have a limit of a second; interactions are not counted', async () => {
  const { runtime, discord, ask } = await opened({ globalPerSecond: 3 });
  const me = async () => (await ask('/users/@me')).status;
  expect([await me(), await me(), await me()]).toEqual([200, 200, 200]);
  const over = await ask('/users/@me');
  expect([
    over.status,
    over.headers.get('x-ratelimit-global'),
    over.headers.get('x-ratelimit-scope'),
  ]).toEqual([429, 'true', 'global']);
  expect(await over.json()).toMatchObject({ retry_after: 1, global: true });
  const open = await ask('/interactions/1/token/callback', { method: 'POST', body: '{"type":5}' });
  expect(await open.json()).toMatchObject({ code: 10062 });
  await runtime.advance(1_000);
  expect([await me(), discord.limitsHit]).toEqual([200, 1]);
});

test('routes may share a bucket, and a test may set its own', async () => {
  const { discord, room, ask } = await opened({
    routes: { 'GET /channels/:id': { limit: 1, perMs: 1_000 } },
  });
  const message = discord.person().say('x', { to: room });
  const path = `/channels/${room.id}/messages/${message.id}/reactions/👍/@me`;
  expect((await ask(path, { method: 'PUT' })).status).toBe(204);
  expect((await ask(path, { method: 'DELETE' })).status).toBe(429);
  const show = async () => (await ask(`/channels/${room.id}`)).status;
  expect([await show(), await show()]).toEqual([200, 429]);
});

test('too many refusals ban the address for a while', async () => {
  const { runtime, discord, ask } = await opened({ invalidMax: 3 });
  const wrong = { headers: { authorization: 'Bot wrong' } };
  for (let n = 0; n < 2; n += 1) expect((await ask('/users/@me', wrong)).status).toBe(401);
  await runtime.advance(600_000);
  expect(discord.invalidRequests).toBe(0);
  for (let n = 0; n < 3; n += 1) await ask('/users/@me', wrong);
  expect([discord.invalidRequests, discord.isBanned]).toEqual([3, true]);
  const banned = await ask('/users/@me');
  expect([banned.status, banned.headers.get('retry-after'), await banned.text()]).toEqual([
    429,
    '600',
    'error code: 1015',
  ]);
  expect(banned.headers.get('content-type')).toBe('text/html');
  await runtime.advance(599_999);
  // asking meanwhile makes it longer
  expect([(await ask('/users/@me')).status, discord.isBanned]).toEqual([429, true]);
  await runtime.advance(599_999);
  expect(discord.isBanned).toBe(true);
  await runtime.advance(1);
  expect([(await ask('/users/@me')).status, discord.isBanned]).toEqual([200, false]);
});

test('the real client stops by itself before an empty bucket, and understands every scope', async () => {
  const discord = await server({ limits: {} });
  const room = discord.channel();
  const rest = client(discord);
  const send = () => rest.post(Routes.channelMessages(room.id), { body: { content: 'x' } });
  for (let n = 0; n < 5; n += 1) await send();
  expect(await failure(send())).toMatchObject({ limit: 5, scope: 'user', global: false });
  expect([discord.limitsHit, discord.callsOf('POST /channels/:id/messages').length]).toEqual([
    0, 5,
  ]);
  for (const scope of ['user', 'global', 'shared'] as const) {
    discord.fault('GET /users/@me', { kind: 'rate_limited', retryAfterS: 0.2, scope });
    const error = await failure(client(discord).get(Routes.user()));
    expect(error).toMatchObject({ scope, global: scope === 'global', retryAfter: 1_050 });
  }
  expect([discord.limitsHit, discord.invalidRequests]).toEqual([0, 2]);
});

test('an old message is edited three times in twenty seconds', async () => {
  const { runtime, discord, room, ask, post } = await opened();
  const { id } = (await (await post()).json()) as { id: string };
  const edit = async (n: number) => {
    const body = JSON.stringify({ content: `n${n}` });
    const response = await ask(`/channels/${room.id}/messages/${id}`, { method: 'PATCH', body });
    return [response.status, ((await response.json()) as { code?: number }).code];
  };
  for (let n = 0; n < 4; n += 1) expect(await edit(n)).toEqual([200, undefined]);
  await runtime.advance(3_600_000);
  for (let n = 4; n < 7; n += 1) expect(await edit(n)).toEqual([200, undefined]);
  expect(await edit(7)).toEqual([429, 30046]);
  await runtime.advance(20_000);
  expect(await edit(8)).toEqual([200, undefined]);
  expect([room.texts, discord.limitsHit]).toEqual([['n8'], 0]);
});

test('the address of a file is good for a day', async () => {
  const { runtime, discord } = await opened();
  const ann = discord.person();
  const { files } = ann.say('', { files: [{ name: 'a.txt', bytes: Buffer.from('a') }] });
  const status = async () => (await discord.fetch(files[0]?.url ?? '')).status;
  await runtime.advance(24 * 3_600_000 - 1_000);
  expect(await status()).toBe(200);
  await runtime.advance(1_000);
  expect(await status()).toBe(404);
});

test('a nonce is enforced for some minutes of the runtime', async () => {
  const { runtime, room, ask } = await opened();
  const send = async (): Promise<number> => {
    const body = JSON.stringify({ content: 'x', nonce: 'n', enforce_nonce: true });
    const path = `/channels/${room.id}/messages`;
    return (await ask(path, { method: 'POST', body })).status;
  };
  expect([await send(), await send()]).toEqual([200, 200]);
  await runtime.advance(119_999);
  await send();
  expect(room.texts).toHaveLength(1);
  await runtime.advance(1);
  await send();
  expect(room.texts).toHaveLength(2);
});
