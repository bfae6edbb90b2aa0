import { describe, expect, test } from 'vitest';
import { Limiter } from '../../../src/adapters/telegram/limiter.ts';

const group = '-100';

/** Takes every place there is within a time; answers when each was taken. */
function takeAll(limiter: Limiter, weight: 'answer' | 'work', untilMs: number, from = 0): number[] {
  const taken: number[] = [];
  for (let now = from; now <= untilMs; ) {
    const waitMs = limiter.take(group, weight, now);
    if (waitMs === 0) taken.push(now);
    else now += waitMs;
  }
  return taken;
}

describe('the limit of a group', () => {
  test('a private chat has none', () => {
    const limiter = new Limiter();
    for (let n = 0; n < 100; n += 1) expect(limiter.take('42', 'work', 0)).toBe(0);
  });

  test('never more than 20 within any minute, and one a second', () => {
    const taken = takeAll(new Limiter(), 'answer', 300_000);
    for (const [at, ms] of taken.entries()) {
      expect(ms - (taken[at - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(900);
      const within = taken.filter((other) => other > ms - 60_000 && other <= ms);
      expect(within.length).toBeLessThanOrEqual(20);
    }
    expect(taken.length).toBeGreaterThanOrEqual(20 * 5 - 1);
  });

  test('says exactly when there is room', () => {
    const limiter = new Limiter();
    for (let n = 0; n < 20; n += 1) expect(limiter.take(group, 'answer', n * 1_000)).toBe(0);
    expect(limiter.take(group, 'answer', 31_000)).toBe(30_000);
    expect(limiter.take(group, 'answer', 60_999)).toBe(1);
    expect(limiter.take(group, 'answer', 61_000)).toBe(0);
  });

  test('what only shows work leaves room for answers', () => {
    const limiter = new Limiter();
    const work = takeAll(limiter, 'work', 59_000);
    expect(work.length).toBe(14);
    const answers = takeAll(limiter, 'answer', 59_000, 20_000);
    expect(answers.length).toBe(6);
    expect(answers[0]).toBe(20_000);
  });

  test('groups do not count for each other', () => {
    const limiter = new Limiter();
    for (let n = 0; n < 20; n += 1) limiter.take(group, 'answer', n * 1_000);
    expect(limiter.take('-200', 'answer', 20_000)).toBe(0);
  });

  test('of many groups the newest are remembered', () => {
    const limiter = new Limiter();
    for (let n = 1; n <= 1_001; n += 1) limiter.take(`-${n}`, 'answer', 0);
    expect(limiter.take('-1', 'answer', 0)).toBe(0);
    expect(limiter.take('-1001', 'answer', 0)).toBe(900);
  });
});
