import type { ChannelRef } from '../../contracts/id.ts';
import type { DiscordChannel } from './inbound-shape.ts';

/** What is known of a channel of Discord's: where it stands and what it can hold. */
export interface Place {
  readonly kind: 'channel' | 'thread' | 'direct';
  /** Of a thread or a forum post: the channel it belongs to. */
  readonly parentId?: string;
  readonly guildId?: string;
  /** Threads can be made of its messages. */
  readonly threads?: boolean;
  /** A thread that the bot made. */
  readonly ours?: boolean;
}

const directTypes: readonly (number | undefined)[] = [1, 3];
const threadTypes: readonly (number | undefined)[] = [10, 11, 12];
const textTypes: readonly (number | undefined)[] = [0, 5];

export const isThreadType = (type: number | undefined): boolean => threadTypes.includes(type);

/** Pure: of a channel as Discord describes it. */
export function placeFrom(
  { type, parent_id: parentId, owner_id: ownerId, guild_id: guildId }: DiscordChannel,
  us: { readonly userId: string },
): Place {
  const guild = guildId === undefined ? {} : { guildId };
  if (directTypes.includes(type)) return { kind: 'direct' };
  if (threadTypes.includes(type) && typeof parentId === 'string')
    return { kind: 'thread', parentId, ...guild, ...(ownerId === us.userId ? { ours: true } : {}) };
  return { kind: 'channel', ...guild, ...(textTypes.includes(type) ? { threads: true } : {}) };
}

/** Pure: the conversation that a channel of Discord's is; of a thread its parent names it. */
export function refOf(channelId: string, { kind, parentId }: Place, account: string): ChannelRef {
  const base = { adapter: 'discord', account };
  if (kind !== 'thread' || parentId === undefined) return { ...base, conversation: channelId };
  return { ...base, conversation: parentId, thread: channelId };
}

/** Pure: the channel of Discord's that a conversation is. A thread that is made of a message has the message's id. */
export function channelIdOf({ conversation, thread }: ChannelRef): string {
  return thread ?? conversation;
}
