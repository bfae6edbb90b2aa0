import { describe, expect, test } from 'vitest';
import { fenceAfter } from '../../../src/adapters/shared/fence.ts';
import { splitText } from '../../../src/adapters/shared/split-text.ts';
import { type TextUnit, textSize } from '../../../src/adapters/shared/text-size.ts';
import type { Part } from '../../../src/contracts/delivery.ts';
import fc from '../../support/fast-check.ts';

const token = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('word', 'a', 'longer-words', 'End.', '¿Qué?', '你好。') },
  { weight: 6, arbitrary: fc.constantFrom(' ', ' ', '  ', '\n', '\n\n', '\r\n', '\t', '\r\n\r\n') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '👩‍👩‍👧‍👦',
      '🇩🇪',
      '🇫🇷',
      'e\u0301',
      '1️⃣',
      '👍🏽',
      'क्षि',
      '\u0301',
      '\u200d',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '\n```js\n',
      '\n```\n',
      '\n~~~~\n',
      '\n> ```\n',
      '\n- ```py\n',
      '`x`',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'x'.repeat(90),
      `z${'\u0335'.repeat(70)}`,
      '\ud800',
      '\n'.repeat(60),
    ),
  },
);
const text = fc.array(token, { maxLength: 120 }).map((tokens) => tokens.join(''));
const unit = fc.constantFrom<TextUnit>('utf16', 'codepoint', 'byte');
const limit = fc.record({ max: fc.integer({ min: 40, max: 160 }), unit });

const sourceOf = (part: Part): string => part.source ?? part.text;
const texts = (parts: readonly Part[]): string[] => parts.map((part) => part.text);

describe('every split', () => {
  test('loses nothing, fits, and is one part when one is enough', () => {
    fc.assert(
      fc.property(text, limit, (whole, { max, unit: by }) => {
        const parts = splitText(whole, { max, unit: by });
        expect(parts.map(sourceOf).join('')).toBe(whole);
        for (const part of parts) expect(textSize(part.text, by)).toBeLessThanOrEqual(max);
        if (textSize(whole, by) <= max) expect(parts).toEqual([{ text: whole }]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('says where it goes on', () => {
    fc.assert(
      fc.property(text, limit, (whole, by) => {
        const parts = texts(splitText(whole, by));
        for (const part of parts.slice(0, -1)) expect(part.endsWith('…')).toBe(true);
        for (const part of parts.slice(1)) expect(part.startsWith('…')).toBe(true);
      }),
    );
  });

  test('never cuts a grapheme that fits into a part', () => {
    const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
    fc.assert(
      fc.property(text, limit, (whole, { max, unit: by }) => {
        let cut = 0;
        for (const part of splitText(whole, { max, unit: by }).slice(0, -1)) {
          cut += sourceOf(part).length;
          const around = graphemes.segment(whole).containing(cut);
          if (around === undefined || around.index === cut) continue;
          expect(textSize(around.segment, by)).toBeGreaterThan(max - markMax(max));
          expect(isLow(whole.charCodeAt(cut)) && isHigh(whole.charCodeAt(cut - 1))).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('closes every fence that it opened again', () => {
    fc.assert(
      fc.property(text, limit, (whole, by) => {
        const parts = texts(splitText(whole, by));
        for (const part of parts.slice(0, -1)) {
          let open: ReturnType<typeof fenceAfter>;
          for (const line of part.split('\n')) open = fenceAfter(line, open, by.max / 8);
          expect(open).toBeUndefined();
        }
      }),
    );
  });
});

/** What marks and a fence's closing and opening take of a part, at most. */
const markMax = (max: number): number => 12 + max / 4;
const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00;
const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000;

describe('where a text is cut', () => {
  const split = (whole: string, max = 40): string[] =>
    texts(splitText(whole, { max, unit: 'utf16' }));

  test('at a paragraph before a line, at a line before a sentence', () => {
    expect(split('One two three four.\n\nFive six\nseven eight nine ten.')).toEqual([
      'One two three four.\n\n…',
      '…\n\nFive six\nseven eight nine ten.',
    ]);
    expect(split('One two three four five.\nSix seven. Eight nine ten')).toEqual([
      'One two three four five.\n\n…',
      '…\n\nSix seven. Eight nine ten',
    ]);
  });

  test('at a sentence before a word, at a word before a letter', () => {
    expect(split('One two three four five. Six seven eight nine')).toEqual([
      'One two three four five. …',
      '… Six seven eight nine',
    ]);
    expect(split('one two three four five six seven eight nine')).toEqual([
      'one two three four five six seven …',
      '… eight nine',
    ]);
    expect(split('x'.repeat(50))).toEqual([`${'x'.repeat(39)}…`, `…${'x'.repeat(11)}`]);
    expect(split('一二三四五六七八九十。'.repeat(4))[0]).toBe(
      `${'一二三四五六七八九十。'.repeat(3)}…`,
    );
  });

  test('before a long word rather than in it', () => {
    expect(split(`see ${'/path'.repeat(7)} there`)).toEqual([
      'see …',
      `… ${'/path'.repeat(7)} …`,
      '… there',
    ]);
  });

  test('not between a space and what sits on it', () => {
    const parts = splitText(`${'ab '.repeat(12)} \u0301${'c'.repeat(20)}`, {
      max: 40,
      unit: 'utf16',
    });
    expect(parts.map(sourceOf)[1]?.startsWith('\u0301')).toBe(false);
  });

  test('a fence is closed and opened again with its language', () => {
    const code = `\`\`\`js\n${'let a = 1;\n'.repeat(5)}\`\`\`\nDone.`;
    expect(split(code)).toEqual([
      '```js\nlet a = 1;\nlet a = 1;\n```\n…',
      '…\n```js\nlet a = 1;\nlet a = 1;\n```\n…',
      '…\n```js\nlet a = 1;\n```\nDone.',
    ]);
  });

  test('before a fence rather than in it, and never just inside one', () => {
    expect(split(`Some words before the code\n\`\`\`js\n${'a = 1;\n'.repeat(3)}\`\`\``)).toEqual([
      'Some words before the code\n\n…',
      `…\n\n\`\`\`js\n${'a = 1;\n'.repeat(3)}\`\`\``,
    ]);
  });

  test('a trailing newline makes no part of its own', () => {
    const whole = `${'x'.repeat(40)}\n\n\n`;
    expect(splitText(whole, { max: 40, unit: 'utf16' })).toEqual([
      { text: 'x'.repeat(40), source: whole },
    ]);
  });
});

test('a grapheme longer than a part is cut between code points', () => {
  const tower = `e${'\u0301'.repeat(100)}`;
  const parts = splitText(tower, { max: 40, unit: 'utf16' });
  expect(parts.map(sourceOf).join('')).toBe(tower);
  expect(parts.length).toBe(3);
});

test('each unit counts as its platform does', () => {
  expect(textSize('aé你😀', 'utf16')).toBe(5);
  expect(textSize('aé你😀', 'codepoint')).toBe(4);
  expect(textSize('aé你😀', 'byte')).toBe(Buffer.byteLength('aé你😀'));
  expect(splitText('😀'.repeat(40), { max: 40, unit: 'codepoint' })).toHaveLength(1);
  expect(splitText('😀'.repeat(40), { max: 40, unit: 'utf16' }).length).toBeGreaterThan(1);
});

test('an empty text is one empty part, a limit that no mark fits into is refused', () => {
  expect(splitText('', { max: 40, unit: 'utf16' })).toEqual([{ text: '' }]);
  expect(() => splitText('x', { max: 39, unit: 'utf16' })).toThrow(RangeError);
  expect(() => splitText('x', { max: Number.NaN, unit: 'utf16' })).toThrow(RangeError);
});

test('a text made to be slow is not', () => {
  for (const piece of [' \u0301', '\u200d', '🇩🇪', '\n```\n', '> '.repeat(50), ' ', '1']) {
    const text = piece.repeat(Math.ceil(60_000 / piece.length));
    // What takes long is told by the time limit of tests.
    const sizes = splitText(text, { max: 2_000, unit: 'byte' }).map((part) =>
      Buffer.byteLength(part.text),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000);
  }
});
