import type { WireDelivery, WireEvent, WireMessage, WireText } from '../wire.ts';

/** A message of the person: local until its `seq` is known. */
export interface PersonEntry {
  readonly who: 'person';
  readonly key: string;
  readonly id: string;
  readonly birth: number;
  place: number;
  text: string;
  atMs: number;
  state: 'sending' | 'waiting' | 'failed' | 'sent';
  /** Why it was not sent. */
  problem?: string | undefined;
}

/** A message of the bot: durable text, streamed text, or both. */
export interface BotEntry {
  readonly who: 'bot';
  readonly key: string;
  readonly id: string;
  readonly birth: number;
  place: number;
  data?: WireDelivery | undefined;
  stream?: { seq: number; text: string } | undefined;
}
export type Entry = PersonEntry | BotEntry;

export interface Changes {
  /** Made, altered or moved. */
  readonly changed: ReadonlySet<Entry>;
  readonly removed: ReadonlySet<Entry>;
}

/** Messages kept; the oldest go first, here and after a reload alike. */
export const entriesMax = 500;
const unplaced = Number.POSITIVE_INFINITY;

/**
 * What the conversation looks like: messages by id, ordered by the number under which each first stood. The same
 * events in any order and any number of times give the same transcript, so a replay is not told from live.
 */
export class Transcript {
  readonly #entries = new Map<string, Entry>();
  #changed = new Set<Entry>();
  #removed = new Set<Entry>();
  #births = 0;

  /** In the order of display. */
  ordered(): Entry[] {
    return [...this.#entries.values()].sort(inOrder);
  }

  /** What changed since the last call. */
  takeChanges(): Changes {
    const changes = { changed: this.#changed, removed: this.#removed };
    this.#changed = new Set();
    this.#removed = new Set();
    return changes;
  }

  apply(event: WireEvent): void {
    if (event.event === 'message') this.#message(event.data);
    else if (event.event === 'delivery') this.#delivery(event.data);
    else if (event.event === 'text') this.#text(event.data);
    else if (event.event === 'reset') this.reset();
  }

  /** A message that was just typed, or is still to be sent from an earlier visit. */
  addLocal(local: { id: string; text: string; atMs: number }): void {
    if (this.#entries.has(personKey(local.id))) return;
    this.#put({
      who: 'person',
      key: personKey(local.id),
      ...local,
      birth: ++this.#births,
      place: unplaced,
      state: 'sending',
    });
  }

  settleLocal(
    id: string,
    outcome: { state: PersonEntry['state']; seq?: number; problem?: string },
  ): void {
    const entry = this.#entries.get(personKey(id));
    if (entry?.who !== 'person' || (entry.state === 'sent' && entry.place < unplaced)) return;
    entry.state = outcome.state;
    entry.problem = outcome.problem;
    if (outcome.seq !== undefined) entry.place = outcome.seq;
    this.#changed.add(entry);
  }

  removeLocal(id: string): void {
    this.#remove(this.#entries.get(personKey(id)));
  }

  /** Forgets all that the server said; what is still to be sent stays. */
  reset(): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.who === 'bot' || entry.state === 'sent') this.#remove(entry);
    }
  }

  /** A new connection streams from the beginning. */
  restartStreams(): void {
    for (const entry of this.#entries.values())
      if (entry.who === 'bot' && entry.stream) entry.stream.seq = -1;
  }

  /** The replay is over: what the new connection did not stream is not streamed any more. */
  dropStaleStreams(): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.who !== 'bot' || entry.stream?.seq !== -1) continue;
      entry.stream = undefined;
      if (entry.data === undefined) this.#remove(entry);
      else this.#changed.add(entry);
    }
  }

  bot(id: string): BotEntry | undefined {
    const entry = this.#entries.get(botKey(id));
    return entry?.who === 'bot' ? entry : undefined;
  }

  #message(data: WireMessage): void {
    const known = this.#entries.get(personKey(data.id));
    const birth = known?.birth ?? ++this.#births;
    const key = personKey(data.id);
    const { id, text, atMs } = data;
    const next: PersonEntry = {
      who: 'person',
      key,
      id,
      text,
      atMs,
      birth,
      place: data.seq,
      state: 'sent',
    };
    if (known?.who === 'person') {
      Object.assign(known, next, { problem: undefined });
      this.#changed.add(known);
    } else this.#put(next);
  }

  #delivery(data: WireDelivery): void {
    const entry = this.bot(data.id) ?? this.#newBot(data.id);
    entry.place = Math.min(entry.place, data.seq);
    this.#changed.add(entry);
    if (entry.data !== undefined && data.seq < entry.data.seq) return;
    entry.data = data;
    if (isFinal(data)) entry.stream = undefined;
    if (data.part === data.parts && data.kind !== 'amend') this.#dropPartsAfter(data);
    this.#bound();
  }

  /** A message that had more parts before it was edited. */
  #dropPartsAfter(data: WireDelivery): void {
    const base = data.part === 1 ? data.id : data.id.replace(/\.\d+$/, '');
    for (let part = data.parts + 1; ; part += 1) {
      const entry = this.bot(`${base}.${part}`);
      if (entry === undefined) return;
      this.#remove(entry);
    }
  }

  #text(data: WireText): void {
    const known = this.bot(data.id);
    if (known?.data !== undefined && isFinal(known.data)) return;
    if (known?.stream !== undefined && data.seq <= known.stream.seq) return;
    const before = known?.stream?.text ?? '';
    if (data.start > before.length) return;
    const entry = known ?? this.#newBot(data.id);
    entry.stream = { seq: data.seq, text: before.slice(0, data.start) + data.text };
    this.#changed.add(entry);
  }

  #newBot(id: string): BotEntry {
    const entry: BotEntry = {
      who: 'bot',
      key: botKey(id),
      id,
      birth: ++this.#births,
      place: unplaced,
    };
    this.#put(entry);
    return entry;
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.key, entry);
    this.#changed.add(entry);
    this.#bound();
  }

  #bound(): void {
    if (this.#entries.size <= entriesMax) return;
    for (const entry of this.ordered().slice(0, this.#entries.size - entriesMax))
      this.#remove(entry);
  }

  #remove(entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.#entries.delete(entry.key);
    this.#changed.delete(entry);
    this.#removed.add(entry);
  }
}

/** The text will not grow any more: what was streamed has been replaced. */
function isFinal(data: WireDelivery): boolean {
  return !data.working;
}

export function inOrder(a: Entry, b: Entry): number {
  return a.place === b.place ? a.birth - b.birth : a.place - b.place;
}

function personKey(id: string): string {
  return `p:${id}`;
}
function botKey(id: string): string {
  return `b:${id}`;
}
