import type { Runtime } from '../../contracts/runtime.ts';

/** Those who wait before they try again, and what ends their waiting. */
export class Rests {
  readonly #runtime: Runtime;
  readonly #wakers = new Set<() => void>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Resolves after `ms`, at once when the signal aborts, or when all are woken. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort('over');
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    this.#wakers.add(end);
    await this.#runtime.sleep(ms, over.signal);
    this.#wakers.delete(end);
    signal.removeEventListener('abort', end);
  }

  wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
