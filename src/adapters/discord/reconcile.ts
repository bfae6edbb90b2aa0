import type { ReconcileAnswer, ReconcileQuestion } from '../../contracts/adapter.ts';
import type { Handle } from '../../contracts/delivery.ts';
import { partKey } from './direct.ts';
import { readHandle, writeHandle } from './handle.ts';
import type { HistoryMessage } from './history.ts';
import { readOriginalCall } from './interaction-call.ts';
import { isAlive, isOfOne, type Life } from './life.ts';
import { type Found, findOne } from './lookup.ts';
import { findInChannel, isLater, type Lost } from './lost.ts';
import { nonceValidUntilMs } from './nonce.ts';
import { contentOf } from './outbound.ts';
import { channelIdOf } from './place.ts';
import type { Site } from './site.ts';

/** Of a message that is promised and not written. */
const loading = 128;
/** As long as a token holds. */
const tokenMs = 15 * 60_000;
const partsMax = 100;
/** When so many looks wait, one that is not needed is left. */
const busyMin = 5;

/** Whether a part whose answer was lost is there, or was seen. Never rejects. */
export async function reconcile(site: Site, question: ReconcileQuestion): Promise<ReconcileAnswer> {
  const { handle, channel, key } = question;
  if (handle !== undefined) return await ofUnseen(site, question, handle);
  const name = { channel, key };
  const send = site.sent.sendOf(name);
  const lost = send === undefined ? guess(site, question) : { ...send, isPartial: false };
  const found = await findLost(site, question, lost);
  if (found.kind === 'shown') site.sent.shown(name, readHandle(found.handle)?.messageId ?? '');
  else if (!isLater(site.host, found, lost)) site.sent.settle(name);
  return answerOf(found, lost);
}

/** A message through a token has no nonce: sent again it is there twice. */
function answerOf(found: Found, { way, sentAtMs }: Lost): ReconcileAnswer {
  if (found.kind === 'absent') return { kind: 'absent' };
  if (found.kind === 'shown') return found;
  const keyValidUntilMs = way === 'channel' ? nonceValidUntilMs(sentAtMs) : sentAtMs;
  return { kind: 'cannot_tell', cause: found.cause, keyValidUntilMs };
}

function guess({ noncer, config }: Site, question: ReconcileQuestion): Lost {
  const { channel, key, content, sentAtMs } = question;
  const isFile = content.text.trim() === '';
  const { text } = contentOf({ content, repairs: [] }, { config });
  return {
    nonce: noncer.nonce({ key, repairs: [] }, channel),
    sentAtMs,
    way: 'channel',
    channelId: channelIdOf(channel),
    isElsewhere: false,
    text: isFile ? '' : text,
    fileNames: [],
    hasButtons: false,
    isPartial: true,
  };
}

async function findLost(site: Site, question: ReconcileQuestion, lost: Lost): Promise<Found> {
  const { signal } = question;
  if (lost.way !== 'channel') return await byToken(site, lost, signal);
  const lives = lost.isPartial ? site.lives.find(lost.channelId) : [];
  const written = await amongLives(site, { lives, lost }, signal);
  if (written !== undefined) return written;
  const nowMs = site.host.runtime.wallMs();
  const isMixed = lives.some((life) => isOfOne(life) && nowMs < life.cameMs + 2 * tokenMs);
  if (!isMixed && nowMs < nonceValidUntilMs(lost.sentAtMs))
    return await inWindow(site, question, lost);
  const found = await findInChannel(site, question, lost);
  if (!isMixed || found.kind !== 'absent') return found;
  return { kind: 'cannot_tell', cause: 'it may be shown to one person alone' };
}

/**
 * The same send again makes no second message, so that one look is enough: for what is not sent again, since its Task
 * went on, and must not stay as it is. What is held when nobody knows is not held while a repetition is safe.
 */
async function inWindow(site: Site, question: ReconcileQuestion, lost: Lost): Promise<Found> {
  const { config, sent } = site;
  const found =
    sent.looks.waiting < busyMin ? await findInChannel(site, question, lost, true) : undefined;
  if (found?.kind === 'shown') return found;
  if (config.unknownPolicy === 'hold') return { kind: 'absent', transient: true };
  const cause = 'it is sent again by the same nonce';
  return { kind: 'cannot_tell', cause, transient: true };
}

/** The promised message says itself whether it was written. One more by the token is found only where all see it. */
async function byToken(site: Site, lost: Lost, signal: AbortSignal): Promise<Found> {
  const life = site.lives.get(lost.interactionId ?? '');
  if (life === undefined) return { kind: 'cannot_tell', cause: 'the interaction is not known' };
  if (lost.way === 'followup')
    return { kind: 'cannot_tell', cause: 'what one person sees cannot be listed' };
  const found = await findOne(site, readOriginalCall(life), signal);
  if (found.kind === 'unread') return { kind: 'cannot_tell', cause: found.cause };
  if (found.kind === 'none' || !isWritten(found.message)) return { kind: 'absent' };
  return await writtenIn(site, life, found.message);
}

/** After a restart: whether one of the promised messages there is this one. */
async function amongLives(
  site: Site,
  { lives, lost }: { readonly lives: readonly Life[]; readonly lost: Lost },
  signal: AbortSignal,
): Promise<Found | undefined> {
  const nowMs = site.host.runtime.wallMs();
  for (const life of lives) {
    if (life.state !== 'deferred' || !isAlive(life, nowMs)) continue;
    const found = await findOne(site, readOriginalCall(life), signal);
    if (found.kind === 'message' && isWritten(found.message) && says(found.message, lost))
      return await writtenIn(site, life, found.message);
  }
  return undefined;
}

async function writtenIn(site: Site, life: Life, { id = '' }: HistoryMessage): Promise<Found> {
  if (id === '') return { kind: 'cannot_tell', cause: 'an answer without an id' };
  await site.lives.on(life.id, { kind: 'written', messageId: id });
  const hidden = isOfOne(life) ? { interactionId: life.id } : {};
  const handle = writeHandle({ messageId: id, ...hidden });
  return { kind: 'shown', handle, evidence: 'observed' };
}

const isWritten = ({ flags = 0 }: { readonly flags?: number }): boolean => (flags & loading) === 0;

function says({ content = '', embeds = [] }: HistoryMessage, { text }: Lost): boolean {
  const said = [content, ...embeds.map(({ description = '' }) => description)].join('');
  return said.replace(/\s+/g, '') === text.replace(/\s+/g, '');
}

/** Shown to one person, who did not say that they saw it: it goes on as a direct message, by the next send. */
async function ofUnseen(
  site: Site,
  { channel, key, signal }: ReconcileQuestion,
  handle: Handle,
): Promise<ReconcileAnswer> {
  const { lives, sent } = site;
  const id = readHandle(handle)?.interactionId;
  const life = id === undefined ? undefined : lives.get(id);
  // Nobody knows any more whom it was for; it was shown to them, and must not be said before all.
  if (life === undefined) return { kind: 'shown', handle, evidence: 'accepted' };
  const name = { channel, key };
  sent.unseen(name, life);
  await lives.on(life.id, { kind: 'unseen', key });
  await lookForTold(site, { channel, key, signal });
  return { kind: 'absent' };
}

/** The parts of it that may stand in the direct messages, when their nonces hold no more. */
async function lookForTold(
  site: Site,
  { channel, key, signal }: Pick<ReconcileQuestion, 'channel' | 'key' | 'signal'>,
): Promise<void> {
  const { sent, host } = site;
  const name = { channel, key };
  for (let at = sent.toldOf(name); at < partsMax; at += 1) {
    const part = { channel, key: partKey(key, at + 1) };
    const send = sent.sendOf(part);
    if (send === undefined || host.runtime.wallMs() < nonceValidUntilMs(send.sentAtMs)) return;
    const found = await findInChannel(site, { ...part, signal }, { ...send, isPartial: false });
    if (found.transient === true) return;
    sent.settle(part);
    if (found.kind === 'shown') sent.told(name, at + 1);
  }
}
