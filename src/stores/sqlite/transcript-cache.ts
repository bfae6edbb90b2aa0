import type { SessionId } from '../../contracts/id.ts';
import type { TranscriptItem } from '../../contracts/session.ts';

/** Items kept in all; the Session that was first kept goes first. */
const itemsMax = 20_000;

/** The end of a Session's transcript: all of it is read at every Task of the Session, and two items are new. */
interface Kept {
  /** How much was asked for: that many of the last items are here, or all. */
  readonly limit: number;
  items: readonly TranscriptItem[];
}

/** What Sessions remember, as it was read last. Same rules as for rows: whoever changes them otherwise clears it. */
export class TranscriptCache {
  readonly #kept = new Map<SessionId, Kept>();
  #size = 0;

  /** The last `limit` items, in order; they cannot be changed. `load` finds them, the newest first. */
  read(
    session: SessionId,
    limit: number,
    load: () => readonly TranscriptItem[],
  ): readonly TranscriptItem[] {
    const kept = this.#kept.get(session);
    if (kept !== undefined && limit > 0 && kept.limit >= limit) return kept.items.slice(-limit);
    const items = load()
      .map((item) => Object.freeze(item))
      .reverse();
    this.#keep(session, { limit, items });
    return items;
  }

  /** One more, as its column holds it. */
  add(session: SessionId, text: string): void {
    const kept = this.#kept.get(session);
    if (kept === undefined) return;
    const item = Object.freeze(JSON.parse(text) as TranscriptItem);
    this.#keep(session, { limit: kept.limit, items: [...kept.items, item].slice(-kept.limit) });
  }

  clear(): void {
    this.#kept.clear();
    this.#size = 0;
  }

  #keep(session: SessionId, kept: Kept): void {
    this.#size += kept.items.length - (this.#kept.get(session)?.items.length ?? 0);
    this.#kept.set(session, kept);
    for (const [first, { items }] of this.#kept) {
      if (this.#size <= itemsMax) return;
      this.#kept.delete(first);
      this.#size -= items.length;
    }
  }
}
