import type { MessageEntity } from 'grammy/types';
import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Button, Delivery, DeliveryFile, Part, Repair } from '../../contracts/delivery.ts';
import { cutText } from '../shared/cut-text.ts';
import { type ApiCall, Upload } from './api.ts';
import type { TelegramConfig } from './config.ts';
import { isGroup } from './limiter.ts';
import { renderPlain, renderText } from './render.ts';

/** Longest message in UTF-16 units, after its entities are taken out of it. */
export const lengthMax = 4_096;
export const captionMax = 1_024;
/** Two buttons stand side by side when their labels are this short. */
const sideBySide = 16;
/** Stands where Telegram would refuse an empty text. */
const blank = '…';

/** Pure: the messages that a Delivery becomes. A file is a message of its own behind the text. */
export function cutDelivery(
  delivery: Delivery,
  repairs: readonly Repair[],
  config: Pick<TelegramConfig, 'partsMax'>,
): readonly Part[] {
  // What the platform still calls too long is cut into halves.
  const max = repairs.includes('split') ? lengthMax / 2 : lengthMax;
  const partsMax = isInPlace(delivery) ? Number.POSITIVE_INFINITY : config.partsMax;
  const cut = cutText(delivery.text, { max, unit: 'utf16', partsMax });
  const files = delivery.files.map((file) => ({ text: '', source: '', files: [file] }));
  // It edits one message: the last one of what it amends, where the buttons are.
  if (delivery.kind === 'amend') return [{ text: cut.at(-1)?.text ?? '', source: delivery.text }];
  const parts = [...cut.flatMap(apart), ...files];
  const [first, second] = parts;
  if (first === undefined || second?.files === undefined || !fitsCaption(delivery, first))
    return parts;
  return [{ ...first, files: second.files }, ...parts.slice(2)];
}

/** What is edited in place is one message: the relay clips it, it is no file. */
const isInPlace = ({ kind }: Delivery): boolean =>
  kind === 'ack' || kind === 'progress' || kind === 'amend';

/** The whole text stands behind the file: when that must be sent again, nothing of it is lost. */
function apart({ text, source = text, files = [] }: Part): Part[] {
  if (files.length === 0) return [source === text ? { text } : { text, source }];
  const own = files.map((file) => ({ text: '', source: '', files: [file] }));
  return [{ text, source: '' }, { ...own[0], text: '', source }, ...own.slice(1)];
}

/** A short notice stands under its file; what edits a message, or is edited, cannot. */
function fitsCaption(delivery: Delivery, part: Part): boolean {
  return delivery.kind === 'notice' && part.files === undefined && part.text.length <= captionMax;
}

export interface Rendered {
  readonly text: string;
  readonly entities?: MessageEntity[];
}

/** Pure: CommonMark as Telegram shows it; as it was written where its entities were refused. */
export function rendered(markdown: string, max: number, plain = false): Rendered {
  const { text, entities } = (plain ? renderPlain : renderText)(markdown, { max });
  if (text.trim() === '') return { text: blank };
  // What is too long by itself was not cut by us: its beginning is better than nothing.
  if (text.length > max) return { text: text.slice(0, max) };
  return entities.length === 0 ? { text } : { text, entities: [...entities] };
}

/** Where something goes: chat and topic, as every call names them. */
export function placeOf(
  { channel }: Pick<Delivery, 'channel'>,
  repairs: readonly Repair[] = [],
): { chat_id: number | string; message_thread_id?: number } {
  const { thread } = channel;
  const inTopic = thread !== undefined && !repairs.includes('drop_anchor');
  return {
    chat_id: chatId(channel.conversation),
    ...(inTopic ? { message_thread_id: Number(thread) } : {}),
  };
}

export const chatId = (conversation: string): number | string =>
  /^-?\d{1,16}$/.test(conversation) ? Number(conversation) : conversation;

/** Pure: the calls that show one part, in order; the last one's message is the part's. */
export function toCalls(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  config: { readonly groups: TelegramConfig['groups']; readonly words: Words },
): readonly ApiCall[] {
  const { live, repairs } = attempt;
  const { words } = config;
  const isPlain = repairs.includes('plain');
  const isLast = attempt.part >= attempt.parts;
  const buttons = isLast ? delivery.buttons : [];
  const hint = isLast ? hintOf(delivery, config) : '';
  const isRoom = attempt.content.text.length + hint.length <= lengthMax;
  const content = isRoom
    ? { ...attempt.content, text: attempt.content.text + hint }
    : attempt.content;
  if (live !== undefined)
    return [editCall(delivery, live, { ...rendered(content.text, lengthMax, isPlain), buttons })];
  const [file] = content.files ?? [];
  const markup = keyboard(buttons);
  const common = {
    ...placeOf(delivery, repairs),
    ...anchorOf(delivery, attempt),
    disable_notification: !delivery.notify,
  };
  const last = markup.inline_keyboard.length === 0 ? {} : { reply_markup: markup };
  if (file === undefined) {
    const text = rendered(content.text, lengthMax, isPlain);
    return [textCall({ ...common, ...text, ...last })];
  }
  const under = content.text.trim() !== '';
  const fits = content.text.length <= captionMax;
  const before =
    under && !fits ? [textCall({ ...common, ...rendered(content.text, lengthMax, isPlain) })] : [];
  const caption = under && fits ? asCaption(rendered(content.text, captionMax, isPlain)) : {};
  const document = documentOf(file, isPlain);
  if (document === undefined) {
    const told = [words.file, file.name, /^https?:/.test(file.url ?? '') ? file.url : ''];
    const text = [content.text, told.join(' ').trim()].filter((one) => one.trim() !== '');
    return [textCall({ ...common, text: text.join('\n\n').slice(0, lengthMax), ...last })];
  }
  return [
    ...before,
    { method: 'sendDocument', payload: { ...common, document, ...caption, ...last } },
  ];
}

/** In a group the bot is told of what answers it alone: who may answer in words is told to. */
function hintOf(
  delivery: Delivery,
  { groups, words }: { readonly groups: TelegramConfig['groups']; readonly words: Words },
): string {
  const isAsked = delivery.kind === 'question' && delivery.freeText;
  const isDeaf = isGroup(delivery.channel.conversation) && groups !== 'all';
  return isAsked && isDeaf ? `\n\n${words.reply}` : '';
}

type Words = Pick<TelegramConfig['words'], 'file' | 'reply'>;

function textCall(payload: ApiCall['payload']): ApiCall {
  return { method: 'sendMessage', payload: { ...payload, link_preview_options: noPreview } };
}

const noPreview = { is_disabled: true };

/** Pure: the edit of a message of text; without buttons it loses those it had. */
export function editCall(
  delivery: Pick<Delivery, 'channel'>,
  live: string,
  { buttons, ...text }: Rendered & { readonly buttons: readonly Button[] },
): ApiCall {
  return {
    method: 'editMessageText',
    payload: {
      chat_id: chatId(delivery.channel.conversation),
      message_id: Number(live),
      ...text,
      link_preview_options: noPreview,
      reply_markup: keyboard(buttons),
    },
  };
}

function anchorOf(
  { anchor }: Delivery,
  { part }: DeliveryAttempt,
): { reply_parameters?: { message_id: number; allow_sending_without_reply: true } } {
  if (anchor === undefined || part > 1 || !/^\d{1,15}$/.test(anchor)) return {};
  return {
    reply_parameters: { message_id: Number(anchor), allow_sending_without_reply: true },
  };
}

/** A text is sent along; an address is fetched by Telegram, which takes http alone; a file of Telegram's is named. */
function documentOf(
  { name, text, url }: DeliveryFile,
  isPlain: boolean,
): Upload | string | undefined {
  if (text !== undefined) return new Upload(safeName(name), text);
  if (url === undefined || isPlain) return undefined;
  if (url.startsWith('telegram:')) return url.slice('telegram:'.length);
  return /^https?:\/\//.test(url) ? url : undefined;
}

/** A name stands in a header, without quotes. */
const safeName = (name: string): string =>
  name.replace(/[^\P{Cc}]|[";\\/]/gu, '_').trim() || 'file';

function asCaption({ text, entities }: Rendered): Record<string, unknown> {
  return { caption: text, ...(entities === undefined ? {} : { caption_entities: entities }) };
}

interface Keyboard {
  readonly inline_keyboard: { text: string; callback_data: string }[][];
}

/** Pure: the buttons below a message, two short ones in a row. How they look is Telegram's. */
export function keyboard(buttons: readonly Button[]): Keyboard {
  const rows: Keyboard['inline_keyboard'] = [];
  for (const { id, label } of buttons) {
    const button = { text: label, callback_data: id };
    const row = rows.at(-1);
    const [first] = row ?? [];
    const isShort = label.length <= sideBySide && (first?.text.length ?? 0) <= sideBySide;
    if (row?.length === 1 && isShort) row.push(button);
    else rows.push([button]);
  }
  return { inline_keyboard: rows };
}
