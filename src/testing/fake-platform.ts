import { splitText } from '../adapters/shared/split-text.ts';
import type {
  Adapter,
  AdapterCapabilities,
  AdapterHost,
  DeliveryAttempt,
  ReconcileAnswer,
  ReconcileQuestion,
  Transient,
} from '../contracts/adapter.ts';
import type { Button, Delivery, DeliveryOutcomeInput, Evidence } from '../contracts/delivery.ts';
import type { ChannelRef } from '../contracts/id.ts';
import type { Runtime } from '../contracts/runtime.ts';
import type { DeadlinesPatch } from '../contracts/task.ts';

/** A message as a person sees it: what it says now, and all that it said. */
export interface Shown {
  readonly handle: string;
  readonly conversation: string;
  readonly receiptId: string;
  readonly key: string;
  kind: Delivery['kind'];
  text: string;
  buttons: readonly Button[];
  readonly history: string[];
  readonly atMs: number;
  anchor: string | undefined;
}

/** One `deliver` as it came in. */
export interface Sent {
  readonly delivery: Delivery;
  readonly attempt: DeliveryAttempt;
  readonly atMs: number;
  /** The time of the process that sends: it stands still for ever when that dies. */
  readonly runtime: Runtime;
}

/** What a scripted send does instead of showing. `apply` shows it all the same: the answer is lost. */
export type Scripted =
  | DeliveryOutcomeInput
  | { readonly kind: 'apply'; readonly answer: DeliveryOutcomeInput }
  | { readonly kind: 'throw'; readonly error: Error }
  | { readonly kind: 'hang' }
  /** Shown, and our process dies before it hears of it: never answers. */
  | { readonly kind: 'apply_and_hang' }
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  /** Shown at once, answered later. */
  | {
      readonly kind: 'apply_and_hold';
      readonly until: Promise<unknown>;
      readonly answer?: DeliveryOutcomeInput;
    };

export interface FakePlatformOptions {
  readonly name?: string;
  readonly capabilities?: Partial<AdapterCapabilities>;
  readonly deadlines?: DeadlinesPatch;
  readonly reconcile?: boolean;
  /** What its answers prove; default `accepted`. */
  readonly evidence?: Evidence;
  /** Knows the key of a send again: the same key shows nothing twice. */
  readonly keyed?: boolean;
}

const capabilitiesDefault: AdapterCapabilities = {
  lengthMax: 2_000,
  lengthUnit: 'utf16',
  editMs: Number.POSITIVE_INFINITY,
  buttons: true,
  files: false,
  presence: { ttlMs: 10_000, refreshMs: 8_000 },
  streams: false,
  terminalAs: 'edit',
  unknownPolicy: 'mark',
  audience: 'always',
  evidence: 'accepted',
};

/** A platform in memory: small limits, no idempotency key, scripted outcomes, an audience of its own. It outlives the relay, as a platform does. */
export class FakePlatform {
  readonly shown: Shown[] = [];
  readonly sent: Sent[] = [];
  /** Grows with everything that is shown or edited. */
  shows = 0;
  readonly transients: Transient[] = [];
  readonly scripted: Scripted[] = [];
  reconcileAnswers: ReconcileAnswer[] = [];
  /** Decides an answer; before the listed ones. */
  decideLook: ((question: ReconcileQuestion) => ReconcileAnswer | 'hang' | undefined) | undefined;
  readonly asked: ReconcileQuestion[] = [];
  /** Decides by Delivery; before the scripted ones. */
  decide: ((sent: Sent) => Scripted | undefined) | undefined;
  host!: AdapterHost;
  readonly name: string;
  readonly #options: FakePlatformOptions;
  #handles = 0;
  #ids = 0;

  constructor(options: FakePlatformOptions = {}) {
    this.name = options.name ?? 'fake';
    this.#options = options;
  }

  channel(conversation = 'c1'): ChannelRef {
    return { adapter: this.name, account: 'bot', conversation };
  }

  /** A new adapter to this platform: one per relay. */
  adapter(): Adapter {
    const { capabilities, deadlines, reconcile } = this.#options;
    const all = { ...capabilitiesDefault, ...capabilities };
    let started: AdapterHost | undefined;
    return {
      name: this.name,
      accounts: ['bot'],
      capabilities: all,
      ...(deadlines === undefined ? {} : { deadlines }),
      start: async (host) => {
        started = host;
        this.host = host;
      },
      cut: (delivery, repairs) =>
        splitText(delivery.text, {
          max: repairs.includes('split') ? Math.floor(all.lengthMax / 2) : all.lengthMax,
          unit: all.lengthUnit,
        }),
      deliver: async (delivery, attempt) => {
        const { runtime } = started ?? this.host;
        return await this.#deliver({ delivery, attempt, atMs: runtime.wallMs(), runtime });
      },
      show: (transient) => {
        this.transients.push(transient);
      },
      ...(reconcile === true
        ? { reconcile: async (question: ReconcileQuestion) => await this.#reconcile(question) }
        : {}),
      stop: async () => undefined,
    };
  }

  async #deliver(sent: Sent): Promise<DeliveryOutcomeInput> {
    this.sent.push(sent);
    const scripted = this.decide?.(sent) ?? this.scripted.shift();
    switch (scripted?.kind) {
      case undefined:
        return this.#show(sent);
      case 'apply':
        this.#show(sent);
        return scripted.answer;
      case 'throw':
        throw scripted.error;
      case 'hang':
        return await new Promise(() => undefined);
      case 'apply_and_hang':
        this.#show(sent);
        return await new Promise(() => undefined);
      case 'hold':
        await scripted.until;
        return this.#show(sent);
      case 'apply_and_hold': {
        const shown = this.#show(sent);
        await scripted.until;
        return scripted.answer ?? shown;
      }
      default:
        return scripted as DeliveryOutcomeInput;
    }
  }

  #show(sent: Sent): DeliveryOutcomeInput {
    this.shows += 1;
    const { delivery, attempt, atMs } = sent;
    const { live } = attempt;
    const known =
      live === undefined ? undefined : this.shown.find((message) => message.handle === live);
    if (live !== undefined && known === undefined) {
      return {
        kind: 'rejected',
        atMs,
        reason: 'gone',
        code: 'unknown_message',
        repair: 'repost',
        cause: 'message to edit not found',
      };
    }
    if (known !== undefined) {
      Object.assign(known, {
        kind: delivery.kind,
        text: attempt.content.text,
        buttons: delivery.buttons,
      });
      known.history.push(attempt.content.text);
      return this.#answer(sent, known.handle, 'edited');
    }
    const again =
      this.#options.keyed === true
        ? this.shown.find((message) => message.key === attempt.key)
        : undefined;
    if (again !== undefined) return this.#answer(sent, again.handle, 'durable');
    this.#handles += 1;
    const handle = `m${this.#handles}`;
    this.shown.push({
      handle,
      conversation: delivery.channel.conversation,
      receiptId: delivery.receiptId,
      key: attempt.key,
      kind: delivery.kind,
      text: attempt.content.text,
      buttons: attempt.part === attempt.parts ? delivery.buttons : [],
      history: [attempt.content.text],
      atMs,
      anchor: delivery.anchor,
    });
    return this.#answer(sent, handle, 'durable');
  }

  #answer(
    { attempt, atMs }: Sent,
    handle: string,
    surface: 'durable' | 'edited',
  ): DeliveryOutcomeInput {
    const kind = attempt.part < attempt.parts ? 'partly_surfaced' : 'surfaced';
    const { evidence = 'accepted' } = this.#options;
    return { kind, atMs, handle, evidence, surface };
  }

  async #reconcile(question: ReconcileQuestion): Promise<ReconcileAnswer> {
    this.asked.push(question);
    const answer = this.decideLook?.(question) ?? this.reconcileAnswers.shift();
    if (answer === 'hang') return await new Promise(() => undefined);
    if (answer !== undefined) return answer;
    const found = this.shown.find((message) => message.key === question.key);
    return found === undefined
      ? { kind: 'absent' }
      : {
          kind: 'shown',
          handle: found.handle,
          evidence: this.#options.evidence ?? 'accepted',
        };
  }

  /** A person writes. */
  async say(
    text: string,
    options: {
      conversation?: string;
      person?: string;
      id?: string;
      operator?: boolean;
      private?: boolean;
    } = {},
  ): Promise<{ taskId?: string; kind: string }> {
    this.#ids += 1;
    const person = options.person ?? 'ada';
    return await this.host.accept({
      kind: 'message',
      id: options.id ?? `in${this.#ids}`,
      channel: this.channel(options.conversation),
      person: { id: person, name: person, operator: options.operator ?? false },
      sentAtMs: this.host.runtime.wallMs(),
      text,
      private: options.private ?? false,
    });
  }

  async press(
    button: string,
    options: {
      conversation?: string;
      person?: string;
      operator?: boolean;
      text?: string;
      id?: string;
    } = {},
  ): Promise<void> {
    this.#ids += 1;
    const person = options.person ?? 'ada';
    await this.host.accept({
      kind: 'press',
      id: options.id ?? `press${this.#ids}`,
      channel: this.channel(options.conversation),
      person: { id: person, name: person, operator: options.operator ?? false },
      sentAtMs: this.host.runtime.wallMs(),
      button,
      ...(options.text === undefined ? {} : { text: options.text }),
    });
  }

  /** The id of a button that is shown, by its label; the newest. */
  button(label: string): string {
    for (const message of this.shown.toReversed()) {
      const found = message.buttons.find((button) => button.label === label);
      if (found !== undefined) return found.id;
    }
    throw new Error(
      `no button ${label} is shown; shown are: ${this.shown.flatMap((message) => message.buttons.map((button) => button.label)).join(', ')}`,
    );
  }

  texts(conversation = 'c1'): string[] {
    return this.shown
      .filter((message) => message.conversation === conversation)
      .map((message) => message.text);
  }
}
