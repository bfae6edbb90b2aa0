/** At most so many in so many milliseconds, whenever one looks. Says how long to wait; it never waits itself. Monotonic time. */
export class Window {
  readonly #ms: number;
  readonly #max: number;
  #atMs: number[] = [];

  constructor({ ms, max }: { readonly ms: number; readonly max: number }) {
    this.#ms = ms;
    this.#max = max;
  }

  /** How long there is no room; 0: there is. `max`: for what may use less of it. */
  waitMs(nowMs: number, max = this.#max): number {
    this.#atMs = this.#atMs.filter((atMs) => atMs > nowMs - this.#ms);
    // When this one is out of the window there are fewer than the most in it.
    const blocking = this.#atMs.at(-max);
    return blocking === undefined ? 0 : blocking + this.#ms - nowMs;
  }

  take(nowMs: number): void {
    this.#atMs.push(nowMs);
  }
}
