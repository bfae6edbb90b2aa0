import { botJson, channelJson, memberJson, userJson } from './channel-json.ts';
import type { StoredFile } from './file-shelf.ts';
import { isoTime } from './json-value.ts';
import type { ChannelRecord, InteractionRecord, Json, MessageRecord, World } from './state.ts';

/** A message as REST and events carry it. What people wrote is empty without the content intent, but for the exceptions. */
export function messageJson(
  world: World,
  message: MessageRecord,
  { mayRead, depth = 0 }: { readonly mayRead: boolean; readonly depth?: number },
): Json {
  const isOpen = mayRead || isExempt(world, message);
  const { home, flags, interaction } = message;
  return {
    id: message.id,
    channel_id: home.id,
    type: message.type,
    author: authorJson(world, message),
    content: isOpen ? message.text : '',
    timestamp: isoTime(message.sentAtMs),
    edited_timestamp: message.editedAtMs === undefined ? null : isoTime(message.editedAtMs),
    tts: false,
    mention_everyone: message.mentions.some((one) => one === 'everyone' || one === 'here'),
    mentions: mentionedUsers(world, message),
    mention_roles: message.mentions.filter((id) => home.guild?.roles.has(id)),
    attachments: isOpen ? message.stored.map(fileJson) : [],
    embeds: isOpen ? message.embeds.map((embed) => ({ type: 'rich', ...embed })) : [],
    components: isOpen ? message.components : [],
    pinned: false,
    flags,
    ...reactionsOf(world, message),
    ...(interaction === undefined ? {} : interactionFields(interaction)),
    ...(interaction === undefined ? {} : { application_id: world.botId, webhook_id: world.botId }),
    ...referenceOf(world, message, { mayRead, depth }),
    ...threadOf(world, message),
  };
}

/** The bot reads its own words, direct messages, and what mentions it. */
function isExempt(world: World, { author, home, mentions }: MessageRecord): boolean {
  return author === undefined || home.person !== undefined || mentions.includes(world.botId);
}

function authorJson(world: World, message: MessageRecord): Json {
  return message.author === undefined ? botJson(world) : userJson(message.author);
}

function mentionedUsers(world: World, { home, mentions }: MessageRecord): Json[] {
  return mentions.flatMap((id) => {
    const person = world.people.get(id);
    const user = id === world.botId ? botJson(world) : person && userJson(person);
    if (user === undefined) return [];
    const { guild } = home;
    if (guild === undefined) return [user];
    return [{ ...user, member: memberJson(guild, person) }];
  });
}

function reactionsOf(world: World, { reactions }: MessageRecord): Json {
  if (reactions.size === 0) return {};
  const all = [...reactions].map(([emoji, ids]) => ({
    count: ids.length,
    count_details: { burst: 0, normal: ids.length },
    me: ids.includes(world.botId),
    me_burst: false,
    burst_colors: [],
    emoji: emojiJson(emoji),
  }));
  return { reactions: all };
}

export function emojiJson(emoji: string): Json {
  const [name = '', id] = emoji.split(':');
  return { id: id ?? null, name };
}

function interactionFields(interaction: InteractionRecord): Json {
  const kinds = { command: 2, component: 3, modal: 5 } as const;
  const metadata = {
    id: interaction.id,
    type: kinds[interaction.type],
    user: userJson(interaction.person),
    authorizing_integration_owners: ownersOf(interaction),
    ...(interaction.commandName === undefined ? {} : { name: interaction.commandName }),
    ...(interaction.message === undefined ? {} : { interacted_message_id: interaction.message.id }),
  };
  return { interaction_metadata: metadata };
}

/** For whom the app works here. */
export function ownersOf({ channel, person, isUserInstallOnly }: InteractionRecord): Json {
  if (isUserInstallOnly) return { 1: person.id };
  return { 0: channel.guild?.id ?? '0' };
}

function referenceOf(
  world: World,
  { home, replyToId, type }: MessageRecord,
  { mayRead, depth }: { readonly mayRead: boolean; readonly depth: number },
): Json {
  if (replyToId === undefined) return {};
  const place = type === 21 ? (home.parent ?? home) : home;
  const answered = place.messages.get(replyToId);
  const guild = home.guild === undefined ? {} : { guild_id: home.guild.id };
  const message_reference = { type: 0, channel_id: place.id, message_id: replyToId, ...guild };
  if (depth > 0) return { message_reference };
  const json = answered && messageJson(world, answered, { mayRead, depth: depth + 1 });
  return { message_reference, referenced_message: json ?? null };
}

function threadOf(world: World, { home, id }: MessageRecord): Json {
  const thread = home.threads.find((one) => one.id === id);
  return thread === undefined ? {} : { thread: channelJson(world, thread) };
}

export function fileJson(file: StoredFile): Json {
  return {
    id: file.id,
    filename: file.name,
    size: file.sizeBytes,
    url: file.url,
    proxy_url: file.url,
    content_type: file.mimeType,
    ...(file.description === undefined ? {} : { description: file.description }),
  };
}

/** What events add to a message: where it stands, and who wrote it there. */
export function placedJson({ home, author, type }: MessageRecord, channelTypeOf: number): Json {
  const { guild } = home;
  if (guild === undefined) return { channel_type: channelTypeOf };
  const isSystem = type === 18;
  return {
    guild_id: guild.id,
    channel_type: channelTypeOf,
    ...(isSystem ? {} : { member: memberJson(guild, author) }),
  };
}

/** A channel in short, as interactions carry it. */
export function partialChannelJson(world: World, channel: ChannelRecord): Json {
  const { permission_overwrites: _, ...rest } = channelJson(world, channel);
  return rest;
}
