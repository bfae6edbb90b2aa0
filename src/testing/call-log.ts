const callsMax = 10_000;
/** All bytes of files in the calls that are kept; then the oldest calls go. */
const bytesMaxDefault = 256 * 1024 * 1024;

export type CallRecord<C> = { -readonly [K in keyof C]: C[K] };
/** What became of a request: it is here, or it was answered or never will be. */
type Stage = 'arrived' | 'ended';
type Listener<C> = (call: C, stage: Stage) => void;

/** The requests of the app to a fake, in order; the newest are kept. */
export class CallLog<C extends object> {
  readonly #calls: CallRecord<C>[] = [];
  readonly #listeners = new Set<Listener<C>>();
  readonly #bytesOf: (call: C) => number;
  readonly #bytesMax: number;
  #bytes = 0;

  /** `bytesOf`: how much a call holds of files; where calls hold none it is left out. */
  constructor(bytesOf: (call: C) => number = () => 0, bytesMax = bytesMaxDefault) {
    this.#bytesOf = bytesOf;
    this.#bytesMax = bytesMax;
  }

  get all(): readonly C[] {
    return this.#calls;
  }

  begin(call: C): CallRecord<C> {
    const record: CallRecord<C> = { ...call };
    this.#calls.push(record);
    this.#bytes += this.#bytesOf(record);
    while (
      this.#calls.length > callsMax ||
      (this.#bytes > this.#bytesMax && this.#calls.length > 1)
    ) {
      const oldest = this.#calls.shift();
      if (oldest !== undefined) this.#bytes -= this.#bytesOf(oldest);
    }
    this.#tell(record, 'arrived');
    return record;
  }

  end(call: CallRecord<C>): void {
    this.#tell(call, 'ended');
  }

  listen(listener: Listener<C>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(call: CallRecord<C>, stage: Stage): void {
    for (const listener of [...this.#listeners]) listener(call, stage);
  }
}
