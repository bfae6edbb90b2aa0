import type { Adapter, DeliveryAttempt } from '../../../src/contracts/adapter.ts';
import type { Delivery, DeliveryOutcomeInput, Handle } from '../../../src/contracts/delivery.ts';
import type { AskId, ChannelRef, ReceiptId, TaskId } from '../../../src/contracts/id.ts';
import type { FakeHost } from './fake-host.ts';

/** What a test says of a Delivery; the rest follows. */
export type Said = Partial<
  Omit<Extract<Delivery, { kind: 'terminal' }>, 'kind' | 'channel' | 'end'>
> & {
  kind?: Delivery['kind'];
  end?: Extract<Delivery, { kind: 'terminal' }>['end'];
  freeText?: boolean;
  untilMs?: number;
  target?: Handle;
  position?: number;
  /** Edit this message. */
  live?: Handle;
  seq?: number;
  signal?: AbortSignal;
};

export interface Told {
  readonly receiptId: ReceiptId;
  readonly seq: number;
  readonly outcomes: readonly DeliveryOutcomeInput[];
  readonly handle: Handle | undefined;
}

/** The sending half of a relay: opens a Receipt, sends its parts, writes down what the adapter answered. */
export class FakeBot {
  readonly adapter: Adapter;
  readonly host: FakeHost;
  readonly channel: ChannelRef;
  #receipts = 0;

  constructor(adapter: Adapter, host: FakeHost, conversation: string) {
    this.adapter = adapter;
    this.host = host;
    this.channel = { adapter: 'webchat', account: adapter.accounts[0] ?? 'main', conversation };
  }

  receiptId(): ReceiptId {
    this.#receipts += 1;
    return uuidAt(
      this.host.runtime.wallMs(),
      `${this.#receipts}${this.channel.conversation}`,
    ) as ReceiptId;
  }

  async say(said: Said): Promise<Told> {
    const seq = said.seq ?? this.host.nextSeq(this.channel);
    const delivery = this.compose(said);
    const cut = this.adapter.cut(delivery, []);
    const parts = cut.map(({ text }, at) => ({ part: at + 1, text }));
    const outcomes: DeliveryOutcomeInput[] = [];
    let handle: Handle | undefined;
    for (const [at, content] of cut.entries()) {
      const part = at + 1;
      const attempt: DeliveryAttempt = {
        n: part,
        part,
        parts: cut.length,
        content,
        key: `${delivery.receiptId}.${part}`,
        ...(said.live !== undefined && { live: said.live }),
        seq,
        repairs: [],
        signal: said.signal ?? new AbortController().signal,
      };
      const outcome = await this.adapter.deliver(delivery, attempt);
      outcomes.push(outcome);
      if (outcome.kind !== 'surfaced' && outcome.kind !== 'partly_surfaced') break;
      handle ??= outcome.handle;
      Object.assign(parts[at] ?? {}, { handle: outcome.handle });
      const seen = outcome.evidence === 'rendered' && outcome.kind === 'surfaced';
      const live = said.live === undefined ? {} : { live: said.live };
      this.host.put(this.channel, {
        kind: 'delivery',
        seq,
        delivery,
        parts: structuredClone(parts),
        seen,
        openedAtMs: 0,
        ...live,
      });
    }
    return { receiptId: delivery.receiptId, seq, outcomes, handle };
  }

  compose(said: Said): Delivery {
    const {
      kind = 'notice',
      live: _live,
      seq: _seq,
      signal: _signal,
      end = 'completed',
      target = said.live ?? 'none',
      position,
      freeText = false,
      untilMs = 0,
      ...rest
    } = said;
    const common = {
      receiptId: said.receiptId ?? this.receiptId(),
      channel: this.channel,
      text: 'hello',
      buttons: [],
      files: [],
      notify: false,
      ...rest,
    };
    switch (kind) {
      case 'ack':
        return { kind, ...common, ...(position !== undefined && { position }) };
      case 'question':
        return { kind, ...common, askId: uuidAt(0, 'ask') as AskId, freeText, untilMs };
      case 'terminal':
        return { kind, ...common, end };
      case 'amend':
        return { kind, ...common, target };
      default:
        return { kind, ...common };
    }
  }

  stream(liveId: ReceiptId, seq: number, text: string): void {
    this.adapter.show?.({
      kind: 'text',
      channel: this.channel,
      taskId: taskIdOf(liveId),
      liveId,
      seq,
      text,
    });
  }
}

/** The Task that streams under a live id, in these tests. */
export function taskIdOf(liveId: string): TaskId {
  return uuidAt(1, `task of ${liveId}`) as TaskId;
}

/** A UUID of version 7 of a time, and of a name instead of chance. */
export function uuidAt(ms: number, name: string): string {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  const time = Math.floor(ms).toString(16).padStart(12, '0');
  const tail = (
    hash.toString(16).padStart(8, '0') + name.length.toString(16).padStart(4, '0')
  ).slice(0, 12);
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7000-8000-${tail}`;
}
