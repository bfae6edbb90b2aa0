import type { Runtime } from '../../contracts/runtime.ts';

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Then it is aborted, by the relay's time. */
  readonly limitMs?: number;
}

/** Requests to a platform, each bounded by a signal and by the relay's time; `stop` ends them all. */
export class Requests {
  readonly #runtime: Runtime;
  readonly #active = new Set<AbortController>();
  #stopped = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Runs it with the signal that ends it. Rejects with what it rejects with. */
  async request<T>(
    { signal, limitMs }: RequestOptions,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    const over = new AbortController();
    const end = (): void => abort.abort();
    if (this.#stopped || signal?.aborted === true) end();
    signal?.addEventListener('abort', end, { once: true });
    this.#active.add(abort);
    if (limitMs !== undefined) void this.#limit(limitMs, over.signal, end);
    try {
      return await run(abort.signal);
    } finally {
      over.abort('over');
      this.#active.delete(abort);
      signal?.removeEventListener('abort', end);
    }
  }

  /** Ends what is under way and lets nothing begin. */
  stop(): void {
    this.#stopped = true;
    for (const abort of this.#active) abort.abort();
  }

  async #limit(ms: number, over: AbortSignal, end: () => void): Promise<void> {
    await this.#runtime.sleep(ms, over);
    if (!over.aborted) end();
  }
}
