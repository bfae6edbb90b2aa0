import type { AdapterHost } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import type { InboundInput } from '../../contracts/inbound.ts';
import { BoundedMap, BoundedSet } from '../shared/bounded.ts';

const noteKey = 'places';
const aliveKey = 'alive';
const probeKey = 'probe';
/** Conversations, and as many threads. Of a note no more than 64 KiB are kept; a place takes less than 64 bytes. */
const placesMax = 500;
const strangersMax = 5_000;
const peopleMax = 1_000;
const aliveEveryMs = 60_000;

/** A conversation, or a thread in one. */
export interface Place {
  readonly conversation: string;
  readonly thread?: string;
}

type Host = Pick<AdapterHost, 'state' | 'history' | 'log' | 'runtime'>;

/**
 * Where the bot takes part, and when it was last there: what it needs to go on in its threads, and to look for what it
 * missed. Noted durably when a place is new; the oldest of many conversations is forgotten, and of many threads.
 */
export class Places {
  readonly #host: Host;
  readonly #account: string;
  /** Newest last. */
  readonly #places = new Map<string, Place>();
  /** Threads of others. */
  readonly #strangers = new BoundedSet<string>(strangersMax);
  readonly #people = new BoundedMap<string, string>(peopleMax);
  #loading: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #aliveMs = Number.NEGATIVE_INFINITY;

  constructor(host: Host, account: string) {
    this.#host = host;
    this.#account = account;
  }

  /** Reads what was noted, once. Rejects while it cannot be read. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** Whether the bot said or was told something in that thread. Rejects while the store cannot be read. */
  async takesPart(conversation: string, thread: string): Promise<boolean> {
    await this.load();
    const key = keyOf({ conversation, thread });
    if (this.#places.has(key)) return true;
    if (this.#strangers.has(key)) return false;
    const channel = { adapter: 'slack', account: this.#account, conversation, thread };
    const { items } = await this.#host.history(channel, 0, 1);
    if (items.length > 0) {
      this.#add({ conversation, thread });
      return true;
    }
    this.#strangers.add(key);
    return false;
  }

  /** Who spoke there last; undefined when that is not known. */
  personOf({ conversation, thread = '' }: ChannelRef): string | undefined {
    return this.#people.get(keyOf({ conversation, thread }));
  }

  /** That was taken. Never rejects. */
  async saw(inbound: InboundInput): Promise<void> {
    const { conversation, thread } = inbound.channel;
    if (inbound.kind === 'moved') return await this.#move(conversation, inbound.to.conversation);
    if (inbound.kind !== 'message' && inbound.kind !== 'press') return;
    const place = { conversation, ...(thread === undefined ? {} : { thread }) };
    const key = keyOf(place);
    this.#people.set(key, inbound.person.id);
    await this.load().catch(() => undefined);
    const isNew = !this.#places.has(key) || !this.#places.has(keyOf({ conversation }));
    this.#add({ conversation });
    this.#add(place);
    if (isNew) await this.#save();
  }

  /** The newest first. Rejects while the store cannot be read. */
  async list(): Promise<readonly Place[]> {
    await this.load();
    return [...this.#places.values()].reverse();
  }

  /** When the bot was last known to hear, by the wall clock; undefined when it never was. */
  async aliveAtMs(): Promise<number | undefined> {
    const ms = Number((await this.#host.state.get(this.#account, aliveKey)) ?? Number.NaN);
    return Number.isFinite(ms) ? ms : undefined;
  }

  /** It hears now; noted once a minute at most. Never rejects. */
  async alive(): Promise<void> {
    const { runtime, state } = this.#host;
    const nowMs = runtime.monoMs();
    if (nowMs - this.#aliveMs < aliveEveryMs) return;
    this.#aliveMs = nowMs;
    try {
      await state.set(this.#account, aliveKey, String(runtime.wallMs()));
    } catch (error) {
      this.#warn('the time was not noted', error);
    }
  }

  /** Whether the store writes. Never rejects. */
  async canWrite(): Promise<boolean> {
    const { runtime, state } = this.#host;
    return await state.set(this.#account, probeKey, String(runtime.wallMs())).then(
      () => true,
      () => false,
    );
  }

  async #load(): Promise<void> {
    const text = await this.#host.state.get(this.#account, noteKey);
    const now = [...this.#places.values()];
    for (const place of parse(text)) this.#add(place);
    for (const place of now) this.#add(place);
  }

  #add(place: Place): void {
    const key = keyOf(place);
    this.#strangers.delete(key);
    this.#places.delete(key);
    this.#places.set(key, place);
    const isThread = place.thread !== undefined;
    const alike = [...this.#places.values()].filter(
      ({ thread }) => (thread !== undefined) === isThread,
    );
    const [oldest] = alike;
    if (alike.length > placesMax && oldest !== undefined) this.#places.delete(keyOf(oldest));
  }

  async #move(from: string, to: string): Promise<void> {
    await this.load().catch(() => undefined);
    for (const [key, place] of [...this.#places]) {
      if (place.conversation !== from) continue;
      this.#places.delete(key);
      this.#add({ ...place, conversation: to });
    }
    await this.#save();
  }

  /** One after the other: an older list never overwrites a newer one. */
  async #save(): Promise<void> {
    const save = async (): Promise<void> => {
      const rows = [...this.#places.values()].map(({ conversation, thread }) =>
        thread === undefined ? [conversation] : [conversation, thread],
      );
      await this.#host.state.set(this.#account, noteKey, JSON.stringify(rows));
    };
    this.#saving = this.#saving
      .then(save)
      .catch((error: unknown) => this.#warn('a place was not noted', error));
    await this.#saving;
  }

  #warn(what: string, error: unknown): void {
    this.#host.log('warn', what, { error: error instanceof Error ? error.name : 'error' });
  }
}

const keyOf = ({ conversation, thread = '' }: Place): string => `${conversation} ${thread}`;

/** What is no list of ours is none. */
function parse(text: string | undefined): Place[] {
  if (text === undefined) return [];
  try {
    const rows: unknown = JSON.parse(text);
    return (Array.isArray(rows) ? rows : []).flatMap((row: unknown) => {
      const [conversation, thread] = Array.isArray(row) ? row : [];
      if (typeof conversation !== 'string') return [];
      return [{ conversation, ...(typeof thread === 'string' ? { thread } : {}) }];
    });
  } catch {
    return [];
  }
}
