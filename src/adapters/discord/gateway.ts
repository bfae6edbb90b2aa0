import type {
  IIdentifyThrottler,
  SessionInfo,
  WebSocketManager,
  WebSocketShardEvents,
} from '@discordjs/ws';
import { readFailure } from './failure.ts';
import type { DiscordDispatch } from './inbound-shape.ts';
import type { DiscordWs } from './rest.ts';
import type { StoredSession } from './session.ts';

/** How long each step may take, on the real clock. */
const handshakeMs = 10_000;
const helloMs = 20_000;
const readyMs = 20_000;
/** A session that is resumed is given up when nothing of it came for so long, on the real clock. */
const silentMs = 60_000;
/** Who does not answer a goodbye is left so long after, on the real clock. */
const goodbyeMs = 500;
/** Closed with it, a session can be resumed. */
const keepingCode = 4_200;
const dayMs = 86_400_000;

/** How far a connection came: it was not made, Discord said HELLO, events come. */
export type Stage = 'none' | 'hello' | 'open';

export interface ConnectionEnd {
  readonly stage: Stage;
  /** With which it was closed, by either side; undefined when it was not made or broke. */
  readonly code: number | undefined;
  /** Too much waits: the session should be resumed later. */
  readonly isBehind: boolean;
  /** In a line, without secrets. */
  readonly cause: string;
}

export interface ConnectionParts {
  readonly discord: DiscordWs;
  readonly token: string;
  readonly intents: number;
  readonly shard: number;
  readonly shardCount: number;
  /** See `isGatewayUrl`. */
  readonly url: string;
  /** Waits before an IDENTIFY. */
  readonly throttler: IIdentifyThrottler;
  /** What can be resumed; asked for whenever it is needed. */
  session(): StoredSession | undefined;
  /** Discord began a session; no event of it came yet. */
  began(session: SessionInfo): void;
  /** READY, or RESUMED: all that was missed was brought. */
  opened(): void;
  /** In order. False: the connection ends, and the event must come again. */
  take(dispatch: DiscordDispatch, sequence: number): boolean;
  /** Nothing is missing until now. */
  heard(): void;
}

/** Pure: whether the client can connect to it; of another it throws where nobody catches it. */
export function isGatewayUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hash, search } = new URL(url);
  return (protocol === 'wss:' || protocol === 'ws:') && hash === '' && search === '';
}

/**
 * One connection to the gateway, by the client of discord.js: RESUMEs what `session` answers, else IDENTIFYs. Resolves
 * when it is over; when the signal aborts it is closed so that Discord keeps the session. Never rejects.
 *
 * The client connects again by itself, every half second and for ever, and then forgets the session. That must not be:
 * see `#retrieve`.
 */
export async function connect(parts: ConnectionParts, signal: AbortSignal): Promise<ConnectionEnd> {
  const connection = new Connection(parts);
  const stop = (): void => connection.leave('stopped');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const end = await connection.run();
  signal.removeEventListener('abort', stop);
  return end;
}

class Connection {
  readonly #parts: ConnectionParts;
  readonly #manager: WebSocketManager;
  readonly #ended: Promise<ConnectionEnd>;
  #resolve: (end: ConnectionEnd) => void = () => undefined;
  #stage: Stage = 'none';
  #isOver = false;
  #goodbye: Promise<void> = Promise.resolve();
  #silence: NodeJS.Timeout | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#manager = this.#makeManager();
    this.#listen();
  }

  async run(): Promise<ConnectionEnd> {
    if (!this.#isOver)
      this.#manager.connect().catch((error: unknown) => this.#finish(undefined, wordsOf(error)));
    const end = await this.#ended;
    clearTimeout(this.#silence);
    await this.#goodbye;
    return end;
  }

  /** Ends it from our side; Discord keeps the session. */
  leave(cause: string, isBehind = false): void {
    if (this.#isOver) return;
    this.#finish(undefined, cause, isBehind);
    // The client lets go of a socket that is not open yet without closing it, and then nobody hears its errors.
    if (this.#stage !== 'none') this.#goodbye = this.#close();
  }

  #finish(code: number | undefined, cause: string, isBehind = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#resolve({ stage: this.#stage, code, cause, isBehind });
  }

  async #close(): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, goodbyeMs).unref());
    const closed = (async () => await this.#manager.destroy({ code: keepingCode }))();
    await Promise.race([closed.catch(() => undefined), late]);
  }

  #makeManager(): WebSocketManager {
    const { discord, token, intents, shard, shardCount, url, throttler } = this.#parts;
    const start = { total: 1, remaining: 1, reset_after: dayMs, max_concurrency: 1 };
    const info = { url, shards: shardCount, session_start_limit: start };
    return new discord.WebSocketManager({
      token,
      intents,
      shardCount,
      shardIds: [shard],
      // Where the gateway is and whether a session may begin was asked before.
      rest: { get: async () => info } as never,
      handshakeTimeout: handshakeMs,
      helloTimeout: helloMs,
      readyTimeout: readyMs,
      retrieveSessionInfo: () => this.#retrieve(),
      updateSessionInfo: (_, session) => this.#update(session),
      buildIdentifyThrottler: () => ({
        waitForIdentify: async (...given) => {
          await throttler.waitForIdentify(...given);
          if (this.#isOver) await never();
        },
      }),
    });
  }

  /**
   * Once this connection is over it answers what never comes, which keeps the client from making another: it asks for
   * the session first. Until then the answer comes at once: events keep their order by it.
   */
  #retrieve(): SessionInfo | null | Promise<never> {
    if (this.#isOver) return never();
    const { shard, url, session } = this.#parts;
    const current = session();
    if (current === undefined) return null;
    const { sessionId, shardCount, sequence } = current;
    return { sessionId, shardCount, sequence, shardId: shard, resumeURL: url };
  }

  /** That events came is not that they are stored, and that a connection failed does not end a session. */
  #update(session: SessionInfo | null): void {
    if (this.#isOver || session === null) return;
    if (session.sessionId !== this.#parts.session()?.sessionId) this.#parts.began(session);
  }

  #listen(): void {
    const manager = this.#manager;
    manager.on('hello' as WebSocketShardEvents.Hello, () => this.#hello());
    manager.on('closed' as WebSocketShardEvents.Closed, ({ code }) => {
      const how = this.#stage === 'none' ? 'it was not reached' : 'it was closed';
      this.#finish(code, `${how} (${code})`);
    });
    manager.on('error' as WebSocketShardEvents.Error, ({ error }) =>
      this.#finish(undefined, wordsOf(error)),
    );
    manager.on('debug' as WebSocketShardEvents.Debug, ({ message }) => this.#debug(message));
    manager.on('heartbeat' as WebSocketShardEvents.HeartbeatComplete, () => {
      if (!this.#isOver && this.#stage === 'open') this.#parts.heard();
    });
    manager.on('dispatch' as WebSocketShardEvents.Dispatch, ({ data }) => this.#dispatch(data));
  }

  #hello(): void {
    this.#stage = 'hello';
    // Not within the event: the client goes on with its heart first, and could not be stopped then.
    if (this.#isOver) queueMicrotask(() => void this.#close());
    else if (this.#parts.session() !== undefined) this.#watchSilence();
  }

  /** The client gives a connection up: of a dead one it hears the end only half a minute later. */
  #debug(message: string): void {
    if (message.startsWith('Connecting to')) this.#guard();
    if (!message.startsWith('Destroying shard')) return;
    const code = Number(/Code: (\d+)/.exec(message)?.[1] ?? Number.NaN);
    const reason = /Reason: (.*)/.exec(message)?.[1] ?? 'it was given up';
    this.#finish(Number.isNaN(code) ? undefined : code, reason);
  }

  /** The client reads each frame in a promise that nobody waits for: one of an unknown shape would end the process. */
  #guard(): void {
    const { strategy } = this.#manager as unknown as ReadingManager;
    const shard = strategy?.shards?.get(this.#parts.shard);
    const read = shard?.onMessage?.bind(shard);
    if (shard === undefined || read === undefined) return;
    shard.onMessage = async (...frame) => {
      await read(...frame).catch(() => this.leave('a frame could not be read'));
    };
  }

  #dispatch(data: { readonly t: string; readonly s: number; readonly d: unknown }): void {
    if (this.#isOver) return;
    const { t, s, d } = data;
    if (t === 'READY' || t === 'RESUMED') this.#open();
    else if (this.#stage === 'hello') this.#watchSilence();
    try {
      if (!this.#parts.take({ t, d }, s)) this.leave('more came in than could be stored', true);
      else if (this.#stage === 'open') this.#parts.heard();
    } catch (error) {
      this.leave(`an event could not be taken (${wordsOf(error)})`);
    }
  }

  #open(): void {
    this.#stage = 'open';
    clearTimeout(this.#silence);
    this.#parts.opened();
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    const leave = (): void => this.leave('nothing came of a session that was to be resumed');
    this.#silence = setTimeout(leave, silentMs);
    this.#silence.unref();
  }
}

/** What is not public of the client. */
interface ReadingManager {
  readonly strategy?: {
    readonly shards?: ReadonlyMap<number, { onMessage?(...frame: unknown[]): Promise<void> }>;
  };
}

const never = (): Promise<never> => new Promise(() => undefined);

const wordsOf = (error: unknown): string => `it failed (${readFailure(error).words})`;
