import {
  botJson,
  channelJson,
  channelType,
  fullMemberJson,
  guildCreateJson,
  threadMemberJson,
  userJson,
} from './channel-json.ts';
import { emojiJson, messageJson, placedJson } from './message-json.ts';
import { may, sees } from './right.ts';
import type {
  ChannelRecord,
  GuildRecord,
  Json,
  MessageRecord,
  PersonRecord,
  World,
} from './state.ts';

/** Bits of the intents by which events come. */
export const intents = {
  guilds: 1 << 0,
  members: 1 << 1,
  presences: 1 << 8,
  guildMessages: 1 << 9,
  guildReactions: 1 << 10,
  guildTyping: 1 << 11,
  directMessages: 1 << 12,
  directReactions: 1 << 13,
  directTyping: 1 << 14,
  content: 1 << 15,
} as const;

/** Tells the app of something in a channel, if it is there to see it. */
function tellIn(
  world: World,
  channel: ChannelRecord,
  what: { readonly type: string; readonly data: (mayRead: boolean) => Json },
  [inGuild, inDm]: readonly [guild: number, dm: number],
): void {
  const hasSeen = channel.isDeleted && may(channel, 'bot', 'ViewChannel');
  if (!sees(channel, 'bot') && !hasSeen) return;
  const { guild } = channel;
  world.dispatch({ ...what, guild, intent: guild === undefined ? inDm : inGuild });
}

const messageIntents = [intents.guildMessages, intents.directMessages] as const;

export function tellMessage(
  world: World,
  type: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE',
  message: MessageRecord,
  extra: Json = {},
): void {
  const place = placedJson(message, channelType(message.home));
  const data = (mayRead: boolean): Json => ({
    ...messageJson(world, message, { mayRead }),
    ...place,
    ...extra,
  });
  tellIn(world, message.home, { type, data }, messageIntents);
}

export function tellDeleted(world: World, { id, home }: MessageRecord): void {
  const data = (): Json => ({ id, channel_id: home.id, ...guildOf(home) });
  tellIn(world, home, { type: 'MESSAGE_DELETE', data }, messageIntents);
}

export function tellReaction(
  world: World,
  message: MessageRecord,
  change: { readonly isAdded: boolean; readonly emoji: string; readonly person?: PersonRecord },
): void {
  const { home, id } = message;
  const { guild } = home;
  const type = change.isAdded ? 'MESSAGE_REACTION_ADD' : 'MESSAGE_REACTION_REMOVE';
  const isMembers = change.isAdded && guild !== undefined;
  const data = (): Json => ({
    user_id: change.person?.id ?? world.botId,
    channel_id: home.id,
    message_id: id,
    ...guildOf(home),
    ...(isMembers ? { member: fullMemberJson(world, guild, change.person ?? 'bot') } : {}),
    emoji: emojiJson(change.emoji),
    message_author_id: message.from.id,
    burst: false,
    type: 0,
  });
  tellIn(world, home, { type, data }, [intents.guildReactions, intents.directReactions]);
}

export function tellTyping(world: World, channel: ChannelRecord, person: PersonRecord): void {
  const { guild } = channel;
  const data = (): Json => ({
    channel_id: channel.id,
    user_id: person.id,
    timestamp: Math.floor(world.nowMs() / 1_000),
    ...guildOf(channel),
    ...(guild === undefined ? {} : { member: fullMemberJson(world, guild, person) }),
  });
  const happened = { type: 'TYPING_START', data };
  tellIn(world, channel, happened, [intents.guildTyping, intents.directTyping]);
}

function guildOf({ guild }: ChannelRecord): Json {
  return guild === undefined ? {} : { guild_id: guild.id };
}

/** A channel or thread came, changed or went. */
export function tellChannel(
  world: World,
  channel: ChannelRecord,
  change: 'CREATE' | 'UPDATE' | 'DELETE',
): void {
  const isThread = channel.kind === 'thread';
  const isNew = isThread && change === 'CREATE' ? { newly_created: true } : {};
  const data = (): Json => {
    if (!isThread || change !== 'DELETE') return { ...channelJson(world, channel), ...isNew };
    const { id, guild, parent } = channel;
    return { id, guild_id: guild?.id, parent_id: parent?.id, type: channelType(channel) };
  };
  const type = `${isThread ? 'THREAD' : 'CHANNEL'}_${change}`;
  tellIn(world, channel, { type, data }, [intents.guilds, intents.guilds]);
}

/** The bot came into a thread. */
export function tellThreadMember(world: World, thread: ChannelRecord): void {
  const data = (): Json => ({
    ...threadMemberJson(world, thread, 'bot'),
    guild_id: thread.guild?.id,
  });
  const happened = { type: 'THREAD_MEMBER_UPDATE', data };
  tellIn(world, thread, happened, [intents.guilds, intents.guilds]);
}

/** The bot came into a guild, or the guild came back. */
export function tellGuildCreate(world: World, guild: GuildRecord): void {
  const data = (): Json => guildCreateJson(world, guild);
  world.dispatch({ type: 'GUILD_CREATE', data, guild, intent: intents.guilds });
}

/** The bot was put out of a guild, or the guild is away. */
export function tellGuildDelete(world: World, guild: GuildRecord, isOut: boolean): void {
  const data = (): Json => ({ id: guild.id, ...(isOut ? { unavailable: true } : {}) });
  world.dispatch({ type: 'GUILD_DELETE', data, guild, intent: intents.guilds });
}

export function tellMember(
  world: World,
  guild: GuildRecord,
  person: PersonRecord,
  change: 'ADD' | 'REMOVE',
): void {
  if (!guild.hasBot) return;
  const data = (): Json =>
    change === 'ADD'
      ? { ...fullMemberJson(world, guild, person), guild_id: guild.id }
      : { guild_id: guild.id, user: userJson(person) };
  const type = `GUILD_MEMBER_${change}`;
  world.dispatch({ type, data, guild, intent: intents.members });
}

/** The bot's own rights changed. */
export function tellBotMember(world: World, guild: GuildRecord): void {
  if (!guild.hasBot) return;
  const data = (): Json => ({
    ...fullMemberJson(world, guild, 'bot'),
    user: botJson(world),
    guild_id: guild.id,
  });
  world.dispatch({ type: 'GUILD_MEMBER_UPDATE', data, guild, intent: undefined });
}
