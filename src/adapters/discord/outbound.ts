import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Delivery, DeliveryFile } from '../../contracts/delivery.ts';
import type { CallFile, DiscordCall } from './call.ts';
import { type ActionRow, componentRows } from './component.ts';
import type { DiscordConfig } from './config.ts';
import { originalRoute, webhookRoute } from './interaction-call.ts';
import type { Life, Way } from './life.ts';
import { lengthMaxOf } from './outbound-cut.ts';
import { channelIdOf } from './place.ts';
import { renderText } from './render.ts';
import { escapeText } from './render-escape.ts';
import { linkUrl } from './render-link.ts';
import { isSnowflake } from './snowflake.ts';

/** Of a message: no previews of links; no sound; for one person alone. */
const noPreviews = 4;
const ephemeral = 64;
const silent = 4_096;

/** What a send knows besides the Delivery. */
export interface SendContext {
  /** See `Noncer`. */
  readonly nonce: string;
  readonly way: Exclude<Way, { kind: 'none' }>;
  /** The message to edit. */
  readonly liveId?: string | undefined;
  /** What is answered is an interaction: its answer is what a message of the channel replies to. */
  readonly answers?: Pick<Life, 'messageId'> | undefined;
  readonly config: Pick<DiscordConfig, 'embeds' | 'words'>;
}

/** Pure: the one call that shows a part; the message that it answers is the outcome. */
export function toCall(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  context: SendContext,
): DiscordCall {
  const { way, liveId } = context;
  const components = rowsOf(delivery, attempt, context);
  const { file, text } = contentOf(attempt, context);
  const isEdit = liveId !== undefined;
  const body = {
    ...textBody(text, context.config, isEdit || way.kind === 'original'),
    ...(isEdit || components.length > 0 ? { components } : {}),
    allowed_mentions: { parse: [], replied_user: rings(delivery) },
  };
  const files = file === undefined ? {} : { files: [file] };
  // Of an edit that names no flags the message keeps its own.
  if (isEdit) return { ...editOf(delivery, way, liveId), body };
  const flags = flagsOf(delivery, context);
  if (way.kind === 'original')
    return { ...editOf(delivery, way), body: { ...body, ...flagged(flags & ~silent) }, ...files };
  if (way.kind === 'followup') {
    const route = webhookRoute(way.life);
    return {
      method: 'POST',
      route,
      authorized: false,
      query: waits,
      body: { ...body, flags },
      ...files,
    };
  }
  return {
    method: 'POST',
    route: `/channels/${channelIdOf(delivery.channel)}/messages`,
    body: {
      ...body,
      ...flagged(flags),
      ...referenceOf(delivery, attempt, context),
      nonce: context.nonce,
      enforce_nonce: true,
    },
    ...files,
  };
}

/** Pure: shows streamed text in a message of ours; what can be pressed below it stays. */
export function streamCall(
  { channel, text, liveId }: Pick<Delivery, 'channel' | 'text'> & { readonly liveId: string },
  { way, config }: Pick<SendContext, 'way' | 'config'>,
): DiscordCall {
  const content = renderText(text, { max: lengthMaxOf(config) });
  const body = { ...textBody(content, config, true), allowed_mentions: { parse: [] } };
  return { ...editOf({ channel }, way, liveId), body };
}

/** A webhook answers with the message when it is asked to. */
const waits = { wait: 'true' };

/** Pure: the message that a new one replies to. */
export function referenceId(
  { anchor, channel }: Pick<Delivery, 'anchor' | 'channel'>,
  { part, repairs }: Pick<DeliveryAttempt, 'part' | 'repairs'>,
  answers?: SendContext['answers'],
): string | undefined {
  const id = answers === undefined ? anchor : answers.messageId;
  if (id === undefined || part > 1 || !isSnowflake(id)) return undefined;
  // A thread that is made of a message has its id; the message itself stands outside of it.
  return repairs.includes('drop_anchor') || channel.thread === id ? undefined : id;
}

function referenceOf(delivery: Delivery, attempt: DeliveryAttempt, { answers }: SendContext) {
  const id = referenceId(delivery, attempt, answers);
  return id === undefined
    ? {}
    : { message_reference: { message_id: id, fail_if_not_exists: false } };
}

/** An answer and a question ring who is replied to. */
const rings = ({ kind, notify }: Delivery): boolean =>
  notify && (kind === 'terminal' || kind === 'question');

function flagsOf({ notify }: Delivery, { config, way }: SendContext): number {
  // The flag would hide an embed of ours too.
  const previews = config.embeds ? 0 : noPreviews;
  const one = way.kind !== 'channel' && way.life.ephemeral ? ephemeral : 0;
  return previews | one | (notify ? 0 : silent);
}

const flagged = (flags: number): { flags?: number } => (flags === 0 ? {} : { flags });

function editOf(
  { channel }: Pick<Delivery, 'channel'>,
  way: SendContext['way'],
  liveId?: string,
): Pick<DiscordCall, 'method' | 'route' | 'authorized'> {
  const method = 'PATCH';
  switch (way.kind) {
    case 'original':
      return { method, route: originalRoute(way.life), authorized: false };
    case 'followup':
      return {
        method,
        route: `${webhookRoute(way.life)}/messages/${liveId}`,
        authorized: false,
      };
    case 'channel':
      return { method, route: `/channels/${channelIdOf(channel)}/messages/${liveId}` };
  }
}

/** A description, or content; of an edit what is not named would stay. */
function textBody(text: string, { embeds }: Pick<DiscordConfig, 'embeds'>, isEdit: boolean) {
  if (!embeds) return isEdit ? { content: text, embeds: [] } : { content: text };
  const own = text === '' ? [] : [{ description: text }];
  return isEdit ? { content: '', embeds: own } : { embeds: own };
}

/** Discord took the message in no other form: its words at least are shown. */
const isBare = ({ content, repairs }: DeliveryAttempt): boolean =>
  content.files === undefined && repairs.includes('plain');

function rowsOf(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  { nonce, way, config }: SendContext,
): ActionRow[] {
  if (attempt.part < attempt.parts || isBare(attempt)) return [];
  const isHidden = way.kind !== 'channel' && way.life.ephemeral;
  return componentRows(
    {
      buttons: delivery.buttons,
      askId: delivery.kind === 'question' && delivery.freeText ? delivery.askId : undefined,
      seen:
        isHidden && delivery.kind === 'terminal'
          ? { receiptId: delivery.receiptId, part: attempt.part }
          : undefined,
    },
    nonce,
    config.words,
  );
}

/** Pure: what of a part is text and what a file; a file that is not sent along is told of. */
export function contentOf(
  { content, live, repairs }: Pick<DeliveryAttempt, 'content' | 'live' | 'repairs'>,
  { config }: Pick<SendContext, 'config'>,
): { readonly text: string; readonly file?: CallFile } {
  const max = lengthMaxOf(config);
  const [given] = content.files ?? [];
  const isText = live !== undefined || given === undefined || content.text.trim() !== '';
  const text = isText ? renderText(content.text, { max }) : '';
  if (given === undefined || live !== undefined) return { text };
  const file = repairs.includes('plain') ? undefined : fileOf(given);
  if (file !== undefined) return { text, file };
  const told = toldOf(given, config.words);
  const both = text === '' ? told : `${text}\n\n${told}`;
  return { text: both.length <= max ? both : text };
}

function fileOf({ name, mimeType, text }: DeliveryFile): CallFile | undefined {
  return text === undefined ? undefined : { name: safeName(name), contentType: mimeType, text };
}

function toldOf(
  { name, url }: DeliveryFile,
  { file }: Pick<DiscordConfig['words'], 'file'>,
): string {
  const link = url === undefined ? undefined : linkUrl(url);
  return `${escapeText(`${file} ${name}`)}${link === undefined ? '' : ` <${link}>`}`;
}

/** A name that people can save. */
const safeName = (name: string): string =>
  name.replace(/[^\P{Cc}]|[";\\/]/gu, '_').trim() || 'file';
