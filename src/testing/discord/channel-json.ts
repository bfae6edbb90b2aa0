import { isoTime } from './json-value.ts';
import { rightsIn } from './right.ts';
import type {
  ChannelRecord,
  GuildRecord,
  Json,
  Overwrite,
  PersonRecord,
  RoleRecord,
  World,
} from './state.ts';

const types = { text: 0, dm: 1, announcement: 5, forum: 15 } as const;

export function channelType({ kind, parent, isPrivate }: ChannelRecord): number {
  if (kind !== 'thread') return types[kind];
  if (isPrivate) return 12;
  return parent?.kind === 'announcement' ? 10 : 11;
}

export function channelJson(world: World, channel: ChannelRecord): Json {
  const { id, kind, guild, person, parent } = channel;
  const last = [...channel.messages.keys()].at(-1) ?? null;
  const common = { id, type: channelType(channel), flags: 0, last_message_id: last };
  if (person !== undefined) return { ...common, recipients: [userJson(person)] };
  const placed = {
    ...common,
    guild_id: guild?.id,
    name: channel.name,
    rate_limit_per_user: channel.slowSeconds,
    parent_id: parent?.id ?? null,
  };
  if (kind === 'thread') return { ...placed, ...threadFields(world, channel) };
  return {
    ...placed,
    flags: channel.needsTag ? 16 : 0,
    topic: channel.topic,
    position: 0,
    nsfw: false,
    permission_overwrites: [...channel.overwrites].map(([of, one]) =>
      overwriteJson(world, of, one),
    ),
    ...(kind === 'forum' ? forumFields(channel) : {}),
  };
}

function overwriteJson(world: World, of: string, { kind, allow, deny }: Overwrite): Json {
  const id = of === 'bot' ? world.botId : of;
  const type = kind === 'role' ? 0 : 1;
  return { id, type, allow: allow.toString(), deny: deny.toString() };
}

function forumFields(forum: ChannelRecord): Json {
  return {
    available_tags: forum.tags.map((tag) => ({
      ...tag,
      moderated: false,
      emoji_id: null,
      emoji_name: null,
    })),
    default_reaction_emoji: null,
    default_sort_order: null,
    default_forum_layout: 0,
  };
}

function threadFields(world: World, thread: ChannelRecord): Json {
  return {
    owner_id: thread.ownerId,
    applied_tags: thread.appliedTags,
    message_count: thread.messages.size,
    total_message_sent: thread.sent,
    member_count: Math.min(thread.followers.size, 50),
    thread_metadata: {
      archived: thread.isArchived,
      auto_archive_duration: thread.archiveMinutes,
      archive_timestamp: isoTime(thread.archiveChangedMs),
      create_timestamp: isoTime(thread.createdMs),
      locked: thread.isLocked,
      ...(thread.isPrivate ? { invitable: true } : {}),
    },
    ...(thread.followers.has('bot') ? { member: threadMemberJson(world, thread, 'bot') } : {}),
  };
}

export function threadMemberJson(world: World, thread: ChannelRecord, of: string): Json {
  return {
    id: thread.id,
    user_id: of === 'bot' ? world.botId : of,
    join_timestamp: isoTime(thread.createdMs),
    flags: 0,
  };
}

export function userJson({ id, name }: Pick<PersonRecord, 'id' | 'name'>): Json {
  return {
    id,
    username: handleOf(name),
    global_name: name,
    discriminator: '0',
    avatar: null,
    avatar_decoration_data: null,
    banner: null,
    accent_color: null,
    public_flags: 0,
  };
}

export function botJson(world: World): Json {
  const { botId: id, options } = world;
  const user = userJson({ id, name: options.botName });
  return { ...user, username: options.botName, global_name: null, bot: true };
}

function handleOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9_.]+/g, '_');
}

/** A member without its user, as messages carry it. */
export function memberJson(guild: GuildRecord, person: PersonRecord | undefined): Json {
  const roles = person === undefined ? [guild.botRole] : [...person.roles];
  return {
    nick: null,
    avatar: null,
    banner: null,
    roles: roles.filter((role) => role.guild === guild).map(({ id }) => id),
    joined_at: isoTime(guild.createdMs),
    premium_since: null,
    deaf: false,
    mute: false,
    flags: 0,
    pending: false,
    communication_disabled_until: null,
  };
}

export function fullMemberJson(world: World, guild: GuildRecord, who: PersonRecord | 'bot'): Json {
  const person = who === 'bot' ? undefined : who;
  const user = person === undefined ? botJson(world) : userJson(person);
  return { ...memberJson(guild, person), user };
}

/** A member as interactions carry it: with its rights in the channel. */
export function actingMemberJson(world: World, channel: ChannelRecord, who: PersonRecord): Json {
  const { guild } = channel;
  if (guild === undefined) return {};
  const permissions = rightsIn(channel, who).toString();
  return { ...fullMemberJson(world, guild, who), permissions };
}

export function roleJson(world: World, role: RoleRecord): Json {
  return {
    id: role.id,
    name: role.name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position: role === role.guild.everyone ? 0 : 1,
    permissions: role.bits.toString(),
    managed: role.isManaged,
    mentionable: role.isMentionable,
    flags: 0,
    ...(role.isManaged ? { tags: { bot_id: world.botId } } : {}),
  };
}

export function guildJson(world: World, guild: GuildRecord): Json {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: [...guild.members][0]?.id ?? world.botId,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    roles: [...guild.roles.values()].map((role) => roleJson(world, role)),
    emojis: [],
    stickers: [],
    features: ['COMMUNITY'],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: 0,
    preferred_locale: 'en-US',
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    nsfw_level: 0,
    premium_progress_bar_enabled: false,
    incidents_data: null,
  };
}

/** What GUILD_CREATE brings: all that the bot may see. */
export function guildCreateJson(world: World, guild: GuildRecord): Json {
  const seen = [...guild.channels.values()].filter((channel) => !channel.isDeleted);
  const ofKind = (isThread: boolean): ChannelRecord[] =>
    seen.filter(({ kind }) => (kind === 'thread') === isThread);
  return {
    ...guildJson(world, guild),
    joined_at: isoTime(guild.createdMs),
    large: false,
    unavailable: false,
    member_count: guild.members.size + 1,
    voice_states: [],
    members: [fullMemberJson(world, guild, 'bot')],
    channels: ofKind(false).map((channel) => channelJson(world, channel)),
    threads: ofKind(true)
      .filter((thread) => !thread.isArchived)
      .map((thread) => channelJson(world, thread)),
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}
