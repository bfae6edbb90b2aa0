import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/core/backoff.ts';
import fc from '../support/fast-check.ts';

const clocks = { backoffMs: 500, backoffCapMs: 60_000 };

describe('backoff', () => {
  it('doubles up to its cap, with full jitter', () => {
    const most = (tries: number): number => backoffMs(tries, 1 - Number.EPSILON, clocks);
    expect([0, 1, 2, 6, 7, 100, 1e9].map(most)).toEqual([
      499, 999, 1_999, 31_999, 59_999, 59_999, 59_999,
    ]);
    expect(backoffMs(5, 0, clocks)).toBe(0);
    expect(backoffMs(5, 0.5, clocks)).toBe(8_000);
  });

  it('is a whole number within its bounds, whatever the tries', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (tries, chance) => {
          const ms = backoffMs(tries, chance, clocks);
          expect(Number.isInteger(ms)).toBe(true);
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThan(clocks.backoffCapMs);
        },
      ),
    );
  });
});
