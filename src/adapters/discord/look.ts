import type { Runtime } from '../../contracts/runtime.ts';
import { orAborted } from '../shared/aborted.ts';
import { Window } from '../shared/window.ts';

/** Far below what Discord allows: most of it is for what came in while nobody was here. */
const windowMs = 10_000;
const windowMax = 20;
const waitersMax = 200;
const busyMin = 5;

/** The time was over before its turn came. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

/** Looks whether something is there: one after the other, twenty in ten seconds, none while Discord wants none. */
export class Looks {
  readonly #calls = new Window({ ms: windowMs, max: windowMax });
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  /** Others wait: what is not needed is left. */
  get isBusy(): boolean {
    return this.#waiting >= busyMin;
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
    if (signal.aborted || this.#waiting >= waitersMax) throw new TooLate();
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
