const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * The greatest grapheme boundary of `text` at or before `index` and not before `floor`, which is one itself.
 * Looks back only as far as it must, so that cutting a long text stays linear.
 */
export function graphemeStart(text: string, index: number, floor: number): number {
  if (index >= text.length) return text.length;
  let from = index;
  while (from > floor && !plainBoundary(text, from)) from -= 1;
  const found = graphemes.segment(text.slice(from, index + 2)).containing(index - from);
  return from + (found?.index ?? 0);
}

/** Whether a grapheme ends before `index`, where the unit before it is white space or punctuation of the basic plane. */
export function graphemeEndsAt(text: string, index: number): boolean {
  const around = text.slice(index - 1, index + 2);
  return graphemes.segment(around).containing(0)?.segment.length === 1;
}

/** Between two ASCII characters, CR LF excepted, there is always one. */
function plainBoundary(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1);
  const after = text.charCodeAt(index);
  return before < 0x80 && after < 0x80 && !(before === 13 && after === 10);
}
