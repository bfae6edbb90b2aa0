import type { DiscordCall } from './shape-server.ts';

const callsMax = 10_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type CallRecord = Mutable<DiscordCall>;
/** What became of a request: it is here, or it was answered or never will be. */
type Stage = 'arrived' | 'ended';
type Listener = (call: DiscordCall, stage: Stage) => void;

/** The requests of the app, in order. */
export class CallLog {
  readonly #calls: CallRecord[] = [];
  readonly #listeners = new Set<Listener>();

  get all(): readonly DiscordCall[] {
    return this.#calls;
  }

  begin(call: Omit<DiscordCall, 'applied' | 'answer' | 'status'>): CallRecord {
    const record = { ...call, applied: false, answer: undefined, status: undefined };
    this.#calls.push(record);
    if (this.#calls.length > callsMax) this.#calls.shift();
    this.#tell(record, 'arrived');
    return record;
  }

  end(call: CallRecord): void {
    this.#tell(call, 'ended');
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(call: DiscordCall, stage: Stage): void {
    for (const listener of [...this.#listeners]) listener(call, stage);
  }
}
