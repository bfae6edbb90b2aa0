import { setImmediate as turn } from 'node:timers/promises';
import type { Adapter } from '../../../src/contracts/adapter.ts';
import { holdTime } from '../../../src/testing/adapter-conformance.ts';
import type { FakeRuntime } from '../../../src/testing/index.ts';
import type { FakeSlack, SlackDelivery } from '../../../src/testing/slack/index.ts';

/** On the real clock, for sockets; far more than an ack takes. */
const patienceMs = 5_000;
/** So long an ack may be on its way after the relay refused what it is for. */
const wrongAckMs = 100;

export type Mode = 'socket' | 'http';

/** What one act of a person brought to the app. */
export interface Brought {
  /** The events that it made; a press makes none. */
  readonly events: readonly string[];
  /** Slack was told that all of it is stored. */
  readonly taken: boolean;
}

/** Where events and presses are handed over, in either mode: what Slack was told of them. */
export class Doorstep {
  readonly #runtime: FakeRuntime;
  readonly #mode: Mode;
  #slack!: FakeSlack;
  #adapter: Adapter | undefined;
  /** What the relay could not store: over a socket Slack is told nothing of it. */
  #refused = 0;

  constructor(runtime: FakeRuntime, mode: Mode) {
    this.#runtime = runtime;
    this.#mode = mode;
  }

  open(slack: FakeSlack): void {
    this.#slack = slack;
  }

  /** As Slack reaches the app: what the relay's server takes off the path is off. */
  async reach(request: Request): Promise<Response> {
    const { method, headers } = request;
    const body = await request.text();
    const inner = new Request('http://bot.example/events', { method, headers, body });
    return await (this.#adapter?.fetch?.(inner) ?? Promise.reject(new Error('nobody')));
  }

  /** This adapter takes what is brought from now on. The time stands still while it starts. */
  serve(adapter: Adapter): Adapter {
    this.#adapter = adapter;
    const start = adapter.start.bind(adapter);
    adapter.start = (host) => {
      const accept: typeof host.accept = async (inbound) => {
        try {
          return await host.accept(inbound);
        } catch (error) {
          this.#refused += 1;
          throw error;
        }
      };
      return holdTime(this.#runtime, start({ ...host, accept }));
    };
    return adapter;
  }

  /** Resolves when Slack reaches it. */
  async connected(): Promise<void> {
    if (this.#mode === 'http') return;
    await holdTime(this.#runtime, this.#slack.sockets.connected());
  }

  /** Lets a person act, and what comes of it be handed over; the time stands still meanwhile. */
  async bring(act: () => void): Promise<Brought> {
    const from = this.#slack.deliveries.length;
    const refusedBefore = this.#refused;
    act();
    const first = this.#slack.deliveries.slice(from);
    const events = first.flatMap(({ eventId }) => eventId ?? []);
    const tries = (): readonly SlackDelivery[] =>
      this.#slack.deliveries
        .slice(from)
        .filter((one) => first.includes(one) || events.includes(one.eventId ?? ''));
    const isTold = (): boolean => tries().every(({ outcome }) => outcome !== undefined);
    const isRefused = (): boolean =>
      this.#mode === 'socket' && this.#refused - refusedBefore >= first.length;
    const settled = async (): Promise<void> => {
      await soon(() => isTold() || isRefused(), patienceMs);
      if (isRefused()) await soon(isTold, wrongAckMs);
    };
    await holdTime(this.#runtime, settled());
    const isTaken = (one: SlackDelivery): boolean =>
      tries().some(
        (other) =>
          other.outcome === 'acked' &&
          (other === one || (one.eventId !== undefined && other.eventId === one.eventId)),
      );
    return { events, taken: first.length > 0 && first.every(isTaken) };
  }
}

/** Resolves when it is so, or when it will not be without time. */
async function soon(isSo: () => boolean, ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  // A first try that failed is followed by a second in the same turn: it counts too.
  await turn();
  while (!isSo() && performance.now() < endMs) await turn();
}
