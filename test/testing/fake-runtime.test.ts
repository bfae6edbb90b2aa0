import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createChance, createFakeRuntime } from '../../src/testing/index.ts';
import fc from '../support/fast-check.ts';

describe('time', () => {
  test('stands still until it is moved', async () => {
    const runtime = createFakeRuntime({ startMs: 5_000 });
    const before = [runtime.wallMs(), runtime.monoMs()];
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([runtime.wallMs(), runtime.monoMs()]).toEqual(before);
    await runtime.advance(70);
    expect(runtime.wallMs()).toBe(5_070);
    expect(runtime.elapsedMs).toBe(70);
  });

  test('sleeps end in order of time, then of the calls, each at its own instant', async () => {
    const runtime = createFakeRuntime();
    const woken: string[] = [];
    const sleep = async (name: string, ms: number): Promise<void> => {
      await runtime.sleep(ms);
      woken.push(`${name}@${runtime.elapsedMs}`);
      if (name === 'b') void sleep('nested', 5);
    };
    void sleep('c', 20);
    void sleep('a', 10);
    void sleep('b', 10);
    void sleep('late', 31);
    await runtime.advance(30);
    expect(woken).toEqual(['a@10', 'b@10', 'nested@15', 'c@20']);
    expect([runtime.pending, runtime.nextInMs]).toEqual([1, 1]);
  });

  test('comes to rest between two sleeps: promises, soon and what these set off', async () => {
    const runtime = createFakeRuntime();
    const order: string[] = [];
    void runtime.sleep(1).then(async () => {
      order.push('first');
      for (let turns = 0; turns < 50; turns += 1) await Promise.resolve();
      runtime.soon(() => void Promise.resolve().then(() => runtime.soon(() => order.push('soon'))));
    });
    void runtime.sleep(2).then(() => order.push('second'));
    await runtime.advance(2);
    expect(order).toEqual(['first', 'soon', 'second']);
  });

  test('a sleep without length ends without time', async () => {
    const runtime = createFakeRuntime();
    const woken: number[] = [];
    for (const ms of [0, -5]) void runtime.sleep(ms).then(() => woken.push(runtime.elapsedMs));
    await runtime.settle();
    expect(woken).toEqual([0, 0]);
  });

  test('an abort ends a sleep and leaves nothing behind', async () => {
    const runtime = createFakeRuntime();
    const abort = new AbortController();
    const sleeps = [10, 5, 10].map((ms) => runtime.sleep(ms, abort.signal));
    const done = runtime.sleep(3, abort.signal);
    await runtime.advance(3);
    await done;
    expect(runtime.pending).toBe(3);
    abort.abort();
    await Promise.all(sleeps);
    await runtime.sleep(9, abort.signal);
    expect(runtime.pending).toBe(0);
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });

  test('the wall clock jumps alone', async () => {
    const runtime = createFakeRuntime({ startMs: 10_000 });
    let woken = false;
    void runtime.sleep(100).then(() => {
      woken = true;
    });
    runtime.jumpWall(-4_000);
    await runtime.advance(99);
    expect([runtime.wallMs(), woken]).toEqual([6_099, false]);
    await runtime.advance(1);
    expect(woken).toBe(true);
  });
});

describe('runUntil', () => {
  test('stops at the sleep after which it is so', async () => {
    const runtime = createFakeRuntime();
    let beats = 0;
    void (async () => {
      for (;;) {
        await runtime.sleep(10);
        beats += 1;
      }
    })();
    await runtime.runUntil(() => beats === 3, 1_000);
    expect(runtime.elapsedMs).toBe(30);
  });

  test('fails at its limit, and when time alone makes it so it is', async () => {
    const runtime = createFakeRuntime();
    await expect(runtime.runUntil(() => false, 50)).rejects.toThrow('not so within 50 ms');
    expect(runtime.elapsedMs).toBe(50);
    await runtime.runUntil(() => runtime.elapsedMs >= 60, 10);
  });
});

describe('misuse', () => {
  test('two moves at once, a time that is none, and unrest are errors', async () => {
    const runtime = createFakeRuntime();
    const first = runtime.advance(1);
    await expect(runtime.advance(1)).rejects.toThrow('already');
    await first;
    expect(() => runtime.advance(-1)).toThrow(RangeError);
    expect(() => runtime.sleep(Number.NaN)).toThrow(RangeError);
    let going = true;
    const again = (): void => {
      if (going) runtime.soon(again);
    };
    again();
    await expect(runtime.settle()).rejects.toThrow('never at rest');
    going = false;
  });
});

describe('chance', () => {
  test('repeats by seed and differs between seeds', () => {
    const draw = (seed: number): string =>
      Buffer.from(createFakeRuntime({ seed }).random(16)).toString('hex');
    expect(draw(1)).toBe(draw(1));
    expect(new Set(Array.from({ length: 1_000 }, (_, seed) => draw(seed))).size).toBe(1_000);
    expect(draw(2 ** 40)).not.toBe(draw(0));
  });

  test('is even', () => {
    const chance = createChance(7);
    const counts = new Uint32Array(256);
    for (const byte of chance.bytes(256_000)) counts[byte] = (counts[byte] ?? 0) + 1;
    const square = counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
    expect(square).toBeGreaterThan(180);
    expect(square).toBeLessThan(340);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (limit) => {
        const drawn = chance.below(limit);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < limit).toBe(true);
      }),
    );
  });
});
