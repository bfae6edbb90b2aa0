import { badRequest } from './refusal.ts';
import type { TelegramEntity } from './shape.ts';

export const textMax = 4_096;
export const captionMax = 1_024;
/** Telegram uses the first 100 and ignores the others. */
const entitiesMax = 100;
const boundMax = 1_000_000;
const known = new Set([
  'bold',
  'italic',
  'underline',
  'strikethrough',
  'spoiler',
  'blockquote',
  'expandable_blockquote',
  'code',
  'pre',
  'text_link',
  'text_mention',
  'custom_emoji',
]);
/** Telegram finds these by itself and takes no word for them. */
const found = new Set([
  'mention',
  'hashtag',
  'cashtag',
  'bot_command',
  'url',
  'email',
  'phone_number',
]);

export interface StyledText {
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
}

/** What Telegram makes of a text that a bot sends: checked, trimmed, its own entities added. Empty when nothing is left. */
export function styledText(raw: string, given: readonly TelegramEntity[]): StyledText {
  for (const entity of given) checkBounds(raw, entity);
  const clean = raw.replaceAll('\r\n', '\n').trimEnd();
  const start = leadingSpace(clean, given);
  const text = clean.slice(start);
  const entities = given
    .filter((entity) => known.has(entity.type))
    .map((entity) => clip(entity, start, clean.length))
    .filter((entity) => entity.length > 0);
  return {
    text,
    entities: sorted([...entities, ...foundIn(text, entities)]).slice(0, entitiesMax),
  };
}

/** The entities that Telegram finds in plain text: commands, mentions, addresses, hashtags. */
export function foundIn(text: string, styles: readonly TelegramEntity[]): TelegramEntity[] {
  const code = styles.filter(({ type }) => type === 'code' || type === 'pre');
  const taken = [...code, ...styles.filter(({ type }) => type.startsWith('text_'))];
  const made: TelegramEntity[] = [];
  for (const [type, pattern] of patterns) {
    for (const match of text.matchAll(pattern)) {
      const word = match[1] as string;
      const entity = {
        type,
        offset: match.index + match[0].length - word.length,
        length: word.length,
      };
      if ([...taken, ...made].some((other) => overlaps(entity, other))) continue;
      made.push(entity);
    }
  }
  return made;
}

const patterns: readonly (readonly [string, RegExp])[] = [
  ['url', /((?:https?:\/\/|www\.)[^\s<>"]{1,2000}[^\s<>".,;:!?)\]}'])/g],
  ['email', /([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4})/g],
  [
    'bot_command',
    /(?:^|[^\p{L}\p{N}_/<>])(\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\p{L}\p{N}_/])/gu,
  ],
  ['mention', /(?:^|[^\p{L}\p{N}_])(@[A-Za-z0-9_]{4,32})(?![\p{L}\p{N}_])/gu],
  ['hashtag', /(?:^|[^\p{L}\p{N}_&])(#[\p{L}\p{N}_]{1,255})/gu],
];

function checkBounds(text: string, entity: TelegramEntity): void {
  const { offset, length, type } = entity;
  if (!known.has(type) && !found.has(type))
    throw badRequest("can't parse MessageEntity: Unsupported type specified");
  if (!Number.isInteger(offset) || offset < 0 || offset > boundMax)
    throw badRequest(`receive an entity with incorrect offset ${offset}`);
  if (!Number.isInteger(length) || length < 0 || length > boundMax)
    throw badRequest(`receive an entity with incorrect length ${length}`);
  if (length === 0 || found.has(type)) return;
  if (offset > text.length)
    throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`);
  if (offset + length > text.length) {
    const end = offset + length;
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${end}`,
    );
  }
  checkSymbols(text, offset, length);
  if (type === 'text_link') checkUrl(entity.url ?? '');
}

function checkSymbols(text: string, offset: number, length: number): void {
  const bytes = (at: number): number => Buffer.byteLength(text.slice(0, at + 1), 'utf8');
  if (insideSymbol(text, offset))
    throw badRequest(
      `entity begins in a middle of a UTF-16 symbol at byte offset ${bytes(offset)}`,
    );
  if (insideSymbol(text, offset + length))
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${bytes(offset + length)}`,
    );
}

function checkUrl(url: string): void {
  if (url === '') throw badRequest("entity URL '' is invalid: URL host is empty");
  if (!URL.canParse(url) && !URL.canParse(`http://${url}`))
    throw badRequest(`entity URL '${url}' is invalid: Wrong HTTP URL`);
}

function insideSymbol(text: string, at: number): boolean {
  return /[\uD800-\uDBFF]/.test(text.charAt(at - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(at));
}

/** White space in front goes, unless it stands in code: there it means something. */
function leadingSpace(text: string, entities: readonly TelegramEntity[]): number {
  const space = text.length - text.trimStart().length;
  const code = entities.filter(({ type }) => type === 'pre' || type === 'code');
  return Math.min(space, ...code.map(({ offset }) => offset));
}

function clip(entity: TelegramEntity, start: number, end: number): TelegramEntity {
  const from = Math.max(entity.offset, start);
  const to = Math.min(entity.offset + entity.length, end);
  return { ...entity, offset: from - start, length: Math.max(to - from, 0) };
}

function overlaps(one: TelegramEntity, other: TelegramEntity): boolean {
  return one.offset < other.offset + other.length && other.offset < one.offset + one.length;
}

function sorted(entities: readonly TelegramEntity[]): TelegramEntity[] {
  return entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length);
}
