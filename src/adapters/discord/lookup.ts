import type { ReconcileAnswer } from '../../contracts/adapter.ts';
import { TooLate } from '../shared/looks.ts';
import type { DiscordCall } from './call.ts';
import { type Failure, readFailure } from './failure.ts';
import { type HistoryMessage, historyCall, judgeHistory, type Sought, sinceId } from './history.ts';
import { retryAfterOf } from './outcome.ts';
import { outcomeRow } from './outcome-row.ts';
import type { Site } from './site.ts';

const callMs = 4_000;
const pagesMax = 10;
/** Between two tries of what failed. */
const againMs = 1_000;

/** `transient`: nobody could look now; later it may be possible. */
export type Found = ReconcileAnswer & { readonly transient?: boolean };

type Wanted = Omit<Sought, 'us' | 'settled'>;

interface Where {
  readonly channelId: string;
  /** What fails is not tried again. */
  readonly isOnce: boolean;
}

/** Looks into the history of a channel since the send: until it is known, or the signal aborts. */
export async function findInHistory(
  site: Site,
  { channelId, isOnce, ...sought }: Wanted & Where,
  signal: AbortSignal,
): Promise<Found> {
  return await look(site, { signal, isOnce }, async (us) => {
    const pages: (readonly HistoryMessage[])[] = [];
    for (let after = sinceId(sought); pages.length < pagesMax; ) {
      pages.push(await pageOf(site, historyCall(channelId, after), signal));
      const answer = judgeHistory(pages, { ...sought, us, settled: true });
      if (answer.kind === 'absent' && pages.every((page) => page.length === 0))
        return await absentIn(site, channelId, signal);
      if (answer.kind !== 'more') return answer;
      after = answer.after;
    }
    return { kind: 'cannot_tell', cause: 'the history since then is too long' };
  });
}

/** Who may not read a history is shown an empty one. */
async function absentIn(site: Site, channelId: string, signal: AbortSignal): Promise<Found> {
  const { route } = historyCall(channelId, '0');
  const newest = await pageOf(site, { method: 'GET', route, query: { limit: '1' } }, signal);
  return newest.length > 0
    ? { kind: 'absent' }
    : { kind: 'cannot_tell', cause: 'the history is empty, or may not be read' };
}

/** What one call brings: `none` when Discord says that it is not there. */
export type OneFound =
  | { readonly kind: 'message'; readonly message: HistoryMessage & { readonly flags?: number } }
  | { readonly kind: 'none' }
  | { readonly kind: 'unread'; readonly cause: string };

/** One message, tried until Discord answers, or the signal aborts. */
export async function findOne(
  site: Site,
  call: DiscordCall,
  signal: AbortSignal,
): Promise<OneFound> {
  let cause = 'the time was over';
  while (!signal.aborted) {
    try {
      return { kind: 'message', message: (await ask(site, call, signal)) as HistoryMessage };
    } catch (error) {
      if (error instanceof TooLate) break;
      const failure = readFailure(error);
      cause = failure.words;
      if (failure.status === 404) return { kind: 'none' };
      if (!isTransient(failure)) return { kind: 'unread', cause };
    }
    await site.host.runtime.sleep(againMs, signal);
  }
  return { kind: 'unread', cause };
}

async function look(
  site: Site,
  { signal, isOnce }: { readonly signal: AbortSignal; readonly isOnce: boolean },
  run: (us: Sought['us']) => Promise<Found>,
): Promise<Found> {
  let cause = site.us() === undefined ? 'Discord has not said yet who we are' : 'the time was over';
  while (!signal.aborted) {
    const us = site.us();
    const found = us === undefined ? { cause } : await run(us).catch(failed);
    if ('kind' in found) return found;
    cause = found.cause ?? cause;
    if (found.cause === undefined || isOnce) break;
    await site.host.runtime.sleep(againMs, signal);
  }
  site.host.log('debug', 'a message was not looked for', { cause });
  return { kind: 'cannot_tell', cause, transient: true };
}

/** What a failure says; `cause`: it may be answered another time; without: there is no time left. */
function failed(error: unknown): Found | { readonly cause: string | undefined } {
  if (error instanceof TooLate) return { cause: undefined };
  const failure = readFailure(error);
  if (isGone(failure)) return { kind: 'absent' };
  const { words: cause } = failure;
  return isTransient(failure) ? { cause } : { kind: 'cannot_tell', cause };
}

async function pageOf(
  site: Site,
  call: DiscordCall,
  signal: AbortSignal,
): Promise<readonly HistoryMessage[]> {
  const page = await ask(site, call, signal);
  if (Array.isArray(page)) return page as readonly HistoryMessage[];
  throw new SyntaxError('not a page of messages');
}

/** One call, in its turn. */
async function ask(
  { rest, host, sent }: Site,
  call: DiscordCall,
  signal: AbortSignal,
): Promise<unknown> {
  return await sent.looks.run(host.runtime, signal, async () => {
    try {
      return await rest.call(call, { signal, limitMs: callMs });
    } catch (error) {
      const { limit } = readFailure(error);
      if (limit !== undefined)
        sent.looks.pause(retryAfterOf(limit.retryAfterMs), host.runtime.monoMs());
      throw error;
    }
  });
}

/** Whether it may be answered another time. */
function isTransient({ code, status, limit }: Failure): boolean {
  if (limit !== undefined) return true;
  if (code !== undefined) return outcomeRow({ code, status }, false).kind !== 'rejected';
  return status === undefined || status >= 500 || status === 408;
}

/** A channel that is not there has no message of ours. */
const isGone = ({ code }: Failure): boolean => code === 10_003;
