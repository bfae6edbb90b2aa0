import { describe, expect, test } from 'vitest';
import {
  type GatewayInfo,
  IdentifyGuard,
  readGatewayInfo,
} from '../../../src/adapters/discord/identify.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';

const hourMs = 3_600_000;
const going = new AbortController().signal;
const full: GatewayInfo = {
  url: 'wss://gateway.example',
  shards: 1,
  total: 1_000,
  remaining: 1_000,
  resetAfterMs: 10 * hourMs,
  concurrency: 1,
};

function make(info: Partial<GatewayInfo> = {}) {
  const runtime = createFakeRuntime();
  const told: string[] = [];
  const now = { info: { ...full, ...info }, asked: 0 };
  const guard = new IdentifyGuard({
    runtime,
    link: {
      broken: (cause) => void told.push(cause),
      mended: () => void told.push('mended'),
    },
    ask: async () => {
      now.asked += 1;
      return now.info;
    },
  });
  const begunMs: number[] = [];
  const begin = (): void => void guard.turn(going).then(() => begunMs.push(runtime.elapsedMs));
  return { runtime, told, now, guard, begunMs, begin };
}

describe('the guard of sessions', () => {
  test('lets a session begin at once while many are left, and asks once for many', async () => {
    const { begin, begunMs, runtime, now } = make();
    for (let n = 0; n < 10; n += 1) begin();
    await runtime.settle();
    expect(begunMs).toEqual(Array(10).fill(0));
    expect(now.asked).toBe(1);
  });

  test('spreads the last tenth over what is left of the day, one after the other', async () => {
    const { begin, begunMs, runtime, told, now } = make({ remaining: 10, resetAfterMs: hourMs });
    begin();
    begin();
    await runtime.advance(hourMs);
    expect(begunMs[0]).toBe(6 * 60_000);
    expect(begunMs[1]).toBeGreaterThanOrEqual(12 * 60_000);
    expect(told[0]).toContain('only 10 more of 1000 sessions in the next 60 min');
    expect(told.at(-1)).toBe('mended');
    expect(now.asked).toBe(2);
  });

  test('counts those it let begin since it asked', async () => {
    const { begin, begunMs, runtime } = make({ remaining: 101, resetAfterMs: hourMs });
    for (let n = 0; n < 3; n += 1) begin();
    await runtime.settle();
    expect(begunMs).toHaveLength(2);
    await runtime.advance(hourMs);
    expect(begunMs).toHaveLength(3);
  });

  test('waits for the next day when none is left, and asks then', async () => {
    const { begin, begunMs, runtime, now } = make({ remaining: 0, resetAfterMs: 2 * hourMs });
    begin();
    await runtime.advance(2 * hourMs - 1);
    expect([begunMs, now.asked]).toEqual([[], 1]);
    now.info = full;
    await runtime.advance(1);
    expect(begunMs).toEqual([2 * hourMs]);
  });

  test('asks once a minute when none is left and Discord does not say until when', async () => {
    const { begin, runtime, now } = make({ remaining: 0, resetAfterMs: 0 });
    begin();
    await runtime.advance(10 * 60_000);
    expect(now.asked).toBe(11);
  });

  test('a stop ends the wait', async () => {
    const { guard, runtime } = make({ remaining: 1, resetAfterMs: hourMs });
    const stop = new AbortController();
    const turn = guard.turn(stop.signal);
    await runtime.advance(1_000);
    stop.abort();
    await turn;
    expect(runtime.elapsedMs).toBe(1_000);
  });

  test('one that cannot ask does not keep the next', async () => {
    const { guard, begin, begunMs, runtime, now } = make();
    const failing = guard.turn(going);
    now.info = full;
    await failing;
    const broken = new IdentifyGuard({
      runtime,
      link: { broken: () => undefined, mended: () => undefined },
      ask: () => (now.asked++ < 2 ? Promise.reject(new Error('down')) : Promise.resolve(full)),
    });
    await expect(broken.turn(going)).rejects.toThrow('down');
    await expect(broken.turn(going)).resolves.toEqual(full);
    begin();
    await runtime.settle();
    expect(begunMs).toHaveLength(1);
  });

  test('keeps two of a bucket five seconds apart', async () => {
    const { guard, runtime } = make({ concurrency: 2 });
    await guard.info(going);
    const atMs = new Map<number, number>();
    for (const shard of [0, 1, 2, 3, 4])
      void guard.waitForIdentify(shard, going).then(() => atMs.set(shard, runtime.elapsedMs));
    await runtime.advance(20_000);
    expect([...atMs.entries()].sort(([a], [b]) => a - b)).toEqual([
      [0, 0],
      [1, 0],
      [2, 5_000],
      [3, 5_000],
      [4, 10_000],
    ]);
  });
});

describe('what GET /gateway/bot says', () => {
  const limit = { total: 1_000, remaining: 999, reset_after: 5, max_concurrency: 16 };
  const answer = { url: 'wss://gateway.discord.gg', shards: 2, session_start_limit: limit };

  test('is read', () => {
    expect(readGatewayInfo(answer)).toEqual({
      url: 'wss://gateway.discord.gg',
      shards: 2,
      total: 1_000,
      remaining: 999,
      resetAfterMs: 5,
      concurrency: 16,
    });
  });

  test.each([
    undefined,
    null,
    'page',
    {},
    { ...answer, url: 'gateway' },
    { ...answer, url: 'https://gateway.discord.gg' },
    { ...answer, url: 'wss://gateway.discord.gg/#there' },
    { ...answer, shards: 0 },
    { ...answer, session_start_limit: {} },
  ])('%j is refused', (given) => {
    expect(() => readGatewayInfo(given)).toThrow(TypeError);
  });
});
