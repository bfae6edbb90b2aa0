import type { Handle } from '../../contracts/delivery.ts';
import { isSnowflake } from './snowflake.ts';

/**
 * The identity of a message of ours: `<message>` in the channel of its conversation; `<interaction>@<message>` for one
 * that was shown through an interaction and is reached by its token alone (only one person sees it, or the bot is not
 * in that channel); `<channel>/<message>` for one that went to the direct messages instead.
 */
export interface MessageHandle {
  readonly messageId: string;
  readonly interactionId?: string;
  /** Where it stands, when that is not the channel of its conversation. */
  readonly channelId?: string;
}

/** Pure. */
export function writeHandle({ messageId, interactionId, channelId }: MessageHandle): Handle {
  if (channelId !== undefined) return `${channelId}/${messageId}`;
  return interactionId === undefined ? messageId : `${interactionId}@${messageId}`;
}

/** Pure: undefined for what is no handle of ours. */
export function readHandle(handle: Handle): MessageHandle | undefined {
  const [channelId = '', messageId, ...more] = handle.split('/');
  if (messageId !== undefined) {
    const isOurs = more.length === 0 && isSnowflake(channelId) && isSnowflake(messageId);
    return isOurs ? { messageId, channelId } : undefined;
  }
  const [first = '', second, ...others] = handle.split('@');
  if (others.length > 0 || !isSnowflake(first)) return undefined;
  if (second === undefined) return { messageId: first };
  return isSnowflake(second) ? { messageId: second, interactionId: first } : undefined;
}
