import { expect, test } from 'vitest';
import { clip, title } from '../../src/core/clip.ts';
import fc from '../support/fast-check.ts';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const partsOf = (text: string) => Array.from(graphemes.segment(text), ({ segment }) => segment);
const texts = fc.oneof(
  fc.string({ maxLength: 90 }),
  fc
    .tuple(fc.string({ maxLength: 70 }), fc.constantFrom('\u0301', '\r\n', '👩‍👩‍👧', 'é'))
    .map((all) => all.join('')),
);

test('a text of ASCII is cut where its graphemes say', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 70 }), (text, max) => {
      const parts = partsOf(text);
      const expected = parts.length <= max ? text : `${parts.slice(0, max - 1).join('')}…`;
      expect(clip(text, max, 'grapheme')).toBe(expected);
    }),
  );
});

test('a title of ASCII is what that of any text is', () => {
  expect(title('a'.repeat(61))).toBe(`${'a'.repeat(59)}…`);
  expect(title('a'.repeat(60))).toBe('a'.repeat(60));
  expect(title(`${'a'.repeat(60)}\u0301`)).toBe(`${'a'.repeat(60)}\u0301`);
});
