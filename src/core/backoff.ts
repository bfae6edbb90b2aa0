/** Exponential backoff with full jitter: between 0 and `firstMs * 2^tries`, capped. `chance` is in [0, 1). */
export function backoffMs(
  tries: number,
  chance: number,
  clocks: { backoffMs: number; backoffCapMs: number },
): number {
  const ceiling = Math.min(clocks.backoffCapMs, clocks.backoffMs * 2 ** Math.min(tries, 40));
  return Math.floor(ceiling * chance);
}
