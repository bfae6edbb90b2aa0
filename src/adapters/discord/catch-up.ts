import { orAborted } from '../shared/aborted.ts';
import { Window } from '../shared/window.ts';
import { breaksChannel } from './budget.ts';
import type { InSite } from './dispatch.ts';
import { readFailure } from './failure.ts';
import type { DiscordDispatch } from './inbound-shape.ts';
import { NotStored, readMissed } from './missed.ts';
import { MissedPlan } from './missed-plan.ts';
import { type Visit, Visits } from './missed-visit.ts';

/** Calls for history, of fifty that Discord takes in a second for everything. */
const window = { ms: 10_000, max: 30 };
/** The rest is for where somebody speaks now. */
const unhurriedMax = 20;
/** Between two looks at what is due. */
const lookMs = 1_000;
/** Between two tries of what failed: first, and at most. */
const againMs = 2_000;
const againMaxMs = 120_000;
/** So often may one place fail by itself. */
const failuresMax = 10;
/** Discord's clock and ours may differ by so much. */
const skewMs = 60_000;
/** What is older is not looked for. */
const oldestMs = 7 * 86_400_000;

/**
 * Looks for what was said while nobody heard and what no session brings: in every channel and thread whose newest message
 * is newer, and in the direct messages that are known; where somebody speaks now first. Each is read once, from the oldest
 * on. What was taken before is a duplicate and changes nothing.
 */
export class CatchUp {
  readonly #site: InSite;
  readonly #stopping: AbortSignal;
  readonly #calls = new Window(window);
  readonly #plan: MissedPlan;
  readonly #visits = new Visits();
  readonly #wakers = new Set<() => void>();
  /** When an earlier life heard last, until it is looked for. */
  #sinceMs: number | undefined;
  readonly #begun = new AbortController();
  #running: Promise<void> | undefined;
  /** Ends a pause. */
  #hurry = new AbortController();
  readonly #seen = { places: 0, messages: 0 };

  constructor(site: InSite, stopping: AbortSignal) {
    this.#site = site;
    this.#stopping = stopping;
    this.#plan = new MissedPlan(site);
  }

  /** Whether it still looks: until then the time is not noted, so that a crash loses nothing. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Reads since when nobody heard, before that time is noted anew. Of a first life it is noted at once: it may be short. */
  async prepare(): Promise<void> {
    const { places } = this.#site;
    await places.load();
    this.#sinceMs = await places.aliveAtMs();
    if (this.#sinceMs === undefined) await places.alive();
  }

  /**
   * Resolves when it is known how the first session of this life begins, and all that was missed before it was seen.
   * Never rejects.
   */
  async settled(): Promise<void> {
    const signal = AbortSignal.any([this.#begun.signal, this.#stopping]);
    if (this.#sinceMs !== undefined) await orAborted(new Promise(() => undefined), signal);
    await this.#running;
  }

  /** A session begins: READY names its servers; after RESUMED nothing was missed. */
  heard({ t, d }: DiscordDispatch): void {
    if (t === 'READY') {
      const { guilds = [] } = (d ?? {}) as { readonly guilds?: readonly { id?: string }[] };
      this.#plan.begin(guilds.flatMap(({ id }) => id ?? []));
    }
    this.#begun.abort('begun');
  }

  /** Looks for what was missed since an earlier life. Resolves when all was seen. Never rejects. */
  async runPending(): Promise<void> {
    const sinceMs = this.#sinceMs;
    this.#sinceMs = undefined;
    await (sinceMs === undefined ? this.#running : this.run(sinceMs));
  }

  /** A server tells of its channels and threads, and which message is the newest of each. */
  sees(guild: unknown): void {
    this.#plan.sees(guild);
    this.#toVisit();
  }

  /** Since then, by the wall clock, with what the servers tell. Resolves when all was seen, or when the bot stops. Never rejects. */
  run(sinceMs: number): Promise<void> {
    const { runtime } = this.#site.host;
    this.#plan.since(Math.max(0, sinceMs - skewMs, runtime.wallMs() - oldestMs));
    this.#toVisit();
    this.#running ??= this.#work();
    return this.#running;
  }

  /** Looks there next. Resolves when it did, or at that time (monotonic). Never rejects. */
  async reached(channelId: string, untilMs: number): Promise<void> {
    if (!this.#visits.isAhead(channelId)) return;
    const { runtime } = this.#site.host;
    this.#visits.await(channelId);
    this.#hurry.abort('hurry');
    const over = new AbortController();
    void runtime.sleep(untilMs - runtime.monoMs(), over.signal).then(() => over.abort('over'));
    const signal = AbortSignal.any([over.signal, this.#stopping]);
    while (this.#visits.isAhead(channelId) && !signal.aborted) {
      this.#visits.await(channelId);
      await orAborted(new Promise<void>((resolve) => this.#wakers.add(resolve)), signal);
    }
    over.abort('over');
  }

  #toVisit(): void {
    const looks = this.#plan.take();
    for (const { channelId, fromMs } of looks) this.#visits.add(channelId, fromMs);
    if (looks.length === 0) return;
    this.#hurry.abort('hurry');
    // A server may tell long after the others.
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    const { host } = this.#site;
    try {
      while (!this.#stopping.aborted && (!this.#visits.isEmpty || this.#plan.isWaiting())) {
        await this.#step();
        for (const wake of this.#wakers) wake();
        this.#wakers.clear();
      }
      if (this.#seen.places > 0) host.log('info', 'looked for what was missed', { ...this.#seen });
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      host.log('error', 'what was missed was not looked for', { error: name });
    } finally {
      this.#running = undefined;
      this.#plan.end();
      Object.assign(this.#seen, { places: 0, messages: 0 });
    }
  }

  async #step(): Promise<void> {
    const { host, us, budget } = this.#site;
    const nowMs = host.runtime.monoMs();
    const visit = us() === undefined ? undefined : this.#visits.next(nowMs);
    const isAwaited = visit?.isAwaited === true;
    // A server names its hidden channels too, which Discord refuses.
    const isSpent = !isAwaited && budget.waitUnaskedMs(nowMs) > 0;
    const isFull = this.#calls.waitMs(nowMs, isAwaited ? window.max : unhurriedMax) > 0;
    // Not longer: meanwhile somebody may speak elsewhere.
    if (visit === undefined || isSpent || isFull) return await this.#pause();
    await this.#visit(visit);
  }

  async #visit(visit: Visit): Promise<void> {
    try {
      const { messages } = await readMissed(this.#site, visit, {
        signal: this.#stopping,
        turn: () => this.#turn(),
      });
      this.#visits.drop(visit);
      this.#seen.places += 1;
      this.#seen.messages += messages;
    } catch (error) {
      if (!this.#stopping.aborted) await this.#failed(visit, error);
    }
  }

  async #turn(): Promise<void> {
    const { runtime } = this.#site.host;
    await this.#sleep(this.#calls.waitMs(runtime.monoMs()));
    this.#calls.take(runtime.monoMs());
  }

  /** The others do not wait for a place that fails; what is told of it alone is believed in the end. */
  async #failed(visit: Visit, error: unknown): Promise<void> {
    const { host } = this.#site;
    const failure = readFailure(error);
    const { channelId } = visit;
    const nowMs = host.runtime.monoMs();
    if (failure.limit !== undefined) {
      visit.dueMs = nowMs + Math.max(againMs, failure.limit.retryAfterMs);
      return;
    }
    if (breaksChannel(failure)) {
      this.#visits.drop(visit);
      host.log('info', 'a place was not looked at', { channelId, cause: failure.words });
      return;
    }
    if (await this.#isItsOwn(error)) visit.failures += 1;
    if (visit.failures >= failuresMax) {
      this.#visits.drop(visit);
      host.log('warn', 'what was missed in a place is lost', { channelId, cause: failure.words });
      return;
    }
    visit.tries += 1;
    visit.dueMs = nowMs + Math.min(againMs * 2 ** Math.min(visit.tries - 1, 10), againMaxMs);
  }

  /** Not an outage of the store or of Discord, nor a token that does not hold. */
  async #isItsOwn(error: unknown): Promise<boolean> {
    if (error instanceof NotStored) return await this.#site.places.canWrite();
    const { status = 0 } = readFailure(error);
    return status >= 400 && status < 500 && status !== 401;
  }

  /** Until something may be due, or somebody speaks. */
  async #pause(): Promise<void> {
    this.#hurry = new AbortController();
    const signal = AbortSignal.any([this.#hurry.signal, this.#stopping]);
    await this.#site.host.runtime.sleep(lookMs, signal);
  }

  async #sleep(ms: number): Promise<void> {
    await this.#site.host.runtime.sleep(ms, this.#stopping);
  }
}
