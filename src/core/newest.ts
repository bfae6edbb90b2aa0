/**
 * Facts that replace one another, by key: one is written at a time, and of those that come meanwhile only the newest.
 * A write that has to be tried again cannot come after, and undo, what was said later.
 */
export class Newest<Fact> {
  readonly #write: (fact: Fact) => Promise<void>;
  readonly #waiting = new Map<string, { fact: Fact; done: Promise<void> }>();

  constructor(write: (fact: Fact) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when this fact, or a newer one, is written. */
  put(key: string, fact: Fact): Promise<void> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.fact = fact;
      return waiting.done;
    }
    const entry = { fact, done: Promise.resolve() };
    this.#waiting.set(key, entry);
    entry.done = this.#drain(entry).finally(() => this.#waiting.delete(key));
    return entry.done;
  }

  async #drain(entry: { readonly fact: Fact }): Promise<void> {
    for (let written: Fact | undefined; written !== entry.fact; ) {
      written = entry.fact;
      await this.#write(written);
    }
  }
}
