import type { ChannelRef } from '../../contracts/id.ts';
import type { ApiCall } from './api.ts';
import { type Failure, readFailure } from './failure.ts';
import { isDirectId } from './inbound-context.ts';
import { isTransient } from './lookup.ts';
import { isListed } from './outcome-row.ts';
import type { Site } from './site.ts';

const joinMs = 4_000;

/** Nothing was sent, for a reason that passes. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/**
 * The call; where the bot is not in the channel it joins, once in its life, and the call is made again. Who was put
 * out after that stays out. Rejects with what the call, or the one after, failed with.
 */
export async function callJoined(
  site: Site,
  call: ApiCall,
  { conversation }: ChannelRef,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await site.api.call(call, { signal });
  } catch (error) {
    const mayJoin = site.config.join && !isDirectId(conversation);
    if (readFailure(error).error !== 'not_in_channel' || !mayJoin) throw error;
    if (site.joined.has(conversation)) throw error;
    const joined = await join(site, conversation, signal);
    if (joined === 'refused') throw error;
    if (joined === 'later') throw new NotSent('the bot could not join the channel now');
  }
  return await site.api.call(call, { signal });
}

async function join(
  site: Site,
  channel: string,
  signal: AbortSignal,
): Promise<'joined' | 'refused' | 'later'> {
  const { api, host, joined } = site;
  joined.add(channel);
  try {
    await api.call(
      { method: 'conversations.join', payload: { channel } },
      { signal, limitMs: joinMs },
    );
    return 'joined';
  } catch (error) {
    const failure = readFailure(error);
    const isLater = passes(failure);
    if (isLater) joined.delete(channel);
    host.log('info', 'a channel was not joined', { channel, cause: failure.words });
    return isLater ? 'later' : 'refused';
  }
}

/** It is tried another time. What Slack's reference does not name is none of it: the message waits no day for that. */
const passes = (failure: Failure): boolean =>
  isTransient(failure) && (failure.error === undefined || isListed(failure.error));
