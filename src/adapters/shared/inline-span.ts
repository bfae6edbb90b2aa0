import { childrenOf, parseText, type TextNode } from './parse-text.ts';
import type { Span } from './seam.ts';

/** How far behind `reach` an inline is looked for that begins before it, in UTF-16 units. */
const ahead = 1_024;

const markup = /[\\`*_~[<&@]|:\/\/|www\./;
/** An escaped character and a character reference. */
const escaped = /\\[!-/:-@[-`{-~]|&(?:#[xX]?[\da-fA-F]{1,7}|[a-zA-Z]\w{1,30});/g;

/**
 * What of the paragraph that begins at `from` means something only as a whole: emphasis, code, links, images,
 * addresses, escapes, each inner one as well. Those that begin after `reach`, or end more than 1,024 UTF-16
 * units behind it, are not found. Costs as much as parsing that stretch.
 */
export function inlineSpans(text: string, from: number, reach: number): Span[] {
  const behind = text.slice(reach, reach + ahead);
  const blank = behind.search(/\n[ \t]*\r?\n/);
  const end = reach + (blank === -1 ? behind.length : blank);
  /** Indented it would be code when it stands alone. */
  const start = from + (text.slice(from, end).length - text.slice(from, end).trimStart().length);
  const paragraph = text.slice(start, end);
  if (!markup.test(paragraph)) return [];
  const spans = Array.from(paragraph.matchAll(escaped), ({ index, 0: { length } }) => ({
    start: start + index,
    end: start + index + length,
  }));
  collect(parseText(paragraph).children, start, spans);
  return spans;
}

function collect(nodes: readonly TextNode[], shift: number, spans: Span[]): void {
  for (const node of nodes) {
    const from = node.position?.start.offset;
    const to = node.position?.end.offset;
    if (isInline(node) && from !== undefined && to !== undefined)
      spans.push({ start: shift + from, end: shift + to });
    collect(childrenOf(node), shift, spans);
  }
}

const inlines: readonly TextNode['type'][] = [
  'delete',
  'emphasis',
  'footnoteReference',
  'image',
  'imageReference',
  'inlineCode',
  'link',
  'linkReference',
  'strong',
];
const isInline = ({ type }: TextNode): boolean => inlines.includes(type);
