import { parseInlines } from './inline.ts';
import type { Inline } from './inline-node.ts';

/** A block of CommonMark, as data: what is shown is made of these and of nothing else. */
export type Block =
  | { readonly kind: 'paragraph'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: number; readonly inlines: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | {
      readonly kind: 'list';
      readonly start: number | undefined;
      readonly items: readonly (readonly Block[])[];
    }
  | { readonly kind: 'rule' };

/** Quotes and lists inside one another beyond this depth are text. */
const depthMax = 8;

const fenceStart = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const headingStart = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const ruleLine = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const quoteStart = /^ {0,3}> ?/;
const itemStart = /^( {0,3})([-*+]|\d{1,9}[.)])(?:[ \t]+|$)/;

/**
 * A small CommonMark: paragraphs, headings, fenced code, quotes, lists, rules; HTML is text. Line breaks inside
 * a paragraph stay line breaks. Never throws; time is linear in the length.
 */
export function parseMarkdown(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\0/g, '\ufffd').split('\n');
  return parseBlocks(lines, 0);
}

/** What one block took of the lines. */
interface Taken {
  readonly block: Block;
  readonly next: number;
}

function parseBlocks(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      at += 1;
      continue;
    }
    const taken = takeBlock(lines, at, depth) ?? takeParagraph(lines, at, depth);
    blocks.push(taken.block);
    at = taken.next;
  }
  return blocks;
}

function takeBlock(lines: readonly string[], at: number, depth: number): Taken | undefined {
  const line = lines[at] ?? '';
  if (fenceStart.test(line)) return takeCode(lines, at);
  if (headingStart.test(line)) return { block: heading(line), next: at + 1 };
  if (ruleLine.test(line)) return { block: { kind: 'rule' }, next: at + 1 };
  if (depth >= depthMax) return undefined;
  if (quoteStart.test(line)) return takeQuote(lines, at, depth);
  if (itemStart.test(line)) return takeList(lines, at, depth);
  return undefined;
}

function takeCode(lines: readonly string[], at: number): Taken {
  const [, indent = '', marker = '', info = ''] = fenceStart.exec(lines[at] ?? '') ?? [];
  const body: string[] = [];
  let next = at + 1;
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    if (closesFence(line, marker)) break;
    body.push(withoutIndent(line, indent.length));
  }
  const language = info.trim().split(/\s/, 1)[0] ?? '';
  return { block: { kind: 'code', language, text: body.join('\n') }, next: next + 1 };
}

function closesFence(line: string, marker: string): boolean {
  const trimmed = line.trim();
  return (
    /^ {0,3}[`~]/.test(line) &&
    trimmed.length >= marker.length &&
    trimmed === (marker[0] ?? '').repeat(trimmed.length)
  );
}

function heading(line: string): Block {
  const level = headingStart.exec(line)?.[1]?.length ?? 1;
  const content = line.replace(headingStart, '').trim();
  let end = content.length;
  while (content[end - 1] === '#') end -= 1;
  const closed = end === 0 || (end < content.length && /[ \t]/.test(content[end - 1] ?? ''));
  const text = closed ? content.slice(0, end).trim() : content;
  return { kind: 'heading', level, inlines: parseInlines(text) };
}

function takeQuote(lines: readonly string[], at: number, depth: number): Taken {
  const inside: string[] = [];
  let next = at;
  for (; next < lines.length && quoteStart.test(lines[next] ?? ''); next += 1) {
    inside.push((lines[next] ?? '').replace(quoteStart, ''));
  }
  return { block: { kind: 'quote', blocks: parseBlocks(inside, depth + 1) }, next };
}

function takeList(lines: readonly string[], at: number, depth: number): Taken {
  const first = itemStart.exec(lines[at] ?? '')?.[2] ?? '-';
  const items: Block[][] = [];
  let next = at;
  for (;;) {
    const item = takeItem(lines, next);
    items.push(parseBlocks(item.lines, depth + 1));
    next = item.next;
    const sibling = (lines[next] ?? '').trim() === '' ? next + 1 : next;
    const following = itemStart.exec(lines[sibling] ?? '');
    if (
      following === null ||
      !sameList(following[2] ?? '', first) ||
      ruleLine.test(lines[sibling] ?? '')
    )
      break;
    next = sibling;
  }
  const start = /^\d/.test(first) ? Number.parseInt(first, 10) : undefined;
  return { block: { kind: 'list', start, items }, next };
}

function sameList(marker: string, first: string): boolean {
  return marker.at(-1) === first.at(-1);
}

/** An item's lines, without marker and indentation, up to the next item or what is not the list's any more. */
function takeItem(lines: readonly string[], at: number): { lines: string[]; next: number } {
  const line = lines[at] ?? '';
  const [whole = '', indent = '', marker = ''] = itemStart.exec(line) ?? [];
  const padding = whole.length - indent.length - marker.length;
  const width =
    indent.length + marker.length + (padding > 4 || line.length === whole.length ? 1 : padding);
  const taken = [line.slice(Math.min(width, line.length))];
  let next = at + 1;
  for (; next < lines.length; next += 1) {
    const belongs = continues(lines, next, { width, indent: indent.length });
    if (belongs === undefined) break;
    taken.push(belongs);
  }
  return { lines: taken, next };
}

/** The line as the item holds it; undefined when it is not part of the item. */
function continues(
  lines: readonly string[],
  at: number,
  item: { width: number; indent: number },
): string | undefined {
  const line = lines[at] ?? '';
  if (line.trim() === '') {
    const after = lines[at + 1] ?? '';
    return after.trim() !== '' && indentOf(after) > item.indent + 1 ? '' : undefined;
  }
  const indent = indentOf(line);
  if (indent >= item.width) return withoutIndent(line, item.width);
  if (indent >= item.indent + 2 && itemStart.test(line.trimStart())) return line.trimStart();
  const before = lines[at - 1] ?? '';
  return before.trim() !== '' && !startsBlock(line) && !itemStart.test(line)
    ? line.trimStart()
    : undefined;
}

function takeParagraph(lines: readonly string[], at: number, depth: number): Taken {
  const taken: string[] = [];
  let next = at;
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    if (line.trim() === '' || (next > at && depth < depthMax && startsBlock(line))) break;
    taken.push(line.trim());
  }
  return { block: { kind: 'paragraph', inlines: parseInlines(taken.join('\n')) }, next };
}

/** A paragraph ends there: numbers other than 1 do not begin a list in the middle of a sentence. */
function startsBlock(line: string): boolean {
  if (
    fenceStart.test(line) ||
    headingStart.test(line) ||
    ruleLine.test(line) ||
    quoteStart.test(line)
  )
    return true;
  const marker = itemStart.exec(line)?.[2];
  return marker !== undefined && (!/^\d/.test(marker) || Number.parseInt(marker, 10) === 1);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function withoutIndent(line: string, width: number): string {
  return line.slice(Math.min(width, indentOf(line)));
}
