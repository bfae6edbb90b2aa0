import { joiner } from '../shared/neutral.ts';
import { childrenOf, type TextNode } from '../shared/parse-text.ts';
import { cleanText, codeSpan, escapeText } from './render-escape.ts';
import { isAddress, isLinkName, linkUrl, shownAddress } from './render-link.ts';

export type Definition = Extract<TextNode, { type: 'definition' }>;

export interface InlineContext {
  readonly definitions: ReadonlyMap<string, Definition>;
  /** The marks that are open around it. */
  readonly open?: readonly Mark[];
}

/** Discord's marks; `_` would mean nothing inside of a word. */
type Mark = '**' | '*' | '~~';

/** Inlines as Discord writes them. Lines may still begin with what means something there: see `guardLines`. */
export function renderInlines(nodes: readonly TextNode[], context: InlineContext): string {
  let text = '';
  for (const node of nodes) text = join(text, renderInline(node, context));
  return text;
}

/** Two marks that touch would be read as one, and an emoji's name may be made of pieces. */
export function join(before: string, after: string): string {
  const end = before.slice(-nameMax);
  const last = end.at(-1) ?? '';
  const touches = /[*~`]/.test(last) && after.startsWith(last);
  const isName = /:[\w+-]*$/.test(end) && /^[\w+-]*:/.test(after.slice(0, nameMax));
  return touches || isName ? before + joiner + after : before + after;
}

/** Longest name of an emoji that is thought of. */
const nameMax = 70;

function renderInline(node: TextNode, context: InlineContext): string {
  switch (node.type) {
    case 'strong':
      return styled('**', node, context);
    case 'emphasis':
      return styled('*', node, context);
    case 'delete':
      return styled('~~', node, context);
    case 'inlineCode':
      return node.value.trim() === '' ? escapeText(node.value) : codeSpan(node.value);
    case 'break':
      return '\n';
    case 'link':
    case 'linkReference':
    case 'image':
    case 'imageReference':
      return renderLink(node, context);
    case 'footnoteReference':
      return escapeText(`[${node.label ?? node.identifier}]`);
    case 'text':
    case 'html':
    case 'yaml':
    case 'code':
      return escapeText(node.value);
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
      return renderInlines(childrenOf(node), context);
  }
}

/**
 * Discord looks for the closing mark without regard to code: a style around code that holds it is left out, as is one
 * inside of itself.
 */
function styled(mark: Mark, node: TextNode, context: InlineContext): string {
  const { open = [] } = context;
  const children = childrenOf(node);
  if (open.includes(mark) || children.some((child) => hidesMark(child, mark)))
    return renderInlines(children, context);
  const inner = renderInlines(children, { ...context, open: [...open, mark] });
  const [, before = '', body = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(inner) ?? [];
  if (body === '') return inner;
  return `${before}${join(join(mark, body), mark)}${after}`;
}

function hidesMark(node: TextNode, mark: Mark): boolean {
  if (node.type === 'inlineCode') return node.value.includes(mark);
  return childrenOf(node).some((child) => hidesMark(child, mark));
}

type LinkNode = Extract<TextNode, { type: 'link' | 'linkReference' | 'image' | 'imageReference' }>;

/** A link with a name where Discord shows one; else the name and, behind it, the address. */
function renderLink(node: LinkNode, { definitions }: InlineContext): string {
  const address = 'url' in node ? node.url : (definitions.get(node.identifier)?.url ?? '');
  const words = cleanText(plainText(node)).replace(/\s+/g, ' ').trim();
  const url = linkUrl(address);
  const isSame = words === '' || isAddress(words, address);
  if (url === undefined) {
    const shown = words === '' ? shownAddress(address) : words;
    const behind = address === '' || isSame ? '' : ` (${shownAddress(address)})`;
    return escapeText(shown + behind);
  }
  if (isSame) return `<${url}>`;
  const name = nameOf(node, words);
  return name === undefined ? `${escapeText(words)} (<${url}>)` : `[${name}](${url})`;
}

/** Of styles inside of a name only code is kept. */
function nameOf(node: LinkNode, words: string): string | undefined {
  if (!isLinkName(words)) return undefined;
  const [only, ...others] = childrenOf(node);
  return only?.type === 'inlineCode' && others.length === 0 ? codeSpan(words) : words;
}

/** What a node says, without any markup. */
export function plainText(node: TextNode): string {
  if (node.type === 'break') return '\n';
  if (node.type === 'footnoteReference') return `[${node.label ?? node.identifier}]`;
  if ('alt' in node) return node.alt ?? '';
  return 'value' in node ? node.value : childrenOf(node).map(plainText).join('');
}
