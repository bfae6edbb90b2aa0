import type { Message, MessageEntity } from 'grammy/types';
import { type InboundFile, messageTextMax } from '../../contracts/inbound.ts';

/** Whom the bot is on Telegram. */
export interface Me {
  readonly id: number;
  /** Without `@`. */
  readonly username: string;
}

export interface SaidText {
  /** Without the bot's name where it was mentioned. */
  readonly text: string;
  /** It names the bot, or is a reply to it. */
  readonly addressed: boolean;
  /** A command with the name of another bot. */
  readonly foreign: boolean;
}

interface Cut {
  readonly from: number;
  readonly to: number;
}

/** Pure: what a person wrote, text or caption. Entities decide what is a mention; they count in UTF-16 units. */
export function saidText(message: Message, me: Me): SaidText {
  const text = message.text ?? message.caption ?? '';
  const entities = message.entities ?? message.caption_entities ?? [];
  const cuts: Cut[] = [];
  let foreign = false;
  for (const entity of entities) {
    const found = ofEntity(entity, text, me);
    if (found === 'foreign') foreign = true;
    else if (found !== undefined) cuts.push(found);
  }
  const addressed = cuts.length > 0 || isReplyTo(message, me);
  return { text: commandOf(without(text, cuts)).slice(0, messageTextMax), addressed, foreign };
}

function ofEntity(entity: MessageEntity, text: string, me: Me): Cut | 'foreign' | undefined {
  const { type, offset, length } = entity;
  const to = offset + length;
  const said = text.slice(offset, to);
  const named = (name: string): boolean => name.toLowerCase() === me.username.toLowerCase();
  if (type === 'text_mention') return entity.user.id === me.id ? { from: offset, to } : undefined;
  if (type === 'mention') return named(said.slice(1)) ? { from: offset, to } : undefined;
  const at = type === 'bot_command' ? said.indexOf('@') : -1;
  if (at < 0) return undefined;
  if (named(said.slice(at + 1))) return { from: offset + at, to };
  return offset === 0 ? 'foreign' : undefined;
}

/** In a forum every message is a reply to the one that opened its topic, whoever opened it. */
function isReplyTo({ reply_to_message: to }: Message, me: Me): boolean {
  return to?.from?.id === me.id && to.forum_topic_created === undefined;
}

/** The names are taken out with the blank and the comma that set them off. */
function without(text: string, cuts: readonly Cut[]): string {
  if (cuts.length === 0) return text;
  let rest = text;
  for (const { from, to } of [...cuts].sort((a, b) => b.from - a.from)) {
    const before = rest.slice(0, from);
    const after = rest.slice(to);
    const isFirst = before.trim() === '';
    const joined = isFirst ? after.replace(/^\s*[,:]?\s*/, '') : after;
    rest = /\s$/.test(before) ? before + joined.replace(/^[ \t]+/, '') : before + joined;
  }
  return rest.trim();
}

/** What opens a chat is answered as a call for help; what an invitation carries along is not used. */
function commandOf(text: string): string {
  return /^\/start(\s|$)/i.test(text) ? '/help' : text;
}

type Media = { file_id: string; file_size?: number; mime_type?: string; file_name?: string };

/** Pure: the files of a message, named and not loaded. Of a photo the largest size. */
export function saidFiles(message: Message): InboundFile[] {
  const { photo, document, animation, audio, voice, video, video_note, sticker } = message;
  const largest = photo?.at(-1);
  return [
    ...file(largest, 'photo.jpg', 'image/jpeg'),
    // An animation comes as a document as well, for older bots.
    ...file(animation, 'animation.mp4', 'video/mp4'),
    ...(animation === undefined ? file(document, 'document', 'application/octet-stream') : []),
    ...file(audio, 'audio.mp3', 'audio/mpeg'),
    ...file(voice, 'voice.ogg', 'audio/ogg'),
    ...file(video, 'video.mp4', 'video/mp4'),
    ...file(video_note, 'video.mp4', 'video/mp4'),
    ...(sticker === undefined ? [] : file(sticker, ...stickerKind(sticker))),
  ];
}

function stickerKind(sticker: { is_animated: boolean; is_video: boolean }): [string, string] {
  if (sticker.is_animated) return ['sticker.tgs', 'application/x-tgsticker'];
  return sticker.is_video ? ['sticker.webm', 'video/webm'] : ['sticker.webp', 'image/webp'];
}

function file(media: Media | undefined, name: string, mimeType: string): InboundFile[] {
  if (media === undefined) return [];
  const { file_id, file_size, file_name, mime_type } = media;
  return [
    {
      name: (file_name ?? name).slice(0, 500),
      mimeType: (mime_type ?? mimeType).slice(0, 200),
      ...(file_size === undefined ? {} : { sizeBytes: file_size }),
      url: `telegram:${file_id}`,
    },
  ];
}

const content = [
  ...['text', 'caption', 'photo', 'document', 'animation', 'audio', 'voice', 'video'],
  ...['video_note', 'sticker', 'location', 'venue', 'contact', 'poll', 'dice', 'game', 'story'],
];

/** Pure: whether a person sent something; who joined, what was pinned and the like is no message. */
export const isContent = (message: Message): boolean =>
  content.some((name) => Object.hasOwn(message, name));
