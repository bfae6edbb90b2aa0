import { childrenOf, type TextNode } from '../shared/parse-text.ts';
import { isAddress, linkUrl, shownAddress } from './render-link.ts';
import { renderTable } from './render-table.ts';
import type { Mark, TextWriter } from './render-writer.ts';

export interface RenderContext {
  readonly writer: TextWriter;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Tables without spaces, tabs as they are: for a text that would be too long. */
  readonly compact: boolean;
  readonly isQuoted?: boolean;
  readonly isLinked?: boolean;
}
export type Definition = Extract<TextNode, { type: 'definition' }>;

/** More links than this have their address written out, so that no entity over Telegram's limit holds one. */
const linksMax = 90;
const rule = '———';

/** Writes blocks one under the other; `tight` ones without a blank line between. */
export function renderBlocks(
  nodes: readonly TextNode[],
  context: RenderContext,
  { tight = false } = {},
): void {
  const shown = nodes.filter((node) => isShown(node, context));
  for (const [at, node] of shown.entries()) {
    if (at > 0) context.writer.newLine(tight ? 0 : 1);
    renderNode(node, context);
  }
}

/** A definition that something refers to shows there; one that was never referred to, or is the second, as it stands. */
function isShown(node: TextNode, { definitions }: RenderContext): boolean {
  if (node.type === 'code') return node.value !== '';
  return node.type !== 'definition' || definitions.get(node.identifier) !== node;
}

function renderNode(node: TextNode, context: RenderContext): void {
  const { writer } = context;
  switch (node.type) {
    case 'text':
    case 'html':
    case 'yaml':
      return writer.write(node.value);
    case 'break':
      return writer.write('\n');
    case 'strong':
    case 'heading':
      return styled({ type: 'bold' }, node, context);
    case 'emphasis':
      return styled({ type: 'italic' }, node, context);
    case 'delete':
      return styled({ type: 'strikethrough' }, node, context);
    case 'inlineCode':
      if (context.isLinked === true) return writer.write(node.value);
      return writer.mark({ type: 'code' }, () => writer.write(node.value));
    case 'link':
    case 'linkReference':
    case 'image':
    case 'imageReference':
      return renderLink(node, context);
    case 'footnoteReference':
      return writer.write(`[${node.label ?? node.identifier}]`);
    case 'code':
      return renderCode(node, context);
    case 'table':
      return writer.mark({ type: 'pre' }, () =>
        writer.writeCode(renderTable(node, { padded: !context.compact })),
      );
    case 'thematicBreak':
      return writer.write(rule);
    case 'blockquote':
      return renderQuote(node, context);
    case 'list':
      return renderList(node, context);
    case 'definition':
      return writer.write(`[${node.label ?? node.identifier}]: ${node.url}`);
    case 'footnoteDefinition':
      writer.write(`[${node.label ?? node.identifier}] `);
      return renderBlocks(node.children, context);
    case 'paragraph':
    case 'listItem':
    case 'tableRow':
    case 'tableCell':
      return renderInlines(node, context);
  }
}

function renderInlines(node: TextNode, context: RenderContext): void {
  for (const child of childrenOf(node)) renderNode(child, context);
}

function styled(mark: Mark, node: TextNode, context: RenderContext): void {
  context.writer.mark(mark, () => renderInlines(node, context));
}

function renderCode(node: Extract<TextNode, { type: 'code' }>, context: RenderContext): void {
  const { writer, compact } = context;
  const language = /^[\w+#.-]{1,64}$/.exec(node.lang ?? '')?.[0];
  /** Of a tab Telegram makes one space. */
  const text = compact ? node.value : node.value.replaceAll('\t', '    ');
  if (context.isLinked === true) return writer.write(text);
  writer.mark({ type: 'pre', language }, () => writer.writeCode(text));
}

/** Quotes cannot stand in quotes: the inner ones have the sign before their lines. */
function renderQuote(
  node: Extract<TextNode, { type: 'blockquote' }>,
  context: RenderContext,
): void {
  const { writer } = context;
  if (context.isQuoted !== true) {
    const inner = { ...context, isQuoted: true };
    return writer.mark({ type: 'blockquote' }, () => renderBlocks(node.children, inner));
  }
  writer.write('> ');
  writer.indent('> ', () => renderBlocks(node.children, context));
}

type ListNode = Extract<TextNode, { type: 'list' }>;

function renderList(node: ListNode, context: RenderContext): void {
  const { writer } = context;
  for (const [at, item] of node.children.entries()) {
    if (at > 0) writer.newLine(node.spread === true ? 1 : 0);
    const marker = itemMarker(node, at);
    writer.write(marker);
    writer.indent(' '.repeat(marker.length), () =>
      renderBlocks(item.children, context, { tight: item.spread !== true }),
    );
  }
}

function itemMarker({ ordered, start, children }: ListNode, at: number): string {
  const checked = children[at]?.checked;
  const box = typeof checked === 'boolean' ? (checked ? '☑ ' : '☐ ') : '';
  if (ordered === true) return `${(start ?? 1) + at}. ${box}`;
  return box === '' ? '• ' : box;
}

type LinkNode = Extract<TextNode, { type: 'link' | 'linkReference' | 'image' | 'imageReference' }>;

function renderLink(node: LinkNode, context: RenderContext): void {
  const { writer, isLinked } = context;
  const address = 'url' in node ? node.url : (context.definitions.get(node.identifier)?.url ?? '');
  const inner = { ...context, isLinked: true };
  const body = (): void => {
    const start = writer.text.length;
    if ('alt' in node) writer.write(node.alt ?? '');
    else renderInlines(node, inner);
    if (writer.text.length === start) writer.write(shownAddress(address));
  };
  if (isLinked === true) return body();
  const isOwn = isAddress(textOf(node), address);
  const url =
    writer.marks.filter(({ type }) => type === 'text_link').length < linksMax
      ? linkUrl(address)
      : undefined;
  if (url !== undefined) return writer.mark({ type: 'text_link', url, address: isOwn }, body);
  body();
  if (address !== '' && textOf(node) !== '' && !isOwn) writer.write(` (${shownAddress(address)})`);
}

function textOf(node: TextNode): string {
  if ('alt' in node) return node.alt ?? '';
  return 'value' in node ? node.value : childrenOf(node).map(textOf).join('');
}
