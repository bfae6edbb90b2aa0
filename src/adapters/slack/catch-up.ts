import { orAborted } from '../shared/aborted.ts';
import { Window } from '../shared/window.ts';
import { storeMissed } from './envelope.ts';
import { readFailure } from './failure.ts';
import type { SlackEvent, SlackMessage } from './inbound-shape.ts';
import { retryAfterOf } from './outcome.ts';
import { outcomeRow } from './outcome-row.ts';
import type { Place } from './places.ts';
import type { Site } from './site.ts';

/** Calls for history in a minute; as many again are left for lost answers. */
const window = { ms: 61_000, max: 30 };
/** The rest is for where somebody speaks now. */
const unhurriedMax = 20;
/** Slack gives apps that are sold fifteen, whatever they ask for. */
const pageMax = 200;
const pagesMax = 25;
const callMs = 10_000;
/** Between two tries of what failed: first, and at most. */
const againMs = 2_000;
const againMaxMs = 120_000;
/** So often may one place fail by itself. */
const failuresMax = 10;
/** Places that are still to be looked at. */
const visitsMax = 2_000;
/** Slack's clock and ours may differ by so much. */
const skewMs = 60_000;
/** What is older is not looked for. */
const oldestMs = 7 * 86_400_000;

/** A message in history says whose answers stand below it. */
interface Listed extends SlackMessage {
  readonly latest_reply?: string;
}

interface Page {
  readonly messages?: readonly Listed[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

/** A place that is still to be looked at. */
interface Visit {
  readonly place: Place;
  fromMs: number;
  /** Somebody speaks there now. */
  isAwaited: boolean;
  /** Not before (monotonic). */
  dueMs: number;
  tries: number;
  /** Of these, failures of this place alone. */
  failures: number;
}

/**
 * Looks for what was said while nobody was here, in every place that the bot takes part in, and in threads that began
 * there meanwhile: where somebody speaks now first, else the newest place first, within Slack's limit, until all were
 * seen. What was taken before is a duplicate and changes nothing.
 */
export class CatchUp {
  readonly #site: Site;
  readonly #stopping: AbortSignal;
  readonly #calls = new Window(window);
  readonly #wakers = new Set<() => void>();
  /** What the newest plan has seen or will see. */
  readonly #planned = new Set<string>();
  #visits: Visit[] = [];
  /** Since when it is to look, and has not begun to. */
  #sinceMs: number | undefined;
  #running: Promise<void> | undefined;
  readonly #seen = { places: 0, messages: 0 };

  constructor(site: Site, stopping: AbortSignal) {
    this.#site = site;
    this.#stopping = stopping;
  }

  /** Whether it still looks, or is to look: until then the time is not noted, so that a crash loses nothing. */
  get isBusy(): boolean {
    return this.#running !== undefined || this.#sinceMs !== undefined;
  }

  /** Reads since when nobody heard, before that time is noted anew. */
  async prepare(): Promise<void> {
    this.#sinceMs = await this.#site.places.aliveAtMs();
  }

  /** Looks for what was missed since an earlier life. Resolves when all was seen. Never rejects. */
  async runPending(): Promise<void> {
    await (this.#sinceMs === undefined ? this.#running : this.run(this.#sinceMs));
  }

  /** Since then, by the wall clock. Resolves when all was seen, or when the bot stops. Never rejects. */
  run(sinceMs: number): Promise<void> {
    this.#sinceMs = Math.min(this.#sinceMs ?? sinceMs, sinceMs);
    this.#running ??= this.#work();
    return this.#running;
  }

  /** Looks there next. Resolves when it did, or at that time (monotonic). Never rejects. */
  async reached(conversation: string, untilMs: number): Promise<void> {
    if (!this.#isAhead(conversation)) return;
    const { runtime } = this.#site.host;
    const over = new AbortController();
    const late = runtime.sleep(untilMs - runtime.monoMs(), over.signal).then(() => over.abort());
    const signal = AbortSignal.any([over.signal, this.#stopping]);
    while (this.#isAhead(conversation) && !signal.aborted) {
      if (this.#sinceMs !== undefined) void this.run(this.#sinceMs);
      this.#bringForward(conversation);
      await orAborted(new Promise<void>((resolve) => this.#wakers.add(resolve)), signal);
    }
    over.abort('over');
    await late;
  }

  /** What failed there already is not waited for. */
  #isAhead(conversation: string): boolean {
    if (this.#sinceMs !== undefined) return true;
    return this.#visits.some(
      ({ place, tries }) => place.conversation === conversation && tries === 0,
    );
  }

  #bringForward(conversation: string): void {
    for (const visit of this.#visits)
      if (visit.place.conversation === conversation) visit.isAwaited = true;
  }

  async #work(): Promise<void> {
    const { host } = this.#site;
    try {
      while (!this.#stopping.aborted && (this.#sinceMs !== undefined || this.#visits.length > 0)) {
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
      Object.assign(this.#seen, { places: 0, messages: 0 });
    }
  }

  async #step(): Promise<void> {
    const { host, us } = this.#site;
    if (us() === undefined) return await this.#sleep(againMs);
    if (this.#sinceMs !== undefined) return await this.#plan(this.#sinceMs);
    const nowMs = host.runtime.monoMs();
    const due = this.#visits.filter(({ dueMs }) => dueMs <= nowMs);
    const visit = due.find(({ isAwaited }) => isAwaited) ?? due[0];
    const callsMax = visit?.isAwaited === true ? window.max : unhurriedMax;
    // Not longer: meanwhile somebody may speak elsewhere.
    if (visit === undefined || this.#calls.waitMs(nowMs, callsMax) > 0)
      return await this.#sleep(againMs);
    await this.#visit(visit);
  }

  async #plan(sinceMs: number): Promise<void> {
    const { host, places } = this.#site;
    try {
      const list = await places.list();
      const fromMs = Math.max(0, sinceMs - skewMs, host.runtime.wallMs() - oldestMs);
      this.#planned.clear();
      this.#visits.unshift(...this.#toVisit(list, fromMs));
      if (this.#sinceMs === sinceMs) this.#sinceMs = undefined;
    } catch {
      await this.#sleep(againMs);
    }
  }

  /** Those that are not to be looked at anyway. */
  #toVisit(places: readonly Place[], fromMs: number): readonly Visit[] {
    return places.flatMap((place) => {
      const key = keyOf(place);
      if (this.#planned.has(key)) return [];
      this.#planned.add(key);
      const before = this.#visits.find((visit) => keyOf(visit.place) === key);
      if (before === undefined)
        return [{ place, fromMs, isAwaited: false, dueMs: 0, tries: 0, failures: 0 }];
      before.fromMs = Math.min(before.fromMs, fromMs);
      return [];
    });
  }

  async #visit(visit: Visit): Promise<void> {
    const { place, fromMs } = visit;
    try {
      const messages = await this.#read(place, fromMs);
      await this.#take(messages, visit);
      this.#drop(visit);
      this.#seen.places += 1;
      if (place.thread === undefined) this.#lookInto(threadsIn(messages, visit), fromMs);
    } catch (error) {
      if (!this.#stopping.aborted) await this.#failed(visit, error);
    }
  }

  /** Threads come after the places that are known. */
  #lookInto(threads: readonly Place[], fromMs: number): void {
    this.#visits.push(...this.#toVisit(threads, fromMs));
    if (this.#visits.length <= visitsMax) return;
    this.#visits.length = visitsMax;
    this.#site.host.log('warn', 'more threads began meanwhile than are looked at');
  }

  /** Oldest first, as they were said. */
  async #take(messages: readonly Listed[], { place, fromMs }: Visit): Promise<void> {
    const missed = messages
      .filter(({ ts }) => Number(ts) * 1_000 >= fromMs)
      .sort((one, other) => Number(one.ts) - Number(other.ts));
    for (const message of missed) {
      const event: SlackEvent = { ...message, type: 'message', channel: place.conversation };
      if (!(await storeMissed(this.#site, event))) throw new NotStored();
    }
    this.#seen.messages += missed.length;
  }

  /** The others do not wait for a place that fails; what is told of it alone is believed in the end. */
  async #failed(visit: Visit, error: unknown): Promise<void> {
    const { host, places } = this.#site;
    const { error: name, words } = readFailure(error);
    const kind = name === undefined ? '' : outcomeRow(name, false).kind;
    this.#drop(visit);
    if (kind === 'rejected') {
      host.log('info', 'a place was not looked at', { cause: words });
      return;
    }
    visit.tries += 1;
    if (kind === 'unknown' || (error instanceof NotStored && (await places.canWrite())))
      visit.failures += 1;
    if (visit.failures >= failuresMax) {
      const { conversation } = visit.place;
      host.log('warn', 'what was missed in a place is lost', { conversation, cause: words });
      return;
    }
    const waitMs = Math.min(againMs * 2 ** Math.min(visit.tries - 1, 10), againMaxMs);
    visit.dueMs = host.runtime.monoMs() + waitMs;
    this.#visits.push(visit);
  }

  #drop(visit: Visit): void {
    this.#visits = this.#visits.filter((one) => one !== visit);
  }

  /** What stands there since then. Rejects where Slack does not give it. */
  async #read(place: Place, fromMs: number): Promise<readonly Listed[]> {
    const messages: Listed[] = [];
    let cursor: string | undefined;
    for (let n = 0; n < pagesMax; n += 1) {
      const page = await this.#page(place, fromMs, cursor);
      messages.push(...(page.messages ?? []));
      cursor = page.response_metadata?.next_cursor;
      if (cursor === undefined || cursor === '') return messages;
    }
    const { conversation } = place;
    this.#site.host.log('warn', 'more was missed in a place than is looked at', { conversation });
    return messages;
  }

  /** Waits while Slack wants no more calls. */
  async #page({ conversation, thread }: Place, fromMs: number, cursor?: string): Promise<Page> {
    const payload = {
      channel: conversation,
      oldest: (fromMs / 1_000).toFixed(6),
      inclusive: true,
      limit: pageMax,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const call =
      thread === undefined
        ? { method: 'conversations.history', payload }
        : { method: 'conversations.replies', payload: { ...payload, ts: thread } };
    for (;;) {
      const { api, host } = this.#site;
      await this.#sleep(this.#calls.waitMs(host.runtime.monoMs()));
      this.#calls.take(host.runtime.monoMs());
      try {
        return (await api.call(call, { signal: this.#stopping, limitMs: callMs })) as Page;
      } catch (error) {
        const failure = readFailure(error);
        if (this.#stopping.aborted || failure.error === undefined) throw error;
        if (outcomeRow(failure.error, false).kind !== 'rate_limited') throw error;
        await this.#sleep(retryAfterOf(failure));
      }
    }
  }

  async #sleep(ms: number): Promise<void> {
    await this.#site.host.runtime.sleep(ms, this.#stopping);
  }
}

/** Threads in which somebody answered since then, the newest first. */
function threadsIn(messages: readonly Listed[], { place, fromMs }: Visit): readonly Place[] {
  return messages.flatMap(({ ts, latest_reply: latest }) =>
    ts !== undefined && Number(latest) * 1_000 >= fromMs
      ? [{ conversation: place.conversation, thread: ts }]
      : [],
  );
}

const keyOf = ({ conversation, thread = '' }: Place): string => `${conversation} ${thread}`;

/** The store could not take it. */
class NotStored extends Error {
  override readonly name = 'NotStored';
}
