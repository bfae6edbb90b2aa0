/** What Telegram lets a bot send into one group, edits included: 20 a minute, and some time for ways of uneven length. */
const windowMs = 61_000;
const windowMax = 20;
/** What only shows work may use so many of them: the rest is kept for answers and questions. */
const workMax = 14;
/** One message a second; a little less, since a send begins a little after its claim. */
const gapMs = 900;
const groupsMax = 1_000;

export type Weight = 'answer' | 'work';

/**
 * How much leaves for one group, over all of its topics: 20 messages within any minute, one a second. Other chats have
 * no such limit. Says how long to wait; it never waits itself. Times are monotonic milliseconds.
 */
export class Limiter {
  readonly #groups = new Map<string, number[]>();

  /** Takes a place now, or answers how long there is none. */
  take(chat: string, weight: Weight, nowMs: number): number {
    if (!isGroup(chat)) return 0;
    const sent = this.#recent(chat, nowMs);
    const waitMs = Math.max(this.#gapLeft(sent, nowMs), this.#windowLeft(sent, weight, nowMs));
    if (waitMs > 0) return Math.ceil(waitMs);
    sent.push(nowMs);
    return 0;
  }

  #gapLeft(sent: readonly number[], nowMs: number): number {
    const last = sent.at(-1);
    return last === undefined ? 0 : last + gapMs - nowMs;
  }

  #windowLeft(sent: readonly number[], weight: Weight, nowMs: number): number {
    const max = weight === 'work' ? workMax : windowMax;
    // When this one is out of the window there are fewer than `max` in it.
    const blocking = sent.at(-max);
    return blocking === undefined ? 0 : blocking + windowMs - nowMs;
  }

  /** What was sent into a group within the last minute, oldest first; the group is the newest of those remembered. */
  #recent(chat: string, nowMs: number): number[] {
    const known = this.#groups.get(chat) ?? [];
    const recent = known.filter((atMs) => atMs > nowMs - windowMs);
    this.#groups.delete(chat);
    this.#groups.set(chat, recent);
    for (const oldest of this.#groups.keys()) {
      if (this.#groups.size <= groupsMax) break;
      this.#groups.delete(oldest);
    }
    return recent;
  }
}

/** Groups, supergroups and channels have negative numbers. */
export const isGroup = (chat: string): boolean => chat.startsWith('-');
