import type { Runtime } from '../contracts/runtime.ts';
import { holdTime } from './adapter-conformance-time.ts';

/** The request header that tells a fake's server which hold a request of the fake's `fetch` has. */
export const holdHeader = 'x-readback-hold';

/** Keeps virtual time still while something real is under way. */
class Hold {
  readonly #runtime: Runtime;
  #letGo: (() => void) | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.take();
  }

  take(): void {
    if (this.#letGo !== undefined) return;
    const held = new Promise<void>((resolve) => {
      this.#letGo = resolve;
    });
    void holdTime(this.#runtime, held);
  }

  release(): void {
    this.#letGo?.();
    this.#letGo = undefined;
  }
}

/** The holds of the requests under way. Without a runtime of a test nothing is held. */
export class Holds {
  readonly #runtime: Runtime | undefined;
  readonly #open = new Map<string, Hold>();
  #made = 0;

  constructor(runtime: Runtime | undefined) {
    this.#runtime = runtime;
  }

  /** Time stands still while `work` runs; `idle` with the id given to it lets time go meanwhile. */
  async around<T>(work: (id: string) => Promise<T>): Promise<T> {
    if (this.#runtime === undefined) return await work('');
    this.#made += 1;
    const id = String(this.#made);
    const hold = new Hold(this.#runtime);
    this.#open.set(id, hold);
    try {
      return await work(id);
    } finally {
      this.#open.delete(id);
      hold.release();
    }
  }

  /** Time goes on while `wait` waits. What began to be held again ends with its request. */
  async idle<T>(id: string | undefined, wait: Promise<T>): Promise<T> {
    if (id === undefined) return await wait;
    this.#open.get(id)?.release();
    try {
      return await wait;
    } finally {
      this.#open.get(id)?.take();
    }
  }

  /** Time stands still while `work` is under way, but only so long on the real clock. */
  async briefly<T>(ms: number, work: Promise<T>): Promise<T> {
    return await this.around(async (id) => {
      const timer = setTimeout(() => this.#open.get(id)?.release(), ms);
      try {
        return await work;
      } finally {
        clearTimeout(timer);
      }
    });
  }

  /** Lets time go for good: the server answers nobody any more. */
  releaseAll(): void {
    for (const hold of this.#open.values()) hold.release();
    this.#open.clear();
  }
}
