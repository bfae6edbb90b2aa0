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
}

/** Where a stretch is cut, and the fence that is open there. */
export interface Seam {
  readonly end: number;
  readonly fence: Fence | undefined;
}

interface LineEnd extends Seam {
  readonly blank: boolean;
  /** A cut here leaves an empty fence behind or makes one. */
  readonly bare: boolean;
}

const sentenceEnd = /[.!?…]["')\]]?[ \t]+|[。！？]/g;
const spaceEnd = /[ \t]+/g;

/**
 * The best place to cut: in the second half the last paragraph, then line, outside a fence before inside
 * one, then sentence, then space; else the last line or space at all; else between graphemes. Always after `start`.
 */
export function findSeam(stretch: Stretch): Seam {
  const lines = lineEnds(stretch);
  const half = stretch.start + (stretch.reach - stretch.start) / 2;
  const late = lines.filter(({ end, bare }) => end > half && !bare);
  const best =
    late.findLast(({ fence, blank }) => fence === undefined && blank) ??
    late.findLast(({ fence }) => fence === undefined) ??
    late.findLast(({ blank }) => blank) ??
    late.at(-1);
  if (best !== undefined) return best;
  return withinLine(stretch, lines, half);
}

/** No line ends where it would be good: the line that `reach` stands in is cut, unless it is a fence's own. */
function withinLine(stretch: Stretch, lines: readonly LineEnd[], half: number): Seam {
  const { text, start, reach } = stretch;
  const last = lines.at(-1);
  const lineStart = last?.end ?? start;
  const fence = last === undefined ? stretch.fence : last.fence;
  if (last !== undefined && isFenceLine(lineAt(text, lineStart))) return last;
  const words = { text, start: lineStart, reach };
  const space = lastMatch(words, spaceEnd);
  const sentence = fence === undefined ? lastMatch(words, sentenceEnd) : undefined;
  const end = [sentence, space].find((at) => at !== undefined && at > half);
  if (end !== undefined) return { end, fence };
  const whole = lines.findLast(({ bare }) => !bare);
  if (whole !== undefined) return whole;
  if (space !== undefined) return { end: space, fence };
  const boundary = graphemeStart(text, reach, lineStart);
  if (boundary > lineStart) return { end: boundary, fence };
  return last ?? { end: pointEnd(text, start, reach), fence };
}

/** A grapheme is longer than the whole stretch: it is cut between code points, after one at least. */
function pointEnd(text: string, start: number, reach: number): number {
  const point = String.fromCodePoint(text.codePointAt(start) ?? 0);
  return Math.max(reach, start + point.length);
}

function lastMatch(
  words: Omit<Stretch, 'fence' | 'fenceMax'>,
  pattern: RegExp,
): number | undefined {
  const { text, start, reach } = words;
  const ends = Array.from(
    text.slice(start, reach).matchAll(pattern),
    (match) => start + match.index + match[0].length,
  );
  return ends.findLast((end) => graphemeEndsAt(text, end));
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
    ends.push({ end, fence, blank: line.trim() === '', bare });
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
