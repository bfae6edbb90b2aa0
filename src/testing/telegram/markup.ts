import { parseHtml } from './markup-html.ts';
import { parseMarkdown } from './markup-markdown.ts';
import { badRequest } from './refusal.ts';
import type { StyledText } from './text.ts';

/** What a text with a `parse_mode` means. Throws as Telegram does when it cannot be parsed. */
export function parseMarkup(raw: string, mode: string): StyledText {
  switch (mode.toLowerCase()) {
    case 'html':
      return parseHtml(raw);
    case 'markdownv2':
      return parseMarkdown(raw, 2);
    case 'markdown':
      return parseMarkdown(raw, 1);
    default:
      throw badRequest('unsupported parse_mode');
  }
}
