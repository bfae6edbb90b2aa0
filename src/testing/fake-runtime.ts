import { setImmediate as turn } from 'node:timers/promises';
import type { Runtime } from '../contracts/runtime.ts';
import { type Chance, createChance } from './chance.ts';

export interface FakeRuntimeOptions {
  /** The wall clock at the start; default 2026-01-05T09:00:00Z. */
  readonly startMs?: number;
  /** Names the sequence of `random`; default 1. */
  readonly seed?: number;
  /** Event-loop turns without a sign of life that count as quiet; default 4. More for code that waits for real I/O. */
  readonly quietTurns?: number;
}

const startMsDefault = Date.UTC(2026, 0, 5, 9);
const sleepMaxMs = 2 ** 31 - 1;
/** Turns of the event loop within one instant: more means that something never comes to rest. */
const turnsMax = 100_000;

interface Timer {
  readonly dueMs: number;
  readonly n: number;
  readonly fire: () => void;
}

/**
 * A Runtime whose time stands still until a test moves it. Nothing in it reads a real clock: the same
 * seed and the same calls give the same run. `soon` is served by real turns of the event loop, so promise
 * chains settle by themselves; code that waits for real sockets or files does not count as busy.
 */
export class FakeRuntime implements Runtime {
  readonly #timers: Timer[] = [];
  readonly #chance: Chance;
  readonly #quietTurns: number;
  readonly #startMs: number;
  /** Not 0, so that a mono time in the place of a wall time, or the reverse, shows. */
  #monoMs = 1_000;
  #wallOffsetMs: number;
  #timerCount = 0;
  #soonCount = 0;
  /** Grows with everything that happens; equal means quiet. */
  #stirs = 0;
  #moving = false;

  constructor(options: FakeRuntimeOptions = {}) {
    this.#startMs = this.#monoMs;
    this.#wallOffsetMs = (options.startMs ?? startMsDefault) - this.#monoMs;
    this.#chance = createChance(options.seed ?? 1);
    this.#quietTurns = options.quietTurns ?? 4;
  }

  wallMs(): number {
    return Math.floor(this.#monoMs + this.#wallOffsetMs);
  }

  monoMs(): number {
    return this.#monoMs;
  }

  /** Throws for NaN, which a real timer would take for 1. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (Number.isNaN(ms)) throw new RangeError('sleep: ms is NaN');
    this.#stirs += 1;
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stirs += 1;
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const dueMs = this.#monoMs + Math.min(Math.max(ms, 0), sleepMaxMs);
      const timer = this.#add(dueMs, done);
      const abort = (): void => {
        this.#remove(timer);
        done();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  soon(fn: () => void): void {
    this.#stirs += 1;
    this.#soonCount += 1;
    setImmediate(() => {
      this.#soonCount -= 1;
      this.#stirs += 1;
      fn();
    });
  }

  random(bytes: number): Uint8Array {
    return this.#chance.bytes(bytes);
  }

  /** Sleeps that have not ended. */
  get pending(): number {
    return this.#timers.length;
  }

  /** How long the run has taken by its own clock. */
  get elapsedMs(): number {
    return this.#monoMs - this.#startMs;
  }

  /** When the nearest sleep ends, from now; absent when nothing sleeps. */
  get nextInMs(): number | undefined {
    const next = this.#timers[0];
    return next && Math.max(next.dueMs - this.#monoMs, 0);
  }

  /** Moves the wall clock alone, as an administrator or NTP would. */
  jumpWall(deltaMs: number): void {
    this.#wallOffsetMs += deltaMs;
  }

  /** Moves the time by `ms`. Sleeps end in order, each at its own instant, and after each everything comes to rest. */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`advance: ms must be 0 or more, got ${ms}`);
    return this.#exclusively(async () => {
      const untilMs = this.#monoMs + ms;
      do await this.#rest();
      while (this.#fireNext(untilMs));
      this.#monoMs = untilMs;
      await this.#rest();
    });
  }

  /**
   * Moves the time to the end of the nearest sleep, `ms` at most, and everything comes to rest. For who knows that
   * nothing was done since it last did: it is not waited for again.
   */
  advanceToNext(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`advanceToNext: ms must be 0 or more, got ${ms}`);
    return this.#exclusively(async () => {
      const untilMs = this.#monoMs + Math.min(ms, this.nextInMs ?? ms);
      while (this.#fireNext(untilMs)) await this.#rest();
      this.#monoMs = untilMs;
    });
  }

  /**
   * Moves the time from sleep to sleep until `predicate` holds; it is asked after each, when all has come to rest.
   * Throws when it does not hold within `limitMs`.
   */
  runUntil(predicate: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
    return this.#exclusively(async () => {
      const untilMs = this.#monoMs + limitMs;
      do {
        await this.#rest();
        if (await predicate()) return;
      } while (this.#fireNext(untilMs));
      this.#monoMs = untilMs;
      await this.#rest();
      if (await predicate()) return;
      throw new Error(`runUntil: not so within ${limitMs} ms (${this.pending} sleeps pending)`);
    });
  }

  /** Waits until nothing more can happen without time. */
  settle(): Promise<void> {
    return this.advance(0);
  }

  /** Rest: some turns of the event loop in which nobody slept, was woken or called `soon`. */
  async #rest(): Promise<void> {
    let quiet = 0;
    let seen = this.#stirs;
    for (let turns = 0; quiet < this.#quietTurns; turns += 1) {
      if (turns === turnsMax) throw new Error(`never at rest: ${turnsMax} turns in one instant`);
      await turn();
      quiet = this.#stirs === seen && this.#soonCount === 0 ? quiet + 1 : 0;
      seen = this.#stirs;
    }
  }

  #fireNext(untilMs: number): boolean {
    const next = this.#timers[0];
    if (next === undefined || next.dueMs > untilMs) return false;
    this.#timers.shift();
    this.#monoMs = Math.max(this.#monoMs, next.dueMs);
    next.fire();
    return true;
  }

  async #exclusively(move: () => Promise<void>): Promise<void> {
    if (this.#moving) throw new Error('the time is being moved already: await the call before');
    this.#moving = true;
    try {
      await move();
    } finally {
      this.#moving = false;
    }
  }

  #add(dueMs: number, fire: () => void): Timer {
    this.#timerCount += 1;
    const timer = { dueMs, n: this.#timerCount, fire };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return timer;
  }

  #remove(timer: Timer): void {
    const place = this.#placeOf(timer);
    if (this.#timers[place] === timer) this.#timers.splice(place, 1);
  }

  /** Where it stands or belongs: by due time, then by order of the calls. */
  #placeOf(timer: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle] as Timer;
      const before = other.dueMs - timer.dueMs || other.n - timer.n;
      if (before < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function createFakeRuntime(options: FakeRuntimeOptions = {}): FakeRuntime {
  return new FakeRuntime(options);
}
