import { describe, expect, test } from 'vitest';
import { Budget, breaksChannel } from '../../../src/adapters/discord/budget.ts';
import { Limiter, type Wish } from '../../../src/adapters/discord/limiter.ts';
import type { Weight } from '../../../src/adapters/shared/weight.ts';
import fc from '../../support/fast-check.ts';

const wish = (key: string, more: Partial<Wish> = {}): Wish => ({
  channelId: 'C1',
  key,
  weight: 'answer',
  ...more,
});

interface Comer {
  readonly wish: Wish;
  readonly fromMs: number;
}
interface Left {
  readonly key: string;
  readonly channelId: string;
  readonly weight: Weight;
  readonly atMs: number;
  readonly tries: number;
}

/** Everybody tries, waits as told and tries again; answers who left when, in order. */
function run(limiter: Limiter, comers: readonly Comer[]): Left[] {
  const waiting = comers.map(({ wish: of, fromMs }) => ({ of, atMs: fromMs, tries: 0 }));
  const left: Left[] = [];
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.atMs - b.atMs);
    const next = waiting.shift();
    if (next === undefined) break;
    const waitMs = limiter.take(next.of, next.atMs);
    const tries = next.tries + 1;
    if (waitMs === 0) left.push({ ...next.of, atMs: next.atMs, tries });
    else waiting.push({ of: next.of, atMs: next.atMs + waitMs, tries });
  }
  return left;
}

/** The most that left in any stretch of that length. */
function mostIn(left: readonly Left[], ms: number): number {
  const times = left.map(({ atMs }) => atMs);
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + ms).length),
  );
}

const crowd = (count: number, more: Partial<Wish> = {}, fromMs = 0): Comer[] =>
  Array.from({ length: count }, (_, at) => ({
    wish: wish(`${more.weight ?? ''}${at}`, more),
    fromMs,
  }));

describe('a channel', () => {
  test('five in five seconds; each is told its own turn', () => {
    const left = run(new Limiter(), crowd(12));
    expect(left.map(({ key }) => key)).toEqual(Array.from({ length: 12 }, (_, at) => `${at}`));
    expect(left.map(({ atMs }) => atMs)).toEqual([
      0,
      0,
      0,
      0,
      0,
      ...Array(5).fill(5_100),
      10_200,
      10_200,
    ]);
    expect(Math.max(...left.map(({ tries }) => tries))).toBe(2);
  });

  test('what only shows work leaves room for answers', () => {
    const work = crowd(9, { weight: 'work' });
    const left = run(new Limiter(), [...work, ...crowd(2, {}, 1)]);
    const answers = left.filter(({ weight }) => weight === 'answer');
    expect(answers.map(({ atMs }) => atMs)).toEqual([1, 1]);
    expect(left.filter(({ atMs }) => atMs < 5_000)).toHaveLength(5);
  });

  test('waits as long as Discord wants it to', () => {
    const limiter = new Limiter();
    limiter.pause('C1', 2_000, 0);
    expect(limiter.take(wish('a'), 500)).toBe(1_500);
    expect(limiter.take(wish('b', { channelId: 'C2' }), 500)).toBe(0);
    expect(limiter.take(wish('a'), 2_000)).toBe(0);
  });

  test('who does not come back loses the place', () => {
    const limiter = new Limiter();
    run(limiter, crowd(5));
    expect(limiter.take(wish('gone'), 0)).toBe(5_100);
    expect(limiter.take(wish('here'), 9_000)).toBe(0);
  });

  test('property: never more than five in five seconds, nobody is forgotten', () => {
    const comer = fc.record({
      weight: fc.constantFrom<Weight>('answer', 'work'),
      channelId: fc.constantFrom('C1', 'C2'),
      fromMs: fc.integer({ min: 0, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(comer, { maxLength: 40 }), (comers) => {
        const left = run(
          new Limiter(),
          comers.map(({ fromMs, ...more }, at) => ({ wish: wish(`k${at}`, more), fromMs })),
        );
        expect(left).toHaveLength(comers.length);
        for (const channelId of ['C1', 'C2'])
          expect(
            mostIn(
              left.filter((one) => one.channelId === channelId),
              5_000,
            ),
          ).toBeLessThanOrEqual(5);
        for (const one of left) expect(one.tries).toBeLessThan(40);
      }),
      { numRuns: 200 },
    );
  });
});

describe('all channels', () => {
  test('45 in a second, 30 of them work', () => {
    const many = (weight: Weight): Comer[] =>
      Array.from({ length: 100 }, (_, at) => ({
        wish: wish(`k${at}`, { channelId: `C${at}`, weight }),
        fromMs: 0,
      }));
    expect(mostIn(run(new Limiter(), many('answer')), 1_000)).toBe(45);
    expect(mostIn(run(new Limiter(), many('work')), 1_000)).toBe(30);
  });

  test('wait as long as Discord wants it', () => {
    const limiter = new Limiter();
    limiter.pauseAll(3_000, 0);
    expect(limiter.take(wish('a'), 1_000)).toBe(2_000);
    expect(limiter.mayType('C9', 1_000)).toBe(false);
    expect(limiter.mayType('C9', 3_000)).toBe(true);
  });
});

describe('typing', () => {
  test('once in eight seconds in a channel, and not where something waits', () => {
    const limiter = new Limiter();
    expect(limiter.mayType('C1', 0)).toBe(true);
    expect(limiter.mayType('C1', 7_999)).toBe(false);
    expect(limiter.mayType('C2', 7_999)).toBe(true);
    run(limiter, crowd(5, {}, 8_000));
    expect(limiter.take(wish('late'), 8_000)).toBe(5_100);
    expect(limiter.mayType('C1', 8_100)).toBe(false);
    expect(limiter.mayType('C1', 30_000)).toBe(true);
  });
});

describe('refused requests', () => {
  test('are a thousand in ten minutes, a tenth of what Discord bans for', () => {
    const budget = new Budget();
    for (let n = 0; n < 999; n += 1) budget.note({ status: n % 2 === 0 ? 403 : 401 }, 0);
    budget.note({ status: 404 }, 0);
    budget.note({ status: 429, scope: 'shared' }, 0);
    expect(budget.waitMs(0)).toBe(0);
    budget.note({ status: 429, scope: 'user' }, 60_000);
    expect(budget.waitMs(60_000)).toBe(550_000);
    expect(budget.waitMs(610_000)).toBe(0);
  });

  test('property: in no ten minutes there are more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 500, maxLength: 3_000 }),
        (gaps) => {
          const budget = new Budget();
          const times: number[] = [];
          let nowMs = 0;
          for (const gap of gaps) {
            nowMs += gap + budget.waitMs(nowMs + gap);
            budget.note({ status: 403 }, nowMs);
            times.push(nowMs);
          }
          const dense = times.map(
            (from, at) => (times[at + 1_000] ?? Number.POSITIVE_INFINITY) - from,
          );
          expect(Math.min(...dense)).toBeGreaterThan(600_000 - 1);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('a channel that refuses is tried again slowly, until it is sound', () => {
    const budget = new Budget();
    expect(budget.brokenMs('C1', 0)).toBe(0);
    const waits: number[] = [];
    for (let nowMs = 0, n = 0; n < 9; n += 1) {
      budget.break('C1', nowMs);
      // What was on its way as well changes nothing.
      budget.break('C1', nowMs + 1);
      waits.push(budget.brokenMs('C1', nowMs));
      nowMs += budget.brokenMs('C1', nowMs);
      expect(budget.brokenMs('C1', nowMs)).toBe(0);
    }
    const minute = 60_000;
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((minutes) => minutes * minute));
    budget.heal('C1');
    budget.break('C1', 0);
    expect(budget.brokenMs('C1', 0)).toBe(minute);
    expect(budget.brokenMs('C2', 0)).toBe(0);
  });

  test('what breaks a channel', () => {
    const of = (code: number | undefined, status: number): boolean =>
      breaksChannel({
        phase: 'answered',
        words: '',
        status,
        ...(code === undefined ? {} : { code }),
      });
    expect([of(50_001, 403), of(10_003, 404), of(10_004, 404)]).toEqual([true, true, true]);
    expect([of(50_035, 400), of(10_008, 404), of(undefined, 403)]).toEqual([false, false, false]);
  });
});
