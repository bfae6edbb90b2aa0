import { BoundedMap } from '../shared/bounded.ts';
import { Waiters } from '../shared/waiters.ts';
import type { Weight } from '../shared/weight.ts';
import { Window } from '../shared/window.ts';

/** A channel takes five messages or edits in five seconds. */
const windowMs = 5_100;
const callsMax = 5;
/** What the relay keeps between two sends of one conversation: then nothing is held back here. */
export const gapMs = windowMs / callsMax;
/** What only shows work may use so many of them: the rest is kept for answers and questions. */
const callsWorkMax = 3;
/** Of the bot in a second, over all channels; Discord refuses the 51st. Work and typing leave some. */
const secondMs = 1_000;
const allMax = 45;
const allWorkMax = 30;
const typingMs = 8_000;
const channelsMax = 2_000;

export interface Wish {
  /** Discord's own channel: a thread is one. */
  readonly channelId: string;
  /** Names what is sent, the same for every try. */
  readonly key: string;
  readonly weight: Weight;
}

interface Gate {
  /** Nothing before then. */
  openMs: number;
  calls: number[];
  typedMs: number;
  readonly waiters: Waiters;
}

/**
 * How much leaves for one channel of Discord's and for all: answers before what only shows work. Says how long to wait;
 * it never waits itself. Times are monotonic milliseconds.
 *
 * Discord tells its limits with every answer and its client knows them; this keeps below them, so that they are not met.
 */
export class Limiter {
  readonly #gates = new BoundedMap<string, Gate>(channelsMax);
  readonly #all = new Window({ ms: secondMs, max: allMax });
  #openMs = Number.NEGATIVE_INFINITY;

  /** Takes a turn now (0), or answers how long there is none. */
  take(wish: Wish, nowMs: number): number {
    const gate = this.#gateOf(wish.channelId);
    const waitMs = Math.max(this.#turnMs(gate, wish, nowMs), this.#allMs(wish.weight, nowMs));
    if (waitMs > 0) {
      gate.waiters.hold(wish, nowMs + waitMs);
      return Math.ceil(waitMs);
    }
    gate.waiters.leave(wish.key);
    gate.calls.push(nowMs);
    this.#all.take(nowMs);
    return 0;
  }

  /** Whether a typing sign may be shown now: once in eight seconds, and never where something waits. */
  mayType(channelId: string, nowMs: number): boolean {
    const gate = this.#gateOf(channelId);
    if (nowMs < gate.typedMs + typingMs || nowMs < gate.openMs) return false;
    const isBusy = gate.waiters.ahead({ key: '', weight: 'work' }, nowMs) > 0;
    if (isBusy || this.#allMs('work', nowMs) > 0) return false;
    gate.typedMs = nowMs;
    this.#all.take(nowMs);
    return true;
  }

  /** Discord wants nothing in this channel for a while. */
  pause(channelId: string, ms: number, nowMs: number): void {
    const gate = this.#gateOf(channelId);
    gate.openMs = Math.max(gate.openMs, nowMs + ms);
  }

  /** Discord wants nothing of the bot for a while. */
  pauseAll(ms: number, nowMs: number): void {
    this.#openMs = Math.max(this.#openMs, nowMs + ms);
  }

  /** When the channel has room for this, after those before it in the line. */
  #turnMs(gate: Gate, wish: Wish, nowMs: number): number {
    gate.calls = gate.calls.filter((atMs) => atMs > nowMs - windowMs);
    const max = wish.weight === 'work' ? callsWorkMax : callsMax;
    const times = [...gate.calls];
    let roomMs = nowMs;
    for (let ahead = gate.waiters.ahead(wish, nowMs); ahead >= 0; ahead -= 1) {
      const blocking = times.at(-max);
      const freeMs = blocking === undefined ? nowMs : blocking + windowMs;
      roomMs = Math.max(nowMs, freeMs, gate.openMs);
      times.push(roomMs);
    }
    return roomMs - nowMs;
  }

  #allMs(weight: Weight, nowMs: number): number {
    const max = weight === 'work' ? allWorkMax : allMax;
    return Math.max(0, this.#all.waitMs(nowMs, max), this.#openMs - nowMs);
  }

  /** The newest of those remembered; of many the oldest is forgotten. */
  #gateOf(channelId: string): Gate {
    const gate = this.#gates.get(channelId) ?? {
      openMs: Number.NEGATIVE_INFINITY,
      calls: [],
      typedMs: Number.NEGATIVE_INFINITY,
      waiters: new Waiters(),
    };
    this.#gates.set(channelId, gate);
    return gate;
  }
}
