import type { TextNode } from '../shared/parse-text.ts';
import type { RichInline, RichList, RichSection } from './render-block.ts';
import { type Definition, joined, renderInlines, richText } from './render-inline.ts';
import { renderTable } from './render-table.ts';
import type { RichWriter } from './render-writer.ts';

export interface RenderContext {
  readonly writer: RichWriter;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Tables without spaces: for a text that would be too long. */
  readonly compact: boolean;
  readonly quoted?: boolean;
  /** Stands inside of a list or a quote: there a divider is a line of text. */
  readonly nested?: boolean;
  /** Of the list that this stands in. */
  readonly indent?: number;
}

/** The deepest indentation of a list that Slack shows. */
const indentMax = 8;
const rule = '———';

export function renderBlocks(nodes: readonly TextNode[], context: RenderContext): void {
  for (const node of nodes) if (isShown(node, context)) renderBlock(node, context);
}

/** A definition that something refers to shows there; one that was never referred to, or is the second, as it stands. */
function isShown(node: TextNode, { definitions }: RenderContext): boolean {
  return node.type !== 'definition' || definitions.get(node.identifier) !== node;
}

function renderBlock(node: TextNode, context: RenderContext): void {
  const { writer, quoted = false, compact } = context;
  switch (node.type) {
    case 'code':
      return writer.code(node.value, quoted);
    case 'table':
      return writer.code(renderTable(node, { padded: !compact }), quoted);
    case 'thematicBreak':
      if (context.nested !== true) return writer.divider();
      return writer.paragraph(richText(rule), { quoted });
    case 'blockquote':
      return renderBlocks(node.children, { ...context, quoted: true, nested: true });
    case 'list':
      return renderList(node, context);
    case 'footnoteDefinition': {
      const label = richText(`[${node.label ?? node.identifier}] `);
      const [first, ...others] = node.children;
      const isText = first?.type === 'paragraph';
      const text = isText ? inlinesOf(first, context) : [];
      writer.paragraph(joined([...label, ...text]), { quoted });
      return renderBlocks(isText ? others : node.children, { ...context, nested: true });
    }
    case 'break':
    case 'definition':
    case 'delete':
    case 'emphasis':
    case 'footnoteReference':
    case 'heading':
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
      return writer.paragraph(inlinesOf(node, context), { quoted });
  }
}

/** A heading is a bold line: a header block takes neither links nor code, and 150 characters. */
function inlinesOf(node: TextNode, { definitions }: RenderContext): readonly RichInline[] {
  if (node.type === 'heading')
    return renderInlines(node.children, { definitions, style: { bold: true } });
  if (node.type === 'definition')
    return richText(`[${node.label ?? node.identifier}]: ${node.url}`);
  return renderInlines([node], { definitions });
}

type ListNode = Extract<TextNode, { type: 'list' }>;

/** Slack's lists hold lines of text alone: what else stands in an item ends the list, which goes on behind it. */
function renderList(list: ListNode, context: RenderContext): void {
  let open: RichSection[] = [];
  let first = 0;
  const close = (next: number): void => {
    if (open.length > 0) context.writer.list(toList(list, first, { ...context, elements: open }));
    open = [];
    first = next;
  };
  for (const [at, item] of list.children.entries()) {
    const { elements, rest } = itemText(item, context);
    open.push({ type: 'rich_text_section', elements });
    if (rest.length === 0) continue;
    close(at + 1);
    renderBlocks(rest, { ...context, nested: true, indent: (context.indent ?? -1) + 1 });
  }
  close(list.children.length);
}

interface ListContext extends Pick<RenderContext, 'indent' | 'quoted'> {
  readonly elements: RichSection[];
}

function toList(
  { ordered, start }: ListNode,
  first: number,
  { indent = -1, quoted, elements }: ListContext,
): RichList {
  const offset = (start ?? 1) - 1 + first;
  const depth = Math.min(indent + 1, indentMax);
  return {
    type: 'rich_text_list',
    style: ordered === true ? 'ordered' : 'bullet',
    elements,
    ...(depth > 0 ? { indent: depth } : {}),
    ...(ordered === true && offset > 0 ? { offset } : {}),
    ...(quoted === true ? { border: 1 as const } : {}),
  };
}

type ItemNode = ListNode['children'][number];

/** The paragraphs that an item begins with, and what comes behind. Never empty: Slack refuses that. */
function itemText(
  { checked, children }: ItemNode,
  context: RenderContext,
): { elements: RichInline[]; rest: readonly TextNode[] } {
  const box = typeof checked === 'boolean' ? (checked ? '☑ ' : '☐ ') : '';
  const found = children.findIndex(({ type }) => type !== 'paragraph' && type !== 'heading');
  const count = found === -1 ? children.length : found;
  const lines = children
    .slice(0, count)
    .flatMap((child, at) => [...(at > 0 ? richText('\n') : []), ...inlinesOf(child, context)]);
  const elements = joined([...richText(box), ...lines]);
  return {
    elements: elements.length > 0 ? elements : richText(' '),
    rest: children.slice(count),
  };
}
