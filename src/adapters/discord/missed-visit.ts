/** A channel of Discord's that is still to be looked at. */
export interface Visit {
  readonly channelId: string;
  fromMs: number;
  /** Up to there all is taken. */
  afterId?: string;
  /** Somebody speaks there now. */
  isAwaited: boolean;
  /** Not before (monotonic). */
  dueMs: number;
  tries: number;
  /** Of these, failures of this place alone. */
  failures: number;
}

/** What is still to be looked at, in order. */
export class Visits {
  readonly #visits = new Map<string, Visit>();

  get isEmpty(): boolean {
    return this.#visits.size === 0;
  }

  /** What is to be looked at anyway is looked at from the earlier time on. */
  add(channelId: string, fromMs: number): void {
    const known = this.#visits.get(channelId);
    if (known !== undefined && fromMs >= known.fromMs) return;
    if (known !== undefined) {
      known.fromMs = fromMs;
      delete known.afterId;
      return;
    }
    const visit = { channelId, fromMs, isAwaited: false, dueMs: 0, tries: 0, failures: 0 };
    this.#visits.set(channelId, visit);
  }

  drop({ channelId }: Visit): void {
    this.#visits.delete(channelId);
  }

  /** What failed there already is not waited for. */
  isAhead(channelId: string): boolean {
    return this.#visits.get(channelId)?.tries === 0;
  }

  /** Somebody speaks there. */
  await(channelId: string): void {
    const visit = this.#visits.get(channelId);
    if (visit !== undefined) visit.isAwaited = true;
  }

  /** What is due: where somebody speaks first. */
  next(nowMs: number): Visit | undefined {
    const due = [...this.#visits.values()].filter(({ dueMs }) => dueMs <= nowMs);
    return due.find(({ isAwaited }) => isAwaited) ?? due[0];
  }
}
