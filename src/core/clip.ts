/** Stands where text was left out. */
const mark = '…';
/** Longest title, in graphemes, its mark included. */
const titleMax = 60;
/** A grapheme longer than this (a letter under a tower of accents) is not a name's: titles show it as `�`. */
const titleGraphemeMax = 32;
/** How much of a text a title is looked for in, in UTF-16 units. */
const titleReach = 8_000;

const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Each of these is a grapheme of its own; finding the graphemes of others is slow. */
const ascii = /^[ -~]*$/;
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * The beginning of a text, whole graphemes only, at most `max` long with its mark; a text that fits
 * comes back as it is. What was left out is always marked by `…`.
 *
 * @param max At least 1. Counted in UTF-16 units (what `.length` and the schemas' `max` count), or in graphemes.
 */
export function clip(text: string, max: number, unit: 'utf16' | 'grapheme' = 'utf16'): string {
  if (text.length <= max) return text;
  if (ascii.test(text.slice(0, max + 1))) return text.slice(0, max - mark.length) + mark;
  let size = 0;
  let end = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    if (size <= max - mark.length) end = index;
    size += unit === 'utf16' ? segment.length : 1;
    if (size > max) return text.slice(0, end) + mark;
  }
  return text;
}

/**
 * The first line of a text that shows anything, on one line: control and direction characters are gone,
 * white space is single, mentions (`@everyone`, `<@id>`, `<!here>`) have a zero-width space in them and
 * call nobody. Empty when there is none. Not clipped.
 */
export function firstLine(text: string): string {
  for (const line of text.split(/[\r\n\u0085\u2028\u2029]+/)) {
    const clean = plain(line);
    if (visible.test(clean)) return clean;
  }
  return '';
}

/** What a Task is called: `firstLine` of what was asked, at most 60 graphemes. Empty when nothing can be shown. */
export function title(text: string): string {
  const line = firstLine(text.length > titleReach ? clip(text, titleReach) : text);
  return clip(ascii.test(line) ? line : withoutTowers(line), titleMax, 'grapheme');
}

function withoutTowers(line: string): string {
  const short = (segment: string): string =>
    segment.length > titleGraphemeMax ? '\uFFFD' : segment;
  return Array.from(graphemes.segment(line), ({ segment }) => short(segment)).join('');
}

function plain(line: string): string {
  return line
    .replace(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/@(?=[\p{L}\p{N}_&!])/gu, '@\u200B')
    .replace(/<(?=[@!#])/gu, '<\u200B');
}
