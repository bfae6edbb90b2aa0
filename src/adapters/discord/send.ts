import type { DeliveryOutcomeInput } from '../../contracts/delivery.ts';
import { weights } from '../shared/weight.ts';
import type { DiscordCall } from './call.ts';
import { type Failure, readFailure } from './failure.ts';
import { readHandle } from './handle.ts';
import { breaksOff, heed } from './heed.ts';
import { type ByWay, channelIdIn, type Sending } from './leaving.ts';
import { isOfOne } from './life.ts';
import { findInChannel, isLater } from './lost.ts';
import { nonceValidUntilMs } from './nonce.ts';
import { noteOffset } from './offset.ts';
import { toCall } from './outbound.ts';
import {
  answerOutcome,
  failureOutcome,
  heldBack,
  type OutcomeContext,
  tooLate,
} from './outcome.ts';
import type { Send, SendName } from './sent.ts';
import type { Site } from './site.ts';
import { makeThread, openThread } from './thread.ts';

const unknownChannel = 10_003;
const unknownMessage = 10_008;
const archived = 50_083;
/** Discord knows the token no more, or takes no sixth message by it. */
const tokenOver: readonly (number | undefined)[] = [10_015, 10_062, 40_094, 50_027];

/** What a send knows. */
interface Way extends Sending {
  /** Where it belongs, wherever it goes. */
  readonly name: SendName;
  readonly by: ByWay;
  /** The part of the Receipt, where all of its text is sent in parts of its own. */
  readonly part?: number | undefined;
  readonly nonce: string;
  /** Discord's own channel. */
  readonly channelId: string;
}

interface Answered {
  readonly outcome: DeliveryOutcomeInput;
  readonly failure?: Failure;
}

/** Sends or edits one part by that way, when there is room for it. */
export async function sendBy(
  site: Site,
  { delivery, attempt, part }: Sending & { readonly part?: number },
  by: ByWay,
): Promise<DeliveryOutcomeInput> {
  const { host, noncer, limiter, budget } = site;
  const way: Way = {
    name: { channel: delivery.channel, key: attempt.key },
    delivery: { ...delivery, channel: by.channel },
    attempt,
    by,
    part,
    nonce: noncer.nonce(attempt, by.channel),
    channelId: channelIdIn(by),
  };
  const { channelId } = way;
  const nowMs = host.runtime.monoMs();
  if (by.way.kind === 'channel') {
    const retryAfterMs = budget.brokenMs(channelId, nowMs);
    if (retryAfterMs > 0) return leftAlone(site, retryAfterMs);
    const doubtful = await doubtOf(site, way);
    if (doubtful !== undefined) return doubtful;
  }
  const weight = weights[delivery.kind];
  const retryAfterMs = limiter.take({ channelId, key: attempt.key, weight }, nowMs);
  if (retryAfterMs > 0) return heldBack(host.runtime.wallMs(), { retryAfterMs, weight });
  return by.live === undefined && by.way.kind === 'channel'
    ? await sendToPlace(site, way)
    : (await request(site, way)).outcome;
}

/** Discord refused this channel for good: it is tried again slowly. */
function leftAlone({ host }: Site, retryAfterMs: number): DeliveryOutcomeInput {
  const atMs = host.runtime.wallMs();
  const cause = 'Discord refused this channel';
  return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'channel', retryAfterMs, cause };
}

/** It may be shown, and Discord knows its nonce no more: somebody looks before it is sent again. Undefined: it is to be sent. */
async function doubtOf(
  site: Site,
  { by, name, nonce, attempt }: Way,
): Promise<DeliveryOutcomeInput | undefined> {
  const { sent, host } = site;
  if (by.live !== undefined) return undefined;
  const known = sent.sendOf(name);
  if (known?.way !== 'channel') return undefined;
  const keyValidUntilMs = nonceValidUntilMs(known.sentAtMs);
  if (host.runtime.wallMs() < keyValidUntilMs) return undefined;
  const lost = { ...known, isPartial: false };
  const found = await findInChannel(site, { ...name, signal: attempt.signal }, lost);
  const atMs = host.runtime.wallMs();
  if (found.kind === 'shown') {
    sent.shown(name, readHandle(found.handle)?.messageId ?? '');
    const kind = attempt.part < attempt.parts ? 'partly_surfaced' : 'surfaced';
    return { kind, atMs, handle: found.handle, evidence: found.evidence, surface: 'durable' };
  }
  if (found.kind === 'cannot_tell') {
    const { cause } = found;
    return isLater(host, found, known)
      ? { kind: 'deferred', atMs, reason: 'not_connected', cause }
      : { kind: 'unknown', atMs, phase: 'written', key: nonce, keyValidUntilMs, cause };
  }
  sent.settle(name);
  return undefined;
}

/** A new message: its thread is made first, or opened, where that is all that is missing. */
async function sendToPlace(site: Site, way: Way): Promise<DeliveryOutcomeInput> {
  const { config, places } = site;
  const { signal } = way.attempt;
  const { channel } = way.by;
  const { thread } = channel;
  let isMade = false;
  if (thread !== undefined && places.beginning(thread) !== undefined) {
    const missing = await makeThread(site, channel, signal);
    if (missing !== undefined) return heed(site, undefined, missing);
    isMade = true;
  }
  let answered = await request(site, way);
  if (thread === undefined) return answered.outcome;
  const isGone = answered.failure?.code === unknownChannel;
  if (isGone && config.sessions === 'thread' && !isMade) {
    const missing = await makeThread(site, channel, signal);
    if (missing !== undefined) return heed(site, undefined, missing);
    answered = await request(site, way);
  }
  const isAway = answered.failure?.code === archived;
  if (isAway && (await openThread(site, thread, signal))) answered = await request(site, way);
  if (!breaksOff(answered.outcome)) places.made(thread);
  return answered.outcome;
}

/** The one request that shows it. */
async function request(site: Site, way: Way): Promise<Answered> {
  const { rest, host, config, sent } = site;
  const { delivery, attempt, by, nonce, name, channelId } = way;
  if (attempt.signal.aborted) return { outcome: tooLate(host.runtime.wallMs()) };
  const liveId = by.live?.messageId;
  const call = toCall(delivery, attempt, { nonce, way: by.way, liveId, answers: by.life, config });
  const sentAtMs = host.runtime.wallMs();
  const before = sent.sendOf(name);
  if (by.live === undefined) began(site, way, sendOf(way, call, sentAtMs));
  const about = (): OutcomeContext => contextOf(site, way, { call, sentAtMs });
  const asked = { channelId, isByToken: by.way.kind !== 'channel' };
  try {
    const answer = await rest.call(call, { signal: attempt.signal });
    const outcome = heed(site, asked, answerOutcome(answer, about()));
    if (breaksOff(outcome)) return { outcome };
    const { messageId = '' } = readHandle(outcome.handle) ?? {};
    if (by.live === undefined) made(site, way, { messageId, sentAtMs });
    await shown(site, way, messageId);
    return { outcome: needing(way, outcome) };
  } catch (error) {
    const failure = readFailure(error);
    const outcome = heed(site, { ...asked, failure }, failureOutcome(failure, about()));
    if (by.live === undefined && outcome.kind !== 'unknown') sent.back(name, before);
    await lost(site, way, failure);
    return { outcome, failure };
  }
}

/** A new message is on its way. */
function began({ sent }: Site, { name, by, nonce, attempt, delivery, part }: Way, send: Send) {
  sent.begin(name, send);
  // A part of a whole text proves nothing of the others.
  const isProof = part === undefined || attempt.part === attempt.parts;
  if (by.way.kind === 'channel' && isProof)
    sent.note(nonce, {
      receiptId: delivery.receiptId,
      part: part ?? attempt.part,
      ...(send.isElsewhere ? { elsewhere: send.channelId } : {}),
    });
}

/** It is there. A first try says when, by Discord's clock; a promised message was made before. */
function made(
  site: Site,
  { name, by, attempt }: Way,
  { messageId, sentAtMs }: { readonly messageId: string; readonly sentAtMs: number },
): void {
  const { sent, host } = site;
  sent.shown(name, messageId);
  if (attempt.n === 1 && by.way.kind !== 'original')
    sent.measure(messageId, sentAtMs, host.runtime.wallMs());
  void noteOffset(site);
}

function sendOf(
  { by, nonce, channelId }: Way,
  { body, files = [] }: DiscordCall,
  sentAtMs: number,
): Send {
  const { content, embeds, components, message_reference } = body as {
    content?: string;
    embeds?: readonly { description?: string }[];
    components?: readonly unknown[];
    message_reference?: { message_id: string };
  };
  return {
    nonce,
    sentAtMs,
    way: by.way.kind,
    interactionId: by.way.kind === 'channel' ? undefined : by.way.life.id,
    channelId,
    isElsewhere: by.isElsewhere,
    text: content || (embeds?.[0]?.description ?? ''),
    fileNames: files.map(({ name }) => name),
    hasButtons: components !== undefined && components.length > 0,
    reference: message_reference?.message_id,
  };
}

function contextOf(
  { host }: Site,
  { by, attempt, nonce, channelId }: Way,
  { call, sentAtMs }: { readonly call: DiscordCall; readonly sentAtMs: number },
): OutcomeContext {
  const { way, live } = by;
  const life = way.kind === 'channel' ? undefined : way.life;
  return {
    atMs: host.runtime.wallMs(),
    sentAtMs,
    live,
    interactionId: life?.id,
    isHidden: life !== undefined && isOfOne(life),
    channelId: by.isElsewhere ? channelId : undefined,
    more: attempt.part < attempt.parts,
    nonce: life === undefined ? nonce : undefined,
    hasFile: call.files !== undefined,
    repairs: attempt.repairs,
  };
}

/** What one person alone could see may have passed unseen: they say so themselves. */
function needing(
  { by: { way }, delivery }: Way,
  outcome: DeliveryOutcomeInput,
): DeliveryOutcomeInput {
  const isForOne = way.kind !== 'channel' && way.life.ephemeral;
  const isEnd = outcome.kind === 'surfaced' && delivery.kind === 'terminal';
  return isEnd && isForOne ? { ...outcome, provisional: true } : outcome;
}

async function shown(site: Site, { name, by }: Way, messageId: string): Promise<void> {
  const { way, live, isElsewhere } = by;
  if (isElsewhere && live === undefined) await site.places.stands(messageId, name.channel);
  if (way.kind === 'channel') return;
  if (way.kind === 'original' && way.life.state !== 'written')
    await site.lives.on(way.life.id, { kind: 'written', messageId });
  if (way.kind === 'followup' && live === undefined)
    await site.lives.on(way.life.id, { kind: 'followed' });
}

/** What a refusal says of the interaction. */
async function lost(site: Site, { by: { way, live } }: Way, { code }: Failure): Promise<void> {
  if (way.kind === 'channel') return;
  const { id } = way.life;
  if (tokenOver.includes(code)) await site.lives.on(id, { kind: 'over' });
  // The promised message was taken away: what follows is a message of its own. No message has this id.
  if (code === unknownMessage && way.kind === 'original' && live === undefined)
    await site.lives.on(id, { kind: 'written', messageId: id });
}

/** Whether what was to be a new message must go another way, since the token leads there no more. */
export function needsAnotherWay({ way, live }: ByWay, outcome: DeliveryOutcomeInput): boolean {
  if (way.kind === 'channel' || live !== undefined || outcome.kind !== 'rejected') return false;
  const code = Number(outcome.code);
  return tokenOver.includes(code) || (way.kind === 'original' && code === unknownMessage);
}
