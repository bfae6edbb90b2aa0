import { z } from 'zod';
import type { AdapterHost } from '../../contracts/adapter.ts';

/** How often at most the sequence is stored. What is stored late is only brought again, and known. */
const saveMs = 1_000;

/** A session of the gateway as Discord knows it, and how far its events are stored. */
const StoredSession = z.object({
  sessionId: z.string().min(1).max(500),
  resumeURL: z.string().min(1).max(2_000),
  shardCount: z.int().positive(),
  intents: z.int().nonnegative(),
  /** The last *committed* one: all events up to it are stored, or are nothing for us. */
  sequence: z.int().nonnegative(),
});
export type StoredSession = z.infer<typeof StoredSession>;

interface Taken {
  readonly sequence: number;
  isDone: boolean;
}

export interface SessionParts {
  readonly host: Pick<AdapterHost, 'state' | 'runtime' | 'log'>;
  readonly account: string;
  readonly shard: number;
  readonly shardCount: number;
  readonly intents: number;
}

/**
 * The session of one shard, which outlives connections and processes: a new one resumes it after the last event that is
 * stored, and gets again what the old one had received and not stored.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #over = new AbortController();
  #current: StoredSession | undefined;
  /** What was taken and is not committed, in order. */
  #taken: Taken[] = [];
  #isDirty = false;
  #savedMs = Number.NEGATIVE_INFINITY;
  #hurry = new AbortController();
  #saving: Promise<void> | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** What can be resumed. */
  get current(): StoredSession | undefined {
    return this.#current;
  }

  /** Reads what an earlier life left. One of other intents or of another number of shards cannot be resumed. */
  async load(): Promise<void> {
    const { shardCount, intents } = this.#parts;
    const stored = readSession(await this.#read());
    if (stored?.shardCount === shardCount && stored.intents === intents) this.#current = stored;
  }

  /** Discord began a session. */
  begin(begun: Pick<StoredSession, 'sessionId' | 'resumeURL' | 'sequence'>): void {
    const { shardCount, intents } = this.#parts;
    const { sessionId, resumeURL, sequence } = begun;
    this.#current = { sessionId, resumeURL, sequence, shardCount, intents };
    this.#taken = [];
    this.#save(true);
  }

  /** Discord does not know it any more. */
  forget(): void {
    this.#current = undefined;
    this.#taken = [];
    this.#save(true);
  }

  /**
   * An event of this session came. `take` is asked unless it was taken before; its answer is the answer, and it calls
   * what it was given when the event may count as committed. `false`: not taken, it must come again.
   */
  hear(sequence: number, take: (done: () => void) => boolean): boolean {
    const highest = this.#taken.at(-1)?.sequence ?? this.#current?.sequence ?? -1;
    if (sequence <= highest) return true;
    const taken: Taken = { sequence, isDone: false };
    const list = this.#taken;
    list.push(taken);
    let isTaken = false;
    try {
      isTaken = take(() => {
        taken.isDone = true;
        if (isTaken) this.#commit();
      });
    } finally {
      if (!isTaken) list.pop();
    }
    this.#commit();
    return isTaken;
  }

  /** Stores the last state. Nothing is stored by itself after that. */
  async close(): Promise<void> {
    this.#over.abort();
    this.#hurry.abort('closed');
    await this.#saving;
    if (this.#isDirty) await this.#write();
  }

  /** Moves on over all that is done up to the first that is not. */
  #commit(): void {
    let sequence: number | undefined;
    while (this.#taken[0]?.isDone === true) sequence = this.#taken.shift()?.sequence;
    if (sequence === undefined || this.#current === undefined) return;
    this.#current = { ...this.#current, sequence };
    this.#save(false);
  }

  #save(isUrgent: boolean): void {
    this.#isDirty = true;
    if (isUrgent) this.#hurry.abort('hurry');
    if (this.#saving !== undefined || this.#over.signal.aborted) return;
    this.#saving = this.#keepSaving(isUrgent).finally(() => {
      this.#saving = undefined;
    });
  }

  async #keepSaving(isUrgent: boolean): Promise<void> {
    const { runtime } = this.#parts.host;
    let waitMs = isUrgent ? 0 : this.#savedMs + saveMs - runtime.monoMs();
    while (this.#isDirty && !this.#over.signal.aborted) {
      if (waitMs > 0) {
        // Not joined with the other one: in Node 20 each such pair stays as long as the older of the two.
        this.#hurry = new AbortController();
        await runtime.sleep(waitMs, this.#hurry.signal);
        if (this.#over.signal.aborted) return;
      }
      await this.#write();
      waitMs = saveMs;
    }
  }

  async #write(): Promise<void> {
    const { host, account } = this.#parts;
    this.#isDirty = false;
    this.#savedMs = host.runtime.monoMs();
    const row = this.#current === undefined ? '' : JSON.stringify(this.#current);
    try {
      await host.state.set(account, this.#key, row);
    } catch {
      this.#isDirty = true;
      host.log('debug', 'the session of the gateway could not be stored');
    }
  }

  async #read(): Promise<string | undefined> {
    const { host, account } = this.#parts;
    try {
      return await host.state.get(account, this.#key);
    } catch {
      host.log('warn', 'the session of the gateway could not be read: a new one begins');
      return undefined;
    }
  }

  get #key(): string {
    return `session:${this.#parts.shard}`;
  }
}

/** Pure: undefined when there is none, or none that can be read. */
export function readSession(row: string | undefined): StoredSession | undefined {
  if (row === undefined || row === '') return undefined;
  try {
    return StoredSession.safeParse(JSON.parse(row)).data;
  } catch {
    return undefined;
  }
}
