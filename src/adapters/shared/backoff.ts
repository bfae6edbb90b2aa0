import type { Runtime } from '../../contracts/runtime.ts';

interface BackoffBounds {
  readonly firstMs: number;
  readonly lastMs: number;
}

const usual: BackoffBounds = { firstMs: 1_000, lastMs: 30_000 };

/** The slow probing of what only a person can repair. */
export const slowMs = 60_000;

/** How long to wait after so many failures in a row: twice as long each time, and half of it by chance. */
export function backoffMs(
  runtime: Runtime,
  failures: number,
  { firstMs, lastMs }: BackoffBounds = usual,
): number {
  const most = Math.min(firstMs * 2 ** Math.min(failures - 1, 10), lastMs);
  return most * (0.5 + 0.5 * chance(runtime));
}

/** In [0, 1). */
const chance = (runtime: Runtime): number => (runtime.random(1)[0] ?? 0) / 256;
