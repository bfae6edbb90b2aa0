import { joiner } from '../shared/neutral.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: Discord drops them
const controls = /[\u0000-\u0009\u000b-\u001f\u007f]/g;
/** What begins a mark, a mention, an emoji by number or an address in angle brackets, wherever it stands. */
const marks = /[\\*_~`|<[]/g;
/** An emoji by its name. */
const emojiName = /:(?=[\w+-]{1,64}:)/g;
/** The schemes that Discord makes a link of. */
const address = /(?<=(?:https?|steam|discord)):(?=\/\/)/gi;
/** A node may end between the sign and the name. */
const everyone = /@(?=everyone|here|$)/gi;
/** A heading, a quote, a list, small text; our own marks may stand before it, a text's are escaped. */
const lineStart = /^((?:[ \t\u2060]|\*|~~)*)(?:(?=[#>+-])|(\d+)(?=[.)]))/gm;
/** Discord ends code at these wherever they stand: no longer fence would help. */
const fence = /`(?=``)|(?<=`)`(?=`)/g;

/** A text as Discord keeps it: line feeds only, spaces for control characters, no half of a surrogate pair. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(controls, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

/**
 * A text of which Discord shows every letter: nothing in it is a mark, a mention, an emoji or a link. What means
 * something at the beginning of a line alone is left: see `guardLines`.
 */
export function escapeText(text: string): string {
  return cleanText(text)
    .replace(marks, '\\$&')
    .replace(emojiName, '\\:')
    .replace(address, '\\:')
    .replace(everyone, `@${joiner}`);
}

/** Escaped lines, none of which begins a heading, a quote, a list or small text. */
export function guardLines(escaped: string): string {
  return escaped.replace(
    lineStart,
    (_, before: string, digits: string = '') => `${before}${digits}\\`,
  );
}

/** At most `max` UTF-16 units of an escaped text, ended by `…` where it is cut; no pair and no escape is cut in two. */
export function clipEscaped(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '');
  const slashes = /\\*$/.exec(cut)?.[0].length ?? 0;
  return `${slashes % 2 === 1 ? cut.slice(0, -1) : cut}…`;
}

/** Code as Discord reads it on one line: what it cannot hold between its marks is set apart by joiners. */
export function codeSpan(code: string): string {
  const line = cleanText(code).replace(/\n/g, ' ');
  if (!line.includes('`')) return `\`${line}\``;
  const apart = line.replace(/`(?=`)/g, `\`${joiner}`);
  // Discord takes one blank away beside a backtick.
  const before = /^ *`/.test(apart) ? ' ' : '';
  const after = /` *$/.test(apart) ? ' ' : '';
  return `\`\`${before}${apart}${after}\`\``;
}

/** Code on lines of its own; nothing where there is none. */
export function codeBlock(code: string, language: string | null | undefined): string {
  const text = cleanText(code).replace(fence, `\`${joiner}`);
  if (text.replaceAll('\n', '') === '') return '';
  const name = /^[\w+.-]{1,40}$/.test(language ?? '') ? language : '';
  return `\`\`\`${name}\n${text}\n\`\`\``;
}
