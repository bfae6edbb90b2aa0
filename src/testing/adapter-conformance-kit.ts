import assert from 'node:assert/strict';
import type { Adapter, AdapterHost, DeliveryAttempt } from '../contracts/adapter.ts';
import {
  Delivery,
  DeliveryOutcome,
  type DeliveryOutcomeInput,
  Evidence,
  type Handle,
} from '../contracts/delivery.ts';
import { type ChannelRef, ReceiptId, type TaskId } from '../contracts/id.ts';
import type { Inbound, InboundInput } from '../contracts/inbound.ts';
import type { Relay } from '../contracts/relay.ts';
import { uuidv7 } from '../core/uuid.ts';
import { createRelay, newOwner } from '../relay.ts';
import { openSqlite, SqliteMemory } from '../stores/sqlite/index.ts';
import type { Ability, AdapterSubject, PlatformUnderTest } from './adapter-conformance-subject.ts';
import { createFakeRuntime, type FakeRuntime } from './fake-runtime.ts';
import { createFakeWorker, type FakeWorker } from './fake-worker.ts';
import { Life } from './life.ts';

/** Registers a check. What it needs and the subject lacks is shown as not applicable. */
export type AdapterCheck = (
  name: string,
  needs: readonly Ability[],
  body: (bench: AdapterBench) => Promise<void>,
) => void;

/** One `deliver` that the relay made. */
export interface RelaySend {
  readonly delivery: Delivery;
  readonly attempt: DeliveryAttempt;
  readonly atMs: number;
  outcome?: DeliveryOutcomeInput;
  error?: unknown;
}

/** What a check says of a Delivery that it sends by its own hand; the rest follows. */
export interface Direct {
  readonly text?: string;
  readonly receiptId?: ReceiptId;
  readonly kind?: 'notice' | 'progress' | 'amend' | 'terminal';
  readonly buttons?: readonly string[];
  readonly files?: Delivery['files'];
  readonly live?: Handle;
  readonly n?: number;
  readonly seq?: number;
  readonly signal?: AbortSignal;
  /** The Task of which it shows the work. */
  readonly task?: { readonly taskId: TaskId; readonly liveId: ReceiptId };
}

/** Long enough for every retry, reconcile and wait for evidence of a send that went wrong once. */
export const longMs = 5 * 60_000;
/** Within this an adapter has settled after its signal aborted, and has stopped. */
export const soonMs = 15_000;

/** The real relay over a store in memory and one adapter; what people see is the platform's. */
export class AdapterBench {
  readonly runtime: FakeRuntime;
  readonly worker: FakeWorker = createFakeWorker();
  readonly sends: RelaySend[] = [];
  readonly accepted: Inbound[] = [];
  readonly logs: string[] = [];
  platform!: PlatformUnderTest;
  relay!: Relay;
  /** The adapter that runs, without any wrap. */
  adapter!: Adapter;
  /** The store cannot write: `accept` rejects. */
  refuses = false;
  readonly #memory = new SqliteMemory();
  /** When the last send of a conversation began. */
  readonly #sentMs = new Map<string, number>();
  #life = new Life();
  #seq = 1_000_000;

  constructor(subject: AdapterSubject) {
    const { quietTurns } = subject;
    this.runtime = createFakeRuntime(quietTurns === undefined ? {} : { quietTurns });
  }

  async start(): Promise<void> {
    this.adapter = this.platform.adapter();
    this.#life = new Life();
    const runtime = this.#life.runtime(this.runtime);
    const owner = newOwner(runtime);
    const memory = this.#memory;
    const store = await openSqlite({ file: ':memory:', runtime, owner, memory });
    this.relay = createRelay({
      store,
      owner,
      runtime,
      adapters: [this.#life.adapter(this.#watched(this.adapter))],
      workers: [this.worker],
      log: (level, message, data) => void this.logs.push(`${level} ${message} ${asText(data)}`),
    });
    await this.settle(this.relay.start());
  }

  /** An orderly stop, and a new process over the same disk. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** The process dies as by a kill, and another takes over. */
  async crash(): Promise<void> {
    this.#life.kill();
    this.#memory.crash();
    await this.start();
  }

  async stop(): Promise<void> {
    const stopped = this.relay.stop({ now: true });
    stopped.catch(() => undefined);
    await this.runtime.advance(soonMs);
    await stopped;
  }

  async end(): Promise<void> {
    try {
      await this.stop();
    } finally {
      this.#life.kill();
      await this.platform.end();
      this.#memory.close();
    }
  }

  enter(name = 'ada'): Promise<ChannelRef> {
    return this.settle(this.platform.enter(name));
  }

  /** Lets a call run to its end without time passing. */
  async settle<T>(call: Promise<T>): Promise<T> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    call.then(end, end);
    await this.runtime.settle();
    assert.ok(ended, 'a call waits for time, though nothing was slow');
    return await call;
  }

  /** Lets a call run until it settles, `limitMs` at most. */
  async within<T>(call: Promise<T>, limitMs: number, what: string): Promise<T> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    call.then(end, end);
    await this.runtime.runUntil(() => ended, limitMs).catch(() => undefined);
    assert.ok(ended, `${what} did not settle within ${limitMs} ms`);
    return await call;
  }

  advance(ms = longMs): Promise<void> {
    return this.runtime.advance(ms);
  }

  /** The relay says something; what comes of it is waited for by `advance`. */
  async notify(channel: ChannelRef, text: string): Promise<void> {
    await this.settle(this.relay.notify({ channel, text, key: `say ${text.slice(0, 50)}` }));
  }

  texts(channel: ChannelRef): string[] {
    return this.platform.shown(channel).map(({ text }) => text);
  }

  /** Sends one Delivery of one part past the relay, as the relay would: not before the gap of two sends is over. */
  async deliver(channel: ChannelRef, direct: Direct = {}): Promise<DeliveryOutcomeInput> {
    const { delivery, attempt } = this.compose(channel, direct);
    const gapMs = this.adapter.capabilities.gapMs?.channel ?? 0;
    const sentMs = this.#sentMs.get(asText(channel)) ?? Number.NEGATIVE_INFINITY;
    await this.runtime.advance(Math.max(0, sentMs + gapMs - this.runtime.monoMs()));
    this.#sentMs.set(asText(channel), this.runtime.monoMs());
    return await this.within(this.adapter.deliver(delivery, attempt), longMs, 'deliver');
  }

  /** The Delivery and the attempt of a direct send. */
  compose(channel: ChannelRef, direct: Direct): { delivery: Delivery; attempt: DeliveryAttempt } {
    const { kind = 'notice', text = 'hello', buttons = [], files = [], live, n = 1 } = direct;
    const receiptId = direct.receiptId ?? this.receiptId();
    const common = {
      receiptId,
      channel,
      text,
      buttons: buttons.map((id) => ({ id, label: id, style: 'plain' })),
      files,
      notify: false,
      ...direct.task,
    };
    const target = kind === 'amend' ? { target: live ?? 'none' } : {};
    const end = kind === 'terminal' ? { end: 'completed' } : {};
    const delivery = Delivery.parse({ kind, ...common, ...target, ...end });
    const [content = { text }] = this.adapter.cut(delivery, []);
    const attempt: DeliveryAttempt = {
      n,
      part: 1,
      parts: 1,
      content,
      key: `${receiptId}.0.1`,
      ...(live === undefined ? {} : { live }),
      repairs: [],
      seq: direct.seq ?? ++this.#seq,
      signal: direct.signal ?? new AbortController().signal,
    };
    return { delivery, attempt };
  }

  receiptId(): ReceiptId {
    return ReceiptId.parse(uuidv7(this.runtime));
  }

  #watched(adapter: Adapter): Adapter {
    const { show, reconcile, catchUp } = adapter;
    return {
      name: adapter.name,
      accounts: adapter.accounts,
      capabilities: adapter.capabilities,
      ...(adapter.deadlines === undefined ? {} : { deadlines: adapter.deadlines }),
      cut: (delivery, repairs) => adapter.cut(delivery, repairs),
      start: (host) => adapter.start(this.#host(host)),
      deliver: (delivery, attempt) => this.#deliver(adapter, delivery, attempt),
      ...(show === undefined ? {} : { show: show.bind(adapter) }),
      ...(reconcile === undefined ? {} : { reconcile: reconcile.bind(adapter) }),
      ...(catchUp === undefined ? {} : { catchUp: catchUp.bind(adapter) }),
      stop: () => adapter.stop(),
    };
  }

  async #deliver(
    adapter: Adapter,
    delivery: Delivery,
    attempt: DeliveryAttempt,
  ): Promise<DeliveryOutcomeInput> {
    const send: RelaySend = { delivery, attempt, atMs: this.runtime.monoMs() };
    this.sends.push(send);
    this.#sentMs.set(asText(delivery.channel), send.atMs);
    try {
      send.outcome = await adapter.deliver(delivery, attempt);
      return send.outcome;
    } catch (error) {
      send.error = error;
      throw error;
    }
  }

  #host(host: AdapterHost): AdapterHost {
    return {
      ...host,
      accept: async (inbound: InboundInput) => {
        if (this.refuses) throw new Error('the store cannot write');
        const accepted = await host.accept(inbound);
        if (accepted.kind === 'accepted') this.accepted.push(inbound as Inbound);
        return accepted;
      },
    };
  }
}

/** The outcome as the relay reads it; fails when it is none. */
export function wellFormed(outcome: DeliveryOutcomeInput): DeliveryOutcome {
  const parsed = DeliveryOutcome.safeParse(outcome);
  assert.ok(parsed.success, `not an outcome: ${parsed.error?.message}`);
  return parsed.data;
}

/** The handle of something shown; fails when it was not. */
export function handleOf(outcome: DeliveryOutcomeInput): Handle {
  const { kind } = outcome;
  assert.equal(kind, 'surfaced', `not shown: ${JSON.stringify(outcome)}`);
  return (outcome as { handle: Handle }).handle;
}

/** It may be shown or not: `unknown`, or shown on weaker evidence than the adapter takes for it. */
export function isOpen(outcome: DeliveryOutcomeInput, { capabilities }: Adapter): boolean {
  if (outcome.kind === 'unknown') return true;
  if (outcome.kind !== 'surfaced' && outcome.kind !== 'partly_surfaced') return false;
  const rank = Evidence.options;
  return rank.indexOf(outcome.evidence) < rank.indexOf(capabilities.evidence);
}

/** How often each of these stands in what a person sees. */
export function timesShown(shown: readonly string[], text: string): number {
  return shown.filter((one) => one.includes(text)).length;
}

/** All that stands in a value, for finding what must not. */
export function asText(value: unknown): string {
  const seen = new Set<unknown>();
  return (
    JSON.stringify(value, (_, one: unknown) => {
      if (typeof one !== 'object' || one === null) return typeof one === 'bigint' ? `${one}` : one;
      if (seen.has(one)) return undefined;
      seen.add(one);
      if (one instanceof Error)
        return { ...one, name: one.name, message: one.message, stack: one.stack, cause: one.cause };
      return one;
    }) ?? ''
  );
}
