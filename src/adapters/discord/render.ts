import { childrenOf, parseText, type TextNode, type TextRoot } from '../shared/parse-text.ts';
import { cleanText, clipEscaped, escapeText, guardLines } from './render-escape.ts';
import type { Definition } from './render-inline.ts';
import { renderBlocks } from './render-node.ts';

/**
 * Longest message. Discord counts code points; UTF-16 units are never fewer, and what its own libraries count.
 */
export const contentMax = 2_000;
/** Longest description of an embed. */
export const descriptionMax = 4_096;
/** Stands where Discord would refuse an empty text. */
const blank = '…';

/**
 * A CommonMark text in Discord's Markdown: everything of the text is escaped, so that nothing of it mentions anybody,
 * no letter of it becomes a mark, and no line of it a heading, a list or a quote. Links lead to http and https alone.
 * Trimmed, never empty.
 *
 * It may be longer than the text. Where it would be longer than `max`, tables are not aligned; what is too long all the
 * same goes out as it was written, escaped, and is cut.
 */
export function renderText(markdown: string, { max = contentMax } = {}): string {
  const text = rendered(markdown, max);
  return text.length <= max ? text : clipEscaped(renderPlain(markdown), max);
}

/** How long a text is as Discord takes it, in UTF-16 units: in the shortest form when the others are longer than `max`. */
export function sizeOf(markdown: string, max: number): number {
  return rendered(markdown, max).length;
}

/** In the form that fits, else in the shortest one. */
function rendered(markdown: string, max: number): string {
  const root = parseText(markdown);
  const definitions = definitionsOf(root);
  const form = (compact: boolean): string =>
    renderBlocks(root.children, { definitions, compact }).trim() || blank;
  const full = form(false);
  return full.length <= max ? full : form(true);
}

/** The source as it was written, escaped. */
function renderPlain(markdown: string): string {
  return guardLines(escapeText(cleanText(markdown).trim())) || blank;
}

/** The first definition of every name that something refers to. */
function definitionsOf(root: TextRoot): ReadonlyMap<string, Definition> {
  const definitions = new Map<string, Definition>();
  const referred = new Set<string>();
  collect(root.children, definitions, referred);
  for (const identifier of definitions.keys())
    if (!referred.has(identifier)) definitions.delete(identifier);
  return definitions;
}

function collect(
  nodes: readonly TextNode[],
  definitions: Map<string, Definition>,
  referred: Set<string>,
): void {
  for (const node of nodes) {
    if (node.type === 'definition' && !definitions.has(node.identifier))
      definitions.set(node.identifier, node);
    if (node.type === 'linkReference' || node.type === 'imageReference')
      referred.add(node.identifier);
    collect(childrenOf(node), definitions, referred);
  }
}
