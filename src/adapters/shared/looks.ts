import type { Runtime } from '../../contracts/runtime.ts';
import { orAborted } from './aborted.ts';
import { Window } from './window.ts';

interface LooksBounds {
  /** So many calls in `ms`: far below what the platform allows, for what came in while nobody was here needs most. */
  readonly max: number;
  readonly ms: number;
  /** Who comes when as many wait is `TooLate` at once. */
  readonly waitersMax: number;
}

/** The time was over before its turn came. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

/** Looks into a platform's history: one after the other, so many in a window, none while the platform wants none. */
export class Looks {
  readonly #calls: Window;
  readonly #waitersMax: number;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ waitersMax, ...window }: LooksBounds) {
    this.#calls = new Window(window);
    this.#waitersMax = waitersMax;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  pause(ms: number, nowMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + ms);
  }

  /** Calls in its turn. Rejects with what the call failed with, or with `TooLate`. */
  async run<T>(runtime: Runtime, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const leave = await this.#enter(signal);
    try {
      for (let ms = this.#waitMs(runtime); ms > 0 && !signal.aborted; ms = this.#waitMs(runtime))
        await runtime.sleep(ms, signal);
      if (signal.aborted) throw new TooLate();
      this.#calls.take(runtime.monoMs());
      return await call();
    } finally {
      leave();
    }
  }

  /** Waits for its turn; answers what gives it on. */
  async #enter(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted || this.#waiting >= this.#waitersMax) throw new TooLate();
    const before = this.#tail;
    let leave = (): void => undefined;
    this.#tail = new Promise((resolve) => {
      leave = resolve;
    });
    this.#waiting += 1;
    await orAborted(before, signal);
    this.#waiting -= 1;
    if (!signal.aborted) return leave;
    // Its place passes on when its turn comes.
    void before.then(leave);
    throw new TooLate();
  }

  #waitMs(runtime: Runtime): number {
    const nowMs = runtime.monoMs();
    return Math.max(this.#calls.waitMs(nowMs), this.#pausedUntilMs - nowMs);
  }
}
