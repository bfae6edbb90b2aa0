import type { Runtime } from '../contracts/runtime.ts';
import { limit } from './limit.ts';

/**
 * The relay's time: the wall clock at its start plus monotonic time, so that a jump of the wall clock
 * neither fires nor starves a deadline. `drift` tells when the two have come apart.
 */
export class Clock {
  readonly #runtime: Runtime;
  #offsetMs: number;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#offsetMs = runtime.wallMs() - runtime.monoMs();
  }

  now(): number {
    return Math.round(this.#offsetMs + this.#runtime.monoMs());
  }

  /** How far the wall clock is from ours; 0 while within the allowed drift. */
  driftMs(): number {
    const drift = Math.round(this.#runtime.wallMs() - this.now());
    return Math.abs(drift) > limit.clockDriftMs ? drift : 0;
  }

  /** Call in the transaction that moved every stored time by the same. */
  anchor(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }

  offsetAfter(deltaMs: number): number {
    return this.#offsetMs + deltaMs;
  }
}
