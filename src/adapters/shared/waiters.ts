import type { Weight } from './weight.ts';

/** Who was told to come and does not is forgotten so long after. */
const lateMs = 3_000;
const waitersMax = 1_000;

interface Waiting {
  /** Names what is sent, the same for every try. */
  readonly key: string;
  readonly weight: Weight;
}

interface Place {
  readonly weight: Weight;
  /** Told to come back then. */
  dueMs: number;
}

/**
 * The line before a limit: who is held back keeps the place of its first try, answers before what only shows work, and
 * is told when its turn comes, so that twenty do not all come at once. Who does not come back loses the place, and
 * beyond a thousand nobody gets one. Times are monotonic milliseconds.
 */
export class Waiters {
  readonly #places = new Map<string, Place>();

  /** Was told to come back then. */
  hold({ key, weight }: Waiting, dueMs: number): void {
    const place = this.#places.get(key);
    if (place !== undefined) place.dueMs = dueMs;
    else if (this.#places.size < waitersMax) this.#places.set(key, { weight, dueMs });
  }

  leave(key: string): void {
    this.#places.delete(key);
  }

  /** How many go before it. */
  ahead({ key, weight }: Waiting, nowMs: number): number {
    let ahead = 0;
    let isBehind = false;
    for (const [other, place] of this.#places) {
      if (place.dueMs + lateMs < nowMs) {
        this.#places.delete(other);
        continue;
      }
      if (other === key) isBehind = true;
      else if (place.weight === weight ? !isBehind : place.weight === 'answer') ahead += 1;
    }
    return ahead;
  }
}
