import { describe, expect, test } from 'vitest';
import { joinersIn, neutralInPlace, neutralText } from '../../../src/adapters/shared/neutral.ts';

describe('mentions and commands', () => {
  test.each([
    '@ann',
    '(@ann)',
    'x @ann_b',
    '/cancel',
    'x /a',
    '(/go)',
    '/go@some_bot',
    '-/go',
    '\n/go',
  ])('%j is made harmless', (text) => {
    expect(joinersIn(text)).toHaveLength(1);
    expect(neutralText(text)).toHaveLength(text.length + 1);
    expect(joinersIn(neutralText(text))).toEqual([]);
    expect(neutralInPlace(text)).toHaveLength(text.length);
    expect(joinersIn(neutralInPlace(text))).toEqual([]);
  });

  test.each([
    'a@b.example',
    '@ ann',
    '@a',
    'and/or',
    '/etc/hosts',
    '//x',
    '</b>',
    'é@ann',
    '1/2',
    'https://a.example/b',
  ])('%j stays as it is', (text) => {
    expect(neutralText(text)).toBe(text);
    expect(neutralInPlace(text)).toBe(text);
  });

  test('every place of a text is found, in order', () => {
    expect(joinersIn('/a @bb /c @dd')).toEqual([1, 4, 8, 11]);
  });
});
