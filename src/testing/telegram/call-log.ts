import { isUpload } from './request-body.ts';
import type { TelegramCall, TelegramFault } from './shape-server.ts';

const callsMax = 10_000;
/** All bytes of files in the calls that are kept; then the oldest calls go. */
const bytesMaxDefault = 256 * 1024 * 1024;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type CallRecord = Mutable<TelegramCall>;
/** What became of a request: it is here, or it was answered or never will be. */
type Stage = 'arrived' | 'ended';
type Listener = (call: TelegramCall, stage: Stage) => void;

/** The requests of the bot, in order. */
export class CallLog {
  readonly #calls: CallRecord[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = bytesMaxDefault) {
    this.#bytesMax = bytesMax;
  }

  get all(): readonly TelegramCall[] {
    return this.#calls;
  }

  begin(call: {
    readonly method: string;
    readonly payload: TelegramCall['payload'];
    readonly atMs: number;
    readonly fault: TelegramFault['kind'] | undefined;
  }): CallRecord {
    const record = { ...call, applied: false, answer: undefined };
    this.#calls.push(record);
    this.#bytes += bytesOf(record);
    while (
      this.#calls.length > callsMax ||
      (this.#bytes > this.#bytesMax && this.#calls.length > 1)
    )
      this.#bytes -= bytesOf(this.#calls.shift());
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

  #tell(call: CallRecord, stage: Stage): void {
    for (const listener of [...this.#listeners]) listener(call, stage);
  }
}

function bytesOf(call: TelegramCall | undefined): number {
  const values = Object.values(call?.payload ?? {}).filter(isUpload);
  return values.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}
