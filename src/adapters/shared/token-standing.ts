import type { Runtime } from '../../contracts/runtime.ts';
import { slowMs } from './backoff.ts';

/** So long at most a token is not believed that the platform says it knows, and refuses. */
const heldMaxMs = 30 * 60_000;

interface Refusal {
  readonly cause: string;
  readonly sinceMs: number;
  /** Until then nothing proves the contrary. */
  readonly untilMs: number;
}

/** Whether the platform knows the token. Times are monotonic milliseconds. */
export class TokenStanding {
  readonly #runtime: Runtime;
  #refusal: Refusal | undefined;
  /** When the platform said last that it knows the token, and how long it was not believed after that. */
  #provenMs = Number.NEGATIVE_INFINITY;
  #heldMs = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Why it is refused; undefined: nobody said that it is. */
  get refusal(): string | undefined {
    return this.#refusal?.cause;
  }

  /** A call with the token that began then got through. Answers whether that proves anything. */
  authorized(startedMs: number): boolean {
    const refusal = this.#refusal;
    if (refusal !== undefined && startedMs < Math.max(refusal.sinceMs, refusal.untilMs))
      return false;
    this.forget();
    this.#provenMs = this.#runtime.monoMs();
    return true;
  }

  /**
   * A call was refused for its token. When the platform said a moment ago that it knows the token, asking again proves
   * nothing: it counts as refused for a minute, the next time twice as long.
   */
  refused(cause: string): void {
    const sinceMs = this.#runtime.monoMs();
    if (this.#refusal === undefined) {
      const isSoon = sinceMs - this.#provenMs < slowMs;
      this.#heldMs = isSoon ? Math.min(Math.max(this.#heldMs * 2, slowMs), heldMaxMs) : 0;
    }
    const untilMs = this.#refusal?.untilMs ?? sinceMs + this.#heldMs;
    this.#refusal = { cause, sinceMs, untilMs };
  }

  forget(): void {
    this.#refusal = undefined;
  }
}
