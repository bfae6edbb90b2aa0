import { describe, expect, test } from 'vitest';
import { clip, firstLine, title } from '../../src/core/clip.ts';
import fc from '../support/fast-check.ts';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const count = (text: string): number => [...graphemes.segment(text)].length;

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'word ',
        '👩‍👩‍👧‍👦',
        '🇩🇪',
        'e\u0301',
        '\r\n',
        '\n',
        '@everyone',
        '<@1>',
        'क्षि',
        '\ud800',
        '…',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    ),
    { maxLength: 60 },
  )
  .map((tokens) => tokens.join(''));

describe('clip', () => {
  test('keeps what fits, marks what does not, and never cuts a grapheme', () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 80 }),
        fc.constantFrom('utf16', 'grapheme'),
        (whole, max, unit) => {
          const short = clip(whole, max, unit);
          const size = unit === 'utf16' ? whole.length : count(whole);
          if (size <= max) {
            expect(short).toBe(whole);
            return;
          }
          expect(short.endsWith('…')).toBe(true);
          const kept = short.slice(0, -1);
          expect(whole.startsWith(kept)).toBe(true);
          expect(graphemes.segment(whole).containing(kept.length)?.index).toBe(kept.length);
          expect(unit === 'utf16' ? short.length : count(kept) + 1).toBeLessThanOrEqual(max);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('keeps as much as it can', () => {
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(clip('ab👍🏽cd', 5)).toBe('ab…');
    expect(clip('👍🏽👍🏽👍🏽', 2, 'grapheme')).toBe('👍🏽…');
    expect(clip('abc', 1)).toBe('…');
  });
});

describe('firstLine and title', () => {
  test('take the first line that shows anything', () => {
    expect(firstLine('\n \u200b \n\tDeploy   the\u0007 site \nnow')).toBe('Deploy the site');
    expect(firstLine(' \n\u200b')).toBe('');
    expect(firstLine('a\u2028b')).toBe('a');
  });

  test('call nobody and turn no text around', () => {
    expect(firstLine('@everyone <@12> <@&3> <!here> <!subteam^S1> <#C1> a @ b')).toBe(
      '@\u200beveryone <\u200b@\u200b12> <\u200b@\u200b&3> <\u200b!here> <\u200b!subteam^S1> <\u200b#C1> a @ b',
    );
    expect(title('a\u202eb\u2066c')).toBe('a b c');
  });

  test('a title has at most 60 graphemes of bounded size', () => {
    expect(title('x'.repeat(100))).toBe(`${'x'.repeat(59)}…`);
    expect(title(`z${'\u0335'.repeat(5_000)}y`)).toBe('\uFFFDy');
    fc.assert(
      fc.property(text, (whole) => {
        const short = title(whole);
        expect(count(short)).toBeLessThanOrEqual(60);
        expect(short).not.toMatch(/\p{Cc}/u);
        expect(short).not.toMatch(/@everyone|<@|<!/);
        expect(title(short)).toBe(short);
      }),
    );
  });
});
