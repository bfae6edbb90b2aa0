import { lengthOf } from './json-value.ts';
import { allowedMentions, typed } from './mention.ts';
import { isBlocked } from './payload.ts';
import { has } from './permission.ts';
import { may, rightsOf } from './right.ts';
import type { DiscordSayOptions } from './shape.ts';
import type { ChannelRecord, MessageRecord, PersonRecord, World } from './state.ts';
import { rewrite, write } from './write.ts';

const textMax = 2_000;
const filesMax = 10;

export interface Said {
  readonly text: string;
  readonly options: Omit<DiscordSayOptions, 'to' | 'replyTo'>;
  readonly replyTo?: MessageRecord | undefined;
  /** Of the first message of a post. */
  readonly id?: string;
}

/** A person writes; the app is told if it is there. */
export function say(
  world: World,
  home: ChannelRecord,
  author: PersonRecord,
  { text: words, options, replyTo, id }: Said,
): MessageRecord {
  const { files = [], ping = true } = options;
  const text = typed(world, home, words.trim());
  checkWriter(world, home, author);
  checkText(home, author, text, files.length > 0);
  if (files.length > filesMax) throw new Error(`a message has at most ${filesMax} files`);
  const place = { channelId: home.id, baseUrl: world.options.baseUrl(), nowMs: world.nowMs() };
  const stored = files.map((file) => world.files.add(file, { ...place, id: world.newId() }));
  home.wroteMs.set(author.id, world.nowMs());
  return write(world, home, {
    author,
    text,
    files: stored,
    replyTo,
    allowed: { ...allowedMentions(undefined), repliedUser: ping },
    ...(id === undefined ? {} : { id }),
  });
}

/** A person changes what they wrote. */
export function sayAnew(world: World, message: MessageRecord, words: string): void {
  const { home, author } = message;
  const text = typed(world, home, words.trim());
  if (author !== undefined) checkText(home, author, text, message.files.length > 0);
  rewrite(world, message, { text, allowed: allowedMentions(undefined) });
}

function checkText(
  home: ChannelRecord,
  author: PersonRecord,
  text: string,
  hasFiles: boolean,
): void {
  if (text === '' && !hasFiles) throw new Error('a message needs a text or a file');
  if (lengthOf(text) > textMax) throw new Error(`say at most ${textMax} characters at once`);
  const { guild } = home;
  if (guild === undefined || has(rightsOf(guild, author), 'ManageGuild')) return;
  if (isBlocked(guild.words, text))
    throw new Error('the message is blocked by automatic moderation');
}

/** What keeps a person from writing here. */
function checkWriter(world: World, home: ChannelRecord, author: PersonRecord): void {
  if (home.isDeleted) throw new Error('the channel is deleted');
  if (home.guild?.isOut === true) throw new Error('the guild is away');
  if (home.kind === 'forum') throw new Error('in a forum one opens a post');
  if (home.guild === undefined) return;
  const right = home.kind === 'thread' ? 'SendMessagesInThreads' : 'SendMessages';
  if (!may(home, author, right)) throw new Error(`${author.name} may not write in ${home.name}`);
  const isModerator = may(home, author, 'ManageThreads');
  if (home.isLocked && !isModerator) throw new Error('the thread is locked');
  const freeMs = (home.wroteMs.get(author.id) ?? 0) + home.slowSeconds * 1_000;
  if (freeMs > world.nowMs() && !may(home, author, 'BypassSlowmode'))
    throw new Error(`${author.name} must wait: the channel is in slow mode`);
}
