import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Runtime } from './clock.ts';
import { FileShelf, type StoredFile } from './file-shelf.ts';
import { Limits } from './limit.ts';
import type {
  SlackChannel,
  SlackMessage,
  SlackPerson,
  SlackThread,
  SlackWorkspace,
} from './shape.ts';
import type { SlackAck, SlackView } from './shape-part.ts';
import type { SlackLimits } from './shape-server.ts';

/** Messages of a channel, channels and people that are kept: bounds that no test meets by intent. */
export const messagesMax = 10_000;
const channelsMax = 10_000;
const rememberedMax = 10_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Json = Record<string, unknown>;

/** A message, and what of it only the API shows. */
export interface MessageRecord extends Mutable<SlackMessage> {
  readonly home: ChannelRecord;
  readonly author: PersonRecord | undefined;
  readonly stored: readonly StoredFile[];
  attachments: readonly Json[];
  subtype: string | undefined;
  /** Another name that the bot wrote under. */
  readonly username: string | undefined;
  readonly clientMsgId: string | undefined;
  editedBy: string | undefined;
  /** Of a stream that is on: when Slack ends it. */
  streamUntilMs: number;
  isEditClosed: boolean;
  readonly linksNames: boolean;
}

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly team: TeamRecord;
  readonly views: ViewRecord[];
  dm: ChannelRecord;
  view: SlackPerson;
}

export interface ThreadRecord {
  readonly ts: string;
  readonly replies: Set<MessageRecord>;
  readonly followers: Set<string>;
  readonly isAssistant: boolean;
  status: SlackThread['status'];
  title: string | undefined;
  prompts: SlackThread['suggestedPrompts'];
}

export interface ChannelRecord {
  readonly id: string;
  readonly name: string;
  readonly type: SlackChannel['type'];
  readonly team: TeamRecord;
  /** Whose direct messages they are. */
  readonly person: PersonRecord | undefined;
  readonly members: Set<PersonRecord>;
  readonly messages: Map<string, MessageRecord>;
  readonly ephemerals: MessageRecord[];
  readonly threads: Map<string, ThreadRecord>;
  /** Of direct messages, above the place where people write. */
  prompts: SlackThread['suggestedPrompts'];
  readonly createdMs: number;
  hasBot: boolean;
  isArchived: boolean;
  view: SlackChannel;
}

export interface TeamRecord {
  readonly teamId: string;
  readonly name: string;
  readonly domain: string;
  readonly botToken: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly botName: string;
  readonly people: Map<string, PersonRecord>;
  readonly channels: Map<string, ChannelRecord>;
  scopes: ReadonlySet<string>;
  isRevoked: boolean;
  view: SlackWorkspace;
}

export interface ViewRecord extends Mutable<SlackView> {
  readonly person: PersonRecord;
  /** As the app gave it. */
  raw: Json;
  hash: string;
  state: Record<string, Record<string, Json>>;
  readonly rootId: string;
  readonly previousId: string | undefined;
}

/** What `trigger_id` stands for; used up by one view. */
export interface TriggerRecord {
  readonly person: PersonRecord;
  readonly untilMs: number;
  isUsed: boolean;
}

export interface ResponseUrlRecord {
  readonly channel: ChannelRecord;
  readonly person: PersonRecord;
  readonly message: MessageRecord | undefined;
  readonly untilMs: number;
  uses: number;
}

export interface WorldOptions {
  readonly runtime: Runtime;
  readonly limits: SlackLimits | false;
  readonly subscriptions: readonly string[] | undefined;
  readonly streamMs: number;
  readonly baseUrl: () => string;
}

type Listener = () => void;

/** Brings to the app what happens. */
export interface ToApp {
  /** Takes an event; returns its id. */
  event(team: TeamRecord, event: Json): string;
  /** Tells what a person did, once. */
  interact(kind: 'interactive' | 'slash_commands', body: Json): Promise<SlackAck>;
}

/** All that the server knows: workspaces, people, files, what waits. Knows no HTTP. */
export class World {
  readonly runtime: Runtime;
  readonly options: WorldOptions;
  readonly appId: string;
  readonly appToken: string;
  readonly signingSecret = randomBytes(16).toString('hex');
  readonly verificationToken = randomBytes(12).toString('hex');
  readonly limits: Limits;
  readonly files = new FileShelf();
  readonly teams = new Map<string, TeamRecord>();
  readonly triggers = new Map<string, TriggerRecord>();
  readonly responseUrls = new Map<string, ResponseUrlRecord>();
  readonly views = new Map<string, ViewRecord>();
  /** Aborts with `stop`: ends what waits. */
  readonly over = new AbortController();
  /** The way to the app; set when the server is put together. */
  courier!: ToApp;
  readonly #messageListeners = new Set<(message: MessageRecord) => void>();
  readonly #viewListeners = new Set<Listener>();
  #lastTsMicros = 0;
  #made = 0;

  constructor(options: WorldOptions) {
    // as many wait as events are on their way
    setMaxListeners(0, this.over.signal);
    this.options = options;
    this.runtime = options.runtime;
    this.appId = this.newId('A');
    this.appToken = `xapp-1-${this.appId}-${randomBytes(12).toString('hex')}`;
    this.limits = new Limits(options.limits);
  }

  nowMs(): number {
    return this.runtime.wallMs();
  }

  /** As Slack's ids look: a letter that says of what, then capitals and digits. */
  newId(letter: string): string {
    this.#made += 1;
    return `${letter}0FAKE${this.#made.toString(36).toUpperCase().padStart(5, '0')}`;
  }

  /** Seconds and microseconds; later ones are greater, and no two are the same. */
  newTs(): string {
    this.#lastTsMicros = Math.max(Math.floor(this.nowMs()) * 1_000, this.#lastTsMicros + 1);
    const seconds = Math.floor(this.#lastTsMicros / 1e6);
    return `${seconds}.${String(this.#lastTsMicros % 1e6).padStart(6, '0')}`;
  }

  addChannel(channel: ChannelRecord): void {
    const { channels } = channel.team;
    if (channels.size >= channelsMax) throw new Error(`more than ${channelsMax} channels`);
    channels.set(channel.id, channel);
  }

  /** Hears of each message of the bot that is sent, edited or appended to. */
  listen(listener: (message: MessageRecord) => void): () => void {
    this.#messageListeners.add(listener);
    return () => this.#messageListeners.delete(listener);
  }

  tell(message: MessageRecord): void {
    for (const listener of [...this.#messageListeners]) listener(message);
  }

  listenViews(listener: Listener): () => void {
    this.#viewListeners.add(listener);
    return () => this.#viewListeners.delete(listener);
  }

  tellViews(): void {
    for (const listener of [...this.#viewListeners]) listener();
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
