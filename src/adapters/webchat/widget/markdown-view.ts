import type { Inline } from './inline-node.ts';
import { type Block, parseMarkdown } from './markdown.ts';

/** A CommonMark text as nodes. Text goes in as text only: nothing of it is ever parsed as HTML. */
export function markdownNodes(text: string): Node[] {
  return parseMarkdown(text).map(blockNode);
}

function blockNode(block: Block): Node {
  switch (block.kind) {
    case 'paragraph':
      return element('p', inlineNodes(block.inlines));
    case 'heading':
      return headingNode(block.level, block.inlines);
    case 'code':
      return codeNode(block.language, block.text);
    case 'quote':
      return element('blockquote', block.blocks.map(blockNode));
    case 'list':
      return listNode(block.start, block.items);
    case 'rule':
      return element('hr', []);
  }
}

/** The page's own outline is not disturbed: a heading of a message is one below the widget's. */
function headingNode(level: number, inlines: readonly Inline[]): HTMLElement {
  const node = element('div', inlineNodes(inlines));
  node.className = `heading h${Math.min(level, 4)}`;
  node.setAttribute('role', 'heading');
  node.setAttribute('aria-level', String(Math.min(level + 2, 6)));
  return node;
}

function codeNode(language: string, text: string): HTMLElement {
  const code = element('code', [document.createTextNode(text)]);
  const pre = element('pre', [code]);
  pre.tabIndex = 0;
  if (/^[\w+#.-]{1,30}$/.test(language)) pre.dataset['language'] = language;
  return pre;
}

function listNode(start: number | undefined, items: readonly (readonly Block[])[]): HTMLElement {
  const list = element(
    start === undefined ? 'ul' : 'ol',
    items.map((blocks) => element('li', blocks.map(itemNode))),
  );
  if (start !== undefined && start !== 1) list.setAttribute('start', String(start));
  return list;
}

/** A lone paragraph of an item needs no paragraph of its own. */
function itemNode(block: Block): Node {
  return block.kind === 'paragraph' ? element('div', inlineNodes(block.inlines)) : blockNode(block);
}

function inlineNodes(inlines: readonly Inline[]): Node[] {
  return inlines.map(inlineNode);
}

function inlineNode(inline: Inline): Node {
  switch (inline.kind) {
    case 'text':
      return document.createTextNode(inline.text);
    case 'break':
      return document.createElement('br');
    case 'code':
      return element('code', [document.createTextNode(inline.text)]);
    case 'strong':
      return element('strong', inlineNodes(inline.inlines));
    case 'emphasis':
      return element('em', inlineNodes(inline.inlines));
    case 'strike':
      return element('s', inlineNodes(inline.inlines));
    case 'link':
      return linkNode(inline.href, inlineNodes(inline.inlines));
  }
}

/** Opens beside the page and tells the other side nothing of it. `href` was checked by the parser. */
export function linkNode(href: string, content: readonly Node[]): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer nofollow';
  link.append(...content);
  return link;
}

function element(name: string, content: readonly Node[]): HTMLElement {
  const node = document.createElement(name);
  node.append(...content);
  return node;
}
