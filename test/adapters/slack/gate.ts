import type { Stage } from './stage.ts';

/** The store in front of what comes in: it fails, or lets nothing through for a while. */
export class Gate {
  #failures = 0;
  #held: Promise<void> | undefined;
  #open: () => void = () => undefined;
  /** How often something was to be stored. */
  tries = 0;

  constructor({ harness }: Stage) {
    const { store } = harness;
    const write = store.write.bind(store);
    store.write = async (name, script) => {
      if (name !== 'accept') return await write(name, script);
      this.tries += 1;
      await this.#held;
      if (this.#failures > 0) {
        this.#failures -= 1;
        throw new Error('the disk is full');
      }
      return await write(name, script);
    };
  }

  /** The next so many fail. */
  fail(times: number): void {
    this.#failures = times;
  }

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
    this.#held = undefined;
  }
}
