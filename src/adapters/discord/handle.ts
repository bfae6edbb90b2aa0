import type { Handle } from '../../contracts/delivery.ts';
import { isSnowflake } from './snowflake.ts';

/**
 * The identity of a message of ours: `<message>` in the channel of its conversation; `<interaction>@<message>` for one
 * that was shown through an interaction and is reached by its token alone (only one person sees it, or the bot is not
 * in that channel).
 */
export interface MessageHandle {
  readonly messageId: string;
  readonly interactionId?: string;
}

/** Pure. */
export function writeHandle({ messageId, interactionId }: MessageHandle): Handle {
  return interactionId === undefined ? messageId : `${interactionId}@${messageId}`;
}

/** Pure: undefined for what is no handle of ours. */
export function readHandle(handle: Handle): MessageHandle | undefined {
  const [first = '', second, ...others] = handle.split('@');
  if (others.length > 0 || !isSnowflake(first)) return undefined;
  if (second === undefined) return { messageId: first };
  return isSnowflake(second) ? { messageId: second, interactionId: first } : undefined;
}
