import { expect, test } from 'vitest';
import { displayWidth } from '../../../src/adapters/shared/display-width.ts';
import { tableText } from '../../../src/adapters/shared/table-text.ts';

test('columns are as wide as what is seen of their longest cell', () => {
  const rows = [
    ['a', 'b'],
    ['漢字', 'e\u0301'],
    ['👩‍👩‍👧‍👦', 'xxxx'],
  ];
  expect(tableText(rows, ['right', 'center'], { padded: true })).toBe(
    ['   a |  b', '-----+-----', '漢字 |  e\u0301', '  👩‍👩‍👧‍👦 | xxxx'].join('\n'),
  );
});

test('rows may be of different lengths, and nothing is padded where it must not', () => {
  const rows = [['a', 'b', 'c'], ['1'], ['1', '2', '3', '4']];
  expect(tableText(rows, [], { padded: false })).toBe(
    'a | b | c |\n----+-----+-----+----\n1 |  |  |\n1 | 2 | 3 | 4',
  );
  expect(tableText([], [], { padded: true })).toBe('\n');
});

test.each([
  ['abc', 3],
  ['漢字', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧‍👦', 2],
  ['🇩🇪', 2],
  ['\u200b', 0],
])('displayWidth(%j) is %d', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});
