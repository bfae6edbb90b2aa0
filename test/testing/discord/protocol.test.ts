import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { raw } from './gateway-ground.ts';
import { client, type Json, server } from './ground.ts';

type Raw = Awaited<ReturnType<typeof raw>>;

test.each<[what: string, act: (socket: Raw) => void, code: number]>([
  ['an unknown opcode', ({ send }) => send(99, {}), 4001],
  ['no JSON', ({ text }) => text('no JSON'), 4002],
  ['more than 4,096 bytes', ({ send }) => send(2, { pad: 'x'.repeat(4_096) }), 4002],
  ['presence before IDENTIFY', ({ send }) => send(3, {}), 4003],
  ['a wrong token', ({ identify }) => identify({ token: 'wrong' }), 4004],
  ['a wrong token in RESUME', ({ resume }) => resume({ token: 'wrong', session_id: 'x' }), 4004],
  ['a second IDENTIFY', ({ identify }) => times(2, () => identify()), 4005],
  ['121 frames in a minute', ({ send }) => times(121, () => send(1, null)), 4008],
  ['a shard that is none', ({ identify }) => identify({ shard: [2, 2] }), 4010],
  ['unknown intents', ({ identify }) => identify({ intents: 1 << 30 }), 4013],
])('%s closes with its code', async (_, act, code) => {
  const discord = await server();
  const socket = await raw(discord);
  act(socket);
  expect(await socket.closed()).toBe(code);
  expect(discord.gateway.closes).toEqual([{ by: 'server', code }]);
  expect(discord.gateway.open).toBe(0);
});

function times(n: number, act: () => void): void {
  for (let done = 0; done < n; done += 1) act();
}

test('a sequence of the future closes with 4007', async () => {
  const discord = await server();
  const first = await raw(discord);
  first.identify();
  const ready = await first.dispatched('READY');
  first.socket.destroy();
  const second = await raw(discord);
  second.resume({ session_id: (ready['d'] as Json)['session_id'], seq: 1_000 });
  expect(await second.closed()).toBe(4007);
});

test.each([
  '/?v=9&encoding=json',
  '/?v=10&encoding=etf',
  '/?v=10&encoding=json&compress=zlib-stream',
])('%s is not spoken', async (path) => {
  const discord = await server();
  void raw(discord, path);
  await expect.poll(() => discord.gateway.closes).toEqual([{ by: 'server', code: 4012 }]);
});

test.each([
  [1000, true],
  [1001, true],
  [4200, false],
])('a client that closes with %i ends its session: %s', async (code, isOver) => {
  const discord = await server();
  const first = await raw(discord);
  first.identify();
  const ready = await first.dispatched('READY');
  first.close(code);
  await first.closed();
  await expect.poll(() => discord.gateway.open).toBe(0);
  expect(discord.gateway.closes).toEqual([{ by: 'client', code }]);
  const second = await raw(discord);
  second.resume({ session_id: (ready['d'] as Json)['session_id'], seq: 1 });
  const answer = await second.next(({ op, t }) => op === 9 || t === 'RESUMED');
  expect([answer['op'], answer['d']]).toEqual(isOver ? [9, false] : [0, { _trace: [] }]);
});

test('a session without a connection lives for some minutes of the runtime', async () => {
  const runtime = createFakeRuntime();
  const discord = await server({ runtime });
  const resumable = async (waitMs: number): Promise<unknown> => {
    const first = await raw(discord);
    first.identify();
    const ready = await first.dispatched('READY');
    first.socket.destroy();
    await expect.poll(() => discord.gateway.open).toBe(0);
    await runtime.advance(waitMs);
    const second = await raw(discord);
    second.resume({ session_id: (ready['d'] as Json)['session_id'], seq: 1 });
    const answer = await second.next(({ op, t }) => op === 9 || t === 'RESUMED');
    second.socket.destroy();
    await expect.poll(() => discord.gateway.open).toBe(0);
    return answer['op'];
  };
  expect(await resumable(180_000)).toBe(0);
  expect(await resumable(180_001)).toBe(9);
});

test('the budget of a day is said, and when it is used up the token is reset', async () => {
  const runtime = createFakeRuntime();
  const discord = await server({ runtime, limits: { identifiesPerDay: 2, identifyMs: 0 } });
  const token = discord.token;
  const limit = async (): Promise<Json> => {
    const info = (await client(discord).get('/gateway/bot')) as Json;
    return info['session_start_limit'] as Json;
  };
  expect(await limit()).toEqual({ total: 2, remaining: 2, reset_after: 0, max_concurrency: 1 });
  const first = await raw(discord);
  first.identify();
  await first.dispatched('READY');
  await runtime.advance(3_600_000);
  expect(await limit()).toMatchObject({ remaining: 1, reset_after: 23 * 3_600_000 });
  const second = await raw(discord);
  second.identify();
  await second.dispatched('READY');
  const third = await raw(discord);
  third.identify();
  expect(await Promise.all([first, second, third].map((one) => one.closed()))).toEqual([
    4004, 4004, 4004,
  ]);
  expect(discord.token).not.toBe(token);
  expect(discord.gateway.sessions.every(({ isOver }) => isOver)).toBe(true);
  const stale = await raw(discord);
  stale.identify({ token });
  expect(await stale.closed()).toBe(4004);
  await runtime.advance(23 * 3_600_000);
  expect(await limit()).toMatchObject({ remaining: 2 });
});

test('two IDENTIFYs with one rate limit key are too fast: op 9', async () => {
  const discord = await server({ limits: {}, maxConcurrency: 2, shards: 3 });
  const opened = async (shardId: number): Promise<unknown> => {
    const socket = await raw(discord);
    socket.identify({ shard: [shardId, 3] });
    const answer = await socket.next(({ op, t }) => op === 9 || t === 'READY');
    return answer['op'] === 9 ? answer['d'] : answer['t'];
  };
  expect(await opened(0)).toBe('READY');
  expect(await opened(1)).toBe('READY');
  expect(await opened(2)).toBe(false);
});

test('a connection whose session is resumed elsewhere is dropped', async () => {
  const discord = await server();
  const first = await raw(discord);
  first.identify();
  const ready = await first.dispatched('READY');
  const second = await raw(discord, '/resume?v=10&encoding=json');
  second.resume({ session_id: (ready['d'] as Json)['session_id'], seq: 1 });
  const replayed = await second.dispatched('GUILD_CREATE');
  expect(replayed['s']).toBe(2);
  expect((await second.dispatched('RESUMED'))['s']).toBe(3);
  expect(await first.closed()).toBe(undefined);
  expect((ready['d'] as Json)['resume_gateway_url']).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/resume$/);
});

test('of a session the newest 10,000 events are kept; who missed more cannot resume', async () => {
  const discord = await server();
  const first = await raw(discord);
  first.identify();
  const ready = await first.dispatched('READY');
  first.socket.destroy();
  await expect.poll(() => discord.gateway.open).toBe(0);
  times(10_000, () => void discord.push('SOMETHING', {}));
  const answered = async (seq: number): Promise<unknown> => {
    const socket = await raw(discord);
    socket.resume({ session_id: (ready['d'] as Json)['session_id'], seq });
    const answer = await socket.next(({ op, t }) => op === 9 || t === 'RESUMED');
    return [answer['op'], socket.frames.length];
  };
  expect(await answered(1)).toEqual([9, 2]);
  expect(await answered(2)).toEqual([0, 10_002]);
});

test('heartbeats are acked', async () => {
  const discord = await server();
  const socket = await raw(discord);
  socket.send(1, null);
  await socket.next(({ op }) => op === 11);
});
