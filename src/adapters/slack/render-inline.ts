import { childrenOf, type TextNode } from '../shared/parse-text.ts';
import type { RichInline, Style } from './render-block.ts';
import { cleanText } from './render-escape.ts';
import { isAddress, linkUrl, shownAddress } from './render-link.ts';

export type Definition = Extract<TextNode, { type: 'definition' }>;

export interface InlineContext {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly style?: Style;
}

/** The inlines of a node, in order; neighbours of one style are one. */
export function renderInlines(
  nodes: readonly TextNode[],
  context: InlineContext,
): readonly RichInline[] {
  return joined(nodes.flatMap((node) => renderInline(node, context)));
}

/** A text of one style; none when it is empty. */
export function richText(text: string, style: Style = {}): RichInline[] {
  const clean = cleanText(text);
  if (clean === '') return [];
  return [{ type: 'text', text: clean, ...(isPlain(style) ? {} : { style }) }];
}

/** Neighbours of one style become one: each costs more than its text. */
export function joined(inlines: readonly RichInline[]): RichInline[] {
  const found: RichInline[] = [];
  append(found, inlines);
  return found;
}

/** The same, behind what stands in `target`. */
export function append(target: RichInline[], inlines: readonly RichInline[]): void {
  for (const inline of inlines) {
    const last = target.at(-1);
    if (last?.type === 'text' && inline.type === 'text' && sameStyle(last.style, inline.style))
      target[target.length - 1] = { ...last, text: last.text + inline.text };
    else target.push(inline);
  }
}

const names = ['bold', 'italic', 'strike', 'code'] as const;
const isPlain = (style: Style): boolean => names.every((name) => style[name] === undefined);
const sameStyle = (one: Style = {}, other: Style = {}): boolean =>
  names.every((name) => one[name] === other[name]);

function renderInline(node: TextNode, context: InlineContext): RichInline[] {
  const { style = {} } = context;
  const inner = (more: Style): RichInline[] =>
    childrenOf(node).flatMap((child) =>
      renderInline(child, { ...context, style: { ...style, ...more } }),
    );
  switch (node.type) {
    case 'strong':
      return inner({ bold: true });
    case 'emphasis':
      return inner({ italic: true });
    case 'delete':
      return inner({ strike: true });
    case 'inlineCode':
      return richText(node.value, { ...style, code: true });
    case 'break':
      return richText('\n', style);
    case 'link':
    case 'linkReference':
    case 'image':
    case 'imageReference':
      return renderLink(node, context);
    case 'footnoteReference':
      return richText(`[${node.label ?? node.identifier}]`, style);
    case 'text':
    case 'html':
    case 'yaml':
    case 'code':
      return richText(node.value, style);
    case 'blockquote':
    case 'definition':
    case 'footnoteDefinition':
    case 'heading':
    case 'list':
    case 'listItem':
    case 'paragraph':
    case 'table':
    case 'tableCell':
    case 'tableRow':
    case 'thematicBreak':
      return inner({});
  }
}

type LinkNode = Extract<TextNode, { type: 'link' | 'linkReference' | 'image' | 'imageReference' }>;

/** A link has one style and no inner links: what it says is one text. What may not be linked is written out. */
function renderLink(node: LinkNode, context: InlineContext): RichInline[] {
  const { definitions, style: outer = {} } = context;
  const address = 'url' in node ? node.url : (definitions.get(node.identifier)?.url ?? '');
  const words = cleanText(plainText(node)).replace(/\s+/g, ' ').trim();
  const url = linkUrl(address);
  const style = { ...outer, ...styleOf(node) };
  if (url === undefined) {
    const behind = address === '' || words === '' || isAddress(words, address);
    const shown = words === '' ? shownAddress(address) : words;
    return richText(behind ? shown : `${shown} (${shownAddress(address)})`, style);
  }
  const text = words === '' ? shownAddress(address) : words;
  const named = text === url ? {} : { text };
  return [{ type: 'link', url, ...named, ...(isPlain(style) ? {} : { style }) }];
}

/** The styles that all of a link has. */
function styleOf(node: TextNode): Style {
  const [only, ...others] = childrenOf(node);
  if (only === undefined || others.length > 0) return {};
  switch (only.type) {
    case 'strong':
      return { ...styleOf(only), bold: true };
    case 'emphasis':
      return { ...styleOf(only), italic: true };
    case 'delete':
      return { ...styleOf(only), strike: true };
    case 'inlineCode':
      return { code: true };
    default:
      return {};
  }
}

/** What a node says, without any markup. */
export function plainText(node: TextNode): string {
  if (node.type === 'break') return '\n';
  if (node.type === 'footnoteReference') return `[${node.label ?? node.identifier}]`;
  if ('alt' in node) return node.alt ?? '';
  return 'value' in node ? node.value : childrenOf(node).map(plainText).join('');
}
