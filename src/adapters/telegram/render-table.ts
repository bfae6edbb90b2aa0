import { childrenOf, type TextNode } from '../shared/parse-text.ts';
import { tableText } from '../shared/table-text.ts';
import { isAddress, shownAddress } from './render-link.ts';

/** A table as text for code: every cell on one line, addresses written out. */
export function renderTable(
  table: Extract<TextNode, { type: 'table' }>,
  { padded }: { readonly padded: boolean },
): string {
  const rows = table.children.map((row) =>
    row.children.map((cell) => plainText(cell).replace(/\s+/g, ' ').trim()),
  );
  return tableText(rows, table.align ?? [], { padded });
}

function plainText(node: TextNode): string {
  if (node.type === 'break') return ' ';
  if (node.type === 'image') return withAddress(node.alt ?? '', node.url);
  if (node.type === 'imageReference') return node.alt ?? '';
  if (node.type === 'footnoteReference') return `[${node.label ?? node.identifier}]`;
  if ('value' in node) return node.value;
  const text = childrenOf(node).map(plainText).join('');
  return node.type === 'link' ? withAddress(text, node.url) : text;
}

function withAddress(text: string, address: string): string {
  if (text === '') return shownAddress(address);
  return address === '' || isAddress(text, address) ? text : `${text} (${shownAddress(address)})`;
}
