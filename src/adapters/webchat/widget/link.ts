import type { WireEvent, WireReady } from '../wire.ts';
import { type Api, backoffMs, newId } from './api.ts';
import type { Session } from './session.ts';
import { EventStreamParser } from './sse.ts';

export type LinkState = 'connecting' | 'online' | 'offline';

export interface LinkEvents {
  event(event: WireEvent): void;
  state(state: LinkState): void;
  /** A new connection: what is streamed begins anew. */
  connecting(): void;
  /** The conversation is another one: nothing that is shown belongs to it. `expired`, `lost`: and not by a wish of the person. */
  changed(why: 'expired' | 'lost' | 'other'): void;
  isVisible(): boolean;
}

/** Without a word of the server for so long, before it has said how often it speaks. */
const silenceFirstMs = 30_000;

/** Keeps one event stream open: makes a session when there is none, resumes from the last position, tries again for ever. */
export class Link {
  readonly #api: Api;
  readonly #events: LinkEvents;
  #conversation: string | undefined;
  #position: string | undefined;
  #connection = newId();
  #ready: WireReady | undefined;
  #running: AbortController | undefined;
  #listening: AbortController | undefined;
  #wake: (() => void) | undefined;
  #tries = 0;
  #heard: (() => void) | undefined;
  #keepAlive: ReturnType<typeof setInterval> | undefined;

  constructor(api: Api, events: LinkEvents) {
    this.#api = api;
    this.#events = events;
    api.unauthorized = (code) => this.#unauthorized(code);
  }

  start(): void {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    this.#running = running;
    const unwatch = this.#api.sessions.watch(() => this.#noteSession());
    running.signal.addEventListener('abort', unwatch);
    void this.#run(running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#listening?.abort();
    this.#wake?.();
  }

  /** Tries at once, if it waits. */
  nudge(): void {
    this.#wake?.();
  }

  /** Says whether the page is on a screen; also that it is there at all. */
  async tellVisibility(): Promise<void> {
    if (this.#ready === undefined) return;
    const connection = this.#connection;
    const listening = this.#listening;
    const answer = await this.#api.post('visibility', {
      connection,
      visible: this.#events.isVisible(),
    });
    if (!answer.ok && answer.code === 'unknown_connection' && listening === this.#listening)
      listening?.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#events.state('connecting');
      const retryMs = await this.#connect(signal).catch(() => undefined);
      this.#ready = undefined;
      if (signal.aborted) return;
      await this.#wait(retryMs ?? backoffMs(this.#tries++), signal);
    }
  }

  /** One connection, from beginning to end. How long to wait afterwards; undefined: as the backoff says. */
  async #connect(signal: AbortSignal): Promise<number | undefined> {
    const session = await this.#ensureSession();
    if (session === undefined || signal.aborted) return undefined;
    const listening = new AbortController();
    this.#listening = listening;
    signal.addEventListener('abort', () => listening.abort(), { once: true });
    this.#connection = newId();
    const path = `events?connection=${this.#connection}&visible=${this.#events.isVisible()}`;
    const watchdog = this.#watch(listening);
    try {
      const response = await this.#api.get(path, {
        signal: listening.signal,
        position: this.#position,
      });
      if (!response.ok || response.body === null) return await this.#noteRefusal(response, session);
      this.#events.connecting();
      await this.#read(response.body);
      return undefined;
    } finally {
      clearInterval(watchdog);
      clearInterval(this.#keepAlive);
      listening.abort();
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventStreamParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#heard?.();
      for (const { event, data, id } of parser.push(decoder.decode(value, { stream: true }))) {
        this.#take({ event, data: JSON.parse(data) } as WireEvent);
        if (id !== undefined) this.#position = id;
      }
    }
  }

  #take(event: WireEvent): void {
    if (event.event === 'reset') this.#position = undefined;
    if (event.event === 'ready') this.#begin(event.data);
    this.#events.event(event);
    if (event.event === 'ready') this.#events.state('online');
  }

  #begin(ready: WireReady): void {
    this.#ready = ready;
    this.#tries = 0;
    if (ready.token !== undefined) this.#api.sessions.renew(ready.token);
    clearInterval(this.#keepAlive);
    this.#keepAlive = setInterval(() => void this.tellVisibility(), ready.silenceMs / 3);
  }

  /** Ends a connection on which nothing came for two pings: the network does not always say that it is gone. */
  #watch(listening: AbortController): ReturnType<typeof setInterval> {
    let heardAtMs = performance.now();
    this.#heard = () => {
      heardAtMs = performance.now();
    };
    return setInterval(() => {
      const limitMs = this.#ready === undefined ? silenceFirstMs : 2 * this.#ready.pingMs + 1_000;
      if (performance.now() - heardAtMs > limitMs) listening.abort();
    }, 1_000);
  }

  async #ensureSession(): Promise<Session | undefined> {
    const session =
      this.#api.sessions.get() ?? (await this.#api.sessions.alone(() => this.#newSession()));
    if (session !== undefined) this.#enter(session, 'other');
    return session;
  }

  async #newSession(): Promise<Session | undefined> {
    const known = this.#api.sessions.get();
    if (known !== undefined) return known;
    const answer = await this.#api.post('session', {});
    if (!answer.ok) {
      return undefined;
    }
    const session = answer.data as Session;
    this.#api.sessions.set({ token: session.token, conversation: session.conversation });
    return session;
  }

  async #noteRefusal(response: Response, session: Session): Promise<number | undefined> {
    const refusal = await this.#api.refusal(response, session);
    if (refusal.status === 401) return this.#tries++ === 0 ? 0 : undefined;
    return refusal.retryAfterMs > 0 ? refusal.retryAfterMs * (1 + Math.random() / 2) : undefined;
  }

  /** The token is void, whatever request found it out: a new session begins. */
  #unauthorized(code: string): void {
    this.#leave(code === 'token_expired' ? 'expired' : 'lost');
    this.#listening?.abort();
  }

  /** Another page may have begun a new session, or renewed the token of this one. */
  #noteSession(): void {
    const session = this.#api.sessions.get();
    if (session === undefined || session.conversation === this.#conversation) return;
    this.#enter(session, 'other');
    this.#listening?.abort();
    this.#wake?.();
  }

  #enter(session: Session, why: 'other'): void {
    if (session.conversation === this.#conversation) return;
    if (this.#conversation !== undefined) this.#leave(why);
    this.#conversation = session.conversation;
  }

  #leave(why: 'expired' | 'lost' | 'other'): void {
    this.#conversation = undefined;
    this.#position = undefined;
    this.#events.changed(why);
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || ms === 0) return Promise.resolve();
    if (this.#tries > 0 || ms > 1_000) this.#events.state('offline');
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}
