import { describe, expect, test } from 'vitest';
import { contentMax, renderText, sizeOf } from '../../../src/adapters/discord/render.ts';
import {
  cleanText,
  clipEscaped,
  codeBlock,
  codeSpan,
  escapeText,
  guardLines,
} from '../../../src/adapters/discord/render-escape.ts';
import { join } from '../../../src/adapters/discord/render-inline.ts';
import { childrenOf, parseText, type TextNode } from '../../../src/adapters/shared/parse-text.ts';
import fc from '../../support/fast-check.ts';
import { markdown } from '../shared/markdown-arbitrary.ts';
import { readDiscord } from './discord-reader.ts';

const bare = (text: string): string => text.replaceAll('\u2060', '');
const squeezed = (text: string): string => bare(text).replace(/\s/g, '');

/** What means something to Discord, whole and in pieces. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '*',
        '**',
        '_',
        '__',
        '~~',
        '||',
        '`',
        '```',
        '\\',
        '\n',
        ' ',
        '  ',
        'a',
        'b1',
      ),
      fc.constantFrom('# ', '## ', '-# ', '- ', '* ', '+ ', '1. ', '12) ', '> ', '>>> ', '\n\n'),
      fc.constantFrom(
        '<@123456>',
        '<@!1>',
        '<@&2>',
        '<#3>',
        '<:a:4>',
        '<t:5:R>',
        '</ask:6>',
        '<id:x>',
      ),
      fc.constantFrom('@everyone', '@here', ':smile:', ':+1:', '¯\\_(ツ)_/¯', '@', 'everyone'),
      fc.constantFrom(
        'https://a.example/b',
        'steam://run/1',
        '<https://a.example>',
        '[x](https://b.example)',
        '[',
        '](',
        ')',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));

describe('escaping', () => {
  test('property: of any text Discord shows every letter, and makes nothing of it', () => {
    fc.assert(
      fc.property(hostile, (source) => {
        const escaped = guardLines(escapeText(source));
        const { text, kinds } = readDiscord(escaped);
        expect(kinds).toEqual([]);
        expect(bare(text)).toBe(bare(cleanText(source)));
      }),
      { numRuns: 600 },
    );
  });

  test('property: the same inside of marks and behind those of a block', () => {
    const around = fc.constantFrom(
      ['**', '**'],
      ['*', '*'],
      ['~~', '~~'],
      ['> ', ''],
      ['- ', ''],
      ['# ', ''],
    );
    fc.assert(
      fc.property(hostile, around, (source, [before = '', after = '']) => {
        const line = cleanText(source).replace(/\s+/g, ' ').trim();
        fc.pre(line !== '' && !line.endsWith('#'));
        const inner = join(join(before, guardLines(escapeText(line))), after);
        const { text, kinds } = readDiscord(inner);
        expect(kinds.filter((kind) => kind !== 'item').length).toBe(1);
        expect(squeezed(text)).toBe(squeezed(cleanText(line)));
      }),
      { numRuns: 600 },
    );
  });

  test('property: code is shown as it is, but for backticks that are set apart', () => {
    const code = fc.array(
      fc.constantFrom('`', '``', '```', 'a', ' ', '*', '\\', '\n', '- b', '||'),
    );
    fc.assert(
      fc.property(code, fc.constantFrom('', 'js', 'c++', 'x y', '`'), (pieces, language) => {
        const source = pieces.join('');
        fc.pre(source.replaceAll('\n', '') !== '');
        const block = readDiscord(codeBlock(source, language));
        expect(block.kinds).toEqual([`block ${/^[\w+.-]+$/.test(language) ? language : ''}`]);
        expect(bare(block.text).trimEnd()).toBe(source.replace(/^\n+|\n+$/g, '').trimEnd());
        fc.pre(source.trim() !== '');
        const span = readDiscord(`a ${codeSpan(source)} b`);
        expect(span.kinds).toEqual(['code']);
        expect(bare(span.text)).toBe(`a ${source.replaceAll('\n', ' ')} b`);
      }),
      { numRuns: 400 },
    );
  });

  test('clipping cuts no escape and no pair', () => {
    const text = escapeText('a*<😀\\'.repeat(20));
    for (let max = 1; max < text.length; max += 1) {
      const cut = clipEscaped(text, max);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut).not.toMatch(/\p{Surrogate}/u);
      expect(readDiscord(cut).text).toMatch(/^(?:a|\*|<|😀|\\)*…$/u);
    }
    expect(clipEscaped('abc', 3)).toBe('abc');
  });
});

/** How often each construct stands in the source. */
function countOf(nodes: readonly TextNode[], counts: Record<string, number> = {}) {
  for (const node of nodes) {
    counts[node.type] = (counts[node.type] ?? 0) + 1;
    countOf(childrenOf(node), counts);
  }
  return counts;
}

describe('renderText', () => {
  test('property: nothing is made that was not meant', () => {
    fc.assert(
      fc.property(fc.oneof(markdown, hostile), (source) => {
        const { kinds } = readDiscord(renderText(source, { max: 100_000 }));
        const counts = countOf(parseText(source).children);
        const many = (...names: string[]): number =>
          kinds.filter((kind) => names.includes(kind)).length;
        const meant = (...types: string[]): number =>
          types.reduce((sum, type) => sum + (counts[type] ?? 0), 0);
        expect(many('mention', 'emoji', 'time', 'command', 'spoiler', 'underline', 'small')).toBe(
          0,
        );
        expect(many('heading in a list')).toBe(0);
        expect(many('heading1', 'heading2', 'heading3')).toBeLessThanOrEqual(meant('heading'));
        expect(many('bold')).toBeLessThanOrEqual(meant('strong', 'heading'));
        expect(many('italic')).toBeLessThanOrEqual(meant('emphasis'));
        expect(many('strike')).toBeLessThanOrEqual(meant('delete'));
        expect(many('item')).toBeLessThanOrEqual(meant('listItem'));
        expect(many('code')).toBeLessThanOrEqual(meant('inlineCode'));
        const links = kinds.filter((kind) => kind.startsWith('link '));
        for (const link of links) expect(link).toMatch(/^link https?:\/\//);
        expect(links.length).toBeLessThanOrEqual(
          meant('link', 'image', 'linkReference', 'imageReference'),
        );
      }),
      { numRuns: 400 },
    );
  });

  test('property: no word is lost', () => {
    const block = fc.constantFrom(
      '- W',
      '1. W',
      '> W',
      '# W',
      'W',
      '**W** x',
      '*W **W** W*',
      '***W***',
      '[W](https://a.example)',
      '```\nW\n```',
      '- W\n  > W',
      '1. W\n   - W\n     ```\n     W\n     ```\n   W',
      '> - W\n> # W',
      '| W |\n|--|\n| W |',
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 12 }), (parts) => {
        let count = 0;
        const word = (): string => `w${count++}w`;
        const source = parts.map((part) => part.replaceAll('W', word)).join('\n\n');
        const { text } = readDiscord(renderText(source));
        for (let n = 0; n < count; n += 1) expect(text.split(`w${n}w`).length).toBe(2);
      }),
      { numRuns: 250 },
    );
  });

  test('property: never longer than it may be, never empty', () => {
    fc.assert(
      fc.property(fc.oneof(markdown, hostile), fc.constantFrom(100, contentMax), (source, max) => {
        const text = renderText(source, { max });
        expect(text.length).toBeLessThanOrEqual(max);
        expect(text.trim()).not.toBe('');
        expect(text).not.toMatch(/\p{Surrogate}/u);
        if (sizeOf(source, max) <= max) expect(text).toBe(renderText(source, { max }));
      }),
      { numRuns: 250 },
    );
  });
});
