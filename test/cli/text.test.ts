import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/adapters/shared/display-width.ts';
import { didYouMean } from '../../src/cli/did-you-mean.ts';
import { agoText, durationText, instantText, sinceText } from '../../src/cli/instant.ts';
import { printable, printableLines } from '../../src/cli/printable.ts';
import { padTo, tableLines } from '../../src/cli/table.ts';
import fc from '../support/fast-check.ts';

describe('printable', () => {
  test.each([
    ['plain text, Ünïcödé, 日本語, 👩‍👩‍👧', 'plain text, Ünïcödé, 日本語, 👩‍👩‍👧'],
    ['\u001B[2J\u001B]0;title\u0007', '␛[2J␛]0;title␇'],
    ['a\nb\r\nc\td', 'a↵b␍↵c→d'],
    ['\u009B31m\u007F', '<U+009B>31m␡'],
    ['abc\u202Egnp.exe\u2066', 'abc<U+202E>gnp.exe<U+2066>'],
    ['\uD800 alone', '\uFFFD alone'],
    ['one\u2028two', 'one<U+2028>two'],
  ])('%j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('whatever comes in, no control goes out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text);
        expect(shown).not.toMatch(/[\p{Control}\u202A-\u202E\u2066-\u2069\p{Surrogate}]/u);
        expect(printable(shown)).toBe(shown);
        expect(printableLines(text).join('')).not.toMatch(/\p{Control}/u);
      }),
    );
  });
});

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['🇫🇷', 2],
    ['✔', 1],
    ['✔️', 2],
    ['ｆｕｌｌ', 8],
    ['a\u200Bb', 2],
    ['한글', 4],
  ])('%j takes %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test('padTo fills up and never cuts', () => {
    expect(padTo('日本', 6)).toBe('日本  ');
    expect(padTo('7', 3, 'end')).toBe('  7');
    expect(padTo('longer', 3)).toBe('longer');
  });
});

describe('tableLines', () => {
  interface Row {
    readonly name: string;
    readonly size?: number;
  }
  const columns = [
    { title: 'SIZE', cell: (row: Row) => row.size?.toString(), align: 'end' as const },
    { title: 'NAME', cell: (row: Row) => row.name },
    { title: 'END', cell: () => 'x' },
  ];

  test('aligns by what the terminal shows, and says - for nothing', () => {
    expect(tableLines(columns, [{ name: '日本', size: 12_345 }, { name: 'ab' }])).toEqual([
      ' SIZE  NAME  END',
      '12345  日本  x',
      '    -  ab    x',
    ]);
  });

  test('a hostile title stays in its row', () => {
    const lines = tableLines(columns, [{ name: 'a\n  99  forged  x\u001B[1A' }, { name: 'b' }]);
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toContain('\u001B');
  });

  test('every row has the same columns, whatever the texts are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 })), (names) => {
        const lines = tableLines(
          columns,
          names.map((name) => ({ name })),
        );
        expect(new Set(lines.slice(1).map((line) => displayWidth(line))).size).toBeLessThanOrEqual(
          1,
        );
      }),
    );
  });
});

describe('times', () => {
  test.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [12_349, '12.3 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_600_000, '1 h 00 min'],
    [100_000_000, '1 d 3 h'],
    [-1_500, '-1.5 s'],
  ])('%i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  test('before, after, since and at', () => {
    expect(agoText(1_000, 6_000)).toBe('5 s ago');
    expect(agoText(6_000, 1_000)).toBe('in 5 s');
    expect(sinceText(1_500, 1_000)).toBe('+500 ms');
    expect(sinceText(900, 1_000)).toBe('-100 ms');
    expect(instantText(1_700_000_000_000)).toMatch(/^2023-11-1[45] \d\d:\d\d:20$/);
    expect(instantText(1_700_000_000_000, true)).toMatch(/ UTC([+-]\d\d:\d\d)?$/);
    expect(instantText(Number.NaN)).toBe('(not a time: NaN)');
  });
});

describe('didYouMean', () => {
  const names = ['ackMs', 'ackDelayMs', 'progressMs', 'terminalMs'];
  test.each([
    ['akcMs', 'ackMs'],
    ['ACKMS', 'ackMs'],
    ['progresMs', 'progressMs'],
    ['terminal', 'terminalMs'],
    ['zebra', undefined],
    ['x'.repeat(1_000), undefined],
  ])('%s', (typed, meant) => {
    expect(didYouMean(typed, names)).toBe(meant);
  });
});
