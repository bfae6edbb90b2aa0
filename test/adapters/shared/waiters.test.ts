import { expect, test } from 'vitest';
import { Waiters } from '../../../src/adapters/shared/waiters.ts';

const answer = (key: string) => ({ key, weight: 'answer' }) as const;
const work = (key: string) => ({ key, weight: 'work' }) as const;

test('each keeps the place of its first try, answers before what shows work', () => {
  const line = new Waiters();
  line.hold(work('w1'), 1_000);
  line.hold(answer('a1'), 1_000);
  line.hold(answer('a2'), 1_000);
  line.hold(answer('a1'), 2_000);
  expect(['a1', 'a2', 'new'].map((key) => line.ahead(answer(key), 0))).toEqual([0, 1, 2]);
  expect(['w1', 'new'].map((key) => line.ahead(work(key), 0))).toEqual([2, 3]);
  line.leave('a1');
  expect(line.ahead(answer('a2'), 0)).toBe(0);
});

test('who does not come back loses its place three seconds after its turn', () => {
  const line = new Waiters();
  line.hold(answer('a1'), 1_000);
  expect(line.ahead(answer('a2'), 4_000)).toBe(1);
  expect(line.ahead(answer('a2'), 4_001)).toBe(0);
});

test('a thousand have a place, more have none', () => {
  const line = new Waiters();
  for (let n = 0; n < 1_500; n += 1) line.hold(answer(`a${n}`), 1_000);
  expect(line.ahead(answer('new'), 0)).toBe(1_000);
});
