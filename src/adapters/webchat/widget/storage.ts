/** The browser's storage under one prefix; in memory where the browser refuses it. Values are JSON. */
export class Storage {
  readonly prefix: string;
  readonly #memory = new Map<string, string>();

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** Undefined when it is not there or not readable. */
  get(name: string): unknown {
    try {
      const text = this.#memory.get(name) ?? localStorage.getItem(this.prefix + name);
      return text === null ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  set(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    try {
      localStorage.setItem(this.prefix + name, text);
      this.#memory.delete(name);
    } catch {
      this.#memory.set(name, text);
    }
  }

  /** The names that begin so. */
  names(beginning: string): string[] {
    const found = new Set(this.#memory.keys());
    try {
      for (let at = 0; at < localStorage.length; at += 1) {
        const key = localStorage.key(at) ?? '';
        if (key.startsWith(this.prefix)) found.add(key.slice(this.prefix.length));
      }
    } catch {
      // Only what is in memory, then.
    }
    return [...found].filter((name) => name.startsWith(beginning));
  }

  remove(name: string): void {
    this.#memory.delete(name);
    try {
      localStorage.removeItem(this.prefix + name);
    } catch {
      // Nothing was stored, then.
    }
  }

  /** Hears when another page of this browser changes a value. Returns how to stop. */
  watch(name: string, changed: () => void): () => void {
    const listener = (event: StorageEvent): void => {
      if (event.key === this.prefix + name) changed();
    };
    addEventListener('storage', listener);
    return () => removeEventListener('storage', listener);
  }
}
