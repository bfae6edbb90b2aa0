const queueMax = 10_000;
const confirmedMax = 1_000;
const keepMs = 24 * 3_600_000;
/** Telegram sends these only to bots that ask for them. */
const onlyWhenAsked = new Set(['message_reaction']);

export interface QueuedUpdate {
  readonly updateId: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

/** The updates that the bot has not confirmed, in order. */
export class UpdateQueue {
  readonly #nowMs: () => number;
  #queue: QueuedUpdate[] = [];
  #confirmed: QueuedUpdate[] = [];
  /** Confirmed ones that come once more, whatever offset is asked for. */
  #again: QueuedUpdate[] = [];
  #lastId = 100_000_000;
  #allowed: ReadonlySet<string> | undefined;
  #wake: (() => void)[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get length(): number {
    this.#expire();
    return this.#again.length + this.#queue.length;
  }

  get allowed(): readonly string[] | undefined {
    return this.#allowed && [...this.#allowed];
  }

  /** Which kinds are queued from now on; undefined leaves it as it is, an empty list is the default. */
  allow(kinds: readonly string[] | undefined): void {
    if (kinds !== undefined) this.#allowed = kinds.length === 0 ? undefined : new Set(kinds);
  }

  /** Queues what the bot wants to hear of. */
  add(kind: string, payload: unknown): void {
    const wanted = this.#allowed?.has(kind) ?? !onlyWhenAsked.has(kind);
    if (wanted) this.push({ [kind]: payload });
  }

  push(body: Readonly<Record<string, unknown>>): number {
    this.#lastId += 1;
    const updateId = this.#lastId;
    const update = { updateId, body: { update_id: updateId, ...body }, atMs: this.#nowMs() };
    this.#queue.push(update);
    if (this.#queue.length > queueMax) this.#queue.shift();
    this.#wakeAll();
    return updateId;
  }

  /** Those from `offset` on; a negative one counts from the end and forgets all before. */
  take(offset: number, limit: number): QueuedUpdate[] {
    this.#expire();
    if (offset < 0) this.#confirmBefore(this.#queue.at(offset)?.updateId ?? 0);
    else this.#confirmBefore(offset);
    const again = this.#again.splice(0, limit);
    return [...again, ...this.#queue.slice(0, limit - again.length)];
  }

  /** The oldest one, for a webhook: it stays until it is confirmed. */
  first(): QueuedUpdate | undefined {
    this.#expire();
    return this.#again[0] ?? this.#queue[0];
  }

  confirm(update: QueuedUpdate): void {
    if (this.#again.includes(update)) this.#again = this.#again.filter((one) => one !== update);
    else this.#confirmBefore(update.updateId + 1);
  }

  dropAll(): void {
    this.#queue = [];
    this.#again = [];
  }

  /** Brings one again: a confirmed one comes once more, one that is not confirmed comes anyway. */
  restore(updateId: number): boolean {
    const update = this.#confirmed.find((one) => one.updateId === updateId);
    if (update === undefined) return this.#queue.some((one) => one.updateId === updateId);
    if (!this.#again.includes(update)) this.#again.push(update);
    this.#wakeAll();
    return true;
  }

  /** Resolves when something was queued, or `signal` aborts. */
  wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#wake = this.#wake.filter((one) => one !== done);
        resolve();
      };
      this.#wake.push(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #wakeAll(): void {
    for (const wake of this.#wake.slice()) wake();
  }

  #confirmBefore(updateId: number): void {
    const done = this.#queue.filter((one) => one.updateId < updateId);
    if (done.length === 0) return;
    this.#queue = this.#queue.filter((one) => one.updateId >= updateId);
    this.#confirmed = [...this.#confirmed, ...done].slice(-confirmedMax);
  }

  #expire(): void {
    const since = this.#nowMs() - keepMs;
    if (this.#queue[0] !== undefined && this.#queue[0].atMs < since)
      this.#queue = this.#queue.filter((one) => one.atMs >= since);
  }
}
