import type { AdapterHost, Transient } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import { Audience } from './audience.ts';
import type { WebchatConfig } from './config.ts';
import { type CloseReason, Connection } from './connection.ts';
import { Ledger } from './ledger.ts';
import { LiveText } from './live-text.ts';
import { deliveryFrame, frame } from './outbound.ts';
import { Bucket } from './rate.ts';
import type { WireDelivery, WireMessage } from './wire.ts';

const recentMax = 50;
/** How long a published delivery is repeated to connections that come: longer than it takes to be in the transcript. */
const recentMs = 30_000;
const statusMax = 300;

interface Recent {
  readonly n: number;
  readonly atMs: number;
  /** It came after one with a higher number: a resume would skip it. */
  readonly late: boolean;
  readonly epoch: string;
  readonly data: WireDelivery;
}

export interface ConversationOptions {
  readonly channel: ChannelRef;
  readonly config: WebchatConfig;
  readonly host: AdapterHost;
  readonly stop: AbortSignal;
}

/** One conversation as this process knows it: its open event streams and what was lately sent to them. */
export class Conversation {
  readonly channel: ChannelRef;
  readonly connections = new Map<string, Connection>();
  readonly ledger = new Ledger();
  readonly liveText: LiveText;
  readonly requests: Bucket;
  readonly #options: ConversationOptions;
  readonly #audience: Audience;
  #recent: Recent[] = [];
  #published = 0;
  #seqMax = 0;

  constructor(options: ConversationOptions) {
    const { channel, config, host, stop } = options;
    const { runtime } = host;
    this.#options = options;
    this.channel = channel;
    this.liveText = new LiveText(() => this.connections.values(), runtime, stop);
    this.requests = new Bucket(
      { burst: config.limits.requestBurst, perSecond: config.limits.requestsPerSecond },
      runtime,
    );
    this.#audience = new Audience({
      tell: (present) => host.audience(channel, present),
      failed: (cause) =>
        host.log('warn', 'webchat: the audience could not be told', {
          channel,
          cause: String(cause),
        }),
      runtime,
      stop,
    });
  }

  /** A visible page has all that there is. */
  get present(): boolean {
    return [...this.connections.values()].some(
      (connection) => connection.isOpen && connection.visible,
    );
  }

  /** Nothing of it is needed in memory. */
  get isIdle(): boolean {
    return this.connections.size === 0 && this.#audience.isTold;
  }

  /** A new event stream; one of the same id is replaced. */
  connect(id: string, visible: boolean): Connection {
    this.connections.get(id)?.close('replaced');
    const { config, host } = this.#options;
    const connection: Connection = new Connection({
      id,
      visible,
      queueBytes: config.limits.queueBytes,
      heardAtMs: host.runtime.monoMs(),
      joinedAt: this.#published,
      closed: (reason) => this.#closed(connection, reason),
    });
    this.connections.set(id, connection);
    return connection;
  }

  /** To every connection; late ones get it too. */
  publish(data: WireDelivery, epoch: string): void {
    this.#remember(data, epoch);
    this.ledger.note(data);
    if (data.kind === 'terminal') this.liveText.end(data.id);
    const bytes = deliveryFrame(data, epoch);
    for (const connection of this.connections.values()) connection.send(bytes);
  }

  publishMessage(data: WireMessage): void {
    const bytes = frame({ event: 'message', data });
    for (const connection of this.connections.values()) connection.send(bytes);
  }

  /** What passes: shown to who is here. */
  show(transient: Transient, ttlMs: number): void {
    if (transient.kind === 'text') {
      this.liveText.show(transient);
      return;
    }
    const { liveId: id, text = '' } = transient;
    const event =
      transient.kind === 'typing'
        ? ({ event: 'typing', data: { id, ttlMs } } as const)
        : ({ event: 'status', data: { id, text: text.slice(0, statusMax) } } as const);
    const bytes = frame(event);
    for (const connection of this.connections.values()) connection.offer(bytes);
  }

  /** What was published before a connection came and may be missing from its replay. */
  recentFor(connection: Connection, epoch: string): readonly WireDelivery[] {
    const sinceMs = this.#options.host.runtime.monoMs() - recentMs;
    return this.#recent
      .filter((recent) => recent.epoch === epoch && recent.n <= connection.joinedAt)
      .filter((recent) => recent.late || recent.atMs >= sinceMs)
      .map((recent) => recent.data);
  }

  /** A send was answered "nobody there". */
  deny(): void {
    this.#audience.deny();
  }

  /** To be called whenever a connection opened, closed, or became visible or hidden. */
  updateAudience(): void {
    this.#audience.set(this.present);
  }

  #remember(data: WireDelivery, epoch: string): void {
    const n = ++this.#published;
    const atMs = this.#options.host.runtime.monoMs();
    this.#recent.push({ n, atMs, late: data.seq < this.#seqMax, epoch, data });
    if (this.#recent.length > recentMax) this.#recent.shift();
    this.#seqMax = Math.max(this.#seqMax, data.seq);
  }

  #closed(connection: Connection, reason: CloseReason): void {
    if (this.connections.get(connection.id) === connection) this.connections.delete(connection.id);
    const { host, stop } = this.#options;
    host.log('debug', 'webchat: a connection closed', { channel: this.channel, reason });
    if (!stop.aborted) this.updateAudience();
  }
}
