import type { Adapter, AdapterCapabilities, AdapterHost } from '../../src/contracts/adapter.ts';
import type { DeliveryOutcomeInput } from '../../src/contracts/delivery.ts';
import type { ChannelRef } from '../../src/contracts/id.ts';
import type { InboundInput } from '../../src/contracts/inbound.ts';
import type {
  AdapterSubject,
  FaultKind,
  Lack,
  PlatformUnderTest,
  Said,
  SeenMessage,
} from '../../src/testing/adapter-conformance.ts';
import { FakePlatform, type Scripted, type Sent } from '../../src/testing/fake-platform.ts';
import type { FakeRuntime } from '../../src/testing/fake-runtime.ts';
import { rateLimited, rejected, unauthorized, unknown } from '../support/outcome.ts';

export const token = 'token-of-the-bot-1234567890';

/** What a faulty adapter gets to see. */
export interface World {
  readonly fake: FakePlatform;
  readonly runtime: FakeRuntime;
  readonly host: () => AdapterHost;
  /** What was said while no adapter ran. */
  readonly missed: InboundInput[];
}
export type Spoil = (good: Adapter, world: World) => Adapter;

export interface MemoryOptions {
  readonly capabilities?: Partial<AdapterCapabilities>;
  readonly reconcile?: boolean;
  readonly keyed?: boolean;
  readonly spoil?: Spoil;
  readonly lacks?: readonly Lack[];
}

const never: Lack[] = [
  { ability: 'files', excuse: 'files: false', why: 'it shows texts alone' },
  { ability: 'audience', excuse: 'audience: always', why: 'it cannot tell who looks' },
];
const noKey: Lack = {
  ability: 'repeat',
  excuse: 'unknownPolicy: not repeat',
  why: 'it knows no keys',
};
const noLook: Lack = { ability: 'reconcile', excuse: 'no reconcile', why: 'it cannot look' };

/** The platform in memory as the subject of the kit; `spoil` makes the adapter faulty. */
export function memorySubject(options: MemoryOptions = {}): AdapterSubject {
  const lacks = [
    ...never,
    ...(options.keyed === true ? [] : [noKey]),
    ...(options.reconcile === false ? [noLook] : []),
    ...(options.lacks ?? []),
  ];
  const name = 'memory';
  return { name, lacks, open: async (runtime) => new MemoryPlatform(runtime, options) };
}

const gone = { atMs: 0, kind: 'rejected', reason: 'gone', code: 'chat_gone', cause: '' } as const;
const scripts: Readonly<Record<FaultKind, Scripted>> = {
  refused: { kind: 'deferred', atMs: 0, reason: 'not_connected', cause: 'refused' },
  reset_before: unknown(),
  applied_then_reset: { kind: 'apply', answer: unknown() },
  hang: { kind: 'hang' },
  server_error: unknown(),
  rate_limited: rateLimited(7_000),
  unauthorized,
  blocked: rejected(),
  gone,
  invalid: { ...gone, reason: 'invalid', code: 'bad_text' },
};

class MemoryPlatform implements PlatformUnderTest {
  readonly secrets = [token];
  readonly #fake: FakePlatform;
  readonly #runtime: FakeRuntime;
  readonly #spoil: Spoil;
  readonly #said = new Map<string, InboundInput>();
  readonly #missed: InboundInput[] = [];
  readonly #faults = new Map<string, Scripted>();
  readonly #late: number[] = [];
  #running = false;
  #ids = 0;

  constructor(runtime: FakeRuntime, options: MemoryOptions) {
    const { reconcile = true, keyed = false, capabilities, spoil = (good) => good } = options;
    const small = { lengthMax: 120, streams: true, ...capabilities };
    this.#runtime = runtime;
    this.#spoil = spoil;
    this.#fake = new FakePlatform({
      reconcile,
      keyed,
      capabilities: { ...small, ...(keyed && { unknownPolicy: 'repeat' }) },
    });
    this.#fake.decide = (sent) => this.#decide(sent);
  }

  adapter(): Adapter {
    this.#running = false;
    const { adapter, host } = this.#good();
    const fake = this.#fake;
    return this.#spoil(adapter, { fake, runtime: this.#runtime, host, missed: this.#missed });
  }

  #good(): { adapter: Adapter; host: () => AdapterHost } {
    const base = this.#fake.adapter();
    let host: AdapterHost | undefined;
    let isStopped = false;
    const adapter: Adapter = {
      ...base,
      start: async (given) => {
        host = given;
        await base.start(given);
        this.#running = true;
      },
      deliver: async (delivery, attempt) => {
        if (isStopped) return { ...stopped };
        const over = new Promise<DeliveryOutcomeInput>((resolve) => {
          const { signal } = attempt;
          signal.addEventListener('abort', () => resolve(unknown()), { once: true });
        });
        return await Promise.race([base.deliver(delivery, attempt), over]);
      },
      catchUp: async () => {
        for (const inbound of this.#missed) await host?.accept(inbound);
        this.#missed.length = 0;
      },
      stop: async () => {
        isStopped = true;
        this.#running = false;
      },
    };
    return { adapter, host: () => host as AdapterHost };
  }

  async enter(name: string): Promise<ChannelRef> {
    return this.#fake.channel(name);
  }

  shown(channel: ChannelRef): readonly SeenMessage[] {
    return this.#fake.shown
      .filter(({ conversation }) => conversation === channel.conversation)
      .map(({ handle, text, buttons }) => ({
        handle,
        text,
        buttons: buttons.map(({ id }) => id),
        files: [],
      }));
  }

  say(channel: ChannelRef, text: string): Promise<Said> {
    return this.#bring({ kind: 'message', ...this.#common(channel), text });
  }

  press(channel: ChannelRef, button: string): Promise<Said> {
    return this.#bring({ kind: 'press', ...this.#common(channel), button });
  }

  edit(channel: ChannelRef, messageId: string, text: string): Promise<Said> {
    return this.#bring({ kind: 'edited', ...this.#common(channel), messageId, text });
  }

  remove(channel: ChannelRef, messageId: string): Promise<Said> {
    return this.#bring({ kind: 'deleted', ...this.#common(channel), messageId });
  }

  async redeliver(_: ChannelRef, id: string): Promise<Said> {
    const inbound = this.#said.get(id);
    if (inbound === undefined) throw new Error(`nothing was said as ${id}`);
    return await this.#bring(inbound);
  }

  async deleteOurs(_: ChannelRef, handle: string): Promise<void> {
    const at = this.#fake.shown.findIndex((message) => message.handle === handle);
    this.#fake.shown.splice(at, 1);
  }

  fault(kind: FaultKind, channel: ChannelRef): { retryAfterMs?: number } {
    this.#faults.set(channel.conversation, scripts[kind]);
    return kind === 'rate_limited' ? { retryAfterMs: 7_000 } : {};
  }

  slow(ms: readonly number[]): void {
    this.#late.push(...ms);
  }

  passed({ conversation }: ChannelRef): readonly { kind: 'typing' | 'text'; text?: string }[] {
    return this.#fake.transients
      .filter(({ channel }) => channel.conversation === conversation)
      .flatMap(({ kind, text }) =>
        kind === 'status' ? [] : [{ kind, ...(text !== undefined && { text }) }],
      );
  }

  get sends(): number {
    return this.#fake.sent.length;
  }

  async end(): Promise<void> {
    this.#running = false;
  }

  #common(channel: ChannelRef) {
    this.#ids += 1;
    const person = { id: `person of ${channel.conversation}` };
    return { id: `e${this.#ids}`, channel, person, sentAtMs: this.#runtime.wallMs() };
  }

  async #bring(inbound: InboundInput): Promise<Said> {
    const { id } = inbound;
    this.#said.set(id, inbound);
    if (!this.#running) {
      this.#missed.push(inbound);
      return { id, taken: false };
    }
    const taken = await this.#fake.host.accept(inbound).then(
      () => true,
      () => false,
    );
    return { id, taken };
  }

  #decide({ delivery }: Sent): Scripted | undefined {
    const { conversation } = delivery.channel;
    const fault = this.#faults.get(conversation);
    this.#faults.delete(conversation);
    if (fault !== undefined) return fault;
    const ms = this.#late.shift();
    return ms === undefined ? undefined : { kind: 'hold', until: this.#runtime.sleep(ms) };
  }
}

const stopped: DeliveryOutcomeInput = {
  kind: 'deferred',
  atMs: 0,
  reason: 'not_connected',
  scope: 'account',
  cause: 'stopped',
};
