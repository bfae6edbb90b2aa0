import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { waitFor } from '../wait.ts';
import { acceptSocket, type WebSocketEnd } from '../web-socket.ts';
import type { Holds } from './clock.ts';
import { answerMs, type Outcome, type Parcel, type Transport } from './courier.ts';
import type { SlackWaitOptions } from './shape-part.ts';
import type { FakeSlackSockets } from './shape-server.ts';
import type { Json, World } from './state.ts';

/** A client that has not acked after that long on the real clock waits for virtual time: it is let go. */
const holdMs = 1_000;
const ticketsMax = 1_000;
/** Slack allows so many open connections of one app. */
const connectionsMax = 10;

/** One connection of the app. */
class Connection {
  readonly socket: WebSocketEnd;
  readonly waiting = new Map<string, (outcome: Outcome) => void>();
  /** Was told to go: gets nothing new. */
  isLeaving = false;
  /** Answered the ping that followed its hello: it has read both. */
  isReady = false;

  constructor(socket: WebSocketEnd) {
    this.socket = socket;
  }
}

/** Socket Mode: connections by ticket, envelopes and their acks. */
export class SocketHub implements Transport {
  readonly via = 'socket';
  readonly #world: World;
  readonly #holds: Holds;
  readonly #connections = new Set<Connection>();
  readonly #tickets = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #ping: NodeJS.Timeout;
  #next = 0;
  #isMute = false;
  #isRefused = false;
  made = 0;

  constructor(world: World, holds: Holds, pingMs: number) {
    this.#world = world;
    this.#holds = holds;
    // on the real clock, which clients count by
    this.#ping = setInterval(() => this.#pingAll(), pingMs);
    this.#ping.unref();
  }

  get open(): number {
    return this.#connections.size;
  }

  /** The address of one new connection. */
  ticket(): string {
    const ticket = randomBytes(16).toString('hex');
    this.#tickets.add(ticket);
    if (this.#tickets.size > ticketsMax) this.#tickets.clear();
    const base = this.#world.options.baseUrl().replace(/^http/, 'ws');
    return `${base}/link/?ticket=${ticket}&app_id=${this.#world.appId}`;
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // an error of a broken connection is told by its end
    stream.on('error', () => undefined);
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
    const isKnown = this.#tickets.delete(ticket);
    if (this.#isRefused || !isKnown || this.open >= connectionsMax) {
      stream.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
      return;
    }
    const socket = acceptSocket(request, stream, head);
    if (socket !== undefined) this.#welcome(new Connection(socket));
  }

  #welcome(connection: Connection): void {
    const { socket } = connection;
    socket.answersPings = !this.#isMute;
    this.#connections.add(connection);
    this.made += 1;
    socket.listen({
      message: (text) => this.#hear(connection, text),
      pong: () => {
        connection.isReady = true;
        this.#tell();
      },
      closed: () => this.#forget(connection),
    });
    const hello = {
      type: 'hello',
      num_connections: this.open,
      debug_info: {
        host: 'applink-fake',
        build_number: 1,
        approximate_connection_time: 18_060,
      },
      connection_info: { app_id: this.#world.appId },
    };
    socket.send(JSON.stringify(hello));
    socket.ping();
  }

  async send(parcel: Parcel): Promise<Outcome> {
    const connection = this.#pick();
    if (connection === undefined) return failed('connection_failed');
    const { runtime, over } = this.#world;
    const answered = new AbortController();
    const envelopeId = randomBytes(16).toString('hex');
    const acked = new Promise<Outcome>((resolve) => {
      connection.waiting.set(envelopeId, resolve);
    });
    const late = runtime
      .sleep(answerMs, AbortSignal.any([answered.signal, over.signal]))
      .then(() => failed('timeout'));
    connection.socket.send(JSON.stringify(envelopeOf(envelopeId, parcel)));
    try {
      return await this.#holds.briefly(holdMs, Promise.race([acked, late]));
    } finally {
      answered.abort();
      connection.waiting.delete(envelopeId);
    }
  }

  disconnect(reason: 'warning' | 'refresh_requested' | 'link_disabled'): void {
    for (const connection of this.#connections) {
      connection.isLeaving = reason !== 'warning';
      const told = { type: 'disconnect', reason, debug_info: { host: 'applink-fake' } };
      connection.socket.send(JSON.stringify(told));
    }
  }

  drop(): void {
    for (const { socket } of [...this.#connections]) socket.drop();
  }

  mute(isMute = true): void {
    this.#isMute = isMute;
    for (const { socket } of this.#connections) socket.answersPings = !isMute;
  }

  refuse(isRefused = true): void {
    this.#isRefused = isRefused;
  }

  close(): void {
    clearInterval(this.#ping);
    this.drop();
  }

  /** What a test may see and do. */
  shown(): FakeSlackSockets {
    const hub = this;
    return {
      get open() {
        return hub.open;
      },
      get made() {
        return hub.made;
      },
      connected: (count = 1, options) => hub.#connected(count, options),
      disconnect: (reason) => this.disconnect(reason),
      drop: () => this.drop(),
      mute: (isMute) => this.mute(isMute),
      refuse: (isRefused) => this.refuse(isRefused),
    };
  }

  async #connected(count: number, { timeoutMs }: SlackWaitOptions = {}): Promise<void> {
    const shown = (): string[] => [`${this.open} connections`];
    const isSo = (): true | undefined => {
      const ready = [...this.#connections].filter(({ isReady }) => isReady);
      return ready.length >= count ? true : undefined;
    };
    await waitFor(this.#world, { timeoutMs, shown }, (settle) => {
      const listener = (): void => settle(isSo);
      this.#listeners.add(listener);
      queueMicrotask(listener);
      return () => this.#listeners.delete(listener);
    });
  }

  /** One after the other, as Slack spreads what it sends. */
  #pick(): Connection | undefined {
    const all = [...this.#connections].filter(({ isLeaving }) => !isLeaving);
    this.#next += 1;
    return all[this.#next % Math.max(all.length, 1)];
  }

  #hear(connection: Connection, text: string): void {
    let ack: Json;
    try {
      ack = JSON.parse(text) as Json;
    } catch {
      return;
    }
    const payload = ack['payload'] as Json | undefined;
    const isEmpty = payload === undefined || Object.keys(payload).length === 0;
    const settle = connection.waiting.get(String(ack['envelope_id']));
    settle?.({ isAcked: true, payload: isEmpty ? undefined : payload });
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    for (const settle of connection.waiting.values()) settle(failed('connection_failed'));
    this.#tell();
  }

  #pingAll(): void {
    if (this.#isMute) return;
    for (const { socket } of this.#connections) socket.ping();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function envelopeOf(envelopeId: string, { kind, body, attempt, reason }: Parcel): Json {
  return {
    envelope_id: envelopeId,
    payload: body,
    type: kind,
    accepts_response_payload: kind !== 'events_api',
    ...(kind === 'events_api' ? { retry_attempt: attempt, retry_reason: reason ?? '' } : {}),
  };
}

function failed(reason: string): Outcome {
  return { isAcked: false, reason, isLast: false };
}
