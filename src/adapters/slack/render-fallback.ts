import type { RichElement, RichInline, RichList, TextBlock } from './render-block.ts';

/** What a person reads of the blocks, as plain text: for notifications, search and old clients. Not escaped. */
export function plainOf(blocks: readonly TextBlock[]): string {
  const texts = blocks.map((block) => {
    if (block.type === 'divider') return '———\n';
    if (block.type === 'section') return `${block.text.text}\n`;
    return block.elements.map(elementText).join('');
  });
  return texts.join('').trim();
}

function elementText(element: RichElement): string {
  switch (element.type) {
    case 'rich_text_section':
      return inlineText(element.elements);
    case 'rich_text_list':
      return `${listText(element)}\n`;
    case 'rich_text_quote':
      return `${inlineText(element.elements).replace(/^/gm, '> ')}\n`;
    case 'rich_text_preformatted':
      return `${inlineText(element.elements)}\n`;
  }
}

function listText({ style, elements, indent = 0, offset = 0 }: RichList): string {
  return elements
    .map((item, at) => {
      const marker = style === 'ordered' ? `${offset + at + 1}. ` : '• ';
      return `${'  '.repeat(indent)}${marker}${inlineText(item.elements)}`;
    })
    .join('\n');
}

function inlineText(inlines: readonly RichInline[]): string {
  return inlines
    .map((inline) => {
      if (inline.type === 'text') return inline.text;
      const { text, url } = inline;
      const isSame = text === undefined || `mailto:${text}` === url || `http://${text}` === url;
      return isSame ? (text ?? url) : `${text} (${url})`;
    })
    .join('');
}
