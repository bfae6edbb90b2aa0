import { type InboundContext, type Incoming, nothing } from './inbound-context.ts';
import { ofInteraction } from './inbound-interaction.ts';
import { ofDeletion, ofEdit, ofMessage } from './inbound-message.ts';
import type {
  DiscordChannel,
  DiscordDeletion,
  DiscordDispatch,
  DiscordGuild,
  DiscordInteraction,
  DiscordMessage,
} from './inbound-shape.ts';
import { placeFrom } from './place.ts';

export type { InboundContext, Incoming, Interaction } from './inbound-context.ts';

/** Pure: what one dispatch of the gateway means; several things when several messages were deleted. May throw for what has not Discord's shape. */
export function toIncoming(
  { t: name, d: data }: DiscordDispatch,
  context: InboundContext,
): readonly Incoming[] {
  if (typeof data !== 'object' || data === null) return [nothing('a dispatch without data')];
  switch (name) {
    case 'MESSAGE_CREATE':
      return [ofMessage(data as DiscordMessage, context)];
    case 'MESSAGE_UPDATE':
      return [ofEdit(data as DiscordMessage, context)];
    case 'MESSAGE_DELETE':
    case 'MESSAGE_DELETE_BULK':
      return ofDeletion(data as DiscordDeletion, context);
    case 'INTERACTION_CREATE':
      return [ofInteraction(data as DiscordInteraction, context)];
    case 'CHANNEL_CREATE':
    case 'CHANNEL_UPDATE':
    case 'THREAD_CREATE':
    case 'THREAD_UPDATE':
      return [ofChannel(data as DiscordChannel, context)];
    case 'CHANNEL_DELETE':
    case 'THREAD_DELETE':
      return [ofChannelEnd(data as DiscordChannel)];
    case 'GUILD_DELETE':
      return [ofGuildEnd(data as DiscordGuild)];
    default:
      return [nothing('a dispatch of another kind')];
  }
}

function ofChannel(channel: DiscordChannel, { us }: InboundContext): Incoming {
  if (channel.id === undefined) return nothing('a channel without an id');
  return { kind: 'place', channelId: channel.id, place: placeFrom(channel, us) };
}

function ofChannelEnd({ id }: DiscordChannel): Incoming {
  return id === undefined ? nothing('a channel without an id') : { kind: 'gone', channelId: id };
}

/** An outage takes a server away for a while; that says nothing of its channels. */
function ofGuildEnd({ id, unavailable }: DiscordGuild): Incoming {
  if (id === undefined || unavailable === true)
    return nothing('a server that is out of reach', 'info');
  return { kind: 'left', guildId: id };
}
