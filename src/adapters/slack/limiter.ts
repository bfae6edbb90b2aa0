import { BoundedMap } from '../shared/bounded.ts';
import { Waiters } from '../shared/waiters.ts';
import type { Weight } from '../shared/weight.ts';
import { Window } from '../shared/window.ts';

/** One message a second in a Slack channel; above it Slack promises neither to keep nor to show it. */
export const gapMs = 1_000;
/** Edits of the whole workspace (Tier 3): 50 a minute, and some time for ways of uneven length. */
const windowMs = 61_000;
const editsMax = 50;
/** What only shows work may use so many of them: the rest is kept for answers and questions. */
const editsWorkMax = 35;
const channelsMax = 1_000;

export interface Wish {
  /** The Slack channel: its threads share one limit. */
  readonly conversation: string;
  /** Names what is sent, the same for every try. */
  readonly key: string;
  readonly weight: Weight;
  readonly isEdit: boolean;
}

interface Gate {
  /** Nothing before then. */
  openMs: number;
  readonly waiters: Waiters;
}

/**
 * How much leaves for one Slack channel, over all of its threads: one message a second, edits included, answers before
 * what only shows work. And how many edits leave for the workspace. Says how long to wait; it never waits itself.
 * Times are monotonic milliseconds.
 */
export class Limiter {
  readonly #gates = new BoundedMap<string, Gate>(channelsMax);
  readonly #edits = new Window({ ms: windowMs, max: editsMax });
  #editsFromMs = Number.NEGATIVE_INFINITY;

  /** Takes a turn now (0), or answers how long there is none. */
  take(wish: Wish, nowMs: number): number {
    const gate = this.#gateOf(wish.conversation);
    const waitMs = Math.max(this.#turnMs(gate, wish, nowMs), this.#editMs(wish, nowMs));
    if (waitMs > 0) {
      gate.waiters.hold(wish, nowMs + waitMs);
      return Math.ceil(waitMs);
    }
    gate.waiters.leave(wish.key);
    gate.openMs = nowMs + gapMs;
    if (wish.isEdit) this.#edits.take(nowMs);
    return 0;
  }

  /** Slack wants nothing in this channel for a while. */
  pause(conversation: string, ms: number, nowMs: number): void {
    const gate = this.#gateOf(conversation);
    gate.openMs = Math.max(gate.openMs, nowMs + ms);
  }

  /** Slack wants no edits for a while; new messages have a limit of their own. */
  pauseEdits(ms: number, nowMs: number): void {
    this.#editsFromMs = Math.max(this.#editsFromMs, nowMs + ms);
  }

  /** Every one ahead in the line takes a second. */
  #turnMs(gate: Gate, wish: Wish, nowMs: number): number {
    return Math.max(0, gate.openMs + gate.waiters.ahead(wish, nowMs) * gapMs - nowMs);
  }

  #editMs({ isEdit, weight }: Wish, nowMs: number): number {
    if (!isEdit) return 0;
    const max = weight === 'work' ? editsWorkMax : editsMax;
    return Math.max(this.#edits.waitMs(nowMs, max), this.#editsFromMs - nowMs);
  }

  /** The newest of those remembered; of many the oldest is forgotten. */
  #gateOf(conversation: string): Gate {
    const gate = this.#gates.get(conversation) ?? {
      openMs: Number.NEGATIVE_INFINITY,
      waiters: new Waiters(),
    };
    this.#gates.set(conversation, gate);
    return gate;
  }
}
