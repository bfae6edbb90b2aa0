import { describe, expect, it } from 'vitest';
import { DueHeap, startTimer } from '../../src/core/deadlines.ts';
import { createFakeRuntime } from '../../src/testing/fake-runtime.ts';
import fc from '../support/fast-check.ts';

describe('the heap of what is due', () => {
  it('gives what is due, the nearest first, once', () => {
    const due = new DueHeap();
    due.set('b', 20);
    due.set('a', 10);
    due.set('c', 30);
    expect(due.nearestMs()).toBe(10);
    expect(due.take(5)).toEqual([]);
    expect(due.take(20)).toEqual(['a', 'b']);
    expect(due.take(20)).toEqual([]);
    expect(due.size).toBe(1);
  });

  it('an entry that is set again moves, both ways; undefined takes it away', () => {
    const due = new DueHeap();
    due.set('a', 10);
    due.set('a', 50);
    expect(due.take(49)).toEqual([]);
    due.set('a', 5);
    expect(due.take(5)).toEqual(['a']);
    due.set('a', 5);
    due.set('a', undefined);
    expect(due.nearestMs()).toBeUndefined();
    expect(due.take(100)).toEqual([]);
    expect(due.size).toBe(0);
  });

  it('tells when something nearer than all others is set', () => {
    const due = new DueHeap();
    let told = 0;
    due.onNearer(() => {
      told += 1;
    });
    due.set('a', 10);
    due.set('b', 20);
    expect(told).toBe(1);
    due.set('c', 1);
    expect(told).toBe(2);
  });

  it('shifts with the clock', () => {
    const due = new DueHeap();
    due.set('a', 10);
    due.set('b', 20);
    due.shift(100);
    expect(due.take(109)).toEqual([]);
    expect(due.take(120)).toEqual(['a', 'b']);
  });

  it('agrees with a plain map, whatever is set, moved, taken and shifted', () => {
    const step = fc.oneof(
      fc.record({
        set: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        at: fc.option(fc.nat(50), { nil: undefined }),
      }),
      fc.record({ take: fc.nat(60) }),
      fc.record({ shift: fc.integer({ min: -20, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const due = new DueHeap();
        const model = new Map<string, number>();
        for (const one of steps) {
          if ('set' in one) {
            due.set(one.set, one.at);
            if (one.at === undefined) model.delete(one.set);
            else model.set(one.set, one.at);
          } else if ('shift' in one) {
            due.shift(one.shift);
            for (const [key, at] of model) model.set(key, at + one.shift);
          } else {
            const expected = [...model].filter(([, at]) => at <= one.take);
            const taken = due.take(one.take);
            expect(taken.toSorted()).toEqual(expected.map(([key]) => key).toSorted());
            const times = taken.map((key) => model.get(key) as number);
            expect(times).toEqual(times.toSorted((a, b) => a - b));
            for (const key of taken) model.delete(key);
          }
          expect(due.size).toBe(model.size);
          expect(due.nearestMs()).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        }
      }),
    );
  });

  it('stays as small as what lives in it, however often entries move', () => {
    const due = new DueHeap();
    for (let n = 0; n < 10_000; n += 1) due.set('a', 1_000_000 + n);
    expect(due.held).toBeLessThan(100);
    expect(due.take(2_000_000)).toEqual(['a']);
  });
});

describe('the one timer', () => {
  it('sleeps until the nearest, wakes earlier for a nearer one, and polls', async () => {
    const runtime = createFakeRuntime();
    const due = new DueHeap();
    const start = runtime.monoMs();
    const fired: [number, readonly string[]][] = [];
    const stop = startTimer({
      runtime,
      due,
      now: () => runtime.monoMs() - start,
      pollMs: 1_000,
      fire: async (keys) => {
        fired.push([runtime.monoMs() - start, keys]);
      },
    });
    due.set('late', 700);
    await runtime.advance(100);
    due.set('near', 200);
    await runtime.advance(1_000);
    expect(fired).toEqual([
      [200, ['near']],
      [700, ['late']],
      [1_000, []],
    ]);
    stop();
    due.set('never', 1_200);
    await runtime.advance(10_000);
    expect(fired).toHaveLength(3);
    expect(runtime.pending).toBe(0);
  });
});
