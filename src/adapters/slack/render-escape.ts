import { joiner } from '../shared/neutral.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: Slack refuses some and drops others
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
/** What Slack itself would make a mention of in a text that it parses. */
const broadcast = /@(?=(?:here|channel|everyone|group)\b)/gi;

/** A text as Slack keeps it: line feeds only, spaces for control characters, no half of a surrogate pair. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(controls, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

/** A text for a field that Slack reads as mrkdwn: no link, no mention and no entity comes out of it. */
export function escapeText(text: string): string {
  return cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(broadcast, `@${joiner}`);
}

/** At most `max` characters of an escaped text, ended by `…` where it is cut, no entity and no pair cut in two. */
export function clipEscaped(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1).replace(/&[a-z]{0,3}$/, '');
  return `${cut.replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * CommonMark for a field that Slack reads as markdown (`markdown_text` of a stream). Slack reads its own `<…>`
 * there as well: a mention, or a link with another name. `&` stays: an entity is shown, never read again.
 */
export function neutralMarkdown(markdown: string): string {
  return cleanText(markdown).replaceAll('<', '&lt;').replace(broadcast, `@${joiner}`);
}
