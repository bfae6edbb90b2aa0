import type { ReconcileAnswer } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import { BoundedMap } from '../shared/bounded.ts';
import { Looks, TooLate } from '../shared/looks.ts';
import { type Failure, readFailure } from './failure.ts';
import {
  type HistoryPage,
  type HistoryWish,
  historyCall,
  judgeHistory,
  type SendTime,
} from './metadata.ts';
import { retryAfterOf } from './outcome.ts';
import { outcomeRow } from './outcome-row.ts';
import type { Identity, SiteParts } from './site-parts.ts';

const pagesMax = 10;
const callMs = 4_000;
/** Between two tries of what failed, and between two looks whether we are connected. */
const againMs = 1_000;
const sendsMax = 1_000;

export interface Sought extends SendTime {
  readonly channel: ChannelRef;
  readonly key: string;
}

/** One part in one place, whatever its key. */
export interface Sent {
  readonly channel: ChannelRef;
  /** The key of its attempts. */
  readonly name: string;
}

/** `transient`: nobody could look now; later it may be possible. */
export type Found = ReconcileAnswer & { readonly transient?: boolean };

type HistoryCall = ReturnType<typeof historyCall>;

/**
 * Looks into Slack's history: one call after the other, twenty a minute, and waits where Slack wants it. What fails is
 * tried again until the signal aborts.
 */
export class Lookup {
  readonly #parts: Pick<SiteParts, 'api' | 'host' | 'us'>;
  readonly #looks = new Looks({ ms: 61_000, max: 20, waitersMax: 100 });
  /** Sends of which nobody could tell for a reason that passes: when they began. */
  readonly #doubts = new BoundedMap<string, number>(sendsMax);
  /** Sends that were over without an answer: when. */
  readonly #lost = new BoundedMap<string, number>(sendsMax);

  constructor(parts: Pick<SiteParts, 'api' | 'host' | 'us'>) {
    this.#parts = parts;
  }

  /** A send was over without an answer. */
  lost(sent: Sent, atMs: number): void {
    this.#lost.set(nameOf(sent), atMs);
  }

  /** When a send that began then was over without an answer; undefined: nobody saw that. */
  lostAt(sent: Sent, sentAtMs: number): number | undefined {
    const atMs = this.#lost.get(nameOf(sent));
    return atMs === undefined || atMs < sentAtMs ? undefined : atMs;
  }

  /** Nobody could look: the next send of this looks again before it is made. */
  doubt(sent: Sent, sentAtMs: number): void {
    this.#doubts.set(nameOf(sent), Math.min(sentAtMs, this.doubtOf(sent) ?? sentAtMs));
  }

  /** When the send began of which nobody could tell. */
  doubtOf(sent: Sent): number | undefined {
    return this.#doubts.get(nameOf(sent));
  }

  believe(sent: Sent): void {
    this.#doubts.delete(nameOf(sent));
  }

  /** Whether a message with that key stands where it was sent: in its thread, or, when the thread is not there, in the channel. */
  async find(sought: Sought, signal: AbortSignal): Promise<Found> {
    const found = await this.#findIn(sought, signal);
    const { channel } = sought;
    if (found.kind !== 'absent' || channel.thread === undefined) return found;
    const { thread: _, ...outside } = channel;
    return await this.#findIn({ ...sought, channel: outside }, signal);
  }

  /** Whether this one message carries that key. */
  async findAt(sought: Sought, ts: string, signal: AbortSignal): Promise<Found> {
    const call = historyCall({ channel: sought.channel, sentAtMs: 0 });
    const payload = { ...call.payload, oldest: ts, latest: ts };
    return await this.#look(signal, async (us) => {
      const page = await this.page({ ...call, payload }, signal);
      return verdict([page], sought.key, us);
    });
  }

  /** All pages of then, ten at most. Rejects with what a call failed with. */
  async pages(wish: HistoryWish, signal: AbortSignal): Promise<readonly HistoryPage[]> {
    const pages: HistoryPage[] = [];
    for (let cursor: string | undefined; pages.length < pagesMax; ) {
      const page = await this.page(historyCall(wish, cursor), signal);
      pages.push(page);
      cursor = page.response_metadata?.next_cursor;
      if (cursor === undefined || cursor === '') break;
    }
    return pages;
  }

  /** One call, in its turn. Rejects with what it failed with, or with `TooLate`. */
  async page(call: HistoryCall, signal: AbortSignal): Promise<HistoryPage> {
    const { api, host } = this.#parts;
    return await this.#looks.run(host.runtime, signal, async () => {
      try {
        return (await api.call(call, { signal, limitMs: callMs })) as HistoryPage;
      } catch (error) {
        const failure = readFailure(error);
        if (failure.error !== undefined && outcomeRow(failure.error, false).kind === 'rate_limited')
          this.#looks.pause(retryAfterOf(failure), host.runtime.monoMs());
        throw error;
      }
    });
  }

  async #findIn(sought: Sought, signal: AbortSignal): Promise<Found> {
    return await this.#look(signal, async (us) =>
      verdict(await this.pages(sought, signal), sought.key, us),
    );
  }

  /** Until it is known, or the signal aborts. */
  async #look(signal: AbortSignal, run: (us: Identity) => Promise<Found>): Promise<Found> {
    let cause = 'Slack has not said yet who we are';
    while (!signal.aborted) {
      const us = this.#parts.us();
      try {
        if (us !== undefined) return await run(us);
      } catch (error) {
        if (error instanceof TooLate) break;
        const failure = readFailure(error);
        cause = failure.words;
        if (isGone(failure)) return { kind: 'absent' };
        if (!isTransient(failure)) return { kind: 'cannot_tell', cause };
      }
      await this.#parts.host.runtime.sleep(againMs, signal);
    }
    this.#parts.host.log('debug', 'a message was not looked for', { cause });
    return { kind: 'cannot_tell', cause, transient: true };
  }
}

const nameOf = ({ channel, name }: Sent): string =>
  JSON.stringify([channel.conversation, channel.thread ?? '', name]);

/** Whether it may be answered another time. */
export function isTransient({ error, status }: Failure): boolean {
  if (error !== undefined) return outcomeRow(error, false).kind !== 'rejected';
  return status === undefined || status >= 500 || status === 408;
}

function verdict(pages: readonly HistoryPage[], key: string, us: Identity): Found {
  const answer = judgeHistory(pages, { key, us, settled: true });
  if (answer.kind !== 'more') return answer;
  return { kind: 'cannot_tell', cause: 'the history since then is too long' };
}

/** A thread that is not there has no message of ours. */
const isGone = ({ error }: Failure): boolean => error === 'thread_not_found';
