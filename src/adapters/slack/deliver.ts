import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Delivery, DeliveryOutcomeInput, Handle } from '../../contracts/delivery.ts';
import { weights } from '../shared/weight.ts';
import type { ApiCall } from './api.ts';
import { readFailure } from './failure.ts';
import { callJoined, NotSent } from './join.ts';
import { gapMs } from './limiter.ts';
import { metadataOf } from './metadata.ts';
import { type SlackCall, toCall } from './outbound.ts';
import {
  answerOutcome,
  failureOutcome,
  heldBack,
  type OutcomeContext,
  tooLate,
} from './outcome.ts';
import { lookFor } from './reconcile.ts';
import type { Site } from './site.ts';
import { upload } from './upload.ts';

/** So long after a send of which nobody could tell it is not sent again before somebody looked. */
const doubtMs = 10 * 60_000;

/** Sends or edits one part; what the last request shows or does not is the outcome. Never rejects for what Slack answered. */
export async function deliver(
  site: Site,
  delivery: Delivery,
  attempt: DeliveryAttempt,
): Promise<DeliveryOutcomeInput> {
  const { passing, host } = site;
  await passing.hold(delivery, attempt.signal);
  let handle: Handle | undefined;
  try {
    const signer = await site.secret.signer(attempt.signal);
    if (attempt.signal.aborted) return tooLate(host.runtime.wallMs());
    if (signer === undefined)
      return deferred(site, { reason: 'unavailable', cause: 'the secret of keys was not read' });
    const sending = { delivery, attempt, key: signer.key(attempt, delivery.channel) };
    const outcome = (await lookFirst(site, sending)) ?? (await send(site, sending));
    if (outcome.kind === 'surfaced' || outcome.kind === 'partly_surfaced') handle = outcome.handle;
    return outcome;
  } finally {
    passing.release(delivery, handle, attempt);
  }
}

/** What one send knows. */
interface Sending {
  readonly delivery: Delivery;
  readonly attempt: DeliveryAttempt;
  readonly key: string;
}

/**
 * Nobody could tell whether an earlier send of this is shown, for a reason that passes: it is looked for again, and
 * waits until somebody can look. Undefined: it is to be sent.
 */
async function lookFirst(
  site: Site,
  { delivery, attempt, key }: Sending,
): Promise<DeliveryOutcomeInput | undefined> {
  const { host, lookup } = site;
  const { channel, receiptId } = delivery;
  const { live, part, parts, signal } = attempt;
  const sent = { channel, name: attempt.key };
  const sentAtMs = live === undefined ? lookup.doubtOf(sent) : undefined;
  if (sentAtMs === undefined) return undefined;
  const lostAtMs = lookup.lostAt(sent, sentAtMs);
  const sought = { channel, key, sentAtMs, lostAtMs, receiptId, part };
  const found = await lookFor(site, sought, signal);
  const atMs = host.runtime.wallMs();
  const waits = found.kind === 'cannot_tell' && found.transient === true;
  if (waits && atMs < sentAtMs + doubtMs)
    return { kind: 'deferred', atMs, reason: 'not_connected', cause: found.cause };
  lookup.believe(sent);
  if (found.kind !== 'shown') return signal.aborted ? tooLate(atMs) : undefined;
  const kind = part < parts ? 'partly_surfaced' : 'surfaced';
  return { kind, atMs, handle: found.handle, evidence: found.evidence, surface: 'durable' };
}

async function send(site: Site, sending: Sending): Promise<DeliveryOutcomeInput> {
  const { host, passing } = site;
  const { delivery, attempt } = sending;
  const place = await passing.places.of(delivery, attempt);
  if (place === 'unstored')
    return deferred(site, { reason: 'unavailable', cause: 'a note could not be stored' });
  const isEdit = place !== 'none' || attempt.live !== undefined;
  const weight = weights[delivery.kind];
  const { conversation } = delivery.channel;
  const wish = { conversation, key: attempt.key, weight, isEdit };
  const retryAfterMs = site.limiter.take(wish, host.runtime.monoMs());
  if (retryAfterMs > 0) return heldBack(host.runtime.wallMs(), { retryAfterMs, weight });
  const taken = place === 'none' ? undefined : await takePlace(site, sending, place);
  const outcome = taken ?? (await sendNew(site, sending));
  // Slack counts from when it has the message, which is before its answer.
  if (!isEdit) site.limiter.pause(conversation, gapMs, host.runtime.monoMs());
  heed(site, sending, outcome);
  return outcome;
}

/** Undefined: the message could not be taken, and certainly says nothing of this. */
async function takePlace(
  site: Site,
  sending: Sending,
  ts: Handle,
): Promise<DeliveryOutcomeInput | undefined> {
  const { passing } = site;
  const { delivery, attempt } = sending;
  for (let tries = 0; fitsPlace(site, attempt) && tries < 2; tries += 1) {
    const closed = await passing.places.close(delivery.channel.conversation, ts, attempt.signal);
    if (closed?.kind === 'held') return notClosed(site);
    if (attempt.signal.aborted) return tooLate(site.host.runtime.wallMs());
    const call = toCall(delivery, { ...attempt, live: ts }, contextOf(site, sending));
    const payload = { ...call.payload, metadata: metadataOf(sending.key) };
    const { outcome, error } = await request(site, sending, { ...call, payload }, ts);
    if (error === 'streaming_state_conflict') {
      passing.places.stillOpen(ts);
      continue;
    }
    const isLost = outcome.kind === 'rejected' && outcome.repair === 'repost';
    if (!isLost && error !== 'block_mismatch') return outcome;
    break;
  }
  await passing.places.lose(delivery, ts);
  return undefined;
}

/** A file is a message of its own, and so is what stands in the channel too. */
function fitsPlace({ config }: Site, { content, part, parts }: DeliveryAttempt): boolean {
  const isFile = content.files?.some(({ text }) => text !== undefined) === true;
  return !isFile && !(config.broadcast && part >= parts);
}

function notClosed(site: Site): DeliveryOutcomeInput {
  const cause = 'a stream could not be ended';
  const retryAfterMs = site.passing.pauseMs();
  if (retryAfterMs === 0) return deferred(site, { reason: 'unavailable', cause });
  const atMs = site.host.runtime.wallMs();
  return { kind: 'deferred', atMs, reason: 'rate_limited', scope: 'part', retryAfterMs, cause };
}

async function sendNew(site: Site, sending: Sending): Promise<DeliveryOutcomeInput> {
  const { delivery, attempt } = sending;
  if (attempt.signal.aborted) return tooLate(site.host.runtime.wallMs());
  const call = toCall(delivery, attempt, contextOf(site, sending));
  if (call.upload !== undefined) return await upload(site, sending, call);
  const { outcome } = await request(site, sending, call, attempt.live);
  return outcome;
}

/** The one request that shows it. */
async function request(
  site: Site,
  { delivery, attempt, key }: Sending,
  call: SlackCall,
  live: Handle | undefined,
): Promise<{ outcome: DeliveryOutcomeInput; error?: string | undefined }> {
  const { part, parts, repairs, signal } = attempt;
  const about = (edits: Handle | undefined): OutcomeContext => ({
    atMs: site.host.runtime.wallMs(),
    method: call.method,
    live: edits,
    more: part < parts,
    repairs,
    key,
  });
  const isNew = attempt.live === undefined;
  try {
    const { method, payload }: ApiCall = call;
    const answer = await callJoined(site, { method, payload }, delivery.channel, signal);
    // What takes a place is a message of its own to the relay.
    return { outcome: answerOutcome(answer, about(isNew ? undefined : live)) };
  } catch (error) {
    if (error instanceof NotSent)
      return { outcome: deferred(site, { reason: 'unavailable', cause: error.message }) };
    const failure = readFailure(error);
    const outcome = failureOutcome(failure, about(live));
    if (call.method === 'chat.update') heedEdit(site, outcome);
    return { outcome, error: failure.error };
  }
}

const contextOf = ({ config }: Site, { key }: Sending) => ({ key, config });

function deferred(
  { host }: Site,
  { reason, cause }: { readonly reason: 'unavailable' | 'not_connected'; readonly cause: string },
): DeliveryOutcomeInput {
  return { kind: 'deferred', atMs: host.runtime.wallMs(), reason, scope: 'part', cause };
}

/** Slack limits edits by themselves. */
function heedEdit({ limiter, host }: Site, outcome: DeliveryOutcomeInput): void {
  if (outcome.kind !== 'deferred' || outcome.reason !== 'rate_limited') return;
  limiter.pauseEdits(outcome.retryAfterMs ?? 0, host.runtime.monoMs());
}

/** What an answer of Slack says of more than this one message. */
function heed(
  site: Site,
  { delivery: { channel }, attempt }: Sending,
  outcome: DeliveryOutcomeInput,
): void {
  if (outcome.kind === 'unknown')
    site.lookup.lost({ channel, name: attempt.key }, site.host.runtime.wallMs());
  if (outcome.kind !== 'deferred') return;
  const { reason, scope, cause, retryAfterMs = 0 } = outcome;
  if (reason === 'unauthorized') site.link.refused(cause);
  if (reason !== 'rate_limited' || scope === 'part') return;
  site.passing.pause(retryAfterMs);
  if (scope === 'channel')
    site.limiter.pause(channel.conversation, retryAfterMs, site.host.runtime.monoMs());
}
