import type { ChannelRef } from '../../contracts/id.ts';
import type { Person } from '../../contracts/inbound.ts';
import {
  type InboundContext,
  type Incoming,
  isAllowed,
  nothing,
  toPerson,
} from './inbound-context.ts';
import type { DiscordDeletion, DiscordMessage } from './inbound-shape.ts';
import { type Place, refOf } from './place.ts';
import { messageFiles, type SaidText, saidText } from './said.ts';
import { snowflakeMs } from './snowflake.ts';

/** What people write; the other types tell who joined, what was pinned and the like. */
const written: readonly (number | undefined)[] = [undefined, 0, 19];

/** Pure: a message that came in. */
export function ofMessage(message: DiscordMessage, context: InboundContext): Incoming {
  const { id, channel_id: channelId, author, nonce } = message;
  if (id === undefined || channelId === undefined) return nothing('a message without a place');
  if (author?.id === context.us.userId)
    return nonce === undefined
      ? nothing('said by ourselves')
      : { kind: 'ours', channelId, messageId: id, nonce: String(nonce) };
  const person = personOf(message, context);
  if (person === undefined) return nothing('said by a bot');
  if (!written.includes(message.type)) return nothing(`a service message (${message.type})`);
  const place = placeOf(message, channelId, context);
  if (place === undefined) return { kind: 'unplaced', channelId };
  const said = saidBy(message, context);
  const why = whyNot({ message, channelId, place, said }, context);
  if (why !== undefined) return nothing(why);
  const files = messageFiles(message);
  if (said.text.trim() === '' && files.length === 0 && !said.addressed)
    return nothing('nothing to read');
  return {
    kind: 'inbound',
    inbound: {
      kind: 'message',
      id,
      channel: channelOf(id, channelId, { place, context }),
      person,
      sentAtMs: snowflakeMs(id),
      text: said.text,
      files,
      private: place.kind === 'direct',
    },
  };
}

/** Pure: a message that was changed. Discord tells of that also when it shows a link, or when one is pinned. */
export function ofEdit(message: DiscordMessage, context: InboundContext): Incoming {
  const { id, channel_id: channelId, edited_timestamp: editedAt } = message;
  if (id === undefined || channelId === undefined) return nothing('a change without a message');
  if (typeof editedAt !== 'string' || message.content === undefined)
    return nothing('the words did not change');
  const person = personOf(message, context);
  if (person === undefined) return nothing('edited by a bot');
  if (!written.includes(message.type)) return nothing('a change of a service message');
  const known = context.taken(id);
  const place = placeOf(message, channelId, context);
  if (place === undefined && known === undefined) return { kind: 'unplaced', channelId };
  const said = saidBy(message, context);
  if (place !== undefined && known === undefined) {
    const why = whyNot({ message, channelId, place, said }, context);
    if (why !== undefined) return nothing(why);
  }
  const channel = known?.channel ?? channelOf(id, channelId, { place: place as Place, context });
  const atMs = Date.parse(editedAt);
  return {
    kind: 'inbound',
    inbound: {
      kind: 'edited',
      id: `${id}:${editedAt}`,
      channel,
      person,
      sentAtMs: Number.isNaN(atMs) ? context.nowMs : atMs,
      messageId: id,
      text: said.text,
    },
  };
}

/** Pure: messages that were deleted: those that were taken. */
export function ofDeletion(
  { id, ids = id === undefined ? [] : [id] }: DiscordDeletion,
  context: InboundContext,
): readonly Incoming[] {
  return ids.map((messageId) => {
    const known = context.taken(messageId);
    if (known === undefined) return nothing('a deletion of something that was not taken');
    const { channel, person } = known;
    const operator = context.config.operators.includes(person.id);
    return {
      kind: 'inbound',
      inbound: {
        kind: 'deleted',
        id: `${messageId}:deleted`,
        channel,
        person: { ...person, operator },
        sentAtMs: context.nowMs,
        messageId,
      },
    };
  });
}

/** Messages of people alone: a webhook speaks in any name. */
function personOf(
  { author, member, webhook_id: webhook }: DiscordMessage,
  context: InboundContext,
): Person | undefined {
  if (author === undefined || webhook !== undefined) return undefined;
  if (author.bot === true || author.system === true) return undefined;
  return toPerson(author, member?.nick, context);
}

/** Without a server it is a conversation of one person with the bot. */
function placeOf(
  { guild_id: guildId }: DiscordMessage,
  channelId: string,
  context: InboundContext,
): Place | undefined {
  return guildId === undefined ? { kind: 'direct' } : context.placeOf(channelId);
}

/** A reply to the bot is addressed to it, also when it does not ring. */
function saidBy(message: DiscordMessage, { us, nameOf }: InboundContext): SaidText {
  const said = saidText(message, us, nameOf);
  const replied = message.referenced_message?.author?.id;
  const toOther = replied !== undefined && replied !== us.userId && replied !== message.author?.id;
  return {
    ...said,
    addressed: said.addressed || replied === us.userId,
    toOther: said.toOther || toOther,
  };
}

interface Said {
  readonly message: DiscordMessage;
  readonly channelId: string;
  readonly place: Place;
  readonly said: SaidText;
}

/** Why it is not taken; undefined when it is. */
function whyNot(
  { message, channelId, place, said }: Said,
  context: InboundContext,
): string | undefined {
  const where = { channelId, place, guildId: message.guild_id };
  if (!isAllowed(message.author?.id ?? '', where, context)) return 'said by who is not allowed';
  if (place.kind === 'direct') return undefined;
  const { channels } = context.config;
  if (channels === 'off') return 'said in a channel';
  if (channels === 'all' || said.addressed) return undefined;
  const takesPart =
    place.kind === 'thread' && (place.ours === true || context.takesPart(channelId));
  if (!takesPart) return 'not addressed to the bot';
  return said.toOther ? 'addressed to somebody else' : undefined;
}

/** Where a message belongs, and its answer goes: the thread that it stands in, or by `sessions` one that is made of it. */
function channelOf(
  id: string,
  channelId: string,
  { place, context }: { readonly place: Place; readonly context: InboundContext },
): ChannelRef {
  const channel = refOf(channelId, place, context.account);
  const begins = context.config.sessions === 'thread' && place.threads === true;
  return begins ? { ...channel, thread: id } : channel;
}
