import type { AdapterHost, DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Delivery, DeliveryOutcomeInput } from '../../contracts/delivery.ts';
import { weights } from '../shared/weight.ts';
import type { ApiCall, BotApi } from './api.ts';
import type { TelegramConfig } from './config.ts';
import { readFailure } from './failure.ts';
import type { Limiter } from './limiter.ts';
import type { Link } from './link.ts';
import { chatId, placeOf, toCalls } from './outbound.ts';
import {
  answerOutcome,
  failureOutcome,
  heldBack,
  type OutcomeContext,
  retryAfterOf,
  tooLate,
  unsettledEdit,
} from './outcome.ts';
import type { Passing } from './passing.ts';

/** What one start made. */
export interface Site {
  readonly config: TelegramConfig;
  readonly account: string;
  readonly host: AdapterHost;
  readonly api: BotApi;
  readonly link: Link;
  readonly limiter: Limiter;
  readonly passing: Passing;
  /** Receipts of which is known whether a line with a sound follows. */
  readonly decided: Set<string>;
}

const decidedMax = 1_000;
/** For the line with a sound; it is left out when it does not get through. */
const noticeMs = 5_000;

/** Sends or edits one part by one request; what the request shows or does not is the outcome. */
export async function deliver(
  site: Site,
  delivery: Delivery,
  attempt: DeliveryAttempt,
): Promise<DeliveryOutcomeInput> {
  const { host, passing } = site;
  await passing.hold(delivery, attempt.signal);
  let handle: string | undefined;
  try {
    if (attempt.signal.aborted) return tooLate(host.runtime.wallMs());
    const chat = String(chatId(delivery.channel.conversation));
    const weight = weights[delivery.kind];
    const retryAfterMs = site.limiter.take(chat, weight, host.runtime.monoMs());
    if (retryAfterMs > 0) return heldBack(host.runtime.wallMs(), { retryAfterMs, weight });
    const { outcome, answer } = await send(site, delivery, attempt);
    if (outcome.kind !== 'surfaced' && outcome.kind !== 'partly_surfaced') return outcome;
    handle = outcome.handle;
    const isFinalEdit = delivery.kind === 'terminal' && attempt.live !== undefined;
    if (isFinalEdit) await notify(site, { delivery, attempt, answer });
    return isFinalEdit && passing.mayOverwrite(delivery) ? unsettledEdit(outcome.atMs) : outcome;
  } finally {
    passing.release(delivery, handle);
  }
}

async function send(
  site: Site,
  delivery: Delivery,
  attempt: DeliveryAttempt,
): Promise<{ outcome: DeliveryOutcomeInput; answer?: unknown }> {
  const { live, signal } = attempt;
  const about = (): OutcomeContext => ({
    atMs: site.host.runtime.wallMs(),
    channel: delivery.channel,
    live,
    more: attempt.part < attempt.parts,
  });
  let answer: unknown;
  try {
    for (const call of toCalls(delivery, attempt, site.config))
      answer = await site.api.call(call, { signal });
  } catch (error) {
    const failure = readFailure(error);
    const outcome = failureOutcome(failure, about());
    if (outcome.kind === 'deferred') heed(site, outcome);
    return { outcome };
  }
  return { outcome: answerOutcome(answer, about()), answer };
}

/** What an answer says of the whole bot. */
function heed(
  { link, passing }: Site,
  outcome: Extract<DeliveryOutcomeInput, { kind: 'deferred' }>,
): void {
  if (outcome.reason === 'unauthorized') link.refused(outcome.cause);
  if (outcome.reason === 'rate_limited') passing.pause(outcome.retryAfterMs ?? 0);
}

interface Edited {
  readonly delivery: Delivery;
  readonly attempt: DeliveryAttempt;
  readonly answer: unknown;
}

/**
 * An edit makes no sound: an answer that came into a message of some age is followed by a line that does. It is
 * tried once, and losing or repeating it costs nothing: the answer stands above.
 */
async function notify(site: Site, { delivery, attempt, answer }: Edited): Promise<void> {
  const { live, parts, n, signal } = attempt;
  const { decided, config, host } = site;
  if (delivery.kind !== 'terminal' || !delivery.notify || live === undefined || parts > 1) return;
  if (decided.has(delivery.receiptId)) return;
  remember(decided, delivery.receiptId);
  const ageMs = ageOf(answer);
  // "Not modified" tells no age: it was edited by an attempt whose answer was lost, and so may the line be.
  if (ageMs === undefined ? n < 2 : ageMs < config.notifyAfterMs) return;
  const chat = String(chatId(delivery.channel.conversation));
  const waitMs = site.limiter.take(chat, 'work', host.runtime.monoMs());
  if (waitMs > noticeMs) return;
  if (waitMs > 0) {
    await host.runtime.sleep(waitMs, signal);
    if (site.limiter.take(chat, 'work', host.runtime.monoMs()) > 0) return;
  }
  if (signal.aborted) return;
  const call: ApiCall = {
    method: 'sendMessage',
    payload: {
      ...placeOf(delivery, attempt.repairs),
      text: config.words[delivery.end],
      reply_parameters: { message_id: Number(live), allow_sending_without_reply: true },
    },
  };
  try {
    await site.api.call(call, { signal, limitMs: noticeMs });
  } catch (error) {
    const failure = readFailure(error);
    host.log('debug', 'the line with a sound was not sent', { cause: failure.words });
    if (failure.status === 429) site.passing.pause(retryAfterOf(failure));
  }
}

/** How old the message was when it was edited. */
function ageOf(answer: unknown): number | undefined {
  const { date, edit_date } = (answer ?? {}) as { date?: unknown; edit_date?: unknown };
  if (typeof date !== 'number' || typeof edit_date !== 'number') return undefined;
  return (edit_date - date) * 1_000;
}

function remember(set: Set<string>, key: string): void {
  set.add(key);
  const [oldest] = set;
  if (set.size > decidedMax && oldest !== undefined) set.delete(oldest);
}
