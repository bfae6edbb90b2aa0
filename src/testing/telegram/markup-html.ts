import { badRequest } from './refusal.ts';
import type { TelegramEntity } from './shape.ts';
import type { StyledText } from './text.ts';

const types: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
  a: 'text_link',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
  'tg-emoji': 'custom_emoji',
};
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

interface OpenTag {
  readonly tag: string;
  readonly attributes: string;
  readonly offset: number;
}

/** The tags that Telegram knows; any other one is refused. */
export function parseHtml(raw: string): StyledText {
  const entities: TelegramEntity[] = [];
  const open: OpenTag[] = [];
  let text = '';
  let at = 0;
  for (const match of raw.matchAll(/<(\/?)([A-Za-z][\w-]*)?([^>]*)>|&(#\d+|#x[\da-f]+|\w+);/gi)) {
    text += raw.slice(at, match.index);
    at = match.index + match[0].length;
    const [whole, slash, tag = '', attributes = '', reference] = match;
    if (reference !== undefined) text += character(reference) ?? whole;
    else if (slash === '/') entities.push(...close(open, tag, text.length, byte(raw, match.index)));
    else open.push(opened(tag, attributes, text.length, byte(raw, match.index)));
  }
  text += raw.slice(at);
  const left = open.at(-1);
  if (left !== undefined)
    throw cannotParse(`Can't find end tag corresponding to start tag "${left.tag}"`);
  return { text, entities };
}

function opened(raw: string, attributes: string, offset: number, atByte: number): OpenTag {
  const tag = raw.toLowerCase();
  const known = types[tag] !== undefined;
  if (!known || (tag === 'span' && !/class=["']?tg-spoiler["']?/.test(attributes)))
    throw cannotParse(`Unsupported start tag "${tag}" at byte offset ${atByte}`);
  return { tag, attributes, offset };
}

function close(
  open: OpenTag[],
  raw: string,
  end: number,
  atByte: number,
): readonly TelegramEntity[] {
  const tag = raw.toLowerCase();
  const last = open.pop();
  if (last === undefined) throw cannotParse(`Unexpected end tag at byte offset ${atByte}`);
  if (tag !== '' && tag !== last.tag)
    throw cannotParse(
      `Unmatched end tag at byte offset ${atByte}, expected "</${last.tag}>", found "</${tag}>"`,
    );
  const entity = { type: typeOf(last), offset: last.offset, length: end - last.offset };
  if (entity.length === 0) return [];
  const attribute = (name: string): string | undefined =>
    new RegExp(`${name}=(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i')
      .exec(last.attributes)
      ?.slice(1)
      .find((value) => value !== undefined);
  if (last.tag === 'a') return [{ ...entity, url: unescaped(attribute('href') ?? '') }];
  if (last.tag === 'tg-emoji') return [{ ...entity, custom_emoji_id: attribute('emoji-id') ?? '' }];
  const language = attribute('class')?.replace(/^language-/, '');
  if (last.tag === 'code' && open.at(-1)?.tag === 'pre') return inPre(open, language);
  const fromCode = last.tag === 'pre' ? languages.get(last) : undefined;
  return [fromCode === undefined ? entity : { ...entity, language: fromCode }];
}

/** `<pre><code class="language-x">` is one block: the code only names its language. */
const languages = new WeakMap<OpenTag, string>();
function inPre(open: OpenTag[], language: string | undefined): readonly [] {
  const pre = open.at(-1);
  if (pre !== undefined && language !== undefined) languages.set(pre, language);
  return [];
}

function typeOf({ tag, attributes }: OpenTag): string {
  const expandable = tag === 'blockquote' && /\bexpandable\b/.test(attributes);
  return expandable ? 'expandable_blockquote' : (types[tag] as string);
}

function unescaped(text: string): string {
  return text.replace(
    /&(#\d+|#x[\da-f]+|\w+);/gi,
    (whole, name: string) => character(name) ?? whole,
  );
}

function character(reference: string): string | undefined {
  if (!reference.startsWith('#')) return named[reference];
  const hex = reference[1]?.toLowerCase() === 'x';
  const code = Number.parseInt(reference.slice(hex ? 2 : 1), hex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

const byte = (text: string, at: number): number => Buffer.byteLength(text.slice(0, at), 'utf8');
const cannotParse = (why: string): Error => badRequest(`can't parse entities: ${why}`);
