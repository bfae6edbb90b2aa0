import type { Runtime } from '../../contracts/runtime.ts';

/** A token bucket: `burst` at once, then `perSecond`. */
export class Bucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #runtime: Runtime;
  #level: number;
  #atMs: number;

  constructor(rate: { readonly burst: number; readonly perSecond: number }, runtime: Runtime) {
    this.#burst = rate.burst;
    this.#perSecond = rate.perSecond;
    this.#runtime = runtime;
    this.#level = rate.burst;
    this.#atMs = runtime.monoMs();
  }

  /** 0: taken; else how long to wait, in milliseconds. */
  take(): number {
    const nowMs = this.#runtime.monoMs();
    this.#level = Math.min(
      this.#burst,
      this.#level + ((nowMs - this.#atMs) / 1_000) * this.#perSecond,
    );
    this.#atMs = nowMs;
    if (this.#level < 1) return Math.ceil(((1 - this.#level) / this.#perSecond) * 1_000);
    this.#level -= 1;
    return 0;
  }
}
