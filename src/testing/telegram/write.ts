import {
  botJson,
  chatJson,
  type Json,
  memberJson,
  messageJson,
  personJson,
  seconds,
} from './api-json.ts';
import type { StoredFile } from './file-shelf.ts';
import type { TelegramAuthor, TelegramButton, TelegramEntity } from './shape.ts';
import {
  type ChatRecord,
  type Keyboard,
  type MessageRecord,
  messagesMax,
  type PersonRecord,
  type World,
} from './state.ts';

const historyMax = 1_000;

export interface Draft {
  readonly from: TelegramAuthor;
  readonly author?: PersonRecord;
  readonly text: string;
  readonly entities?: readonly TelegramEntity[];
  readonly files?: readonly StoredFile[];
  readonly markup?: Keyboard | undefined;
  readonly replyTo?: number | undefined;
  readonly topicId?: number | undefined;
  readonly albumId?: string | undefined;
  readonly notified?: boolean;
  readonly service?: readonly [field: string, value: unknown];
}

/** Puts a message into a chat. Who writes it is checked by the callers. */
export function write(world: World, chat: ChatRecord, draft: Draft): MessageRecord {
  const target = draft.replyTo === undefined ? undefined : chat.messages.get(draft.replyTo);
  const threads = chat.type === 'supergroup' && !chat.forum;
  const stored = draft.files ?? [];
  const shown = {
    messageId: world.newMessageId(chat),
    from: draft.from,
    text: draft.text,
    entities: draft.entities ?? [],
    buttons: buttonsOf(draft.markup),
    files: stored,
    replyTo: draft.replyTo,
    topicId: draft.topicId,
    albumId: draft.albumId,
    sentAtMs: world.nowMs(),
    editedAtMs: undefined,
    notified: draft.notified ?? true,
    history: [draft.text],
    reactions: [],
    service: draft.service?.[0],
    deleted: false,
  };
  const hidden = {
    chat: chat.view,
    home: chat,
    author: draft.author,
    stored,
    markup: draft.markup,
    serviceData: draft.service && { [draft.service[0]]: draft.service[1] },
    threadId: threads ? (target?.threadId ?? target?.messageId) : undefined,
  };
  const message = Object.defineProperties(shown, unlisted(hidden)) as unknown as MessageRecord;
  chat.messages.set(message.messageId, message);
  forgetOldest(chat);
  if (message.from.kind === 'bot') {
    chat.typing.delete(message.topicId ?? 0);
    chat.draft = undefined;
    world.tell(message);
  }
  return message;
}

/** What a person would not look at stays out of prints and comparisons. */
function unlisted(values: Readonly<Record<string, unknown>>): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { value, writable: true, configurable: true, enumerable: false },
    ]),
  );
}

function forgetOldest(chat: ChatRecord): void {
  if (chat.messages.size <= messagesMax) return;
  for (const oldest of chat.messages.keys()) {
    chat.messages.delete(oldest);
    return;
  }
}

export interface Change {
  readonly text?: string;
  readonly entities?: readonly TelegramEntity[];
  readonly markup?: Keyboard | undefined;
}

export function rewrite(world: World, message: MessageRecord, change: Change): void {
  if (change.text !== undefined) {
    message.text = change.text;
    message.entities = change.entities ?? [];
    message.history = [...message.history, change.text].slice(-historyMax);
  }
  message.markup = change.markup;
  message.buttons = buttonsOf(change.markup);
  message.editedAtMs = world.nowMs();
  if (message.from.kind === 'bot') world.tell(message);
}

export function erase(message: MessageRecord): void {
  message.deleted = true;
  message.home.messages.delete(message.messageId);
}

function buttonsOf(markup: Keyboard | undefined): readonly (readonly TelegramButton[])[] {
  return (markup?.inline_keyboard ?? []).map((row) =>
    row.map((button) => ({
      text: String(button['text']),
      ...(typeof button['callback_data'] === 'string' ? { data: button['callback_data'] } : {}),
      ...(typeof button['url'] === 'string' ? { url: button['url'] } : {}),
    })),
  );
}

/** What happened, as a message that nobody wrote. The bot hears of it whatever its privacy mode, if it is in the chat. */
export function writeService(
  world: World,
  chat: ChatRecord,
  who: PersonRecord,
  service: readonly [field: string, value: unknown, topicId?: number],
): MessageRecord {
  const [field, value, topicId] = service;
  const from = { kind: 'person', id: who.id, name: who.name } as const;
  const draft = { from, author: who, text: '', service: [field, value] as const, topicId };
  const message = write(world, chat, draft);
  if (chat.bot === 'in') tellBot(world, message, 'new');
  return message;
}

/** Queues the update of a message that was written or edited by somebody else. */
export function tellBot(world: World, message: MessageRecord, what: 'new' | 'edited'): void {
  const post = message.from.kind === 'channel';
  const kind = {
    new: ['message', 'channel_post'],
    edited: ['edited_message', 'edited_channel_post'],
  };
  world.updates.add(kind[what][post ? 1 : 0] as string, messageJson(world, message));
}

/** The bot's place in a chat changes: it is told by `my_chat_member`. */
export function moveBot(
  world: World,
  chat: ChatRecord,
  who: PersonRecord,
  change: readonly [from: string, to: string],
): void {
  const user = botJson(world);
  world.updates.add('my_chat_member', {
    chat: chatJson(chat),
    from: personJson(who),
    date: seconds(world.nowMs()),
    old_chat_member: memberJson(user, change[0]),
    new_chat_member: memberJson(user, change[1]),
  } satisfies Json);
}
