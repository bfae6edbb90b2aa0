import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  type CrashPoint,
  crashPoints,
  crashPointsLater,
  crashPointsOutside,
} from '../../src/contracts/crash-point.ts';
import { LeanBot } from './lean.ts';
import { dropLibrary } from './library.ts';

/**
 * Goal: every place at which something is stored and not known, or known and not stored, is a good one to die. Method:
 * a bot on a real file is killed there, again and again, and what people saw is judged after its last life.
 */
vi.setConfig({ testTimeout: 300_000 });
afterAll(dropLibrary);
let deaths = 0;

async function withBot(seed: number, work: (bot: LeanBot) => Promise<void>): Promise<void> {
  const bot = new LeanBot(seed);
  try {
    await work(bot);
    expect(await bot.judge()).toEqual([]);
  } finally {
    deaths += bot.deaths.length;
    bot.dispose();
  }
}

const points = Object.keys(crashPoints) as CrashPoint[];

describe.concurrent('killed', () => {
  test.each(points)('at %s, seldom passed or often, and again while it recovers', async (point) => {
    await withBot(1_000 * (points.indexOf(point) + 1), async (bot) => {
      for (const nth of [1, 2, 3]) {
        await bot.live({ die: { point, nth } });
        // It leaves work behind, so that there is something to recover; and dies once more early in that.
        await bot.live({ die: { point: 'task.started', nth: 1 } });
        if (nth === 2) await bot.live({ die: { nth: 4 } });
      }
      await bot.live({ die: { point, nth: 1 } });
      const there = bot.deaths.filter((death) => death.point === point);
      expect(there.length, `deaths at ${point}`).toBeGreaterThan(0);
    });
  });

  test.each([1, 2])('anywhere, under load: life after life (%i)', async (n) => {
    await withBot(100_000 * n, async (bot) => {
      for (let life = 0; life < 22; life += 1)
        await bot.live({ die: { nth: 1 + ((life * 37 + n * 11) % 90) } });
      expect(bot.deaths.length).toBeGreaterThan(15);
    });
  });
});

// With those of the other files of this folder more than 300.
test('there were more than 180 deaths', () => {
  expect(deaths).toBeGreaterThan(180);
});

test('what is not yet there, or tested elsewhere, is named', () => {
  expect(Object.keys(crashPointsLater)).toHaveLength(4);
  expect(Object.keys(crashPointsOutside).length).toBeGreaterThan(0);
});
