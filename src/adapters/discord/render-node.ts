import { joiner } from '../shared/neutral.ts';
import type { TextNode } from '../shared/parse-text.ts';
import { codeBlock, escapeText, guardLines } from './render-escape.ts';
import { type Definition, renderInlines } from './render-inline.ts';
import { renderTable } from './render-table.ts';

export interface RenderContext {
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Tables without spaces: for a text that would be too long. */
  readonly compact: boolean;
  readonly quoted?: boolean;
  /** How many lists it stands in. */
  readonly depth?: number;
}

/** A line as it is sent. Code has no indentation: Discord would show it. */
interface Line {
  readonly text: string;
  readonly code: boolean;
}

/** Discord reads 11 lists inside of another. */
const depthMax = 10;
const headingMax = 3;
const rule = '———';

/** Blocks as Discord writes them. */
export function renderBlocks(nodes: readonly TextNode[], context: RenderContext): string {
  return blockLines(nodes, context)
    .map(({ text }) => text)
    .join('\n');
}

/** An empty line between blocks where people expect one; none inside of a list, which it would end. */
function blockLines(nodes: readonly TextNode[], context: RenderContext): Line[] {
  const lines: Line[] = [];
  let before: TextNode | undefined;
  for (const node of nodes) {
    if (!isShown(node, context)) continue;
    const own = linesOf(node, context);
    if (own.length === 0) continue;
    if (before !== undefined && (context.depth ?? 0) === 0 && isApart(before, node))
      lines.push({ text: '', code: false });
    lines.push(...own);
    before = node;
  }
  return lines;
}

const isCode = ({ type }: TextNode): boolean => type === 'code' || type === 'table';

/** Discord itself leaves room around code and below a heading. */
function isApart(before: TextNode, node: TextNode): boolean {
  if (isCode(before) || isCode(node)) return false;
  if (before.type === 'heading') return before.depth > headingMax && node.type !== 'list';
  return before.type !== 'paragraph' || node.type !== 'list';
}

/** A definition that something refers to shows there; one that was never referred to, or is the second, as it stands. */
function isShown(node: TextNode, { definitions }: RenderContext): boolean {
  return node.type !== 'definition' || definitions.get(node.identifier) !== node;
}

function linesOf(node: TextNode, context: RenderContext): Line[] {
  const { definitions, compact, quoted = false } = context;
  switch (node.type) {
    case 'code':
      return toLines(codeBlock(node.value, node.lang), true);
    case 'table':
      return toLines(codeBlock(renderTable(node, { padded: !compact }), undefined), true);
    case 'thematicBreak':
      return toLines(rule);
    case 'blockquote': {
      const lines = blockLines(node.children, { ...context, quoted: true });
      // They do not stand inside of each other.
      return quoted ? lines : lines.map((line) => ({ ...line, text: `> ${line.text}` }));
    }
    case 'list':
      return listLines(node, context);
    case 'heading':
      return headingLines(node, context);
    case 'footnoteDefinition': {
      const label = escapeText(`[${node.label ?? node.identifier}]`);
      const [first, ...others] = blockLines(node.children, context);
      if (first === undefined || first.code)
        return [...toLines(label), ...(first ? [first] : []), ...others];
      return [{ text: `${label} ${first.text}`, code: false }, ...others];
    }
    case 'definition':
      return toLines(escapeText(`[${node.label ?? node.identifier}]: ${node.url}`));
    case 'break':
    case 'delete':
    case 'emphasis':
    case 'footnoteReference':
    case 'html':
    case 'image':
    case 'imageReference':
    case 'inlineCode':
    case 'link':
    case 'linkReference':
    case 'listItem':
    case 'paragraph':
    case 'strong':
    case 'tableCell':
    case 'tableRow':
    case 'text':
    case 'yaml':
      return toLines(guardLines(renderInlines([node], { definitions })));
  }
}

function toLines(text: string, code = false): Line[] {
  const lines = text.split('\n').map((line) => ({ text: code ? line : line.trimEnd(), code }));
  return code && text !== '' ? lines : lines.filter((line) => line.text.trim() !== '');
}

type HeadingNode = Extract<TextNode, { type: 'heading' }>;

/** Three sizes, none of them in a list; what else is a heading is a bold line. */
function headingLines(node: HeadingNode, { definitions, depth = 0 }: RenderContext): Line[] {
  const isLarge = depth === 0 && node.depth <= headingMax;
  const nodes: readonly TextNode[] = isLarge
    ? node.children
    : [{ type: 'strong', children: node.children }];
  const text = guardLines(
    renderInlines(nodes, { definitions })
      .replace(/\s*\n\s*/g, ' ')
      .trim(),
  );
  if (!isLarge || text === '') return toLines(text);
  // Those at the end would be taken for its closing.
  return toLines(`${'#'.repeat(node.depth)} ${text}${text.endsWith('#') ? joiner : ''}`);
}

type ListNode = Extract<TextNode, { type: 'list' }>;

/** What belongs to an item stands below its text, as far to the right as that. */
function listLines({ children, ordered, start }: ListNode, context: RenderContext): Line[] {
  const { depth = 0 } = context;
  return children.flatMap(({ checked, children: blocks }, at) => {
    const marker = ordered === true ? `${(start ?? 1) + at}. ` : '- ';
    const box = typeof checked === 'boolean' ? (checked ? '☑ ' : '☐ ') : '';
    const lines = blockLines(blocks, { ...context, depth: depth + 1 });
    const [first, ...others] = lines[0]?.code === false ? lines : [empty, ...lines];
    const indent = depth < depthMax ? ' '.repeat(marker.length) : '';
    return [
      { text: `${marker}${box}${first?.text ?? ''}`, code: false },
      ...others.map((line) => (line.code ? line : { ...line, text: indent + line.text })),
    ];
  });
}

/** Without a letter it would be no item. */
const empty: Line = { text: joiner, code: false };
