import { type Api, backoffMs, isPassing } from './api.ts';
import type { Storage } from './storage.ts';

/** A message that the server has not taken yet. It keeps its id over every try, so that it is taken once. */
export interface Unsent {
  readonly id: string;
  readonly text: string;
  readonly atMs: number;
  /** It was refused for good; only the person can do something about it. */
  readonly problem?: string;
}

export interface OutboxEvents {
  /** `seq` is its place in the transcript. */
  sent(id: string, seq: number): void;
  waiting(id: string): void;
  failed(id: string, problem: string): void;
}

/** One value per message: pages of one browser share them without overwriting one another. */
const prefix = 'unsent:';
const itemsMax = 50;

/** Messages on their way: kept over reloads, sent one after the other, tried until the server answers. */
export class Outbox {
  readonly #api: Api;
  readonly #storage: Storage;
  readonly #events: OutboxEvents;
  #busy = false;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, storage: Storage, events: OutboxEvents) {
    this.#api = api;
    this.#storage = storage;
    this.#events = events;
  }

  /** In the order of writing. */
  items(): Unsent[] {
    const values = this.#storage.names(prefix).map((name) => this.#storage.get(name));
    return values.filter(isUnsent).sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  }

  /** False when too many wait already. */
  add(item: Unsent): boolean {
    if (this.items().length >= itemsMax) return false;
    this.#put(item);
    void this.flush();
    return true;
  }

  discard(id: string): void {
    this.#storage.remove(prefix + id);
  }

  again({ id, text, atMs }: Omit<Unsent, 'problem'>): void {
    this.#put({ id, text, atMs });
    void this.flush();
  }

  /** Sends what there is, if nothing is being sent; called whenever it may work. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let [next] = this.#waiting(); next !== undefined; [next] = this.#waiting()) {
        if (!(await this.#send(next))) return;
      }
    } finally {
      this.#busy = false;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #waiting(): Unsent[] {
    return this.items().filter((item) => item.problem === undefined);
  }

  #put(item: Unsent): void {
    this.#storage.set(prefix + item.id, item);
  }

  /** False: not now. */
  async #send(item: Unsent): Promise<boolean> {
    const { id, text } = item;
    if (this.#api.sessions.get() === undefined) return this.#later();
    const answer = await this.#api.post('messages', { id, text });
    if (answer.ok) {
      this.#tries = 0;
      this.discard(id);
      this.#events.sent(id, (answer.data as { seq: number }).seq);
      return true;
    }
    if (isPassing(answer)) return this.#later(answer.retryAfterMs);
    this.#put({ ...item, problem: answer.message });
    this.#events.failed(id, answer.message);
    return true;
  }

  #later(retryAfterMs = 0): false {
    for (const { id } of this.#waiting()) this.#events.waiting(id);
    const waitMs = Math.max(retryAfterMs, backoffMs(this.#tries++));
    this.#timer = setTimeout(() => void this.flush(), waitMs);
    return false;
  }
}

function isUnsent(value: unknown): value is Unsent {
  const item = value as Partial<Unsent> | null;
  return (
    typeof item?.id === 'string' && typeof item.text === 'string' && typeof item.atMs === 'number'
  );
}
