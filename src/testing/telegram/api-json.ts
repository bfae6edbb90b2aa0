import type { StoredFile } from './file-shelf.ts';
import {
  type ChatRecord,
  entitiesOf,
  type MessageRecord,
  type PersonRecord,
  type World,
} from './state.ts';

/** Objects as the Bot API writes them. */
export type Json = Readonly<Record<string, unknown>>;

export function personJson(person: PersonRecord): Json {
  return defined({
    id: person.id,
    is_bot: false,
    first_name: person.name,
    username: person.username,
    language_code: person.language,
  });
}

export function botJson({ bot }: World): Json {
  return { id: bot.id, is_bot: true, first_name: bot.name, username: bot.username };
}

export function chatJson(chat: ChatRecord): Json {
  const { id, type, person } = chat;
  if (person !== undefined)
    return defined({ id, type, first_name: person.name, username: person.username });
  return defined({ id, type, title: chat.title, is_forum: chat.forum || undefined });
}

/** A message with the one that it answers; that one without its own. */
export function messageJson(world: World, message: MessageRecord): Json {
  return { ...bareMessageJson(world, message), ...answered(world, message) };
}

function bareMessageJson(world: World, message: MessageRecord): Json {
  const { home, from, files } = message;
  const inTopic = message.topicId !== undefined;
  const entities = entitiesOf(message);
  const words =
    files.length > 0
      ? { caption: message.text || undefined, caption_entities: entities }
      : { text: message.service === undefined ? message.text : undefined, entities };
  return defined({
    message_id: message.messageId,
    ...(from.kind === 'channel'
      ? { sender_chat: chatJson(home) }
      : { from: message.author ? personJson(message.author) : botJson(world) }),
    chat: chatJson(home),
    date: seconds(message.sentAtMs),
    edit_date: message.editedAtMs === undefined ? undefined : seconds(message.editedAtMs),
    message_thread_id: message.topicId ?? message.threadId,
    is_topic_message: inTopic || undefined,
    media_group_id: message.albumId,
    ...words,
    ...message.serviceData,
    ...mediaJson(message.stored[0]),
    reply_markup: message.markup,
  });
}

/** In a topic what answers nothing answers the message that made the topic. */
function answered(world: World, message: MessageRecord): Json {
  const id = message.replyTo ?? message.topicId;
  const target = id === undefined ? undefined : message.home.messages.get(id);
  if (target === undefined || target === message || message.service === 'forum_topic_created')
    return {};
  return { reply_to_message: bareMessageJson(world, target) };
}

function mediaJson(file: StoredFile | undefined): Json {
  if (file === undefined) return {};
  const id = { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.sizeBytes };
  const named = { file_name: file.name, mime_type: file.mimeType };
  switch (file.kind) {
    case 'photo':
      return { photo: photoSizes(file) };
    case 'document':
      return { document: { ...id, ...named } };
    case 'audio':
      return { audio: { ...id, ...named, duration: 1 } };
    case 'voice':
      return { voice: { ...id, mime_type: file.mimeType, duration: 1 } };
    case 'video':
      return { video: { ...id, ...named, width: 320, height: 240, duration: 1 } };
    case 'sticker': {
      const still = { is_animated: false, is_video: false, type: 'regular' };
      return { sticker: { ...id, ...still, width: 512, height: 512 } };
    }
  }
}

/** A photo comes in several sizes, the largest last; only that one is kept here. */
function photoSizes(file: StoredFile): Json[] {
  const small = Math.max(1, Math.floor(file.sizeBytes / 10));
  return [
    {
      file_id: `${file.fileId}s`,
      file_unique_id: `${file.uniqueId}s`,
      file_size: small,
      width: 90,
      height: 67,
    },
    {
      file_id: file.fileId,
      file_unique_id: file.uniqueId,
      file_size: file.sizeBytes,
      width: 1_280,
      height: 960,
    },
  ];
}

export function memberJson(user: Json, status: string): Json {
  if (status === 'kicked') return { user, status, until_date: 0 };
  if (status === 'creator') return { user, status, is_anonymous: false };
  return { user, status };
}

export const seconds = (atMs: number): number => Math.floor(atMs / 1_000);

function defined(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
