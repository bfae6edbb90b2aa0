import type { AdapterHost } from '../contracts/adapter.ts';
import type { InboundInput } from '../contracts/inbound.ts';
import type { Relay } from '../contracts/relay.ts';
import type { Ground } from './simulation-ground.ts';
import type { Step } from './simulation-plan.ts';
import type { Process, Processes } from './simulation-process.ts';

/** What people, the platform and code do in a run. The platform delivers until it is told that it was taken on. */
export class People {
  readonly #ground: Ground;
  readonly #processes: Processes;
  /** Names the worker of what code submits; absent: there is one. */
  readonly #worker: string | undefined;
  readonly #said: InboundInput[] = [];
  readonly #refused = new Map<string, InboundInput>();

  constructor(ground: Ground, processes: Processes, worker: string | undefined) {
    this.#ground = ground;
    this.#processes = processes;
    this.#worker = worker;
  }

  say(step: Extract<Step, { kind: 'say' }>): void {
    if (step.flood > 1) this.#ground.count('flood');
    for (let n = 0; n < step.flood; n += 1) {
      const more = n === 0 ? '' : `.${n}`;
      this.#send(this.#message({ ...step, id: `${step.id}${more}`, text: `${step.text}${more}` }));
    }
  }

  command(step: Extract<Step, { kind: 'command' }>): void {
    this.#send(this.#message(step));
  }

  redeliver(among: number): void {
    const again = pick(this.#said, among);
    this.#ground.count('redelivery');
    if (again !== undefined) this.#send(again);
  }

  press(step: Extract<Step, { kind: 'press' }>): void {
    const buttons = this.#ground.platform.shown.flatMap(({ buttons: shown, conversation }) =>
      shown.map(({ id }) => ({ id, conversation })),
    );
    const button = pick(buttons, step.pick);
    if (button === undefined) return;
    this.#send({
      kind: 'press',
      ...this.#event(button.conversation, step.person, step.id),
      button: button.id,
      ...(step.text === undefined ? {} : { text: step.text }),
    });
  }

  change(step: Extract<Step, { kind: 'change' }>): void {
    const messages = this.#said.filter((inbound) => inbound.kind === 'message');
    const message = pick(messages, step.pick);
    if (message === undefined) return;
    const { channel, person } = message;
    const event = {
      ...this.#event(channel.conversation, person.id, step.id),
      messageId: message.id,
    };
    this.#send(
      step.text === undefined
        ? { ...event, kind: 'deleted' }
        : { ...event, kind: 'edited', text: step.text },
    );
  }

  /** The conversation gets a new address: the platform says so, or answers so to what is sent to the old one. */
  move(step: Extract<Step, { kind: 'move' }>): void {
    const { moved, plan, platform } = this.#ground;
    if (moved.has(step.conversation) || plan.settings.platform.audience === 'reported') return;
    this.#ground.count('moved');
    moved.set(step.conversation, `${step.conversation}-moved`);
    if (!step.told) return;
    this.#send({
      kind: 'moved',
      ...this.#event(step.conversation, 'platform', step.id),
      to: platform.channel(`${step.conversation}-moved`),
    });
  }

  byCode(step: Extract<Step, { kind: 'submit' | 'notify' }>): void {
    const relay = this.#processes.any?.relay;
    const request = {
      channel: this.#ground.platform.channel(step.conversation),
      text: `by code ${step.key}`,
      key: step.key,
    };
    const worker = this.#worker === undefined ? {} : { worker: this.#worker };
    const call =
      step.kind === 'submit' ? relay?.submit({ ...request, ...worker }) : relay?.notify(request);
    this.#tellRefusal(step.kind, call);
  }

  redrive(among: number): void {
    const dead = this.#ground.rows<{ id: string }>(
      `SELECT id FROM receipts WHERE state = 'dead' ORDER BY list_seq`,
    );
    const id = pick(dead, among)?.id;
    if (id === undefined) return;
    this.#ground.count('redrive');
    const receipts = this.#processes.any?.relay.receipts;
    this.#tellRefusal(
      'redrive',
      receipts?.redrive(id as Parameters<Relay['receipts']['redrive']>[0]),
    );
  }

  /** The platform reports that something was seen: late, early or twice. */
  echo(among: number): void {
    const message = pick(this.#ground.platform.shown, among);
    if (message === undefined) return;
    this.#ground.count('echo');
    const seen = {
      receiptId: message.receiptId as Parameters<AdapterHost['evidence']>[0]['receiptId'],
      part: Number(message.key.split('.').at(-1)),
      handle: message.handle,
      evidence: 'rendered',
    } as const;
    this.#tellRefusal('echo', this.#processes.any?.host?.evidence(seen));
  }

  attend(conversation: string, present: boolean): void {
    const { plan, platform, present: those } = this.#ground;
    if (plan.settings.platform.audience !== 'reported') return;
    if (present) those.add(conversation);
    else those.delete(conversation);
    for (const { host, life } of this.#processes.all)
      if (life.alive)
        this.#tellRefusal('audience', host?.audience(platform.channel(conversation), present));
  }

  authorize(): void {
    this.#ground.authorized = true;
    for (const { host, life } of this.#processes.all)
      if (life.alive) host?.connection('bot', 'connected');
  }

  /** What was refused, or sent while nobody was there, comes again: to one process, in order. */
  async catchUp(process: Process): Promise<void> {
    for (const inbound of [...this.#refused.values()]) await this.#deliver(process, inbound);
  }

  /** Something was not taken on yet. */
  get waits(): boolean {
    return this.#refused.size > 0;
  }

  sendAgain(): void {
    for (const inbound of [...this.#refused.values()]) this.#send(inbound);
  }

  #event(
    conversation: string,
    person: string,
    id: string,
  ): Pick<InboundInput, 'id' | 'channel' | 'person' | 'sentAtMs'> {
    return {
      id,
      channel: this.#ground.platform.channel(conversation),
      person: { id: person, name: person },
      sentAtMs: this.#ground.runtime.wallMs(),
    };
  }

  #message(of: {
    readonly conversation: string;
    readonly person: string;
    readonly id: string;
    readonly text: string;
  }): InboundInput {
    return { kind: 'message', ...this.#event(of.conversation, of.person, of.id), text: of.text };
  }

  #send(inbound: InboundInput): void {
    this.#said.push(inbound);
    this.#refused.set(inbound.id, inbound);
    const process = this.#processes.any;
    if (process !== undefined) void this.#deliver(process, inbound);
  }

  async #deliver(process: Process, inbound: InboundInput): Promise<void> {
    const { id } = inbound;
    try {
      const accepted = await process.host?.accept(inbound);
      if (accepted === undefined) return;
      this.#ground.tell(`accepted ${id} ${accepted.kind}`);
      this.#ground.taken.add(id);
      this.#refused.delete(id);
    } catch (error) {
      this.#ground.tell(`refused ${id} ${String(error)}`);
    }
  }

  #tellRefusal(what: string, call: Promise<unknown> | undefined): void {
    call?.catch((error: unknown) => this.#ground.tell(`${what} refused ${String(error)}`));
  }
}

function pick<T>(list: readonly T[], among: number): T | undefined {
  return list[among % Math.max(1, list.length)];
}
