import { createHmac } from 'node:crypto';
import type { DeliveryAttempt, ReconcileAnswer } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import { sameText } from './signature.ts';

/** Of the metadata that every message of ours carries. */
const eventType = 'readback';
const blockPrefix = 'readback:key:';
/** Slack's clock and ours may differ by so much. */
const skewMs = 60_000;
/** So long after a request is over, Slack's history shows what it took. */
export const settleMs = 5_000;
/** So long a send may take of which nobody knows when it was over. */
const sendMs = 10_000;
/** Slack gives an app that may have only fifteen just those. */
const pageMax = 200;

export interface Metadata {
  readonly event_type: string;
  readonly event_payload: { readonly key: string };
}

/** Makes and knows the keys of our messages again. Whoever reads one learns nothing by it, and can make none. */
export interface Signer {
  /** The same for every attempt of one part in one conversation; another conversation has another one. */
  key(attempt: Pick<DeliveryAttempt, 'key'>, channel: ChannelRef): string;
}

/** With the same secret the same keys, after every restart. */
export function createSigner(secret: string): Signer {
  return {
    key({ key }, { account, conversation, thread = '' }) {
      const place = JSON.stringify([account, conversation, thread, key]);
      return createHmac('sha256', secret).update(place).digest('base64url');
    },
  };
}

/** Pure: what a message carries. Everybody in the workspace can read it. */
export const metadataOf = (key: string): Metadata => ({
  event_type: eventType,
  event_payload: { key },
});

/** Pure: where the key stands when Slack takes no metadata: with a file. */
export const keyBlockId = (key: string): string => blockPrefix + key;

/** A message of `conversations.history` or `conversations.replies`, as far as it is read. */
export interface HistoryMessage {
  readonly ts?: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly text?: string;
  readonly metadata?: { readonly event_type?: unknown; readonly event_payload?: { key?: unknown } };
  readonly blocks?: readonly { readonly block_id?: unknown }[];
}

export interface HistoryPage {
  readonly messages?: readonly HistoryMessage[];
  readonly has_more?: boolean;
  readonly response_metadata?: { readonly next_cursor?: string };
}

/** Who wrote what is looked for. */
export interface Ourselves {
  readonly userId: string;
  readonly botId?: string | undefined;
}

/** One send, by the wall clock. */
export interface SendTime {
  readonly sentAtMs: number;
  /** When it was over without an answer; undefined: nobody saw its end. */
  readonly lostAtMs?: number | undefined;
}

export interface HistoryWish extends SendTime {
  readonly channel: ChannelRef;
  readonly isOpen?: boolean;
}

/** Pure: after that, Slack's history shows everything that it took of a send. */
export const settledAtMs = ({ sentAtMs, lostAtMs }: SendTime): number =>
  (lostAtMs ?? sentAtMs + sendMs) + settleMs;

/**
 * Pure: the call that lists what was said since a send began, until it must be there, newest or oldest first as the
 * method has it. `isOpen`: until now.
 */
export function historyCall(
  { channel, isOpen = false, ...send }: HistoryWish,
  cursor?: string,
): {
  readonly method: 'conversations.history' | 'conversations.replies';
  readonly payload: Readonly<Record<string, unknown>>;
} {
  const { conversation, thread } = channel;
  const payload = {
    channel: conversation,
    oldest: slackTime(Math.max(0, send.sentAtMs - skewMs)),
    ...(isOpen ? {} : { latest: slackTime(settledAtMs(send) + skewMs) }),
    inclusive: true,
    include_all_metadata: true,
    limit: pageMax,
    ...(cursor === undefined ? {} : { cursor }),
  };
  if (thread === undefined) return { method: 'conversations.history', payload };
  return { method: 'conversations.replies', payload: { ...payload, ts: thread } };
}

/** Pure: how long to wait until "it is not there" means that it never will be. 0: now. */
export function settlesInMs(send: SendTime, nowMs: number): number {
  return Math.min(Math.max(0, settledAtMs(send) - nowMs), settleMs);
}

/**
 * Pure: what the pages say that `historyCall` listed, in order; `more`: the next one must be asked for, by its cursor.
 * A message counts when it is ours and carries the key; nobody else's word does. `absent` only after the last page,
 * and when `settled`: a page that was asked for before may have come too early.
 */
export function judgeHistory(
  pages: readonly HistoryPage[],
  sought: { readonly key: string; readonly us: Ourselves; readonly settled: boolean },
): ReconcileAnswer | { readonly kind: 'more'; readonly cursor: string } {
  for (const { messages = [] } of pages) {
    const found = messages.find((message) => isSought(message, sought));
    if (found?.ts !== undefined) return { kind: 'shown', handle: found.ts, evidence: 'observed' };
  }
  const last = pages.at(-1);
  const cursor = last?.response_metadata?.next_cursor;
  if (cursor !== undefined && cursor !== '') return { kind: 'more', cursor };
  if (last?.messages === undefined) return { kind: 'cannot_tell', cause: 'no history was read' };
  if (last.has_more === true)
    return { kind: 'cannot_tell', cause: 'Slack lists only a part of the history' };
  if (!sought.settled) return { kind: 'cannot_tell', cause: 'looked for too early' };
  return { kind: 'absent' };
}

function isSought(
  message: HistoryMessage,
  { key, us }: { readonly key: string; readonly us: Ourselves },
): boolean {
  return isOurs(message, us) && keysOf(message).some((one) => sameText(one, key));
}

/** Pure: whether we wrote it. */
export function isOurs({ user, bot_id }: HistoryMessage, us: Ourselves): boolean {
  return user === us.userId || (us.botId !== undefined && bot_id === us.botId);
}

/** Pure: the keys that a message carries; none: it is no Delivery, or one that streams. */
export function keysOf({ metadata, blocks = [] }: HistoryMessage): string[] {
  const carried = metadata?.event_type === eventType ? metadata.event_payload?.key : undefined;
  const ids = blocks.map(({ block_id: id }) =>
    typeof id === 'string' && id.startsWith(blockPrefix) ? id.slice(blockPrefix.length) : undefined,
  );
  return [carried, ...ids].filter((one): one is string => typeof one === 'string');
}

/** A time as Slack writes it: seconds and microseconds. */
function slackTime(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${seconds}.${String(Math.floor(ms % 1_000)).padStart(3, '0')}000`;
}
