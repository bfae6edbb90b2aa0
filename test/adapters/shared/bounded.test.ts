import { describe, expect, test } from 'vitest';
import { BoundedMap, BoundedSet } from '../../../src/adapters/shared/bounded.ts';
import { Window } from '../../../src/adapters/shared/window.ts';

describe('of many the newest are kept', () => {
  test('by key, and what is set again is new', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    expect([...map]).toEqual([
      ['a', 3],
      ['c', 4],
    ]);
  });

  test('of a set', () => {
    const set = new BoundedSet<string>(2);
    set.add('a').add('b').add('a').add('c');
    expect([...set]).toEqual(['a', 'c']);
  });
});

test('a window has room when fewer than the most are in it', () => {
  const window = new Window({ ms: 1_000, max: 2 });
  for (const atMs of [0, 400]) {
    expect(window.waitMs(atMs)).toBe(0);
    window.take(atMs);
  }
  expect(window.waitMs(500)).toBe(500);
  expect(window.waitMs(500, 1)).toBe(900);
  expect(window.waitMs(1_000)).toBe(0);
  expect(window.waitMs(1_000, 1)).toBe(400);
});
