import type { Runtime } from './clock.ts';
import type { SlackChannel, SlackMessage, SlackWorkspace } from './shape.ts';
import type { SlackWaitOptions } from './shape-part.ts';

/** How a request goes wrong. `applied_…`: what it asks is done, and the answer is lost. */
export type SlackFault =
  /** `{ ok: false, error }` with 200; nothing is done. */
  | {
      readonly kind: 'error';
      readonly error: string;
      readonly body?: Readonly<Record<string, unknown>>;
    }
  /** The same, but it is done: what Slack says of `fatal_error` and `internal_error`. */
  | { readonly kind: 'applied_then_error'; readonly error: string }
  /** 429 with `Retry-After`; nothing is done. */
  | { readonly kind: 'rate_limited'; readonly retryAfterS: number }
  /** A bare 5xx; default code 500. */
  | { readonly kind: 'server_error'; readonly code?: number }
  | { readonly kind: 'applied_then_server_error'; readonly code?: number }
  /** A 502 page of a gateway, not JSON. */
  | { readonly kind: 'html' }
  /** 200 with JSON that no answer of Slack looks like. */
  | { readonly kind: 'wrong_json' }
  /** The connection breaks after the request was read; nothing is done. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'applied_then_reset' }
  /** Nothing is done and no answer comes until the client gives up or the server stops. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'applied_then_hang' }
  /** Answers after so many milliseconds of the runtime; done at once. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The connection is refused. Only seen through `slack.fetch`; for all clients use `slack.down`. */
  | { readonly kind: 'refused' };

export interface SlackFaultOptions {
  /** How many requests it meets; default 1. */
  readonly times?: number;
  /** Only requests to this channel. */
  readonly channel?: SlackChannel;
}

/** A fault that waits for its requests. */
export interface SlackPlannedFault {
  /** How many requests it met. */
  readonly hits: number;
  /** Resolves when it met its last request. */
  readonly spent: Promise<void>;
  cancel(): void;
}

/** One request of the app to the Web API. Tokens are not kept. */
export interface SlackCall {
  /** As `chat.postMessage`; `upload` and `download` for files, `response_url` for answers to interactions. */
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly teamId: string | undefined;
  readonly atMs: number;
  /** The fault that it met. */
  readonly fault: SlackFault['kind'] | undefined;
  /** Whether what it asked was done, whatever the answer. */
  readonly applied: boolean;
  /** Undefined while it is under way, and for ever when its connection broke or hung. */
  readonly answer: Readonly<Record<string, unknown>> | undefined;
}

/** How fast an app may go. Numbers of Slack's documentation. */
export interface SlackLimits {
  /** Posts to one channel a second, over all its threads; default 1. */
  readonly channelPerSecond?: number;
  /** Posts to one channel that may come at once after a pause; default 1. */
  readonly channelBurst?: number;
  /** What becomes of a post above it: 429, or an `ok` for a message that is never shown. Default `refused`. */
  readonly burst?: 'refused' | 'swallowed';
  /** Calls a minute by method, over those of Slack's tiers. */
  readonly perMinute?: Readonly<Record<string, number>>;
  /** The limits of apps that are sold outside of Slack's marketplace: one history call a minute, 15 messages each. */
  readonly soldApp?: boolean;
}

/** How events reach the app. */
export interface SlackDelivery {
  /** The event, interaction or command. */
  readonly type: string;
  /** Undefined for what has none: interactions, commands. */
  readonly eventId: string | undefined;
  /** 0 is the first try. */
  readonly attempt: number;
  readonly via: 'http' | 'socket';
  readonly atMs: number;
  /** Undefined while it is under way. */
  readonly outcome: 'acked' | 'failed' | undefined;
  /** Why it failed, as `x-slack-retry-reason` says it. */
  readonly reason: string | undefined;
}

/** The Socket Mode side. */
export interface FakeSlackSockets {
  /** Connections that are open. */
  readonly open: number;
  /** All that were ever made. */
  readonly made: number;
  /** Resolves when so many connections are open and their clients have read the hello; default 1. */
  connected(count?: number, options?: SlackWaitOptions): Promise<void>;
  /** Tells all connections that they end soon (`warning`) or now (`refresh_requested`), or that Socket Mode was turned off. */
  disconnect(reason: 'warning' | 'refresh_requested' | 'link_disabled'): void;
  /** Breaks all connections without a word. */
  drop(): void;
  /** Pings and pongs no more, as a half-dead connection; false goes on with them. */
  mute(isMute?: boolean): void;
  /** New connections are refused although `apps.connections.open` gave an address. */
  refuse(isRefused?: boolean): void;
}

export interface FakeSlackOptions {
  /** Whose clock counts; default the real one. A FakeRuntime works: see `slack.fetch`. */
  readonly runtime?: Runtime;
  /** The first workspace's name; default `Readback HQ`. */
  readonly name?: string;
  /** The bot's name; default `Readback`. */
  readonly botName?: string;
  /** False: nothing is limited. */
  readonly limits?: SlackLimits | false;
  /**
   * Where signed requests go: the app's own address, on this machine, or a function. Without it events and interactions
   * go over Socket Mode. Can be changed with `setRequestUrl`.
   */
  readonly requestUrl?: string;
  /** Brings the request to the code under test; then any https address will do. */
  readonly requestFetch?: (request: Request) => Promise<Response>;
  /** Which events the app hears; default all. As in a manifest: `app_mention`, `message.channels`, `reaction_added`. */
  readonly subscriptions?: readonly string[];
  /** How long a stream lives without an append; default 5 min. Slack's own number is not documented. */
  readonly streamMs?: number;
  /** How often Socket Mode pings, on the real clock, which clients count by; default 5,000. */
  readonly pingMs?: number;
}

/** Slack on 127.0.0.1, with workspaces, people and one app. Made by `startFakeSlack`. It is its own first workspace. */
export interface FakeSlack extends SlackWorkspace {
  /** For the `slackApiUrl` of a client: `http://127.0.0.1:<port>/api/`. */
  readonly apiUrl: string;
  readonly appId: string;
  /** `xapp-…`, for Socket Mode. */
  readonly appToken: string;
  readonly signingSecret: string;
  /**
   * The real `fetch`, over the real socket, for an app on a FakeRuntime: virtual time stands still while a request is
   * under way, and goes on where only time can end the wait (a hanging or slow server).
   */
  readonly fetch: typeof globalThis.fetch;
  readonly sockets: FakeSlackSockets;
  /** All requests in order; the newest 10,000. */
  readonly calls: readonly SlackCall[];
  /** How the app was told, try by try; the newest 10,000. */
  readonly deliveries: readonly SlackDelivery[];
  /** How many requests were answered 429, or swallowed, because a limit was passed. */
  readonly limitsHit: number;
  /** Events that are not delivered and not given up. */
  readonly pendingEvents: number;
  /** Installs the app in one more workspace. */
  workspace(options?: { readonly name?: string; readonly botName?: string }): SlackWorkspace;
  callsOf(method: string): readonly SlackCall[];
  /** The next request of that method that has been answered or lost, or, with `arrived`, only read. */
  nextCall(
    method: string,
    options?: SlackWaitOptions & { readonly arrived?: boolean },
  ): Promise<SlackCall>;
  /** Plans a fault for the next requests of the method; `*` meets all but `apps.connections.open` and `auth.test`. Faults are met in the order of their plans. */
  fault(method: string, fault: SlackFault, options?: SlackFaultOptions): SlackPlannedFault;
  clearFaults(): void;
  /** Signs and posts `url_verification` to the app; resolves with the challenge that came back, rejects otherwise. */
  setRequestUrl(url: string): Promise<void>;
  /** Events and interactions go over Socket Mode from now on. */
  useSocketMode(): void;
  /** Sends an event of any shape to the app; returns its event id. */
  push(event: Readonly<Record<string, unknown>>, workspace?: SlackWorkspace): string;
  /** Delivers an event once more, as Slack does when an answer was lost; with a retry number. False when it is not known. */
  redeliver(eventId: string): boolean;
  /** Resolves when every event was answered or given up and every interaction was answered. */
  settled(options?: SlackWaitOptions): Promise<void>;
  /** A signed request of the app's own making, for what only a test sends: an old time, a wrong signature, a long body. */
  signedRequest(
    body: string,
    options?: {
      readonly url?: string;
      readonly contentType?: string;
      readonly atMs?: number;
      readonly secret?: string;
    },
  ): Request;
  /** Tells the app that it got more than 30,000 events in an hour. HTTP only. */
  rateLimitEvents(): void;
  /** Slack ends a stream by itself: appends are refused from now on. */
  expireStream(message: SlackMessage): void;
  /** Slack puts a preview of a link under a message: the app is told as of an edit, without `edited`. */
  unfurl(message: SlackMessage, link: string): void;
  /** Edits of this message are refused with `edit_window_closed`. */
  closeEditWindow(message: SlackMessage): void;
  /** Breaks every connection and refuses new ones, HTTP and Socket Mode alike. */
  down(): Promise<void>;
  /** Comes back on the same port. */
  up(): Promise<void>;
  /** Ends all that waits, closes all connections. Can be called again. */
  stop(): Promise<void>;
}
