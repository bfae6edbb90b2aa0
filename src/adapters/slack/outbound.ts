import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Delivery, DeliveryFile, Part, Repair } from '../../contracts/delivery.ts';
import { cutText } from '../shared/cut-text.ts';
import type { SlackConfig } from './config.ts';
import { keyBlockId, metadataOf } from './metadata.ts';
import { type ActionsBlock, actionsBlock } from './outbound-button.ts';
import { blocksMax, type Rendered, renderPlain, renderText } from './render.ts';
import type { RichInline, TextBlock } from './render-block.ts';
import { clipEscaped, escapeText } from './render-escape.ts';
import { linkUrl } from './render-link.ts';

/** Longest message in UTF-16 units of its source: what Slack recommends, and what an edit's text may have. */
export const lengthMax = 4_000;

/** A call of the Web API, as data. */
export interface SlackCall {
  readonly method: 'chat.postMessage' | 'chat.update' | 'files.completeUploadExternal';
  readonly payload: Readonly<Record<string, unknown>>;
  /** Is uploaded before, and named in the call's `files`. */
  readonly upload?: { readonly name: string; readonly text: string };
}

export type OutboundWords = SlackConfig['words'];

/** Pure: the messages that a Delivery becomes. A file is a message of its own behind the text. */
export function cutDelivery(
  delivery: Delivery,
  repairs: readonly Repair[],
  config: Pick<SlackConfig, 'partsMax'>,
): readonly Part[] {
  // What Slack still calls too long, or takes no file for, is cut into halves, however many.
  const isSplit = repairs.includes('split');
  const max = isSplit ? lengthMax / 2 : lengthMax;
  const partsMax = isInPlace(delivery) || isSplit ? Number.POSITIVE_INFINITY : config.partsMax;
  const cut = cutText(delivery.text, { max, unit: 'utf16', partsMax });
  // It edits one message: the last one of what it amends, where the buttons are.
  if (delivery.kind === 'amend') return [{ text: cut.at(-1)?.text ?? '', source: delivery.text }];
  const files = delivery.files.map((file) => ({ text: '', source: '', files: [file] }));
  const parts = [...cut.flatMap(apart), ...files];
  const [first, second] = parts;
  if (delivery.kind !== 'notice' || second?.files === undefined || first?.files !== undefined)
    return parts;
  return [{ ...first, text: first?.text ?? '', files: second.files }, ...parts.slice(2)];
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

/** What a send knows besides the Delivery. */
export interface SendContext {
  /** The key that the message carries: see `Signer`. */
  readonly key: string;
  readonly config: Pick<SlackConfig, 'broadcast' | 'words'>;
}

/** Pure: the one call that shows a part; what it answers is the outcome. */
export function toCall(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  context: SendContext,
): SlackCall {
  const { content, live, repairs } = attempt;
  const isPlain = repairs.includes('plain');
  const isLast = attempt.part >= attempt.parts;
  const actions = actionsBlock(isLast ? delivery.buttons : [], {
    channel: delivery.channel,
    askId: isLast && delivery.kind === 'question' && delivery.freeText ? delivery.askId : undefined,
    words: context.config.words,
  });
  const max = blocksMax - JSON.stringify(actions).length;
  const hasText = live !== undefined || content.files === undefined || content.text.trim() !== '';
  const text = isPlain ? renderPlain(content.text) : renderText(content.text, { max });
  const sending = { delivery, attempt, context, actions };
  if (live !== undefined) return editCall(delivery, live, withActions(text, actions));
  const [file] = content.files ?? [];
  if (file === undefined) return postCall(sending, text);
  if (file.text === undefined || isPlain)
    return postCall(sending, withFile(hasText ? text : undefined, file, context.config.words));
  const shown = hasText ? text : inlineBlock([{ type: 'text', text: safeName(file.name) }]);
  return fileCall(sending, shown, { name: safeName(file.name), text: file.text });
}

interface Sending {
  readonly delivery: Delivery;
  readonly attempt: DeliveryAttempt;
  readonly context: SendContext;
  readonly actions: readonly ActionsBlock[];
}

function postCall({ delivery, attempt, context, actions }: Sending, text: Rendered): SlackCall {
  const { key, config } = context;
  const place = placeOf(delivery, attempt.repairs);
  const isLast = attempt.part >= attempt.parts;
  const broadcasts = config.broadcast && delivery.kind === 'terminal' && isLast;
  return {
    method: 'chat.postMessage',
    payload: {
      ...place,
      ...withActions(text, actions),
      ...literal,
      unfurl_links: false,
      unfurl_media: false,
      ...(broadcasts && place.thread_ts !== undefined ? { reply_broadcast: true } : {}),
      metadata: metadataOf(key),
    },
  };
}

function fileCall(
  { delivery, attempt, context, actions }: Sending,
  { blocks }: Rendered,
  upload: { readonly name: string; readonly text: string },
): SlackCall {
  const { channel: channel_id, ...thread } = placeOf(delivery, attempt.repairs);
  const all = [...marked(blocks, context.key), ...actions];
  return {
    method: 'files.completeUploadExternal',
    payload: { channel_id, ...thread, blocks: all },
    upload,
  };
}

/** Slack looks for no names in the text; for edits it does unless it is told. */
const literal = { parse: 'none', link_names: false };

interface Shown {
  readonly text: string;
  readonly blocks: readonly (TextBlock | ActionsBlock)[];
}

const withActions = ({ text, blocks }: Rendered, actions: readonly ActionsBlock[]): Shown => ({
  text,
  blocks: [...blocks, ...actions],
});

/** Pure: the edit of a message; without buttons it loses those it had. Blocks that are left out would stay. */
export function editCall(
  { channel }: Pick<Delivery, 'channel'>,
  live: string,
  shown: Shown,
): SlackCall {
  return {
    method: 'chat.update',
    payload: { channel: channel.conversation, ts: live, ...shown, ...literal },
  };
}

/** Where something goes: channel and thread, as every call names them. */
export function placeOf(
  { channel }: Pick<Delivery, 'channel'>,
  repairs: readonly Repair[] = [],
): { readonly channel: string; readonly thread_ts?: string } {
  const { conversation, thread } = channel;
  if (thread === undefined || repairs.includes('drop_anchor')) return { channel: conversation };
  return { channel: conversation, thread_ts: thread };
}

/** With a file Slack takes no metadata: the key is the id of its first block. */
function marked(blocks: readonly TextBlock[], key: string): readonly TextBlock[] {
  const at = blocks.findIndex(({ type }) => type !== 'divider');
  return blocks.map((block, index) =>
    index === at && block.type !== 'divider' ? { ...block, block_id: keyBlockId(key) } : block,
  );
}

function inlineBlock(elements: RichInline[]): Rendered {
  const words = elements.map((one) => (one.type === 'link' ? one.url : one.text)).join('');
  return {
    text: escapeText(words),
    blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }],
  };
}

/** A file that is not sent along is told of: its name, and where it is. */
function withFile(
  before: Rendered | undefined,
  { name, url }: DeliveryFile,
  words: Pick<OutboundWords, 'file'>,
): Rendered {
  const link = url === undefined ? undefined : linkUrl(url);
  const line = inlineBlock([
    { type: 'text', text: `${words.file} ${name}${link === undefined ? '' : ' '}` },
    ...(link === undefined ? [] : [{ type: 'link' as const, url: link }]),
  ]);
  if (before === undefined) return line;
  return {
    text: clipEscaped(`${before.text}\n\n${line.text}`, lengthMax),
    blocks: [...before.blocks, ...line.blocks],
  };
}

/** A name that people can save. */
const safeName = (name: string): string =>
  name.replace(/[^\P{Cc}]|[";\\/]/gu, '_').trim() || 'file';
