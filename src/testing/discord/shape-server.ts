import type { Runtime } from './clock.ts';
import type { DiscordChannel, DiscordGuild, DiscordMessage, DiscordPerson } from './shape.ts';
import type { DiscordWaitOptions } from './shape-part.ts';

/** How a request goes wrong. `applied_…`: what it asks is done, and the answer is lost. */
export type DiscordFault =
  /** A refusal with Discord's JSON error code; status and message are those of the code. Nothing is done. */
  | {
      readonly kind: 'error';
      readonly code: number;
      readonly status?: number;
      readonly message?: string;
      /** For the codes that Discord answers with 429. */
      readonly retryAfterS?: number;
    }
  /** 429; nothing is done. `shared` is not counted against the bot. Default scope `user`. */
  | {
      readonly kind: 'rate_limited';
      readonly retryAfterS: number;
      readonly scope?: 'user' | 'global' | 'shared';
    }
  /** A bare 5xx; default status 500. */
  | { readonly kind: 'server_error'; readonly status?: number }
  | { readonly kind: 'applied_then_server_error'; readonly status?: number }
  /** A 502 page of a gateway, not JSON. */
  | { readonly kind: 'html' }
  /** 200 with JSON that no answer of Discord looks like. */
  | { readonly kind: 'wrong_json' }
  /** The connection breaks after the request was read; nothing is done. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'applied_then_reset' }
  /** Nothing is done and no answer comes until the client gives up or the server stops. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'applied_then_hang' }
  /** Answers after so many milliseconds of the runtime; done at once. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The connection is refused. Only seen through `discord.fetch`; for all clients use `discord.down`. */
  | { readonly kind: 'refused' };

/**
 * A route as its method and path, every id written `:id`: `POST /channels/:id/messages`,
 * `PUT /channels/:id/messages/:id/reactions/:emoji/@me`, `POST /interactions/:id/:token/callback`,
 * `PATCH /webhooks/:id/:token/messages/@original`, `GET /attachments/:id/:id/:name`. One that is not known is refused.
 */
export type DiscordRoute = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

export interface DiscordFaultOptions {
  /** How many requests it meets; default 1. */
  readonly times?: number;
  /** Only requests to this channel, or of interactions used in it. */
  readonly channel?: DiscordChannel;
}

/** A fault that waits for its requests. */
export interface DiscordPlannedFault {
  /** How many requests it met. */
  readonly hits: number;
  /** Resolves when it met its last request. */
  readonly spent: Promise<void>;
  cancel(): void;
}

/** One request of the app. Tokens are not kept. */
export interface DiscordCall {
  readonly route: string;
  readonly channelId: string | undefined;
  /** Query and body. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly atMs: number;
  /** The fault that it met. */
  readonly fault: DiscordFault['kind'] | undefined;
  /** Whether what it asked was done, whatever the answer. */
  readonly applied: boolean;
  /** Undefined while it is under way, and for ever when its connection broke or hung. */
  readonly status: number | undefined;
  readonly answer: unknown;
}

/** How fast an app may go. Discord documents few numbers; the others are what its headers say at the time of writing. */
export interface DiscordLimits {
  /** Over all routes but those of interactions; default 50. */
  readonly globalPerSecond?: number;
  /** By route, over those built in: `{ 'POST /channels/:id/messages': { limit: 5, perMs: 5_000 } }`. */
  readonly routes?: Readonly<Record<string, { readonly limit: number; readonly perMs: number }>>;
  /** Answers with 401, 403 or 429 in 10 min after which the address is banned; default 10,000. */
  readonly invalidMax?: number;
  /** Sessions a day that may begin by IDENTIFY; the next one resets the token. Default 1,000. */
  readonly identifiesPerDay?: number;
  /** Of sessions with the same rate limit key, one may IDENTIFY in this time of the real clock; default 5,000. */
  readonly identifyMs?: number;
}

/** A session of the gateway: what outlives its connections. */
export interface DiscordSession {
  readonly id: string;
  /** Number and count. */
  readonly shard: readonly [number, number];
  readonly intents: number;
  /** The number of the last event. */
  readonly sequence: number;
  readonly isConnected: boolean;
  /** It can be resumed no more. */
  readonly isOver: boolean;
  readonly resumes: number;
  /** The sequence that the last RESUME named. */
  readonly resumedFrom: number | undefined;
}

/** The gateway's side. */
export interface FakeDiscordGateway {
  /** Connections that are open. */
  readonly open: number;
  /** All that were ever made. */
  readonly made: number;
  /** How many sessions were begun by IDENTIFY, those refused too. */
  readonly identifies: number;
  /** How many were resumed. */
  readonly resumes: number;
  /** All sessions, oldest first; the newest 1,000. */
  readonly sessions: readonly DiscordSession[];
  /** Close codes and frames that ended connections, in order: what the client sent, or what was sent to it. */
  readonly closes: readonly { readonly by: 'client' | 'server'; readonly code: number }[];
  /** Resolves when so many sessions are connected and their clients have read READY or RESUMED; default 1. */
  connected(count?: number, options?: DiscordWaitOptions): Promise<void>;
  /** Breaks all connections without a word. Sessions live on. */
  drop(): void;
  /** Closes all connections with this code. */
  close(code: number, reason?: string): void;
  /** New connections are refused: broken at once, or by a 503. False ends it. */
  refuse(how?: 'reset' | 'unavailable' | false): void;
  /** Tells all connections to reconnect. */
  op7(): void;
  /** Tells all connections that their session is invalid; unless `canResume`, the sessions end. */
  invalidate(options?: { readonly canResume?: boolean }): void;
  /** Ends the sessions that are not connected, as after a few minutes. */
  forget(): void;
  /**
   * Sends the newest event of that kind about the thing with that id (`MESSAGE_CREATE` and a message's,
   * `INTERACTION_CREATE` and an interaction's) once more; returns how many sessions have it.
   */
  repeat(type: string, id: string): number;
  /** Asks all connections for a heartbeat. */
  askHeartbeat(): void;
  /** Acks no heartbeat and sends nothing, as a connection that is half dead; false goes on with what was held back. */
  mute(isMute?: boolean): void;
  /** The next IDENTIFYs are closed with 4014, as when an intent was switched off in the portal. */
  disallow(intents: readonly ('MessageContent' | 'GuildMembers' | 'GuildPresences')[]): void;
}

export interface FakeDiscordOptions {
  /** Whose clock counts; default the real one. A FakeRuntime works: see `discord.fetch`. */
  readonly runtime?: Runtime;
  /** The first guild's name; default `Readback HQ`. */
  readonly name?: string;
  /** The bot's name; default `Readback`. */
  readonly botName?: string;
  /** False: nothing is limited. */
  readonly limits?: DiscordLimits | false;
  /** How many shards Discord recommends; default 1. */
  readonly shards?: number;
  /** How many sessions may IDENTIFY at once; default 1. */
  readonly maxConcurrency?: number;
  /** Said in HELLO; counted on the real clock, as clients do. Default 41,250. */
  readonly heartbeatMs?: number;
  /** How long a session without a connection can be resumed; default 3 min. Discord says "a few minutes". */
  readonly sessionMs?: number;
  /** How long a nonce is enforced; default 2 min. Discord says "a few minutes". */
  readonly nonceMs?: number;
}

/** Discord on 127.0.0.1, with a guild, people and one app. Made by `startFakeDiscord`. */
export interface FakeDiscord {
  /** For the `api` of a REST client: `http://127.0.0.1:<port>/api`. */
  readonly apiUrl: string;
  /** For its `cdn` and `mediaProxy`. */
  readonly cdnUrl: string;
  readonly appId: string;
  /** The bot's user id is the app's. */
  readonly botId: string;
  readonly botName: string;
  /** Changes when the budget of IDENTIFYs is used up or `resetToken` is called. */
  readonly token: string;
  /** The first guild. The bot is in it. */
  readonly guild: DiscordGuild;
  readonly guilds: readonly DiscordGuild[];
  readonly gateway: FakeDiscordGateway;
  /**
   * The real `fetch`, over the real socket, for an app on a FakeRuntime (`rest.makeRequest`): virtual time stands still
   * while a request is under way, and goes on where only time can end the wait (a hanging or slow server).
   */
  readonly fetch: typeof globalThis.fetch;
  /** All requests in order; the newest 10,000. */
  readonly calls: readonly DiscordCall[];
  /** How many requests were answered 429 because a limit was passed; planned faults are not counted. */
  readonly limitsHit: number;
  /** Answers with 401, 403 or 429 in the last 10 min, those of shared limits left out. */
  readonly invalidRequests: number;
  /** Whether the address is banned for them. */
  readonly isBanned: boolean;
  /** The commands that the bot registered; of a guild, or the global ones. */
  commands(guild?: DiscordGuild): readonly Readonly<Record<string, unknown>>[];
  /** A new person of the first guild. */
  person(options?: { readonly name?: string }): DiscordPerson;
  /** A new channel of the first guild. */
  channel(options?: Parameters<DiscordGuild['channel']>[0]): DiscordChannel;
  /** One more guild; the bot is in it unless `bot` is false. */
  addGuild(options?: { readonly name?: string; readonly bot?: boolean }): DiscordGuild;
  /** A person who is in no guild. */
  stranger(options?: { readonly name?: string }): DiscordPerson;
  callsOf(route: DiscordRoute): readonly DiscordCall[];
  /** The next request of that route that has been answered or lost, or, with `arrived`, only read. */
  nextCall(
    route: DiscordRoute,
    options?: DiscordWaitOptions & { readonly arrived?: boolean },
  ): Promise<DiscordCall>;
  /** Plans a fault for the next requests of the route; `*` meets all but `GET /gateway/bot`. Faults are met in the order of their plans. */
  fault(
    route: DiscordRoute | '*',
    fault: DiscordFault,
    options?: DiscordFaultOptions,
  ): DiscordPlannedFault;
  clearFaults(): void;
  /** Sends an event of any shape to the app, over the gateway; returns how many sessions have it. */
  push(type: string, data: Readonly<Record<string, unknown>>, guild?: DiscordGuild): number;
  /** Resolves when the clients have read all that was sent to them and every interaction was answered or failed. */
  settled(options?: DiscordWaitOptions): Promise<void>;
  resetToken(): void;
  /** Edits of this message are refused with 30046 from now on. */
  closeEdits(message: DiscordMessage): void;
  /** Discord puts a preview of a link under a message: the app is told as of an edit, whose time is that of before. */
  unfurl(message: DiscordMessage, link: string): void;
  /** Breaks every connection and refuses new ones, HTTP and gateway alike. */
  down(): Promise<void>;
  /** Comes back on the same port. */
  up(): Promise<void>;
  /** Ends all that waits, closes all connections. Can be called again. */
  stop(): Promise<void>;
}
