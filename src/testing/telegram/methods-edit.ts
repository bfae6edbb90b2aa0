import { isDeepStrictEqual } from 'node:util';
import { messageJson } from './api-json.ts';
import { countSend, type Methods } from './call.ts';
import {
  chatOf,
  keyboardOf,
  list,
  ownMessageOf,
  styledOf,
  whole,
  words,
  writableChatOf,
} from './parameters.ts';
import { badRequest } from './refusal.ts';
import type { MessageRecord, World } from './state.ts';
import { captionMax, textMax } from './text.ts';
import { type Change, erase, rewrite } from './write.ts';

/** After that long a message is not deleted for everybody any more. */
const deletableMs = 48 * 3_600_000;

export const editMethods: Methods = {
  editMessageText: (payload, { world }) => {
    const chat = writableChatOf(world, payload);
    if (words(payload, 'text') === '') throw badRequest('message text is empty');
    const message = ownMessageOf(chat, payload);
    if (message.files.length > 0) throw badRequest('there is no text in the message to edit');
    const styled = styledOf(payload, 'text', textMax);
    if (styled.text === '') throw badRequest('text must be non-empty');
    return change(world, message, { ...styled, markup: keyboardOf(payload) });
  },
  editMessageCaption: (payload, { world }) => {
    const message = ownMessageOf(writableChatOf(world, payload), payload);
    if (message.files.length === 0) throw badRequest('there is no caption in the message to edit');
    const styled = styledOf(payload, 'caption', captionMax);
    return change(world, message, { ...styled, markup: keyboardOf(payload) });
  },
  editMessageReplyMarkup: (payload, { world }) => {
    const message = ownMessageOf(writableChatOf(world, payload), payload);
    return change(world, message, { markup: keyboardOf(payload) });
  },
  deleteMessage: (payload, { world }) => {
    const chat = writableChatOf(world, payload);
    const id = whole(payload, 'message_id');
    const message = id === undefined ? undefined : chat.messages.get(id);
    if (message === undefined) throw badRequest('message to delete not found');
    const foreign = message.from.kind !== 'bot' && chat.type !== 'private';
    if (foreign) throw badRequest("message can't be deleted");
    if (world.nowMs() - message.sentAtMs > deletableMs)
      throw badRequest("message can't be deleted for everyone");
    erase(message);
    return true;
  },
  setMessageReaction: (payload, { world }) => {
    const chat = writableChatOf(world, payload);
    const message = chat.messages.get(whole(payload, 'message_id') ?? 0);
    if (message === undefined) throw badRequest('message to react not found');
    const reactions = list(payload, 'reaction') ?? [];
    if (reactions.length > 1) throw badRequest('REACTIONS_TOO_MANY');
    if (reactions.some(({ type, emoji }) => type !== 'emoji' || typeof emoji !== 'string'))
      throw badRequest('REACTION_INVALID');
    message.reactions = reactions.map(({ emoji }) => String(emoji));
    return true;
  },
  answerCallbackQuery: (payload, { world }) => {
    const id = words(payload, 'callback_query_id');
    const press = world.presses.get(id);
    world.presses.delete(id);
    if (press === undefined || world.nowMs() > press.untilMs)
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    const text = words(payload, 'text');
    if (text.length > 200) throw badRequest('MESSAGE_TOO_LONG');
    const url = words(payload, 'url');
    press.answer({
      ...(text === '' ? {} : { text }),
      ...(url === '' ? {} : { url }),
      alert: payload['show_alert'] === true,
    });
    return true;
  },
  leaveChat: (payload, { world }) => {
    const chat = chatOf(world, payload);
    if (chat.type === 'private')
      throw badRequest("chat member status can't be changed in private chats");
    if (chat.bot === 'in') chat.bot = 'left';
    return true;
  },
};

function change(world: World, message: MessageRecord, to: Change): unknown {
  const sameText =
    to.text === undefined ||
    (to.text === message.text && isDeepStrictEqual(to.entities, message.entities));
  if (sameText && isDeepStrictEqual(to.markup, message.markup))
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  countSend(world, message.home, 'edit');
  rewrite(world, message, to);
  return messageJson(world, message);
}
