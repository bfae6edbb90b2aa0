import { type Fence, fenceAfter, isFenceLine } from './fence.ts';
import { graphemeEndsAt, graphemeStart } from './grapheme.ts';

/** A stretch of a text that may become a part. */
export interface Stretch {
  readonly text: string;
  readonly start: number;
  /** The greatest end there is room for. */
  readonly reach: number;
  /** The fence that is open at `start`. */
  readonly fence: Fence | undefined;
  /** See `fenceAfter`. */
  readonly fenceMax: number;
  readonly spansIn?: SpanFinder | undefined;
}

/** What of a text should stay whole: from an index to another. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The spans of a paragraph that begins at `from`, as far as they begin before `reach`; they may overlap. */
export type SpanFinder = (text: string, from: number, reach: number) => readonly Span[];

/** Where a stretch is cut, and the fence that is open there. */
export interface Seam {
  readonly end: number;
  readonly fence: Fence | undefined;
}

interface LineEnd extends Seam {
  readonly blank: boolean;
  /** What follows is so much indented that it would be code at the beginning of a message. */
  readonly deep: boolean;
  /** A cut here leaves an empty fence behind or makes one. */
  readonly bare: boolean;
}

const sentenceEnd = /[.!?…]["')\]]?[ \t]+|[。！？]/g;
const spaceEnd = /[ \t]+/g;

/**
 * The best place to cut: in the second half the last paragraph, then line, outside a fence before inside
 * one, then sentence, then space; else the last line or space at all; else before the span that stands there;
 * else between graphemes. Always after `start`. A span is cut only when it is longer than the stretch.
 */
export function findSeam(stretch: Stretch): Seam {
  const lines = lineEnds(stretch);
  const half = stretch.start + (stretch.reach - stretch.start) / 2;
  const late = lines.filter(({ end, bare }) => end > half && !bare);
  const outside = late.filter(({ fence }) => fence === undefined);
  const paragraph = outside.findLast(({ blank, deep }) => blank && !deep);
  if (paragraph !== undefined) return paragraph;
  const spans = wholeSpans(stretch, lines);
  const free = outside.filter(({ end }) => isFree(spans, end));
  const best =
    free.findLast(({ deep }) => !deep) ??
    free.findLast(({ blank }) => blank) ??
    free.at(-1) ??
    late.findLast(({ fence, blank }) => fence !== undefined && blank) ??
    late.findLast(({ fence }) => fence !== undefined);
  if (best !== undefined) return best;
  return withinLine(stretch, lines, spans);
}

/** No line ends where it would be good: the line that `reach` stands in is cut, unless it is a fence's own. */
function withinLine(stretch: Stretch, lines: readonly LineEnd[], spans: readonly Span[]): Seam {
  const { text, start, reach } = stretch;
  const last = lines.at(-1);
  const lineStart = last?.end ?? start;
  const half = start + (reach - start) / 2;
  const fence = last === undefined ? stretch.fence : last.fence;
  if (last !== undefined && isFenceLine(lineAt(text, lineStart))) return last;
  const words = { text, start: lineStart, reach, spans };
  const space = lastMatch(words, spaceEnd);
  const sentence = fence === undefined ? lastMatch(words, sentenceEnd) : undefined;
  const end = [sentence, space].find((at) => at !== undefined && at > half);
  if (end !== undefined) return { end, fence };
  const whole = lines.findLast((line) => !line.bare && isFree(spans, line.end));
  if (whole !== undefined) return whole;
  if (space !== undefined) return { end: space, fence };
  const boundary = graphemeStart(text, reach, lineStart);
  const before = spanStart(spans, boundary);
  if (before > lineStart && graphemeStart(text, before, lineStart) === before)
    return { end: before, fence };
  if (boundary > lineStart) return { end: boundary, fence };
  return last ?? { end: pointEnd(text, start, reach), fence };
}

/** The spans that a cut can spare: those that are not longer than the stretch. */
function wholeSpans(stretch: Stretch, lines: readonly LineEnd[]): readonly Span[] {
  const { text, start, reach, fence, spansIn } = stretch;
  if (spansIn === undefined) return [];
  const opens = lines.findLast(
    (line, at) =>
      line.fence === undefined &&
      (line.blank || (lines[at - 1]?.fence ?? (at === 0 ? fence : undefined)) !== undefined),
  );
  if (opens === undefined && fence !== undefined) return [];
  return spansIn(text, opens?.end ?? start, reach).filter(
    (span) => span.end - span.start <= reach - start,
  );
}

function isFree(spans: readonly Span[], index: number): boolean {
  return !spans.some(({ start, end }) => start < index && index < end);
}

/** Where the outermost span that `index` stands in begins; `index` itself when it stands in none. */
function spanStart(spans: readonly Span[], index: number): number {
  const around = spans.filter(({ start, end }) => start < index && index < end);
  return around.reduce((first, { start }) => Math.min(first, start), index);
}

/** A grapheme is longer than the whole stretch: it is cut between code points, after one at least. */
function pointEnd(text: string, start: number, reach: number): number {
  const point = String.fromCodePoint(text.codePointAt(start) ?? 0);
  return Math.max(reach, start + point.length);
}

interface Words {
  readonly text: string;
  readonly start: number;
  readonly reach: number;
  readonly spans: readonly Span[];
}

function lastMatch(words: Words, pattern: RegExp): number | undefined {
  const { text, start, reach, spans } = words;
  const ends = Array.from(
    text.slice(start, reach).matchAll(pattern),
    (match) => start + match.index + match[0].length,
  );
  return ends.findLast((end) => isFree(spans, end) && graphemeEndsAt(text, end));
}

/** Every line end within reach, with the fence that is open after it. */
function lineEnds(stretch: Stretch): LineEnd[] {
  const { text, reach, fenceMax } = stretch;
  const ends: LineEnd[] = [];
  let { start, fence } = stretch;
  for (;;) {
    const newline = text.indexOf('\n', start);
    if (newline === -1 || newline >= reach) return ends;
    const line = text.slice(start, newline);
    const before = fence;
    fence = fenceAfter(line, before, fenceMax);
    const opens = before === undefined && fence !== undefined;
    const end = newline + 1;
    const bare = opens || (fence !== undefined && closesNext(stretch, end, fence));
    const deep = fence === undefined && /^(?: {4}|\t)/.test(text.slice(end, end + 4));
    ends.push({ end, fence, blank: line.trim() === '', deep, bare });
    start = end;
  }
}

function closesNext({ text, fenceMax }: Stretch, start: number, fence: Fence): boolean {
  return fenceAfter(lineAt(text, start), fence, fenceMax) === undefined;
}

function lineAt(text: string, start: number): string {
  const newline = text.indexOf('\n', start);
  return text.slice(start, newline === -1 ? text.length : newline);
}
