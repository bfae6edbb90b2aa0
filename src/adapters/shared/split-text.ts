import type { Part } from '../../contracts/delivery.ts';
import { type Fence, fenceAfter } from './fence.ts';
import { findSeam, type Seam, type SpanFinder } from './seam.ts';
import { type TextUnit, textReach, textSize } from './text-size.ts';

export interface SplitLimit {
  /** Longest part, marks included; at least 40. */
  readonly max: number;
  readonly unit: TextUnit;
  /** Kept free at the end of every part for what is put there later; the last part's fence is closed then too. Default 0. */
  readonly spare?: number;
  /** What should not be cut. Default nothing. */
  readonly spansIn?: SpanFinder;
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
  return [...splitParts(text, limit)];
}

/** The parts of `splitText`, one after the other: those that nobody asks for are not cut. */
export function* splitParts(text: string, limit: SplitLimit): Generator<Part> {
  if (!(limit.max >= maxLeast)) {
    throw new RangeError(`a part must hold at least ${maxLeast}, got ${limit.max}`);
  }
  if (textReach(text, 0, { room: limit.max, unit: limit.unit }) === text.length) {
    yield { text };
    return;
  }
  const textEnd = text.trimEnd().length;
  let place: Place = { start: 0, head: '', fence: undefined };
  for (;;) {
    const last = lastPart(text, place, limit, textEnd);
    if (last !== undefined) {
      yield last;
      return;
    }
    const { part, next } = cutPart(text, place, limit);
    yield part;
    place = next;
  }
}

/** What is left of the text, when it fits into one part. */
function lastPart(
  text: string,
  place: Place,
  limit: SplitLimit,
  textEnd: number,
): Part | undefined {
  const { max, unit, spare = 0 } = limit;
  const room = max - spare - textSize(place.head, unit);
  if (textReach(text, place.start, { room, unit }) < textEnd) return undefined;
  const body = text.slice(place.start, textEnd);
  const fence = spare > 0 ? fenceAtEnd(body, place.fence, max) : undefined;
  const closed = fence === undefined ? body : `${body}\n${fence.close}`;
  if (textSize(closed, unit) > room) return undefined;
  return { text: place.head + closed, source: text.slice(place.start) };
}

function fenceAtEnd(body: string, before: Fence | undefined, max: number): Fence | undefined {
  let fence = before;
  for (const line of body.split('\n')) fence = fenceAfter(line, fence, fenceMaxOf(max));
  return fence;
}

const fenceMaxOf = (max: number): number => Math.floor(max / 8);

/** What ends a part depends on where it is cut, and that on how long the end is: the room shrinks until both fit. */
function cutPart(text: string, place: Place, limit: SplitLimit): { part: Part; next: Place } {
  const { unit, max, spare = 0, spansIn } = limit;
  const fenceMax = fenceMaxOf(max);
  let room = max - spare - textSize(place.head + mark, unit);
  for (;;) {
    const reach = textReach(text, place.start, { room, unit });
    const { start, fence } = place;
    const seam = findSeam({ text, reach, fenceMax, start, fence, spansIn });
    const source = text.slice(place.start, seam.end);
    const ends = endsAt(source, seam);
    const cut = place.head + ends.body + ends.tail;
    const excess = textSize(cut, unit) + spare - max;
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
