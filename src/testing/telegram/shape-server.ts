import type { Runtime } from './clock.ts';
import type { TelegramChat, TelegramPerson, WaitOptions } from './shape.ts';

/** How a request goes wrong. `applied_…`: what it asks is done, and the answer is lost. */
export type TelegramFault =
  /** An answer of the Bot API with this code; nothing is done. */
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly description: string;
      readonly parameters?: Readonly<Record<string, unknown>>;
      /** Instead of the Bot API's JSON. */
      readonly body?: string;
    }
  /** 429 with `retry_after`. With `wholeBot` all that sends is answered 429 until then. */
  | { readonly kind: 'rate_limited'; readonly retryAfterS: number; readonly wholeBot?: boolean }
  /** A bare 500 as JSON; default code 500. */
  | { readonly kind: 'server_error'; readonly code?: number }
  /** A 502 page of a gateway, not JSON. */
  | { readonly kind: 'html' }
  /** 200 with JSON that no answer of the Bot API looks like. */
  | { readonly kind: 'wrong_json' }
  /** The connection breaks after the request was read; nothing is done. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'applied_then_reset' }
  /** Nothing is done and no answer comes until the client gives up or the server stops. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'applied_then_hang' }
  /** Answers after so many milliseconds of the runtime; done at once. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The connection is refused. Only seen through `telegram.fetch`; for all clients use `telegram.down`. */
  | { readonly kind: 'refused' };

export interface FaultOptions {
  /** How many requests it meets; default 1. */
  readonly times?: number;
  /** Only requests to this chat. */
  readonly chat?: TelegramChat;
}

/** A fault that waits for its requests. */
export interface PlannedFault {
  /** How many requests it met. */
  readonly hits: number;
  /** Resolves when it met its last request. */
  readonly spent: Promise<void>;
  cancel(): void;
}

/** One request of the bot. Files stand as `{ name, bytes }`. */
export interface TelegramCall {
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly atMs: number;
  /** The fault that it met. */
  readonly fault: TelegramFault['kind'] | undefined;
  /** Whether what it asked was done, whatever the answer. */
  readonly applied: boolean;
  /** Undefined while it is under way, and for ever when its connection broke or hung. */
  readonly answer:
    | { readonly ok: true; readonly result: unknown }
    | {
        readonly ok: false;
        readonly error_code: number;
        readonly description: string;
        readonly parameters?: Readonly<Record<string, unknown>>;
      }
    | undefined;
}

/** How fast a bot may write. Numbers of Telegram's FAQ, which calls them guidance. */
export interface TelegramLimits {
  /** Sends to one chat a second, on average; default 1. */
  readonly chatPerSecond?: number;
  /** Sends to one chat that may come at once after a pause; default 3. */
  readonly chatBurst?: number;
  /** Sends and edits in one group, all its topics together, in any minute; default 20. */
  readonly groupPerMinute?: number;
  /** Sends and edits of the bot in any second; default 30. */
  readonly botPerSecond?: number;
  /** After a 429 everything that sends gets one until `retry_after` is over, in every chat; default false. */
  readonly pausesBot?: boolean;
}

export interface FakeTelegramOptions {
  /** Whose clock counts; default the real one. A FakeRuntime works: see `telegram.fetch`. */
  readonly runtime?: Runtime;
  /** The bot's token; default one of its own. `<digits>:<secret>`. */
  readonly token?: string;
  /** The bot's user name, without @; default `readback_test_bot`. */
  readonly username?: string;
  /** The bot's name; default `Readback`. */
  readonly name?: string;
  /** In groups the bot gets only what is meant for it; default true, as for a new bot. */
  readonly privacyMode?: boolean;
  /** False: nothing is limited. */
  readonly limits?: TelegramLimits | false;
  /**
   * How updates reach a webhook; default a POST to its address, which must be https or on this machine. With one of
   * yours any https address will do: hand the request to the code under test.
   */
  readonly webhookFetch?: (request: Request) => Promise<Response>;
}

/** A Bot API server on 127.0.0.1 with people and chats behind it. Made by `startFakeTelegram`. */
export interface FakeTelegram {
  /** For the `apiRoot` of a client: `http://127.0.0.1:<port>`. */
  readonly apiRoot: string;
  readonly token: string;
  readonly botId: number;
  readonly username: string;
  /**
   * The real `fetch`, over the real socket, for a bot on a FakeRuntime: virtual time stands still while a request is
   * under way, and goes on where only time can end the wait (a long poll, a hanging or slow server).
   */
  readonly fetch: typeof globalThis.fetch;
  /** All requests in order; the newest 10,000. */
  readonly calls: readonly TelegramCall[];
  /** How many requests were answered 429 because a limit was passed. */
  readonly limitsHit: number;
  /** What `setMyCommands` set, by scope (`default`, `chat:42`, …) and language after a slash where one was named. */
  readonly commands: ReadonlyMap<string, readonly { command: string; description: string }[]>;
  /** Updates that the bot has not confirmed; the newest 10,000, for 24 hours. */
  readonly pendingUpdates: number;
  /** What is set, without its secret. */
  readonly webhook: { readonly url: string; readonly lastError?: string } | undefined;
  person(options?: { name?: string; username?: string; language?: string }): TelegramPerson;
  group(options?: { title?: string; members?: readonly TelegramPerson[] }): TelegramChat;
  supergroup(options?: {
    title?: string;
    members?: readonly TelegramPerson[];
    topics?: boolean;
  }): TelegramChat;
  channel(options?: { title?: string; members?: readonly TelegramPerson[] }): TelegramChat;
  callsOf(method: string): readonly TelegramCall[];
  /** The next request of this method that comes in from now on, when it was answered or broke; with `arrived` as soon as it is here. */
  nextCall(
    method: string,
    options?: WaitOptions & { readonly arrived?: boolean },
  ): Promise<TelegramCall>;
  /** The next requests of this method ('*': of any but getUpdates) go wrong. Faults are used up in the order in which they were planned. */
  fault(method: string, fault: TelegramFault, options?: FaultOptions): PlannedFault;
  clearFaults(): void;
  /** Puts a raw update into the queue: for kinds that people here cannot cause, and for damaged ones. `update_id` is added. */
  push(update: Readonly<Record<string, unknown>>): number;
  /** Brings an update again that was confirmed before, as Telegram sometimes does. False when it is not known any more. */
  redeliver(updateId: number): boolean;
  /** Every request is answered 401 from now on. */
  revokeToken(): void;
  restoreToken(): void;
  /** The server is gone: connections break and new ones are refused, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Ends all connections and waits at once. */
  stop(): Promise<void>;
}
