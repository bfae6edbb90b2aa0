import type { Delivery, Part, Repair } from '../../contracts/delivery.ts';
import { cutText } from '../shared/cut-text.ts';
import { type Fence, fenceAfter } from '../shared/fence.ts';
import type { DiscordConfig } from './config.ts';
import { contentMax, descriptionMax, sizeOf } from './render.ts';

/** Longest message in UTF-16 units. */
export function lengthMaxOf({ embeds }: Pick<DiscordConfig, 'embeds'>): number {
  return embeds ? descriptionMax : contentMax;
}

/** Shortest part that a text is cut into because escapes make it longer. */
const partLeast = 100;

/** Pure: the messages that a Delivery becomes. A file is a message of its own behind the text. */
export function cutDelivery(
  delivery: Delivery,
  repairs: readonly Repair[],
  config: Pick<DiscordConfig, 'partsMax' | 'embeds'>,
): readonly Part[] {
  const isSplit = repairs.includes('split');
  const partsMax = isInPlace(delivery) || isSplit ? Number.POSITIVE_INFINITY : config.partsMax;
  const max = lengthMaxOf(config);
  const cut = cutToFit(delivery.text, { max, first: isSplit ? max / 2 : max, partsMax });
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

/**
 * Pure: as much of the end of a text as one message holds, its fence opened again. It is asked for again with every word
 * that is streamed, so what stands long before the end is not parsed.
 */
export function tailOf(text: string, config: Pick<DiscordConfig, 'embeds'>): string {
  const max = lengthMaxOf(config);
  for (let room = max; ; ) {
    const end = endOf(text, room);
    const excess = sizeOf(end, max) / max;
    if (excess <= 1 || room <= partLeast) return end;
    room = shorter(room, excess);
  }
}

/** What says that it is the end, and opens its fence. */
const headMax = 40;

/** From the beginning of a line where there is one, with the fence that is open there. */
function endOf(text: string, room: number): string {
  if (text.length <= room) return text;
  const from = text.length - room + headMax;
  const line = text.indexOf('\n', from);
  const start = line >= 0 && line < from + room / 2 ? line + 1 : from;
  let fence: Fence | undefined;
  for (const before of text.slice(0, start).split('\n'))
    fence = fenceAfter(before, fence, headMax - 3);
  // Not from the second half of a character.
  const end = text.slice(start).replace(/^[\udc00-\udfff]/, '');
  return `…\n${fence === undefined ? '' : `${fence.open}\n`}${end}`;
}

interface CutLimit {
  /** Longest part as it is sent. */
  readonly max: number;
  /** Longest part of the source that is tried first. */
  readonly first: number;
  readonly partsMax: number;
}

/** Escapes and marks make a text longer: it is cut shorter until each part fits as it is sent. */
function cutToFit(text: string, { max, first, partsMax }: CutLimit): readonly Part[] {
  for (let room = first; ; ) {
    const parts = cutText(text, { max: room, unit: 'utf16', partsMax });
    if (room <= partLeast) return parts;
    const sizes = parts.map((part) => sizeOf(part.text, max));
    const excess = Math.max(...sizes) / max;
    if (excess <= 1) return parts;
    room = shorter(room, excess);
  }
}

const shorter = (room: number, excess: number): number =>
  Math.max(partLeast, Math.floor(room * Math.min(0.9, 0.97 / excess)));

/** The whole text stands behind the file: when that must be sent again, nothing of it is lost. */
function apart({ text, source = text, files = [] }: Part): Part[] {
  if (files.length === 0) return [source === text ? { text } : { text, source }];
  const own = files.map((file) => ({ text: '', source: '', files: [file] }));
  return [{ text, source: '' }, { ...own[0], text: '', source }, ...own.slice(1)];
}
