import { messageJson } from './api-json.ts';
import { type CallContext, countSend, type Methods } from './call.ts';
import type { StoredFile } from './file-shelf.ts';
import {
  keyboardOf,
  repliedTo,
  styledOf,
  topicOf,
  whole,
  words,
  writableChatOf,
} from './parameters.ts';
import { badRequest } from './refusal.ts';
import { isUpload, type Payload } from './request-body.ts';
import type { TelegramFileKind } from './shape.ts';
import type { World } from './state.ts';
import { captionMax, type StyledText, styledText, textMax } from './text.ts';
import { write } from './write.ts';

const typingMs = 5_000;
const draftMs = 30_000;
const actions = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
]);

export const sendMethods: Methods = {
  sendMessage: (payload, { world }) => {
    if (words(payload, 'text') === '') throw badRequest('message text is empty');
    return send(world, payload, (): Content => {
      const styled = styledOf(payload, 'text', textMax);
      if (styled.text === '') throw badRequest('text must be non-empty');
      return { styled, files: [] };
    });
  },
  sendDocument: (payload, context) => sendFile('document', payload, context),
  sendPhoto: (payload, context) => sendFile('photo', payload, context),
  sendAudio: (payload, context) => sendFile('audio', payload, context),
  sendVoice: (payload, context) => sendFile('voice', payload, context),
  sendVideo: (payload, context) => sendFile('video', payload, context),
  sendChatAction: (payload, { world }) => {
    const chat = writableChatOf(world, payload);
    const action = words(payload, 'action');
    if (!actions.has(action)) throw badRequest('wrong parameter action in request');
    const topic = topicOf(chat, payload) ?? 0;
    chat.typing.set(topic, { action, untilMs: world.nowMs() + typingMs });
    return true;
  },
  sendMessageDraft: (payload, { world }) => {
    const chat = writableChatOf(world, payload);
    if (chat.type !== 'private') throw badRequest('TEXTDRAFT_PEER_INVALID');
    topicOf(chat, payload);
    const id = whole(payload, 'draft_id');
    if (id === undefined || id === 0) throw badRequest('RANDOM_ID_INVALID');
    const { text } = styledOf(payload, 'text', textMax);
    chat.draft = { id, text, untilMs: world.nowMs() + draftMs };
    return true;
  },
};

interface Content {
  readonly styled: StyledText;
  readonly files: readonly StoredFile[];
}

/** Everything is checked before the send is counted, and counted before it is shown. */
function send(world: World, payload: Payload, content: () => Content): unknown {
  const chat = writableChatOf(world, payload);
  const topicId = topicOf(chat, payload);
  const target = repliedTo(chat, payload);
  const markup = keyboardOf(payload);
  const { styled, files } = content();
  countSend(world, chat, 'send');
  const message = write(world, chat, {
    from: { kind: 'bot', id: world.bot.id, name: world.bot.name },
    ...styled,
    files,
    markup,
    replyTo: target?.messageId,
    topicId: topicId ?? target?.topicId,
    notified: payload['disable_notification'] !== true,
  });
  return messageJson(world, message);
}

function sendFile(kind: TelegramFileKind, payload: Payload, { world }: CallContext): unknown {
  const given = payload[kind];
  if (given === undefined) throw badRequest(`there is no ${kind} in the request`);
  return send(world, payload, () => {
    const styled =
      words(payload, 'caption') === ''
        ? styledText('', [])
        : styledOf(payload, 'caption', captionMax);
    return { styled, files: [stored(world, kind, given)] };
  });
}

function stored(world: World, kind: TelegramFileKind, given: unknown): StoredFile {
  if (isUpload(given)) return world.files.upload({ ...given, kind });
  const address = String(given);
  const known = world.files.byId(address);
  if (known !== undefined) return known;
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    throw badRequest('wrong remote file identifier specified: Wrong string length');
  const name = new URL(address).pathname.split('/').at(-1) || kind;
  return world.files.add({ kind, name, url: address, bytes: new Uint8Array() });
}
