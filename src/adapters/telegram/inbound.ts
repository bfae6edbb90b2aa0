import type { CallbackQuery, ChatMemberUpdated, Message, Update, User } from 'grammy/types';
import type { ChannelRef } from '../../contracts/id.ts';
import { type InboundInput, messageTextMax } from '../../contracts/inbound.ts';
import type { TelegramConfig } from './config.ts';
import { isContent, type Me, type SaidText, saidFiles, saidText } from './said.ts';

/** What decides over an update besides itself. */
export interface InboundContext {
  readonly account: string;
  readonly me: Me;
  readonly config: Pick<TelegramConfig, 'groups' | 'channels' | 'allow' | 'operators'>;
  /** A press has no time of its own. */
  readonly nowMs: number;
}

export type Incoming =
  | { readonly kind: 'inbound'; readonly inbound: InboundInput; readonly query?: string }
  /** Not for the relay. `query`: a press that is told that it arrived all the same. */
  | {
      readonly kind: 'nothing';
      readonly why: string;
      readonly level: 'debug' | 'info' | 'warn';
      readonly query?: string;
    };

const filesMax = 20;

/** The kinds of updates that are asked for. */
export function allowedUpdates({ channels }: Pick<TelegramConfig, 'channels'>): string[] {
  const posts = channels ? ['channel_post', 'edited_channel_post'] : [];
  return ['message', 'edited_message', 'callback_query', 'my_chat_member', ...posts];
}

/** Pure: what one update means. May throw for what has not the Bot API's shape. */
export function toIncoming(update: Update, context: InboundContext): Incoming {
  const { callback_query, my_chat_member } = update;
  const said = update.message ?? update.channel_post;
  if (said !== undefined) return ofMessages([said], update.update_id, context);
  const edited = update.edited_message ?? update.edited_channel_post;
  if (edited !== undefined) return ofEdit(edited, update.update_id, context);
  if (callback_query !== undefined) return ofPress(callback_query, context);
  if (my_chat_member !== undefined) return ofMembership(my_chat_member);
  return nothing('an update of another kind');
}

/** Pure: the updates of one album, in order, as one message. */
export function toAlbum(updates: readonly Update[], context: InboundContext): Incoming {
  const messages = updates.flatMap(({ message, channel_post }) => message ?? channel_post ?? []);
  return ofMessages(messages, updates[0]?.update_id ?? 0, context);
}

/** Pure: names the album that an update belongs to. */
export function albumOf({ message, channel_post }: Update): string | undefined {
  const said = message ?? channel_post;
  return said?.media_group_id === undefined ? undefined : `${said.chat?.id} ${said.media_group_id}`;
}

function nothing(why: string, level: 'debug' | 'info' | 'warn' = 'debug'): Incoming {
  return { kind: 'nothing', why, level };
}

function ofMessages(
  messages: readonly Message[],
  updateId: number,
  context: InboundContext,
): Incoming {
  const [first] = messages;
  if (first === undefined) return nothing('an album without messages');
  if (first.migrate_to_chat_id !== undefined) return ofMove(first, updateId, context);
  const person = personOf(first, context);
  if (person === undefined) return nothing('said by a bot');
  if (!messages.some(isContent)) return nothing('a service message');
  const said = messages.map((message) => saidText(message, context.me));
  const why = whyNot(first, said, context);
  if (why !== undefined) return nothing(why);
  const text = said.map((one) => one.text).filter((one) => one !== '');
  const files = messages.flatMap(saidFiles).slice(0, filesMax);
  if (text.length === 0 && files.length === 0 && !isPrivate(first) && !addressed(said))
    return nothing('nothing to read');
  return {
    kind: 'inbound',
    inbound: {
      kind: 'message',
      id: String(first.message_id),
      channel: channelOf(first, context),
      person,
      sentAtMs: first.date * 1_000,
      text: text.join('\n\n').slice(0, messageTextMax),
      files,
      private: isPrivate(first),
    },
  };
}

function ofEdit(message: Message, updateId: number, context: InboundContext): Incoming {
  const person = personOf(message, context);
  if (person === undefined) return nothing('edited by a bot');
  const said = saidText(message, context.me);
  if (message.text === undefined && message.caption === undefined)
    return nothing('an edit without words');
  const why = whyNot(message, [said], context);
  if (why !== undefined) return nothing(why);
  return {
    kind: 'inbound',
    inbound: {
      kind: 'edited',
      id: `e${updateId}`,
      channel: channelOf(message, context),
      person,
      sentAtMs: (message.edit_date ?? message.date) * 1_000,
      messageId: String(message.message_id),
      text: said.text,
    },
  };
}

/** What was pressed may have become inaccessible: then its topic is not known any more. */
function ofPress(query: CallbackQuery, context: InboundContext): Incoming {
  const { id, from, message, data } = query;
  if (message === undefined || data === undefined)
    return { ...nothing('a press of nothing of ours'), query: id };
  if (!isAllowed(String(from.id), String(message.chat.id), context))
    return { ...nothing('a press by who is not allowed'), query: id };
  return {
    kind: 'inbound',
    query: id,
    inbound: {
      kind: 'press',
      id,
      channel: channelOf(message, context),
      person: personOfUser(from, context),
      sentAtMs: context.nowMs,
      button: data,
    },
  };
}

function ofMove(message: Message, updateId: number, context: InboundContext): Incoming {
  const { account } = context;
  const channel = channelOf(message, context);
  const { id, ...person } = personOf(message, context) ?? { id: String(message.chat.id) };
  return {
    kind: 'inbound',
    inbound: {
      kind: 'moved',
      id: `u${updateId}`,
      channel,
      person: { id, ...person },
      sentAtMs: message.date * 1_000,
      to: { adapter: 'telegram', account, conversation: String(message.migrate_to_chat_id) },
    },
  };
}

function ofMembership({ chat, new_chat_member: now }: ChatMemberUpdated): Incoming {
  const isOut = now.status === 'kicked' || now.status === 'left';
  const what = chat.type === 'private' ? 'a person blocked the bot' : 'the bot was taken out';
  const why = isOut ? what : `the bot is ${now.status}`;
  return nothing(`${why} (chat ${chat.id})`, 'info');
}

/** A message is a person's own, or of an anonymous administrator or a channel that speaks for itself. */
function personOf(message: Message, context: InboundContext) {
  const { from, sender_chat, author_signature } = message;
  if (message.is_automatic_forward === true) return undefined;
  if (sender_chat !== undefined) {
    const id = String(sender_chat.id);
    const name = author_signature ?? sender_chat.title ?? '';
    return { id, ...named(name), operator: context.config.operators.includes(id) };
  }
  if (from === undefined) {
    if (message.chat.type !== 'channel') return undefined;
    return { id: String(message.chat.id), ...named(author_signature ?? ''), operator: false };
  }
  return from.is_bot ? undefined : personOfUser(from, context);
}

function personOfUser({ id, first_name, last_name }: User, { config }: InboundContext) {
  const name = [first_name, last_name].filter((part) => part !== undefined).join(' ');
  return { id: String(id), ...named(name), operator: config.operators.includes(String(id)) };
}

const named = (name: string): { name?: string } =>
  name.trim() === '' ? {} : { name: name.trim().slice(0, 200) };

/** Why a message is not taken; undefined when it is. */
function whyNot(
  message: Message,
  said: readonly SaidText[],
  context: InboundContext,
): string | undefined {
  const { chat, from, sender_chat } = message;
  const { groups, channels } = context.config;
  const who = String(sender_chat?.id ?? from?.id ?? chat.id);
  if (!isAllowed(who, String(chat.id), context)) return 'said by who is not allowed';
  if (chat.type === 'private') return undefined;
  if (chat.type === 'channel') return channels ? undefined : 'a post of a channel';
  if (groups === 'off') return 'said in a group';
  if (said.some(({ foreign }) => foreign)) return 'a command of another bot';
  return groups === 'all' || addressed(said) ? undefined : 'not addressed to the bot';
}

const addressed = (said: readonly SaidText[]): boolean => said.some((one) => one.addressed);
const isPrivate = ({ chat }: Message): boolean => chat.type === 'private';

function isAllowed(user: string, chat: string, { config }: InboundContext): boolean {
  const { users, chats } = config.allow;
  if (users === undefined && chats === undefined) return true;
  return users?.includes(user) === true || chats?.includes(chat) === true;
}

type Placed = Pick<Message, 'chat'> &
  Partial<Pick<Message, 'message_thread_id' | 'is_topic_message'>>;

/** A topic is a Channel of its own; the General topic and threads of replies are the group itself. */
function channelOf(message: Placed, { account }: InboundContext): ChannelRef {
  const { chat, message_thread_id: thread, is_topic_message: isTopic } = message;
  const channel = { adapter: 'telegram', account, conversation: String(chat.id) };
  return isTopic === true && thread !== undefined
    ? { ...channel, thread: String(thread) }
    : channel;
}
