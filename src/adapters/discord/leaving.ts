import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Delivery } from '../../contracts/delivery.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import { type MessageHandle, readHandle } from './handle.ts';
import { firstAnswerInMs, isOfOne, type Life, type Way, wayOf } from './life.ts';
import { channelIdOf } from './place.ts';
import type { Site } from './site.ts';

/** One part on its way. */
export interface Sending {
  readonly delivery: Delivery;
  readonly attempt: DeliveryAttempt;
}

/** How a part leaves. */
export type Leaving =
  | ByWay
  /** To the one person who may see it, in words of its own; `isWhole`: all of it, since nobody said that it was seen. */
  | { readonly kind: 'direct'; readonly personId: string; readonly isWhole: boolean }
  /** The interaction is about to be answered. */
  | { readonly kind: 'soon' }
  | { readonly kind: 'none' };

export interface ByWay {
  readonly kind: 'way';
  readonly way: Exclude<Way, { kind: 'none' }>;
  /** Where it stands. */
  readonly channel: ChannelRef;
  /** That is not its conversation. */
  readonly isElsewhere: boolean;
  /** The message to edit. */
  readonly live?: MessageHandle | undefined;
  /** The interaction that it answers. */
  readonly life?: Life | undefined;
}

/** What one person alone sees, or what the bot reaches by the token alone, never leaves as a message for all. */
export function leavingOf(site: Site, { delivery, attempt }: Sending): Leaving {
  const { lives, sent } = site;
  const { channel, answers } = delivery;
  const live = attempt.live === undefined ? undefined : readHandle(attempt.live);
  if (attempt.live !== undefined && live === undefined) return { kind: 'none' };
  if (live?.channelId !== undefined) return directEdit(channel, live, live.channelId);
  const id = live?.interactionId ?? answers;
  const life = id === undefined ? undefined : lives.get(id);
  const isUnseen = life?.unseen?.includes(attempt.key) === true;
  const unseen = sent.unseenOf({ channel, key: attempt.key }) ?? (isUnseen ? life : undefined);
  if (unseen !== undefined) return { kind: 'direct', personId: unseen.personId, isWhole: true };
  return byLife(site, { channel, live, life });
}

function directEdit(
  { account, adapter }: ChannelRef,
  live: MessageHandle,
  conversation: string,
): ByWay {
  const channel = { adapter, account, conversation };
  return { kind: 'way', way: { kind: 'channel' }, channel, isElsewhere: true, live };
}

function byLife(
  { host }: Site,
  { channel, live, life }: Pick<ByWay, 'channel' | 'live' | 'life'>,
): Leaving {
  const nowMs = host.runtime.wallMs();
  if (life !== undefined && firstAnswerInMs(life, nowMs) > 0) return { kind: 'soon' };
  const way = wayOf(life, live, nowMs);
  const isByToken = way.kind === 'original' || way.kind === 'followup';
  if (life !== undefined && isOfOne(life) && live === undefined && !isByToken)
    return { kind: 'direct', personId: life.personId, isWhole: false };
  if (way.kind === 'none') return { kind: 'none' };
  return { kind: 'way', way, channel, isElsewhere: false, live, life };
}

export const channelIdIn = ({ channel }: Pick<ByWay, 'channel'>): string => channelIdOf(channel);
