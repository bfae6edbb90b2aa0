import type { MessageEntity } from 'grammy/types';
import { joiner, joinersIn } from '../shared/neutral.ts';
import type { Mark, PlacedMark } from './render-writer.ts';

export interface Rendered {
  readonly text: string;
  readonly entities: MessageEntity[];
}

/** Telegram ignores the entities after the first hundred. */
const entitiesMax = 100;

/** What goes first when there are too many: an address is information, a style is not. */
const rank: Readonly<Record<Mark['type'], number>> = {
  text_link: 0,
  pre: 1,
  code: 2,
  blockquote: 3,
  bold: 4,
  italic: 5,
  strikethrough: 6,
};

/**
 * The text trimmed as Telegram trims it, with its marks as entities: styles stop where code stands, nothing
 * begins or ends with white space, and a hundred stay. Mentions and commands are made harmless where no entity
 * does it.
 */
export function toRendered(written: string, marks: readonly PlacedMark[]): Rendered {
  const start = /^[ \n]*/.exec(written)?.[0].length ?? 0;
  const text = written.slice(start).replace(/[ \n]+$/, '');
  const moved = marks.map((mark) => ({
    ...mark,
    start: mark.start - start,
    end: mark.end - start,
  }));
  const trimmed = [...moved.filter((mark) => !isStyle(mark)), ...styles(moved)]
    .map((mark) => trim(mark, text))
    .filter((mark) => mark.start < mark.end);
  return withJoiners(text, keep(trimmed.map((mark) => inQuote(mark, trimmed))));
}

/** Code that begins a quote begins where the quote does: what is trimmed off the quote is not code either. */
function inQuote(mark: PlacedMark, marks: readonly PlacedMark[]): PlacedMark {
  if (mark.type !== 'pre') return mark;
  const quote = marks.find(
    ({ type, start }) => type === 'blockquote' && mark.start < start && start < mark.end,
  );
  return quote === undefined ? mark : { ...mark, start: quote.start };
}

/** What stands around what, in the same place. */
const outer = ({ type }: Mark): number => (type === 'blockquote' ? -1 : rank[type]);
const isStyle = ({ type }: Mark): boolean => rank[type] > rank.blockquote;
const isCode = ({ type }: Mark): boolean => type === 'code' || type === 'pre';

/** The styles, each once in every place and nowhere in code. */
function styles(marks: readonly PlacedMark[]): PlacedMark[] {
  const codes = marks.filter(isCode).sort((a, b) => a.start - b.start);
  const merged = (['bold', 'italic', 'strikethrough'] as const).flatMap((type) => {
    const found: PlacedMark[] = [];
    const same = marks.filter((mark) => mark.type === type).sort((a, b) => a.start - b.start);
    for (const { start, end } of same) {
      const last = found.at(-1);
      if (last !== undefined && start < last.end)
        found[found.length - 1] = { type, start: last.start, end: Math.max(last.end, end) };
      else found.push({ type, start, end });
    }
    return found;
  });
  return merged.flatMap((mark) => around(mark, codes));
}

function around(mark: PlacedMark, codes: readonly PlacedMark[]): PlacedMark[] {
  const pieces: PlacedMark[] = [];
  let start = mark.start;
  for (const code of codes) {
    if (code.end <= start || code.start >= mark.end) continue;
    if (code.start > start) pieces.push({ ...mark, start, end: code.start });
    start = code.end;
  }
  if (start < mark.end) pieces.push({ ...mark, start });
  return pieces;
}

function trim(mark: PlacedMark, text: string): PlacedMark {
  let start = Math.max(0, mark.start);
  let end = Math.min(text.length, mark.end);
  // Indentation of a first line of code is code.
  const isBlock = mark.type === 'pre';
  while (!isBlock && start < end && isSpace(text, start)) start += 1;
  while (start < end && isSpace(text, end - 1)) end -= 1;
  return { ...mark, start, end };
}

const isSpace = (text: string, index: number): boolean =>
  text[index] === ' ' || text[index] === '\n';

function keep(marks: readonly PlacedMark[]): PlacedMark[] {
  const byRank = [...marks].sort((a, b) => rank[a.type] - rank[b.type] || a.start - b.start);
  return byRank
    .slice(0, entitiesMax)
    .sort((a, b) => a.start - b.start || b.end - a.end || outer(a) - outer(b));
}

function withJoiners(text: string, marks: readonly PlacedMark[]): Rendered {
  const safe = marks.filter((mark) => isCode(mark) || (mark.type === 'text_link' && mark.address));
  const places = joinersIn(text).filter(
    (place) => !safe.some(({ start, end }) => start < place && place <= end),
  );
  let joined = '';
  let from = 0;
  for (const place of places) {
    joined += text.slice(from, place) + joiner;
    from = place;
  }
  const shift = (index: number, isEnd: boolean): number =>
    index + places.filter((place) => (isEnd ? place < index : place <= index)).length;
  const entities = marks.map((mark) => {
    const offset = shift(mark.start, false);
    return toEntity(mark, offset, shift(mark.end, true) - offset);
  });
  return { text: joined + text.slice(from), entities };
}

function toEntity(mark: Mark, offset: number, length: number): MessageEntity {
  switch (mark.type) {
    case 'text_link':
      return { type: 'text_link', offset, length, url: mark.url };
    case 'pre':
      return mark.language === undefined
        ? { type: 'pre', offset, length }
        : { type: 'pre', offset, length, language: mark.language };
    case 'bold':
    case 'italic':
    case 'strikethrough':
    case 'blockquote':
    case 'code':
      return { type: mark.type, offset, length };
  }
}
