import { performance } from 'node:perf_hooks';

const dayMs = 24 * 3_600_000;

interface BudgetOptions {
  readonly perDay: number;
  readonly maxConcurrency: number;
  /** On the real clock, by which clients wait. */
  readonly everyMs: number;
}

/** How many sessions may begin: in a day, and at once. */
export class IdentifyBudget {
  readonly #options: BudgetOptions;
  readonly #last = new Map<number, number>();
  #used = 0;
  #sinceMs = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** Uses up one of the day's; false when none is left. */
  use(nowMs: number): boolean {
    this.#renew(nowMs);
    this.#used += 1;
    return this.#used <= this.#options.perDay;
  }

  /** Whether this shard comes long enough after the last one with its rate limit key. */
  mayNow(shard: number): boolean {
    const key = shard % this.#options.maxConcurrency;
    const nowMs = performance.now();
    const lastMs = this.#last.get(key);
    if (lastMs !== undefined && nowMs - lastMs < this.#options.everyMs) return false;
    this.#last.set(key, nowMs);
    return true;
  }

  /** As `GET /gateway/bot` says it. */
  shown(nowMs: number): Record<string, number> {
    this.#renew(nowMs);
    const { perDay, maxConcurrency } = this.#options;
    const remaining = Math.max(perDay - this.#used, 0);
    const resetAfter = this.#used === 0 ? 0 : Math.max(this.#sinceMs + dayMs - nowMs, 0);
    const named = { total: perDay, remaining, max_concurrency: maxConcurrency };
    return { ...named, reset_after: Math.round(resetAfter) };
  }

  #renew(nowMs: number): void {
    if (this.#used > 0 && nowMs - this.#sinceMs < dayMs) return;
    this.#used = 0;
    this.#sinceMs = nowMs;
  }
}
