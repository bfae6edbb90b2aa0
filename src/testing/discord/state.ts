import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Runtime } from './clock.ts';
import { FileShelf } from './file-shelf.ts';
import type {
  ChannelRecord,
  GuildRecord,
  InteractionRecord,
  Json,
  MessageRecord,
  PersonRecord,
} from './record.ts';

export type * from './record.ts';

/** Messages of a channel, channels and answers that are kept: bounds that no test meets by intent. */
export const messagesMax = 10_000;
const channelsMax = 10_000;
const rememberedMax = 10_000;
/** 2015-01-01: where Discord's ids begin to count. */
const epochMs = 1_420_070_400_000;

export interface WorldOptions {
  readonly runtime: Runtime;
  readonly botName: string;
  readonly nonceMs: number;
  readonly baseUrl: () => string;
}

/** Which privileged intents the portal gives. */
export interface Portal {
  hasContent: boolean;
  hasMembers: boolean;
  hasPresences: boolean;
}

export interface Happening {
  readonly type: string;
  /** The event's data for a session that may read what people write, or may not. */
  readonly data: (mayRead: boolean) => Json;
  readonly guild: GuildRecord | undefined;
  /** The intent's bit; undefined for what comes to all. */
  readonly intent: number | undefined;
}

/** Brings to the app what happens; returns how many sessions have it. */
export type Dispatch = (happening: Happening) => number;

/** All that the server knows: guilds, people, files, what waits. Knows no HTTP. */
export class World {
  readonly runtime: Runtime;
  readonly options: WorldOptions;
  readonly botId: string;
  readonly files = new FileShelf();
  readonly guilds = new Map<string, GuildRecord>();
  readonly channels = new Map<string, ChannelRecord>();
  readonly people = new Map<string, PersonRecord>();
  readonly commands = new Map<string, Json>();
  readonly interactions = new Map<string, InteractionRecord>();
  /** Messages of the bot by nonce. */
  readonly nonces = new Map<
    string,
    { readonly message: MessageRecord; readonly untilMs: number }
  >();
  readonly portal: Portal = { hasContent: true, hasMembers: true, hasPresences: true };
  /** Interactions that are not answered. */
  unanswered = 0;
  token: string;
  /** Aborts with `stop`: ends what waits. */
  readonly over = new AbortController();
  /** Gives a channel what tests see of it; set when the server is put together. */
  show!: (channel: ChannelRecord) => void;
  /** The way to the app; set when the server is put together. */
  dispatch!: Dispatch;
  /** Virtual time stands still while `work` is under way, for a moment of the real clock. */
  holdBriefly!: <T>(work: Promise<T>) => Promise<T>;
  readonly #listeners = new Set<(message: MessageRecord | undefined) => void>();
  #lastId = 0n;

  constructor(options: WorldOptions) {
    // as many wait as interactions are on their way
    setMaxListeners(0, this.over.signal);
    this.options = options;
    this.runtime = options.runtime;
    this.botId = this.newId();
    this.token = this.newToken();
  }

  nowMs(): number {
    return this.runtime.wallMs();
  }

  /** The time, then a number: later ids are greater, and no two are the same. */
  newId(step = 1n): string {
    const next = BigInt(Math.max(this.nowMs() - epochMs, 0)) << 22n;
    const least = this.#lastId + step;
    this.#lastId = next > least ? next : least;
    return this.#lastId.toString();
  }

  /** Guilds are spread over shards by the time in their ids: no two have the same. */
  newGuildId(): string {
    return this.newId(1n << 22n);
  }

  /** As Discord's look: the bot's id in base64, then what is secret. */
  newToken(): string {
    const id = Buffer.from(this.botId).toString('base64url');
    return `${id}.${randomBytes(4).toString('base64url')}.${randomBytes(28).toString('base64url')}`;
  }

  addChannel(channel: ChannelRecord): void {
    if (this.channels.size >= channelsMax) throw new Error(`more than ${channelsMax} channels`);
    this.channels.set(channel.id, channel);
    channel.guild?.channels.set(channel.id, channel);
  }

  /** Hears of each message of the bot that is sent or edited, and, without one, of everything else that is waited for. */
  listen(listener: (message: MessageRecord | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(message?: MessageRecord): void {
    for (const listener of [...this.#listeners]) listener(message);
  }
}

/** Puts into a map that forgets its oldest entry when it is full. */
export function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value);
  if (map.size <= rememberedMax) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
