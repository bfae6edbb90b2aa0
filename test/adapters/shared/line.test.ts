import { describe, expect, test } from 'vitest';
import { Lines } from '../../../src/adapters/shared/line.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';

function make() {
  const runtime = createFakeRuntime();
  const stored: string[] = [];
  const leftOut: string[] = [];
  const store = { writes: true, refuses: (_: string): boolean => false };
  const stop = new AbortController();
  const lines = new Lines<string>({
    runtime,
    stopping: stop.signal,
    store: async (item) => {
      if (!store.writes || store.refuses(item)) return false;
      stored.push(item);
      return true;
    },
    canWrite: async () => store.writes,
    leftOut: (item) => void leftOut.push(item),
  });
  const told: string[] = [];
  const enter = (conversation: string, item: string): void => {
    const entered = lines.enter(conversation, item, item);
    void entered?.then((taken) => told.push(`${item} ${taken}`));
    if (entered === undefined) told.push(`${item} not kept`);
  };
  return { runtime, stored, leftOut, store, stop, lines, told, enter };
}

describe('the line of a conversation', () => {
  test('is stored in its order; whoever waits in it is told to come again', async () => {
    const { runtime, store, enter, told, stored, lines } = make();
    store.writes = false;
    enter('C1', 'one');
    enter('C1', 'two');
    enter('C2', 'other');
    await runtime.settle();
    expect(told.sort()).toEqual(['one refused', 'other refused', 'two refused']);
    store.writes = true;
    await runtime.advance(5_000);
    expect(stored.indexOf('one')).toBeLessThan(stored.indexOf('two'));
    expect(stored).toHaveLength(3);
    expect(lines.isEmpty).toBe(true);
  });

  test('takes what comes again at once, and for the same', async () => {
    const { runtime, store, enter, told, stored } = make();
    store.writes = false;
    enter('C1', 'one');
    await runtime.settle();
    store.writes = true;
    enter('C1', 'one');
    await runtime.settle();
    expect(told).toEqual(['one refused', 'one taken']);
    expect(stored).toEqual(['one']);
  });

  test('waits for a store that does not write, and not for what alone cannot be stored', async () => {
    const { runtime, store, enter, stored, leftOut } = make();
    store.refuses = (item) => item === 'broken';
    store.writes = false;
    enter('C1', 'broken');
    enter('C1', 'next');
    await runtime.advance(3_600_000);
    expect([stored, leftOut]).toEqual([[], []]);
    store.writes = true;
    await runtime.advance(10_000);
    expect([stored, leftOut]).toEqual([['next'], ['broken']]);
  });

  test('gives what alone cannot be stored a minute, also while the store writes', async () => {
    const { runtime, store, enter, stored, leftOut } = make();
    store.refuses = (item) => item === 'slow';
    enter('C1', 'slow');
    enter('C1', 'next');
    await runtime.advance(55_000);
    expect([stored, leftOut]).toEqual([[], []]);
    store.refuses = () => false;
    await runtime.advance(5_000);
    expect([stored, leftOut]).toEqual([['slow', 'next'], []]);
  });

  test('has a bound, and ends with the bot', async () => {
    const { runtime, store, stop, enter, told, lines } = make();
    store.writes = false;
    for (let n = 0; n <= 1_000; n += 1) enter(`C${n % 7}`, `${n}`);
    await runtime.settle();
    expect(told.filter((one) => one.endsWith('not kept'))).toEqual(['1000 not kept']);
    stop.abort();
    await runtime.settle();
    expect(lines.isEmpty).toBe(true);
    expect(told).toHaveLength(1_001);
  });
});
