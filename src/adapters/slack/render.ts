import { childrenOf, parseText, type TextNode, type TextRoot } from '../shared/parse-text.ts';
import type { TextBlock } from './render-block.ts';
import { cleanText, clipEscaped, escapeText } from './render-escape.ts';
import { plainOf } from './render-fallback.ts';
import type { Definition } from './render-inline.ts';
import { renderBlocks } from './render-node.ts';
import { RichWriter } from './render-writer.ts';

export interface Rendered {
  /** For notifications, search and old clients; escaped. */
  readonly text: string;
  readonly blocks: readonly TextBlock[];
}

/** Slack refuses about 13,200 characters of blocks, whose JSON counts in part; this is below it in any case. */
export const blocksMax = 12_000;
/** `chat.update` refuses a longer text, also where blocks stand for it. */
const fallbackMax = 4_000;
/** Longest text of a section. */
const sectionMax = 3_000;
/** Stands where Slack would refuse an empty text. */
const blank = '…';

/**
 * A CommonMark text as `rich_text` blocks and the plain text that stands for them. Rich text is data: nothing in it
 * is parsed, so nothing of it can mention anybody, and no letter of it is lost to `*`, `_` or `&`. (Slack's `markdown`
 * block would read `<!channel>`, knows no tables, task lists and rules, and drops block ids; mrkdwn cannot escape its
 * own marks and needs spaces around them.) Links lead to http, https and mailto alone.
 *
 * The JSON of the blocks is at most `max` (12,000) characters where that can be: tables are not aligned, and then
 * styles left out, when it would be more. Never empty.
 */
export function renderText(markdown: string, { max = blocksMax } = {}): Rendered {
  const root = parseText(markdown);
  const compact = renderRoot(root, true);
  const text = fallback(plainOf(compact));
  if (compact.length === 0) return { text: blank, blocks: asWritten(blank) };
  const full = renderRoot(root, false);
  const blocks = [full, compact].find((one) => JSON.stringify(one).length <= max);
  return { text, blocks: blocks ?? asWritten(cleanText(markdown).trim()) };
}

/** The source as it was written, in sections, escaped: when Slack refuses the blocks. */
export function renderPlain(markdown: string): Rendered {
  const text = cleanText(markdown).trim() || blank;
  const blocks: TextBlock[] = [];
  for (let rest = escapeText(text); rest !== ''; ) {
    const end = sectionEnd(rest);
    const slice = rest.slice(0, end);
    rest = rest.slice(end);
    // A section of white space alone is refused.
    if (slice.trim() === '') continue;
    blocks.push({ type: 'section', text: { type: 'mrkdwn', text: slice, verbatim: true } });
  }
  return { text: fallback(text), blocks };
}

const fallback = (text: string): string => clipEscaped(escapeText(text) || blank, fallbackMax);

function asWritten(text: string): TextBlock[] {
  const elements = [{ type: 'text' as const, text }];
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }];
}

/** At the end of a line where there is one in the second half; never inside of an entity or a pair. */
function sectionEnd(text: string): number {
  if (text.length <= sectionMax) return text.length;
  const line = text.lastIndexOf('\n', sectionMax - 1) + 1;
  if (line > sectionMax / 2) return line;
  const cut = text.slice(0, sectionMax).replace(/&[a-z]{0,3}$/, '');
  return cut.replace(/[\ud800-\udbff]$/, '').length;
}

function renderRoot(root: TextRoot, compact: boolean): TextBlock[] {
  const writer = new RichWriter();
  const definitions = new Map<string, Definition>();
  const referred = new Set<string>();
  collect(root.children, definitions, referred);
  for (const identifier of definitions.keys())
    if (!referred.has(identifier)) definitions.delete(identifier);
  renderBlocks(root.children, { writer, definitions, compact });
  return writer.blocks();
}

/** The first definition of every name, and the names that something refers to. */
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
