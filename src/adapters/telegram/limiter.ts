import { BoundedMap } from '../shared/bounded.ts';
import type { Weight } from '../shared/weight.ts';
import { Window } from '../shared/window.ts';

/** What Telegram lets a bot send into one group, edits included: 20 a minute, and some time for ways of uneven length. */
const windowMs = 61_000;
const windowMax = 20;
/** What only shows work may use so many of them: the rest is kept for answers and questions. */
const workMax = 14;
/** One message a second; a little less, since a send begins a little after its claim. */
const gapMs = 900;
const groupsMax = 1_000;

interface Group {
  readonly second: Window;
  readonly minute: Window;
}

/**
 * How much leaves for one group, over all of its topics: 20 messages within any minute, one a second. Other chats have
 * no such limit. Says how long to wait; it never waits itself. Times are monotonic milliseconds.
 */
export class Limiter {
  readonly #groups = new BoundedMap<string, Group>(groupsMax);

  /** Takes a place now, or answers how long there is none. */
  take(chat: string, weight: Weight, nowMs: number): number {
    if (!isGroup(chat)) return 0;
    const { second, minute } = this.#groupOf(chat);
    const max = weight === 'work' ? workMax : windowMax;
    const waitMs = Math.max(second.waitMs(nowMs), minute.waitMs(nowMs, max));
    if (waitMs > 0) return Math.ceil(waitMs);
    second.take(nowMs);
    minute.take(nowMs);
    return 0;
  }

  /** The newest of those remembered; of many the oldest is forgotten. */
  #groupOf(chat: string): Group {
    const group = this.#groups.get(chat) ?? {
      second: new Window({ ms: gapMs, max: 1 }),
      minute: new Window({ ms: windowMs, max: windowMax }),
    };
    this.#groups.set(chat, group);
    return group;
  }
}

/** Groups, supergroups and channels have negative numbers. */
export const isGroup = (chat: string): boolean => chat.startsWith('-');
