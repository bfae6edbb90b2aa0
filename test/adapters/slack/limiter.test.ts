import { describe, expect, test } from 'vitest';
import type { Weight } from '../../../src/adapters/shared/weight.ts';
import { Limiter, type Wish } from '../../../src/adapters/slack/limiter.ts';
import fc from '../../support/fast-check.ts';

const wish = (key: string, more: Partial<Wish> = {}): Wish => ({
  conversation: 'C1',
  key,
  weight: 'answer',
  isEdit: false,
  ...more,
});

interface Comer {
  readonly wish: Wish;
  readonly fromMs: number;
}

/** Everybody tries, waits as told and tries again; answers who left when, in order. */
function run(
  limiter: Limiter,
  comers: readonly Comer[],
): { key: string; atMs: number; tries: number }[] {
  const waiting = comers.map(({ wish: of, fromMs }) => ({ of, atMs: fromMs, tries: 0 }));
  const left: { key: string; atMs: number; tries: number }[] = [];
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.atMs - b.atMs);
    const next = waiting.shift();
    if (next === undefined) break;
    const waitMs = limiter.take(next.of, next.atMs);
    const tries = next.tries + 1;
    if (waitMs === 0) left.push({ key: next.of.key, atMs: next.atMs, tries });
    else waiting.push({ of: next.of, atMs: next.atMs + waitMs, tries });
  }
  return left;
}

describe('the limit of a channel', () => {
  test('one message a second, threads and edits together', () => {
    const comers = Array.from({ length: 20 }, (_, at) => ({
      wish: wish(`t${at}`, { isEdit: at % 2 === 0 }),
      fromMs: 0,
    }));
    const left = run(new Limiter(), comers);
    expect(left.map(({ atMs }) => atMs)).toEqual(comers.map((_, at) => at * 1_000));
  });

  test('each is told its own turn: nobody comes in vain, in the order of the first try', () => {
    const comers = Array.from({ length: 20 }, (_, at) => ({ wish: wish(`t${at}`), fromMs: at }));
    const left = run(new Limiter(), comers);
    expect(left.map(({ key }) => key)).toEqual(comers.map((comer) => comer.wish.key));
    expect(Math.max(...left.map(({ tries }) => tries))).toBe(2);
  });

  test('an answer does not wait behind what only shows work', () => {
    const work = Array.from({ length: 19 }, (_, at) => ({
      wish: wish(`work${at}`, { weight: 'work' as Weight, isEdit: true }),
      fromMs: 0,
    }));
    const left = run(new Limiter(), [...work, { wish: wish('answer'), fromMs: 1 }]);
    expect(left.findIndex(({ key }) => key === 'answer')).toBe(1);
    expect(left[1]?.atMs).toBe(1_000);
  });

  test('what only shows work waits behind all answers, and gets its turn', () => {
    const answers = Array.from({ length: 5 }, (_, at) => ({ wish: wish(`a${at}`), fromMs: at }));
    const left = run(new Limiter(), [
      { wish: wish('first'), fromMs: 0 },
      { wish: wish('work', { weight: 'work' }), fromMs: 0 },
      ...answers,
    ]);
    expect(left.at(-1)?.key).toBe('work');
    expect(left.at(-1)?.atMs).toBe(6_000);
  });

  test('who was told to come and does not loses its place', () => {
    const limiter = new Limiter();
    expect(limiter.take(wish('a'), 0)).toBe(0);
    expect(limiter.take(wish('gone'), 0)).toBe(1_000);
    expect(limiter.take(wish('b'), 0)).toBe(2_000);
    // Late, not lost: its turn was at 1,000.
    expect(limiter.take(wish('b'), 2_000)).toBe(0);
    expect(limiter.take(wish('c'), 3_000)).toBe(1_000);
    expect(limiter.take(wish('d'), 4_001)).toBe(0);
  });

  test('channels do not count for each other', () => {
    const limiter = new Limiter();
    limiter.take(wish('a'), 0);
    expect(limiter.take(wish('b', { conversation: 'C2' }), 0)).toBe(0);
    expect(limiter.take(wish('c'), 0)).toBe(1_000);
  });

  test('a pause of the channel holds everybody', () => {
    const limiter = new Limiter();
    limiter.pause('C1', 30_000, 500);
    expect(limiter.take(wish('a'), 1_000)).toBe(29_500);
    expect(limiter.take(wish('b'), 1_000)).toBe(30_500);
    limiter.pause('C1', 10, 1_000);
    expect(limiter.take(wish('a'), 1_000)).toBe(29_500);
    expect(limiter.take(wish('a'), 30_500)).toBe(0);
    expect(limiter.take(wish('b', { conversation: 'C2' }), 1_000)).toBe(0);
  });

  test('of many channels the newest are remembered', () => {
    const limiter = new Limiter();
    for (let n = 1; n <= 1_001; n += 1) limiter.take(wish('a', { conversation: `C${n}` }), 0);
    expect(limiter.take(wish('b', { conversation: 'C1' }), 0)).toBe(0);
    expect(limiter.take(wish('b', { conversation: 'C1001' }), 0)).toBe(1_000);
  });

  test('property: whoever comes whenever, one a second leaves, and everybody leaves', () => {
    const comer = fc.record({
      fromMs: fc.integer({ min: 0, max: 8_000 }),
      weight: fc.constantFrom<Weight>('answer', 'work'),
      isEdit: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(comer, { minLength: 1, maxLength: 40 }), (all) => {
        const comers = all.map(({ fromMs, ...more }, at) => ({
          wish: wish(`k${at}`, more),
          fromMs,
        }));
        const left = run(new Limiter(), comers);
        expect(left.length).toBe(comers.length);
        for (const [at, { atMs }] of left.entries())
          expect(atMs - (left[at - 1]?.atMs ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
            1_000,
          );
        // Nothing stands idle: the last one left within a second for each, and some time for who came late.
        expect(left.at(-1)?.atMs).toBeLessThanOrEqual(8_000 + 1_000 * comers.length);
      }),
    );
  });
});

describe('the limit of edits in the workspace', () => {
  const edit = (n: number, weight: Weight = 'answer'): Wish =>
    wish(`e${n}`, { conversation: `C${n}`, isEdit: true, weight });

  test('fifty a minute, over all channels', () => {
    const limiter = new Limiter();
    for (let n = 0; n < 50; n += 1) expect(limiter.take(edit(n), n)).toBe(0);
    expect(limiter.take(edit(50), 50)).toBe(60_950);
    expect(limiter.take(wish('post', { conversation: 'C51' }), 50)).toBe(0);
    expect(limiter.take(edit(50), 61_000)).toBe(0);
  });

  test('what only shows work leaves room for answers', () => {
    const limiter = new Limiter();
    for (let n = 0; n < 35; n += 1) expect(limiter.take(edit(n, 'work'), n)).toBe(0);
    expect(limiter.take(edit(35, 'work'), 35)).toBe(60_965);
    for (let n = 36; n < 51; n += 1) expect(limiter.take(edit(n), n)).toBe(0);
    expect(limiter.take(edit(51), 51)).toBe(60_949);
  });

  test('a pause of edits holds no new message', () => {
    const limiter = new Limiter();
    limiter.pauseEdits(30_000, 500);
    limiter.pauseEdits(10, 600);
    expect(limiter.take(edit(1), 1_000)).toBe(29_500);
    expect(limiter.take(wish('post', { conversation: 'C1' }), 1_000)).toBe(0);
    expect(limiter.take(edit(1), 30_500)).toBe(0);
  });
});
