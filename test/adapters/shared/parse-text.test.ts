import { describe, expect, test } from 'vitest';
import {
  childrenOf,
  depthMax,
  parseMax,
  parseText,
  type TextNode,
} from '../../../src/adapters/shared/parse-text.ts';
import fc from '../../support/fast-check.ts';
import { markdown } from './markdown-arbitrary.ts';

const line = (nodes: readonly TextNode[]): string =>
  nodes
    .map((node) =>
      'value' in node ? JSON.stringify(node.value) : `${node.type}(${line(childrenOf(node))})`,
    )
    .join(' ');
const parsed = (source: string): string => line(parseText(source).children);
/** A tree of the parser has positions, plain paragraphs have none. */
const isPlain = (source: string): boolean => parseText(source).position === undefined;

describe('parseText', () => {
  test.each([
    ['**a** ~~b~~ ~c~', 'paragraph(strong("a") " " delete("b") " ~c~")'],
    ['<b>x</b> <!-- *y* -->', 'paragraph("<b>x</b> <!-- " emphasis("y") " -->")'],
    ['<div>\n\n*x*', 'paragraph("<div>") paragraph(emphasis("x"))'],
    [
      'https://a.example/_b_/c www.c.example',
      'paragraph(link("https://a.example/_b_/c") " " link("www.c.example"))',
    ],
    [
      'a|b\n-|-\n1|2',
      'table(tableRow(tableCell("a") tableCell("b")) tableRow(tableCell("1") tableCell("2")))',
    ],
    ['a[^1]\n\n[^1]: b', 'paragraph("a" footnoteReference()) footnoteDefinition(paragraph("b"))'],
  ])('%j', (source, expected) => {
    expect(parsed(source)).toBe(expected);
  });

  test('positions are offsets into the source', () => {
    fc.assert(
      fc.property(markdown, (source) => {
        const visit = (nodes: readonly TextNode[]): void => {
          for (const node of nodes) {
            const [start, end] = [node.position?.start.offset, node.position?.end.offset];
            expect(end).toBeLessThanOrEqual(source.length);
            if (node.type === 'strong')
              expect(source.slice(start, end)).toMatch(/^(?:\*\*|__)[\s\S]*(?:\*\*|__)$/);
            visit(childrenOf(node));
          }
        };
        if (!isPlain(source)) visit(parseText(source).children);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what would be slow comes back as plain paragraphs', () => {
  test.each([
    ['[', '['],
    ['](', ']('],
    ['*', 'a*'],
    ['* and _', '*_'],
    ['>', '> '],
    ['1.', '1. '],
    ['deep lists', `${'- '.repeat(9)}a\n\n`],
    ['quotes in lists', '- a\n  > b\n'],
    ['underlines', 'a\n=\n'],
    ['` of many lengths', Array.from({ length: 900 }, (_, at) => '`'.repeat(at + 1)).join(' ')],
  ])('10,000 times %s', (_, piece) => {
    const source = piece.repeat(Math.ceil(10_000 / piece.length) * Math.min(piece.length, 4));
    expect(isPlain(source)).toBe(true);
    expect(line(parseText(source).children)).toContain(JSON.stringify(piece.trim()).slice(1, -1));
  });

  test('a text that is longer than can be parsed, or deeper', () => {
    expect(isPlain('*a* '.repeat(100) + 'word '.repeat(parseMax / 5))).toBe(true);
    const nested = Array.from({ length: depthMax }, (_, at) => `${' '.repeat(2 * at)}- a\n`);
    expect(isPlain(nested.join(''))).toBe(true);
    expect(isPlain(nested.slice(0, depthMax / 2 - 2).join(''))).toBe(false);
  });

  test('a line with more quote or list marks than anybody means', () => {
    for (const mark of ['> ', '1. ', '- > ']) {
      expect(isPlain(`${mark.repeat(20 / (mark.length - 1))}a`)).toBe(false);
      expect(isPlain(`${mark.repeat(30)}a`)).toBe(true);
    }
  });

  test('paragraphs stay apart', () => {
    const long = 'x'.repeat(parseMax);
    expect(parseText(`${long}\n \r\n*b*\n\n\n`).children).toEqual(
      [long, '*b*'].map((value) => ({
        type: 'paragraph',
        children: [{ type: 'text', value }],
      })),
    );
  });

  test('what is written in earnest is parsed', () => {
    const section =
      'Some **bold text** with `code`, a [link](https://example.org/a?b=c) and *more*.\n\n' +
      '> A quote\n> > in a quote\n\n1. one\n   - two\n     - three\n\n| **a** | b |\n|---|---|\n| 1 | 2 |\n\n';
    expect(isPlain(section.repeat(60))).toBe(false);
    const table = `a|b|c|d\n-|-|-|-\n${'**x**|`y`|[z](u)|*w*\n'.repeat(100)}`;
    expect(isPlain(table)).toBe(false);
  });

  test('no text of one message takes long', () => {
    const pieces = [
      '[',
      '*',
      '> ',
      '`',
      '- ',
      'a\n=\n',
      '|a\n',
      '- a\n',
      '- a\n  > b\n',
      '![](',
      '<a',
      '&a',
      'a@',
      '\t',
      '[^1]',
      '[a]: b\n',
      '- - - - - - a\n',
    ];
    const startedMs = process.cpuUsage();
    for (const piece of pieces) parseText(piece.repeat(4_096 / piece.length));
    const { user, system } = process.cpuUsage(startedMs);
    expect((user + system) / 1_000 / pieces.length).toBeLessThan(500);
  });
});
