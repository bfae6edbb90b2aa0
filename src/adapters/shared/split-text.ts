import type { Part } from '../../contracts/delivery.ts';
import type { Fence } from './fence.ts';
import { findSeam, type Seam } from './seam.ts';
import { type TextUnit, textReach, textSize } from './text-size.ts';

export interface SplitLimit {
  /** Longest part, marks included; at least 40. */
  readonly max: number;
  readonly unit: TextUnit;
}

/** Where a part begins: what is put before its text there. */
interface Place {
  readonly start: number;
  readonly head: string;
  readonly fence: Fence | undefined;
}

const mark = '…';
const maxLeast = 40;

/**
 * The messages that a text becomes on a platform that takes `limit`. At least one; a text that fits is one
 * part as it stands. Cuts fall at the end of a paragraph, a line, a sentence or a word in the second half of
 * a part, else between graphemes; inside a grapheme only when it is longer than a part can hold (then between
 * code points). `…` stands at the end of a part that goes on and at the beginning of the next. A code fence
 * is closed at a cut and opened again.
 *
 * The texts of several parts are not slices of the original, their `source`s are: together they are all of
 * it. White space at a cut and at the very end is in `source` only.
 *
 * Throws `RangeError` when `limit.max` is below 40.
 */
export function splitText(text: string, limit: SplitLimit): Part[] {
  if (!(limit.max >= maxLeast)) {
    throw new RangeError(`a part must hold at least ${maxLeast}, got ${limit.max}`);
  }
  if (textReach(text, 0, { room: limit.max, unit: limit.unit }) === text.length) return [{ text }];
  const textEnd = text.trimEnd().length;
  const parts: Part[] = [];
  let place: Place = { start: 0, head: '', fence: undefined };
  for (;;) {
    const room = limit.max - textSize(place.head, limit.unit);
    if (textReach(text, place.start, { room, unit: limit.unit }) >= textEnd) break;
    const { part, next } = cutPart(text, place, limit);
    parts.push(part);
    place = next;
  }
  const last = place.head + text.slice(place.start, textEnd);
  return [...parts, { text: last, source: text.slice(place.start) }];
}

/** What ends a part depends on where it is cut, and that on how long the end is: the room shrinks until both fit. */
function cutPart(text: string, place: Place, limit: SplitLimit): { part: Part; next: Place } {
  const { unit, max } = limit;
  const fenceMax = Math.floor(max / 8);
  let room = max - textSize(place.head + mark, unit);
  for (;;) {
    const reach = textReach(text, place.start, { room, unit });
    const seam = findSeam({ text, reach, fenceMax, start: place.start, fence: place.fence });
    const source = text.slice(place.start, seam.end);
    const ends = endsAt(source, seam);
    const cut = place.head + ends.body + ends.tail;
    const excess = textSize(cut, unit) - max;
    if (excess <= 0) {
      const next = { start: seam.end, head: ends.head, fence: seam.fence };
      return { part: { text: cut, source }, next };
    }
    room -= excess;
  }
}

/** How a part ends at a seam, and how the next begins. */
function endsAt(source: string, { fence }: Seam): { body: string; tail: string; head: string } {
  const newline = source.endsWith('\n');
  if (fence !== undefined) {
    const tail = `${newline ? '' : '\n'}${fence.close}\n${mark}`;
    return { body: source, tail, head: `${mark}\n${fence.open}\n` };
  }
  const body = source.trimEnd();
  if (newline) return { body, tail: `\n\n${mark}`, head: `${mark}\n\n` };
  if (body !== source) return { body, tail: ` ${mark}`, head: `${mark} ` };
  return { body, tail: mark, head: mark };
}
