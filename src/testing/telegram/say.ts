import type { SayOptions, TelegramEntity, TelegramFileInput } from './shape.ts';
import type { ChatRecord, MessageRecord, PersonRecord, World } from './state.ts';
import { captionMax, foundIn, textMax } from './text.ts';
import { rewrite, tellBot, write } from './write.ts';

const albumMax = 10;

export interface Place {
  readonly chat: ChatRecord;
  readonly topicId: number | undefined;
}

/** A person, or a channel in its own name, writes; the bot is told what it may know. Returns the first message. */
export function say(
  world: World,
  { chat, topicId }: Place,
  author: PersonRecord | undefined,
  words: { readonly text: string; readonly options: SayOptions },
): MessageRecord {
  const { replyTo, files = [], entities = [] } = words.options;
  const text = words.text.trimEnd();
  check(chat, text, files);
  const albumId = files.length > 1 ? world.newLongId() : undefined;
  const messages = (files.length === 0 ? [undefined] : files).map((file, at) => {
    const own = at === 0 ? text : '';
    return write(world, chat, {
      from: author
        ? { kind: 'person', id: author.id, name: author.name }
        : { kind: 'channel', id: chat.id, name: chat.title },
      ...(author === undefined ? {} : { author }),
      text: own,
      entities: own === '' ? [] : withFound(own, entities),
      files: file === undefined ? [] : [world.files.add({ kind: 'document', ...file })],
      replyTo: replyTo?.messageId,
      topicId: topicId ?? (replyTo === undefined ? undefined : replyTo.topicId),
      albumId,
    });
  });
  for (const message of messages) if (isForBot(world, message)) tellBot(world, message, 'new');
  return messages[0] as MessageRecord;
}

/** A person changes what they wrote. */
export function sayAnew(world: World, message: MessageRecord, raw: string): void {
  const text = raw.trimEnd();
  if (text === '' && message.files.length === 0) throw new Error('a message cannot become empty');
  rewrite(world, message, { text, entities: withFound(text, []), markup: message.markup });
  if (isForBot(world, message)) tellBot(world, message, 'edited');
}

function withFound(text: string, entities: readonly TelegramEntity[]): TelegramEntity[] {
  return [...entities, ...foundIn(text, entities)].toSorted((a, b) => a.offset - b.offset);
}

function check(chat: ChatRecord, text: string, files: readonly TelegramFileInput[]): void {
  if (chat.deleted || chat.movedTo !== undefined) throw new Error('the chat is not there any more');
  if (text.trim() === '' && files.length === 0) throw new Error('a message needs a text or a file');
  if (files.length > albumMax) throw new Error(`an album has at most ${albumMax} files`);
  const max = files.length > 0 ? captionMax : textMax;
  if (text.length > max)
    throw new Error(`Telegram's apps split a text of ${text.length}: say at most ${max} at once`);
}

/**
 * Whether the bot gets a message of somebody else. In groups with privacy mode: commands (this bot is the only one, so
 * also those without its name, but not those with another), mentions of it, replies to it.
 */
function isForBot(world: World, message: MessageRecord): boolean {
  const { home, text, entities } = message;
  if (home.bot !== 'in') return false;
  if (home.type === 'private' || home.type === 'channel' || !world.bot.privacyMode) return true;
  const target = message.replyTo === undefined ? undefined : home.messages.get(message.replyTo);
  if (target?.from.kind === 'bot') return true;
  const name = `@${world.bot.username}`.toLowerCase();
  return entities.some((entity) => {
    const word = text.slice(entity.offset, entity.offset + entity.length).toLowerCase();
    if (entity.type === 'mention') return word === name;
    if (entity.type === 'text_mention') return entity.user?.['id'] === world.bot.id;
    if (entity.type !== 'bot_command') return false;
    return !word.includes('@') || word.endsWith(name);
  });
}
