import type { SlackAck } from './shape-part.ts';
import type { SlackDelivery } from './shape-server.ts';
import type { Json, TeamRecord, ToApp, World } from './state.ts';

/** After a failed try: at once, after a minute, after five. Four tries in all. */
const retryAfterMs = [0, 60_000, 300_000];
/** How long an app may take to answer. */
export const answerMs = 3_000;
const deliveriesMax = 10_000;
const knownMax = 10_000;

/** One thing on its way to the app. */
export interface Parcel {
  readonly kind: 'events_api' | 'interactive' | 'slash_commands';
  readonly body: Json;
  /** 0 is the first try. */
  readonly attempt: number;
  /** Why the try before failed. */
  readonly reason: string | undefined;
}

export type Outcome =
  | { readonly isAcked: true; readonly payload: unknown }
  | { readonly isAcked: false; readonly reason: string; readonly isLast: boolean };

/** A way to the app. Answers within `answerMs` of the runtime; never rejects. */
export interface Transport {
  readonly via: SlackDelivery['via'];
  send(parcel: Parcel): Promise<Outcome>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Brings events and interactions to the app: events again and again, interactions once. */
export class Courier implements ToApp {
  readonly #world: World;
  readonly #transport: () => Transport;
  readonly #deliveries: Mutable<SlackDelivery>[] = [];
  readonly #known = new Map<string, Json>();
  readonly #listeners = new Set<() => void>();
  #pendingEvents = 0;
  #pendingInteractions = 0;

  constructor(world: World, transport: () => Transport) {
    this.#world = world;
    this.#transport = transport;
  }

  get deliveries(): readonly SlackDelivery[] {
    return this.#deliveries;
  }

  get pendingEvents(): number {
    return this.#pendingEvents;
  }

  get isIdle(): boolean {
    return this.#pendingEvents === 0 && this.#pendingInteractions === 0;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes an event; returns its id. Events overtake each other, as Slack's do. */
  event(team: TeamRecord, event: Json): string {
    const world = this.#world;
    const eventId = world.newId('Ev');
    const body = {
      token: world.verificationToken,
      team_id: team.teamId,
      context_team_id: team.teamId,
      context_enterprise_id: null,
      api_app_id: world.appId,
      // a copy: the message may change before the second try
      event: structuredClone(event),
      type: 'event_callback',
      event_id: eventId,
      event_time: Math.floor(world.nowMs() / 1_000),
      authorizations: [
        {
          enterprise_id: null,
          team_id: team.teamId,
          user_id: team.botUserId,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
      event_context: `4-${eventId}`,
    };
    this.#remember(eventId, body);
    void this.#deliver(body);
    return eventId;
  }

  /** A body without an envelope, once: `app_rate_limited`. */
  async plain(body: Json): Promise<Outcome> {
    return await this.#try({ kind: 'events_api', body, attempt: 0, reason: undefined });
  }

  redeliver(eventId: string): boolean {
    const body = this.#known.get(eventId);
    if (body === undefined) return false;
    void this.#deliver(body, { attempt: 1, reason: 'http_timeout', isOnce: true });
    return true;
  }

  async interact(kind: 'interactive' | 'slash_commands', body: Json): Promise<SlackAck> {
    this.#pendingInteractions += 1;
    try {
      const outcome = await this.#try({ kind, body, attempt: 0, reason: undefined });
      return outcome.isAcked
        ? { kind: 'acked', payload: outcome.payload, reason: undefined }
        : { kind: 'failed', payload: undefined, reason: outcome.reason };
    } finally {
      this.#pendingInteractions -= 1;
      this.#tell();
    }
  }

  async #deliver(
    body: Json,
    from: { attempt: number; reason: string | undefined; isOnce: boolean } = {
      attempt: 0,
      reason: undefined,
      isOnce: false,
    },
  ): Promise<void> {
    const { over, runtime } = this.#world;
    let { attempt, reason } = from;
    this.#pendingEvents += 1;
    try {
      while (!over.signal.aborted) {
        const outcome = await this.#try({ kind: 'events_api', body, attempt, reason });
        if (outcome.isAcked || outcome.isLast || from.isOnce) return;
        const waitMs = retryAfterMs[attempt];
        if (waitMs === undefined) return;
        if (waitMs > 0) await runtime.sleep(waitMs, over.signal);
        attempt += 1;
        reason = outcome.reason;
      }
    } finally {
      this.#pendingEvents -= 1;
      this.#tell();
    }
  }

  async #try(parcel: Parcel): Promise<Outcome> {
    const transport = this.#transport();
    const { kind, body, attempt } = parcel;
    const event = body['event'] as Json | undefined;
    const delivery: Mutable<SlackDelivery> = {
      type: String(event?.['type'] ?? body['type'] ?? kind),
      eventId: body['event_id'] as string | undefined,
      attempt,
      via: transport.via,
      atMs: this.#world.nowMs(),
      outcome: undefined,
      reason: undefined,
    };
    this.#deliveries.push(delivery);
    if (this.#deliveries.length > deliveriesMax) this.#deliveries.shift();
    const outcome = await transport.send(parcel);
    delivery.outcome = outcome.isAcked ? 'acked' : 'failed';
    if (!outcome.isAcked) delivery.reason = outcome.reason;
    this.#tell();
    return outcome;
  }

  #remember(eventId: string, body: Json): void {
    this.#known.set(eventId, body);
    if (this.#known.size <= knownMax) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
