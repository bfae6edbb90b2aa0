import type { Runtime } from '../../contracts/runtime.ts';

const repeatMs = 1_000;

export interface AudienceOptions {
  /** `host.audience` of one channel. */
  readonly tell: (present: boolean) => Promise<void>;
  readonly failed: (cause: unknown) => void;
  readonly runtime: Runtime;
  readonly stop: AbortSignal;
}

/**
 * Tells whether somebody looks: each change once, in order, and only the last of those that came meanwhile.
 * A send that was answered "nobody there" tells it too; its answer may be stored after the word that somebody came,
 * so that word is repeated once.
 */
export class Audience {
  readonly #options: AudienceOptions;
  #wanted = false;
  #told = false;
  #telling = false;
  #denied = false;
  #nap: AbortController | undefined;

  constructor(options: AudienceOptions) {
    this.#options = options;
  }

  /** What was said last and what is true agree. */
  get isTold(): boolean {
    return !this.#telling && this.#wanted === this.#told;
  }

  set(present: boolean): void {
    if (this.#wanted !== present) this.#nap?.abort();
    this.#wanted = present;
    if (!this.#telling) void this.#tell();
  }

  /** The relay was told by an outcome that nobody is there. */
  deny(): void {
    this.#told = false;
    this.#denied = true;
  }

  async #tell(): Promise<void> {
    this.#telling = true;
    while (this.#wanted !== this.#told && !this.#options.stop.aborted) {
      const present = this.#wanted;
      const isTold = await this.#say(present);
      if (isTold && !(present && this.#denied)) continue;
      await this.#wait();
      if (!isTold || !this.#wanted) continue;
      this.#told = false;
      this.#denied = false;
    }
    this.#telling = false;
  }

  /** False when it could not be told; it is tried again until it can, or changes. */
  async #say(present: boolean): Promise<boolean> {
    try {
      await this.#options.tell(present);
      this.#told = present;
      return true;
    } catch (cause) {
      this.#options.failed(cause);
      return false;
    }
  }

  /** Ends early when there is something else to say. */
  async #wait(): Promise<void> {
    const { runtime, stop } = this.#options;
    const nap = new AbortController();
    this.#nap = nap;
    await runtime.sleep(repeatMs, AbortSignal.any([stop, nap.signal]));
  }
}
