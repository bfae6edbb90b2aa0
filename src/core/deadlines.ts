import type { Runtime } from '../contracts/runtime.ts';

/** One entry per thing that waits for a time; the nearest first. Setting it again moves it. */
export class DueHeap {
  readonly #heap: Entry[] = [];
  readonly #live = new Map<string, Entry>();
  #woken: (() => void) | undefined;

  /** Moves, makes or (with `undefined`) takes away the entry `key`. */
  set(key: string, dueAtMs: number | undefined): void {
    const old = this.#live.get(key);
    if (old?.dueAtMs === dueAtMs) return;
    if (old !== undefined) old.dead = true;
    if (dueAtMs === undefined) {
      this.#live.delete(key);
      return;
    }
    if (this.#heap.length > 2 * this.#live.size + spare) this.#compact();
    const entry = { key, dueAtMs, dead: false };
    this.#live.set(key, entry);
    this.#push(entry);
    if (this.#heap[0] === entry) this.#woken?.();
  }

  get size(): number {
    return this.#live.size;
  }

  /** Entries in memory, the moved ones included: bounded by twice what lives. */
  get held(): number {
    return this.#heap.length;
  }

  nearestMs(): number | undefined {
    this.#sweep();
    return this.#heap[0]?.dueAtMs;
  }

  /** Takes out what is due. */
  take(nowMs: number): string[] {
    const due: string[] = [];
    for (
      this.#sweep();
      this.#heap[0] !== undefined && this.#heap[0].dueAtMs <= nowMs;
      this.#sweep()
    ) {
      const entry = this.#pop();
      this.#live.delete(entry.key);
      due.push(entry.key);
    }
    return due;
  }

  /** Moves all by the same: the clock jumped. */
  shift(deltaMs: number): void {
    for (const entry of this.#heap) entry.dueAtMs += deltaMs;
    this.#woken?.();
  }

  /** The nearest entry changed. */
  onNearer(woken: () => void): void {
    this.#woken = woken;
  }

  #compact(): void {
    const living = this.#heap.filter((entry) => !entry.dead);
    this.#heap.length = 0;
    for (const entry of living) this.#push(entry);
  }

  #sweep(): void {
    while (this.#heap[0]?.dead === true) this.#pop();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up] as Entry;
      if (parent.dueAtMs <= entry.dueAtMs) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0] as Entry;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && right.dueAtMs < (heap[child] as Entry).dueAtMs) child += 1;
      const down = heap[child] as Entry;
      if (down.dueAtMs >= last.dueAtMs) break;
      heap[at] = down;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

/** Moved entries are kept until they come up; beyond so many they are swept together. */
const spare = 64;

interface Entry {
  readonly key: string;

  dueAtMs: number;
  dead: boolean;
}

export interface TimerOptions {
  readonly runtime: Runtime;
  readonly now: () => number;
  readonly due: DueHeap;
  /** A round at least so often, whatever is due. */
  readonly pollMs: number;
  /** Called with what is due, and at every poll. Must not reject. */
  readonly fire: (keys: readonly string[], polls: boolean) => Promise<void>;
}

/** The one timer: sleeps until the nearest entry, or the poll. Returns how to stop it. */
export function startTimer(options: TimerOptions): () => void {
  const { runtime, now, due, pollMs, fire } = options;
  let stopped = false;
  let nap = new AbortController();
  due.onNearer(() => nap.abort('nearer'));
  const run = async (): Promise<void> => {
    // The poll follows the monotonic clock: it is what finds out that the other one jumped.
    let polledAt = runtime.monoMs();
    while (!stopped) {
      const keys = due.take(now());
      const polls = runtime.monoMs() - polledAt >= pollMs;
      if (polls) polledAt = runtime.monoMs();
      if (keys.length > 0 || polls) await fire(keys, polls);
      const nearest = due.nearestMs() ?? Number.POSITIVE_INFINITY;
      const waitMs = Math.min(nearest - now(), polledAt + pollMs - runtime.monoMs());
      if (waitMs <= 0) continue;
      nap = new AbortController();
      await runtime.sleep(waitMs, nap.signal);
    }
  };
  const done = run();
  void done;
  return () => {
    stopped = true;
    nap.abort();
  };
}
