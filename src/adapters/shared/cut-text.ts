import type { DeliveryFile, Part } from '../../contracts/delivery.ts';
import { graphemeStart } from './grapheme.ts';
import { inlineSpans } from './inline-span.ts';
import { splitParts } from './split-text.ts';
import { type TextUnit, textReach, textSize } from './text-size.ts';

export interface CutOptions {
  /** Longest part, marks and numbers included; at least 100. */
  readonly max: number;
  /** How the platform counts `max`. */
  readonly unit: TextUnit;
  /** With more parts the text becomes a file; `Infinity`: never (what is edited in place is clipped, not filed). Default 10. */
  readonly partsMax?: number;
  /** Longest text that may stand beside the file, at most `max`; at least 100. Default `max`. */
  readonly excerptMax?: number;
  /** Ends the excerpt: says where the whole is. CommonMark. */
  readonly fileNote?: string;
}

const partsMaxDefault = 10;
const maxLeast = 100;
const fileNoteDefault = 'The whole text is in the attached file.';
/** Core's limits of a Delivery. */
const fileMax = 1_000_000;
const filesMax = 10;

/**
 * The messages that a CommonMark text becomes on a platform, at least one. One that fits is one part as it
 * stands. Longer ones are cut as by `splitText`, and no emphasis, code, link or address that fits into a part
 * is cut. From three parts on each ends with its number, `(2/5)`, outside of any fence.
 *
 * With more than `partsMax` parts: one part, whose text is the beginning and the note, with the whole text in
 * `answer.md` (`answer-1.md` and so on when it is longer than a file may be: 1,000,000 UTF-16 units). Only a
 * text that ten such files do not hold is cut into parts all the same.
 *
 * The `source`s (where absent, the texts) together are the text. Pure: the same text gives the same parts.
 * Throws `RangeError` when `max` or `excerptMax` is below 100.
 */
export function cutText(text: string, options: CutOptions): Part[] {
  const { max, unit, partsMax = partsMaxDefault, excerptMax = max } = options;
  if (!(max >= maxLeast) || !(excerptMax >= maxLeast))
    throw new RangeError(`a part must hold at least ${maxLeast}, got ${Math.min(max, excerptMax)}`);
  if (textReach(text, 0, { room: max, unit }) === text.length) return [{ text }];
  const isFile = textSize(text.trimEnd(), unit) > partsMax * max;
  const parts = isFile ? undefined : cutNumbered(text, options, partsMax);
  if (parts !== undefined) return parts;
  const files = textFiles(text);
  if (files.length > filesMax) return cutNumbered(text, options, Number.POSITIVE_INFINITY) ?? [];
  return [{ text: excerpt(text, options), source: text, files }];
}

/** The parts with their numbers; undefined when there are more than `partsMax`. */
function cutNumbered(text: string, options: CutOptions, partsMax: number): Part[] | undefined {
  const { max, unit } = options;
  let expected = Math.ceil(textSize(text.trimEnd(), unit) / max);
  for (;;) {
    /** Room for the widest number, and for the blank line before it. */
    const spare = expected > 2 ? `\n\n(${expected}/${expected})`.length : 0;
    const parts: Part[] = [];
    for (const part of splitParts(text, { max, unit, spare, spansIn: inlineSpans })) {
      if (parts.push(part) > partsMax) return undefined;
    }
    if (parts.length <= 2) return parts;
    if (expected > 2 && String(parts.length).length <= String(expected).length)
      return parts.map((part, at) => numbered(part, at + 1, parts.length));
    expected = parts.length;
  }
}

function numbered(part: Part, at: number, count: number): Part {
  const seam = at < count ? ' ' : '\n\n';
  return { ...part, text: `${part.text}${seam}(${at}/${count})` };
}

/** The beginning of the text, closed where it is cut, and the note. */
function excerpt(text: string, options: CutOptions): string {
  const { max, unit, excerptMax = max, fileNote = fileNoteDefault } = options;
  const room = Math.min(max, excerptMax);
  const end = `\n\n${fileNote}`;
  const spare = textSize(end, unit);
  if (room - spare < maxLeast / 2) return fileNote;
  const [first] = splitParts(text, { max: room - spare, unit, spansIn: inlineSpans });
  return `${first?.text ?? ''}${end}`;
}

/** The text as files, cut at a line's end where there is one in the second half. */
function textFiles(text: string): DeliveryFile[] {
  const slices: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = fileEnd(text, start);
    slices.push(text.slice(start, end));
    start = end;
  }
  return slices.map((slice, at) => ({
    name: slices.length === 1 ? 'answer.md' : `answer-${at + 1}.md`,
    mimeType: 'text/markdown',
    text: slice,
  }));
}

function fileEnd(text: string, start: number): number {
  const reach = start + fileMax;
  if (reach >= text.length) return text.length;
  const line = text.lastIndexOf('\n', reach - 1) + 1;
  if (line > start + fileMax / 2) return line;
  const boundary = graphemeStart(text, reach, start);
  return boundary > start ? boundary : reach;
}
