import { childrenOf, type TextNode } from '../shared/parse-text.ts';
import { tableText } from '../shared/table-text.ts';
import { cleanText } from './render-escape.ts';
import { plainText } from './render-inline.ts';
import { isAddress, shownAddress } from './render-link.ts';

/** A table as text for code, every cell on one line, addresses written out: Discord has no tables. */
export function renderTable(
  table: Extract<TextNode, { type: 'table' }>,
  { padded }: { readonly padded: boolean },
): string {
  const rows = table.children.map((row) =>
    row.children.map((cell) => cleanText(cellText(cell)).replace(/\s+/g, ' ').trim()),
  );
  return tableText(rows, table.align ?? [], { padded });
}

function cellText(node: TextNode): string {
  if (node.type === 'image' || node.type === 'link')
    return withAddress(
      node.type === 'link' ? childrenOf(node).map(cellText).join('') : plainText(node),
      node.url,
    );
  const children = childrenOf(node);
  return children.length === 0 ? plainText(node) : children.map(cellText).join('');
}

function withAddress(text: string, address: string): string {
  if (text === '') return shownAddress(address);
  return address === '' || isAddress(text, address) ? text : `${text} (${shownAddress(address)})`;
}
