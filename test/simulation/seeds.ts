import { expect, test, vi } from 'vitest';
import { shrink, simulate } from '../../src/testing/simulation.ts';

/** Lives through so many seeds, in tests of ten each. What breaks is told with its shortest story. */
export function liveThrough(from: number, count: number): void {
  vi.setConfig({ testTimeout: 300_000 });
  const tens = Array.from({ length: Math.ceil(count / 10) }, (_, n) => from + n * 10);
  test.each(tens)(
    'seeds from %i: every invariant holds after every step, and all comes to rest',
    async (first) => {
      for (let seed = first; seed < Math.min(first + 10, from + count); seed += 1) {
        const result = await simulate({ seed });
        if (result.broken.length === 0) continue;
        const shortest = await shrink(result, { runsMax: 60 });
        expect.fail(
          `seed ${seed}: ${result.broken[0]}\nagain: npm run simulate -- --seeds 1 --from ${seed}\n${shortest.log.join('\n')}`,
        );
      }
    },
  );
}
