import { Routes } from 'discord.js';
import { expect, test } from 'vitest';
import type { DiscordFault, DiscordRoute } from '../../../src/testing/discord/index.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { breakage, client, failure, heldClient, server } from './ground.ts';

const create = 'POST /channels/:id/messages';

async function opened() {
  const discord = await server();
  const room = discord.channel();
  const rest = client(discord);
  const send = (to = room) => rest.post(Routes.channelMessages(to.id), { body: { content: 'x' } });
  return { discord, room, rest, send };
}

const answered: [fault: DiscordFault, seen: object, shown: number][] = [
  [{ kind: 'error', code: 50013 }, { status: 403, code: 50013, message: 'Missing Permissions' }, 0],
  [{ kind: 'error', code: 40004 }, { status: 403, code: 40004 }, 0],
  [{ kind: 'error', code: 130000 }, { name: 'HTTPError', status: 503 }, 0],
  [{ kind: 'error', code: 20028, retryAfterS: 3 }, { retryAfter: 3_050, scope: 'user' }, 0],
  [
    { kind: 'error', code: 99_999, status: 418, message: 'teapot' },
    { status: 418, code: 99_999, message: 'teapot' },
    0,
  ],
  [{ kind: 'rate_limited', retryAfterS: 7 }, { retryAfter: 7_050, scope: 'user' }, 0],
  [{ kind: 'server_error' }, { name: 'HTTPError', status: 500 }, 0],
  [{ kind: 'server_error', status: 503 }, { name: 'HTTPError', status: 503 }, 0],
  [{ kind: 'applied_then_server_error', status: 504 }, { name: 'HTTPError', status: 504 }, 1],
  [{ kind: 'html' }, { name: 'HTTPError', status: 502 }, 0],
];

test.each(answered)('%o is what the real client says of it', async (fault, seen, shown) => {
  const { discord, room, send } = await opened();
  const plan = discord.fault(create, fault);
  expect(await failure(send())).toMatchObject(seen);
  await plan.spent;
  expect([plan.hits, room.texts.length]).toEqual([1, shown]);
  expect(discord.calls.at(-1)).toMatchObject({ fault: fault.kind, applied: shown === 1 });
});

test.each([
  ['reset', 0],
  ['applied_then_reset', 1],
] as const)('%s is a broken connection', async (kind, shown) => {
  const { discord, room, send } = await opened();
  discord.fault(create, { kind });
  expect(await breakage(send())).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
  expect(room.texts).toHaveLength(shown);
  expect(discord.calls.at(-1)).toMatchObject({
    applied: shown === 1,
    status: undefined,
    answer: undefined,
  });
  await send();
});

test.each([
  ['hang', 0],
  ['applied_then_hang', 1],
] as const)('%s ends only when the client gives up', async (kind, shown) => {
  const { discord, room } = await opened();
  discord.fault(create, { kind });
  const giveUp = new AbortController();
  const [arrived, ended] = [discord.nextCall(create, { arrived: true }), discord.nextCall(create)];
  const rest = client(discord);
  const sent = failure(
    rest.post(Routes.channelMessages(room.id), { body: { content: 'x' }, signal: giveUp.signal }),
  );
  await arrived;
  giveUp.abort();
  expect(await sent).toHaveProperty('name', 'AbortError');
  expect(await ended).toMatchObject({ answer: undefined, applied: shown === 1 });
  expect(room.texts).toHaveLength(shown);
});

test('wrong JSON is neither success nor refusal', async () => {
  const { discord, room, send } = await opened();
  discord.fault(create, { kind: 'wrong_json' });
  expect(await send()).not.toHaveProperty('id');
  expect(room.texts).toEqual([]);
});

test('slow answers late by the clock of the test, and does at once what was asked', async () => {
  const runtime = createFakeRuntime();
  const discord = await server({ runtime });
  const room = discord.channel();
  discord.fault(create, { kind: 'slow', ms: 2_000 });
  const sent = heldClient(discord)
    .post(Routes.channelMessages(room.id), { body: { content: 'x' } })
    .then(() => runtime.elapsedMs);
  await runtime.advance(1_999);
  expect(room.texts).toEqual(['x']);
  await runtime.advance(1);
  expect(await sent).toBe(2_000);
});

test('faults come in the order of their plans, for their route and channel', async () => {
  const { discord, room, rest, send } = await opened();
  const other = discord.channel();
  const planned = discord.fault('*', { kind: 'error', code: 50001 }, { channel: other, times: 2 });
  discord.fault(create, { kind: 'error', code: 50013 });
  await rest.get('/gateway/bot');
  expect((await failure(send(other)))['code']).toBe(50001);
  expect((await failure(send()))['code']).toBe(50013);
  expect((await failure(rest.get(Routes.channel(other.id))))['code']).toBe(50001);
  await send(other);
  expect(planned.hits).toBe(2);
  const cancelled = discord.fault(create, { kind: 'reset' });
  cancelled.cancel();
  await send();
  discord.fault(create, { kind: 'reset' }, { times: 5 });
  discord.clearFaults();
  await send();
  expect(room.texts).toHaveLength(2);
});

test('a route that does not exist cannot be planned for, nor can no time', async () => {
  const { discord } = await opened();
  const typo = 'POST /channels/:id/mesages' as DiscordRoute;
  expect(() => discord.fault(typo, { kind: 'reset' })).toThrow('no route is called');
  expect(() => discord.callsOf(typo)).toThrow('no route is called');
  expect(() => discord.fault(create, { kind: 'reset' }, { times: 0 })).toThrow('times');
});

test('an attachment can be slow to come, and a server can be down', async () => {
  const { discord, room, rest, send } = await opened();
  const { files } = discord
    .person()
    .say('see', { to: room, files: [{ name: 'a.txt', bytes: Buffer.from('a') }] });
  discord.fault('GET /attachments/:id/:id/:name', { kind: 'server_error' });
  expect((await fetch(files[0]?.url ?? '')).status).toBe(500);
  expect(await (await fetch(files[0]?.url ?? '')).text()).toBe('a');
  await discord.down();
  expect(await breakage(send())).toMatch(/^(ECONNREFUSED|UND_ERR_SOCKET)$/);
  await discord.up();
  await rest.get(Routes.user());
});

test('what waits ends with the server', async () => {
  const { discord, room } = await opened();
  const waiting = failure(room.waitFor(() => true));
  await discord.stop();
  await discord.stop();
  expect((await waiting).message).toBe('the server was stopped before it came; shown is: nothing');
  expect((await failure(discord.up())).message).toBe('the server was stopped');
  const late = await server();
  await expect(late.channel().next(() => true, { timeoutMs: 10 })).rejects.toThrow(
    'not so within 10 ms',
  );
});
