import type {
  Accepted,
  AdapterHost,
  EvidenceAnswer,
  History,
  HistoryItem,
} from '../../../src/contracts/adapter.ts';
import { type ChannelRef, channelKey, type TaskId } from '../../../src/contracts/id.ts';
import { Inbound, type InboundInput } from '../../../src/contracts/inbound.ts';
import type { Runtime } from '../../../src/contracts/runtime.ts';

export type DeliveryItem = Extract<HistoryItem, { kind: 'delivery' }>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A relay in memory, as far as an adapter sees it: it stores, and does what the test says. */
export class FakeHost implements AdapterHost {
  readonly runtime: Runtime;
  epoch = 'epoch-1';
  /** All that was accepted, parsed as the core would. */
  readonly inbounds: Inbound[] = [];
  readonly evidenced: Parameters<AdapterHost['evidence']>[0][] = [];
  readonly audiences: { conversation: string; present: boolean }[] = [];
  readonly shownTasks: TaskId[] = [];
  readonly connections: string[] = [];
  readonly logs: { level: string; message: string; data: unknown }[] = [];
  /** Set: that call rejects. */
  failAccept: Error | undefined;
  failHistory: Error | undefined;
  failEvidence: Error | undefined;
  failAudience: Error | undefined;
  /** Called after a message or press is stored. */
  onAccept: (inbound: Inbound, seq: number) => void = () => {};
  readonly #items = new Map<string, Mutable<HistoryItem>[]>();
  readonly #seqs = new Map<string, number>();
  readonly #known = new Map<string, number>();
  readonly #state = new Map<string, string>();
  readonly #waiting: (() => void)[] = [];

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  readonly state: AdapterHost['state'] = {
    get: async (account, key) => this.#state.get(`${account} ${key}`),
    set: async (account, key, value) => void this.#state.set(`${account} ${key}`, value),
  };

  async accept(input: InboundInput): Promise<Accepted> {
    if (this.failAccept !== undefined) throw this.failAccept;
    const inbound = Inbound.parse(input);
    const key = `${channelKey(inbound.channel)} ${inbound.person.id} ${inbound.kind} ${inbound.id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return { kind: 'duplicate', seq: known };
    const seq = this.nextSeq(inbound.channel);
    this.#known.set(key, seq);
    this.inbounds.push(inbound);
    if (inbound.kind === 'message') {
      const { id, text, person, sentAtMs } = inbound;
      this.put(inbound.channel, {
        kind: 'inbound',
        seq,
        id,
        text,
        personId: person.id,
        ...(person.name !== undefined && { personName: person.name }),
        sentAtMs,
      });
    }
    this.#stir();
    this.runtime.soon(() => this.onAccept(inbound, seq));
    return { kind: 'accepted', seq };
  }

  async evidence(seen: Parameters<AdapterHost['evidence']>[0]): Promise<EvidenceAnswer> {
    if (this.failEvidence !== undefined) throw this.failEvidence;
    this.evidenced.push(seen);
    this.#stir();
    const item = this.deliveryItem(seen.receiptId);
    if (item === undefined) return 'unknown_receipt';
    if (item.seen) return 'known';
    item.seen = true;
    return 'taken';
  }

  shown(taskId: TaskId): void {
    this.shownTasks.push(taskId);
    this.#stir();
  }

  async audience(channel: ChannelRef, present: boolean): Promise<void> {
    if (this.failAudience !== undefined) throw this.failAudience;
    this.audiences.push({ conversation: channel.conversation, present });
    this.#stir();
  }

  async history(channel: ChannelRef, afterSeq: number, limit: number): Promise<History> {
    if (this.failHistory !== undefined) throw this.failHistory;
    const after = this.items(channel).filter((item) => item.seq > afterSeq);
    return {
      items: structuredClone(after.slice(0, limit)),
      epoch: this.epoch,
      more: after.length > limit,
    };
  }

  connection(account: string, state: string): void {
    this.connections.push(`${account} ${state}`);
  }

  log(level: string, message: string, data?: unknown): void {
    this.logs.push({ level, message, data });
  }

  nextSeq(channel: ChannelRef): number {
    const seq = (this.#seqs.get(channel.conversation) ?? 0) + 1;
    this.#seqs.set(channel.conversation, seq);
    return seq;
  }

  items(channel: ChannelRef): Mutable<HistoryItem>[] {
    return (this.#items.get(channel.conversation) ?? []).sort((a, b) => a.seq - b.seq);
  }

  put(channel: ChannelRef, item: HistoryItem): void {
    const items = this.items(channel).filter((other) => other.seq !== item.seq);
    this.#items.set(channel.conversation, [...items, item]);
  }

  deliveryItem(receiptId: string): Mutable<DeliveryItem> | undefined {
    for (const items of this.#items.values()) {
      for (const item of items)
        if (item.kind === 'delivery' && item.delivery.receiptId === receiptId) return item;
    }
    return undefined;
  }

  /** Forgets all transcripts: another database. */
  forget(epoch: string): void {
    this.epoch = epoch;
    this.#items.clear();
    this.#seqs.clear();
    this.#known.clear();
  }

  /** Resolves when the predicate holds; it is asked after each thing that happens here. */
  async until(predicate: () => boolean): Promise<void> {
    while (!predicate()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #stir(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
