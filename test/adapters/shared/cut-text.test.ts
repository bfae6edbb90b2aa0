import { describe, expect, test } from 'vitest';
import { type CutOptions, cutText } from '../../../src/adapters/shared/cut-text.ts';
import { fenceAfter } from '../../../src/adapters/shared/fence.ts';
import { inlineSpans } from '../../../src/adapters/shared/inline-span.ts';
import { type TextUnit, textSize } from '../../../src/adapters/shared/text-size.ts';
import { Part } from '../../../src/contracts/delivery.ts';
import fc from '../../support/fast-check.ts';
import { markdown } from './markdown-arbitrary.ts';

const unit = fc.constantFrom<TextUnit>('utf16', 'codepoint', 'byte');
const partsMax = fc.constantFrom(1, 2, 5, 10, Number.POSITIVE_INFINITY);
const options = fc.record({ max: fc.integer({ min: 100, max: 400 }), unit, partsMax });

const sourceOf = (part: Part): string => part.source ?? part.text;
const utf16 = (max: number, more: Partial<CutOptions> = {}): CutOptions => ({
  max,
  unit: 'utf16',
  ...more,
});

describe('every cut', () => {
  test('loses nothing, fits, and is one part when one is enough', () => {
    fc.assert(
      fc.property(markdown, options, (text, limit) => {
        const parts = cutText(text, limit);
        expect(parts.map(sourceOf).join('')).toBe(text);
        for (const part of parts)
          expect(textSize(part.text, limit.unit)).toBeLessThanOrEqual(limit.max);
        if (textSize(text, limit.unit) <= limit.max) expect(parts).toEqual([{ text }]);
        expect(parts.length).toBeLessThanOrEqual(limit.partsMax);
      }),
      { numRuns: 600 },
    );
  });

  test('numbers its parts from three on, outside of any fence, and fences are closed', () => {
    fc.assert(
      fc.property(markdown, options, (text, limit) => {
        const parts = cutText(text, limit);
        const isNumbered = parts.length > 2;
        for (const [at, part] of parts.entries()) {
          const number = `(${at + 1}/${parts.length})`;
          expect(isNumbered).toBe(part.text.endsWith(number) && parts.length > 1);
          let open: ReturnType<typeof fenceAfter>;
          for (const line of part.text.split('\n')) open = fenceAfter(line, open, limit.max / 8);
          if (isNumbered) expect(open).toBeUndefined();
        }
      }),
      { numRuns: 400 },
    );
  });

  test('never cuts a grapheme that fits into a part, nor a pair of surrogates', () => {
    const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
    fc.assert(
      fc.property(markdown, options, (text, limit) => {
        let cut = 0;
        for (const part of cutText(text, limit).slice(0, -1)) {
          cut += sourceOf(part).length;
          const around = graphemes.segment(text).containing(cut);
          if (around === undefined || around.index === cut) continue;
          expect(textSize(around.segment, limit.unit)).toBeGreaterThan(limit.max * 0.6 - 30);
          expect(/^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(cut - 1, cut + 1))).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('gives the same parts again', () => {
    fc.assert(
      fc.property(markdown, options, (text, limit) => {
        expect(cutText(text, limit)).toEqual(cutText(text, limit));
      }),
      { numRuns: 100 },
    );
  });
});

describe('inlines stay whole', () => {
  const inline = fc.constantFrom(
    '**bold words in a row**',
    '*some slanted words.* ',
    '`code. of more words`',
    '[a link. with words](https://example.org/a)',
    '~~gone. for good~~',
    'https://example.org/漢。字/x ',
    '[**bold** link with `code`](https://example.org/b)',
    'a few plain words. ',
    '字字字字。',
  );
  const paragraph = fc.array(inline, { minLength: 5, maxLength: 60 });

  test('whatever the paragraph, no cut falls into one', () => {
    fc.assert(
      fc.property(
        paragraph,
        fc.boolean(),
        fc.integer({ min: 100, max: 200 }),
        (words, dense, max) => {
          const text = words.join(dense ? '' : ' ');
          const parts = cutText(text, utf16(max, { partsMax: Number.POSITIVE_INFINITY }));
          const spans = inlineSpans(text, 0, text.length);
          let cut = 0;
          for (const part of parts.slice(0, -1)) {
            cut += sourceOf(part).length;
            const broken = spans.filter(({ start, end }) => start < cut && cut < end);
            /** Emphasis that spans more than one piece may be longer than a part. */
            expect(broken.filter(({ start, end }) => end - start < max / 2)).toEqual([]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('the cut falls before a link that does not fit any more', () => {
    const link = `[${'words of a link '.repeat(4)}](https://example.org/x)`;
    const [first, second] = cutText(
      `Some words before it, and a few more: ${link} after`,
      utf16(100),
    );
    expect(first?.text).toBe('Some words before it, and a few more: …');
    expect(second?.text.startsWith(`… ${link}`)).toBe(true);
  });

  test('one that is longer than a part is cut as plain, what is in it is not', () => {
    const inner = '`code of some words`';
    const text = `**${`${inner} and words `.repeat(12)}**`;
    const parts = cutText(text, utf16(120));
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect((part.text.match(/`/g) ?? []).length % 2).toBe(0);
  });

  test('a line inside of emphasis is no seam', () => {
    const text = `${'Word '.repeat(8)}\n**${'strong '.repeat(5)}\n${'strong '.repeat(6).trim()}** end ${'x '.repeat(9)}`;
    const [first] = cutText(text, utf16(100));
    expect(first?.text).toBe(`${'Word '.repeat(8).trim()}\n\n… (1/3)`);
  });

  test('no escape and no character reference is torn', () => {
    for (const piece of ['\\*', '&amp;', '&#x1F600;']) {
      const parts = cutText(piece.repeat(60), utf16(100, { partsMax: 50 }));
      expect(parts.length).toBeGreaterThan(1);
      for (const part of parts) expect(sourceOf(part).replaceAll(piece, '')).toBe('');
    }
  });

  test('a part does not begin with what would be code by its indentation', () => {
    const text = `- ${'one '.repeat(17)}\n- second item\n    - ${'deep '.repeat(12)}`;
    const [, second] = cutText(text, utf16(120));
    expect(second?.text).toBe(`…\n\n- second item\n    - ${'deep '.repeat(12).trim()}`);
  });
});

describe('numbers', () => {
  test('two parts have none, three have', () => {
    const words = (count: number): string => 'word '.repeat(count).trim();
    expect(cutText(words(30), utf16(100)).map(({ text }) => text.slice(-8))).toEqual([
      ' word …'.padStart(8, 'd'),
      'ord word',
    ]);
    expect(cutText(words(50), utf16(100)).map(({ text }) => text.slice(-7))).toEqual([
      '… (1/3)',
      '… (2/3)',
      '\n\n(3/3)',
    ]);
  });

  test('survive a fence, also one that is never closed', () => {
    const parts = cutText(`\`\`\`ts\n${'let a = 1;\n'.repeat(20)}`, utf16(100));
    expect(parts.map(({ text }) => text)).toEqual([
      `\`\`\`ts\n${'let a = 1;\n'.repeat(7)}\`\`\`\n… (1/3)`,
      `…\n\`\`\`ts\n${'let a = 1;\n'.repeat(7)}\`\`\`\n… (2/3)`,
      `…\n\`\`\`ts\n${'let a = 1;\n'.repeat(6)}\`\`\`\n\n(3/3)`,
    ]);
  });

  test('no part is a number alone, however long an open fence is', () => {
    for (let length = 180; length < 480; length += 1) {
      const parts = cutText(`\`\`\`\n${'x'.repeat(length)}`, utf16(100));
      for (const part of parts) expect(sourceOf(part)).toContain('x');
    }
  });

  test('have room when they grow by a digit', () => {
    const parts = cutText('word '.repeat(200), utf16(100, { partsMax: 99 }));
    expect(parts.length).toBeGreaterThan(9);
    expect(parts.at(-1)?.text.endsWith(`(${parts.length}/${parts.length})`)).toBe(true);
    for (const { text } of parts) expect(text.length).toBeLessThanOrEqual(100);
  });
});

describe('too many parts', () => {
  const long = `Begin **here**.\n\n${'One more sentence of it. '.repeat(400)}`;

  test('become one with the whole text in a file', () => {
    const [part, ...rest] = cutText(long, utf16(1_000, { excerptMax: 300 }));
    expect(rest).toEqual([]);
    expect(part?.source).toBe(long);
    expect(part?.files).toEqual([{ name: 'answer.md', mimeType: 'text/markdown', text: long }]);
    expect(part?.text.length).toBeLessThanOrEqual(300);
    expect(part?.text).toMatch(
      /^Begin \*\*here\*\*\.[\s\S]* …\n\nThe whole text is in the attached file\.$/,
    );
    expect(Part.parse(part)).toEqual(part);
  });

  test('exactly `partsMax` are still parts', () => {
    const count = cutText(long, utf16(1_000, { partsMax: Number.POSITIVE_INFINITY })).length;
    expect(cutText(long, utf16(1_000, { partsMax: count }))).toHaveLength(count);
    expect(cutText(long, utf16(1_000, { partsMax: count - 1 }))[0]?.files).toHaveLength(1);
  });

  test('white space at the end makes no file', () => {
    expect(cutText(`word${'\n'.repeat(5_000)}`, utf16(100))).toEqual([
      { text: 'word', source: `word${'\n'.repeat(5_000)}` },
    ]);
  });

  test('more than a file may hold are more files; none is over the limit of a Delivery', () => {
    const text = `${'Line of text 😀.\n'.repeat(150_000)}end`;
    const [part] = cutText(text, utf16(4_096));
    const files = part?.files ?? [];
    expect(files.map(({ name }) => name)).toEqual(['answer-1.md', 'answer-2.md', 'answer-3.md']);
    expect(files.map((file) => file.text).join('')).toBe(text);
    expect(files[0]?.text?.endsWith('\n')).toBe(true);
    expect(Part.safeParse(part).success).toBe(true);
  });

  test('what ten files do not hold is cut all the same', () => {
    const text = 'x'.repeat(10_000_001);
    const parts = cutText(text, utf16(1_000_000));
    expect(parts.map(sourceOf).join('') === text).toBe(true);
    expect(parts[0]?.files).toBeUndefined();
  });
});

test('a limit that no mark fits into is refused', () => {
  expect(() => cutText('x', utf16(99))).toThrow(RangeError);
  expect(() => cutText('x', utf16(Number.NaN))).toThrow(RangeError);
  expect(() => cutText('x', utf16(200, { excerptMax: 99 }))).toThrow(RangeError);
});
