import { parseMarkup } from './markup.ts';
import { badRequest, forbidden, Refusal } from './refusal.ts';
import type { Payload } from './request-body.ts';
import type { TelegramEntity } from './shape.ts';
import type { ChatRecord, Keyboard, MessageRecord, World } from './state.ts';
import { type StyledText, styledText } from './text.ts';

const buttonsMax = 100;
const dataMax = 64;

/** A whole number; strings of digits are taken, as Telegram does. */
export function whole(payload: Payload, name: string): number | undefined {
  const value = payload[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^-?\d{1,16}$/.test(value)) return Number(value);
  return undefined;
}

export function words(payload: Payload, name: string): string {
  const value = payload[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function object(payload: Payload, name: string): Payload | undefined {
  const value = fromText(payload[name], name);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Payload)
    : undefined;
}

export function list(payload: Payload, name: string): readonly Payload[] | undefined {
  const value = fromText(payload[name], name);
  return Array.isArray(value) ? (value as Payload[]) : undefined;
}

/** Objects may come as JSON in a string, also inside a JSON body. */
function fromText(value: unknown, name: string): unknown {
  if (typeof value !== 'string' || value === '') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw badRequest(`can't parse ${name} JSON object`);
  }
}

/** The chat that is meant, wherever the bot stands in it. A group that moved is refused with its new id. */
export function chatOf(world: World, payload: Payload): ChatRecord {
  if (payload['chat_id'] === undefined || payload['chat_id'] === '')
    throw badRequest('chat_id is empty');
  const id = whole(payload, 'chat_id');
  const chat = id === undefined ? undefined : world.chats.get(id);
  if (chat?.movedTo !== undefined)
    throw new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: chat.movedTo.id,
    });
  if (chat === undefined || (chat.deleted && chat.type !== 'group'))
    throw badRequest('chat not found');
  return chat;
}

/** The chat that is meant, if the bot may write there. */
export function writableChatOf(world: World, payload: Payload): ChatRecord {
  const chat = chatOf(world, payload);
  if (chat.deleted) throw forbidden('the group chat was deleted');
  if (chat.person?.deactivated === true) throw forbidden('user is deactivated');
  const kind = chat.type === 'group' ? 'group' : chat.type;
  switch (chat.bot) {
    case 'in':
      return chat;
    case 'never':
      throw forbidden("bot can't initiate conversation with a user");
    case 'blocked':
      throw forbidden('bot was blocked by the user');
    case 'kicked':
      throw forbidden(`bot was kicked from the ${kind} chat`);
    case 'left':
      throw forbidden(`bot is not a member of the ${kind} chat`);
  }
}

/** The topic that is named and there; absent for none. The General topic is not named. */
export function topicOf(chat: ChatRecord, payload: Payload): number | undefined {
  const id = whole(payload, 'message_thread_id');
  if (id === undefined || id === 0) return undefined;
  const topic = chat.topics.get(id);
  if (topic === undefined || topic.deleted) throw badRequest('message thread not found');
  return id;
}

/** The message that is answered; absent when it is gone and that is allowed. */
export function repliedTo(chat: ChatRecord, payload: Payload): MessageRecord | undefined {
  const parameters = object(payload, 'reply_parameters');
  const id = parameters ? whole(parameters, 'message_id') : whole(payload, 'reply_to_message_id');
  if (id === undefined || id === 0) return undefined;
  const message = chat.messages.get(id);
  const without = (parameters ?? payload)['allow_sending_without_reply'] === true;
  if (message === undefined && !without) throw badRequest('message to be replied not found');
  return message;
}

/** Text and entities of `text` or `caption`, checked against the limit after trimming. */
export function styledOf(
  payload: Payload,
  name: 'text' | 'caption',
  lengthMax: number,
): StyledText {
  const mode = words(payload, 'parse_mode');
  const raw = words(payload, name);
  const given = list(payload, name === 'text' ? 'entities' : 'caption_entities') ?? [];
  const parsed =
    mode === ''
      ? { text: raw, entities: given as unknown as TelegramEntity[] }
      : parseMarkup(raw, mode);
  const styled = styledText(parsed.text, parsed.entities);
  if (styled.text.length > lengthMax)
    throw badRequest(name === 'text' ? 'message is too long' : 'message caption is too long');
  return styled;
}

/** The inline keyboard, checked; absent for none and for other kinds of keyboards, which are not shown here. */
export function keyboardOf(payload: Payload): Keyboard | undefined {
  const rows = object(payload, 'reply_markup')?.['inline_keyboard'];
  if (rows === undefined) return undefined;
  if (!Array.isArray(rows) || rows.some((row) => !Array.isArray(row)))
    throw badRequest("can't parse inline keyboard markup JSON object");
  const keyboard = rows.filter((row: unknown[]) => row.length > 0) as Record<string, unknown>[][];
  const buttons = keyboard.flat();
  if (buttons.length > buttonsMax) throw badRequest('reply markup is too long');
  for (const button of buttons) checkButton(button);
  return keyboard.length === 0 ? undefined : { inline_keyboard: keyboard };
}

function checkButton(button: Readonly<Record<string, unknown>>): void {
  const { text, callback_data: data, url } = button;
  if (typeof text !== 'string' || text.trim() === '')
    throw badRequest("can't parse inline keyboard button: Text must be non-empty");
  if (data !== undefined) {
    const size = Buffer.byteLength(String(data), 'utf8');
    if (size < 1 || size > dataMax) throw badRequest('BUTTON_DATA_INVALID');
  } else if (url !== undefined) {
    if (!/^(https?|tg|mailto):/.test(String(url)) || !URL.canParse(String(url)))
      throw badRequest(`inline keyboard button URL '${String(url)}' is invalid: Wrong HTTP URL`);
  } else if (
    Object.keys(button).every((name) => ['text', 'style', 'icon_custom_emoji_id'].includes(name))
  ) {
    throw badRequest(
      "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    );
  }
}

/** A message that the bot wants to change. */
export function ownMessageOf(chat: ChatRecord, payload: Payload): MessageRecord {
  const id = whole(payload, 'message_id');
  if (id === undefined) throw badRequest('message identifier is not specified');
  const message = chat.messages.get(id);
  if (message === undefined) throw badRequest('message to edit not found');
  if (message.from.kind !== 'bot') throw badRequest("message can't be edited");
  return message;
}
