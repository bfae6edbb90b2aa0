import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type DiskDeath, DiskShim, shimLoads } from './disk-shim.ts';
import { LeanBot } from './lean.ts';
import { dropLibrary } from './library.ts';

/**
 * Goal: no moment inside a COMMIT is a bad one to die, nor inside a migration or the taking of the lock.
 * Method: a shim between the process and the disk kills it in its n-th sync or write, life after life on one file;
 * what people saw is judged after the last.
 */
vi.setConfig({ testTimeout: 300_000 });
let shim: DiskShim;
beforeAll(() => {
  if (shimLoads) shim = new DiskShim();
});
afterAll(async () => {
  shim?.dispose();
  await dropLibrary();
});

/** Early ones lie in the opening of the file, late ones at work. */
const lives: readonly (readonly DiskDeath[])[] = [
  [1, 2, 3, 5, 8, 12, 16, 20, 24, 28, 32, 36, 40].map((n) => `sync:${n}:before` as const),
  [1, 2, 4, 6, 10, 14, 18, 22, 26, 30, 34, 38, 44].map((n) => `sync:${n}:after` as const),
  [9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33].map(
    (n) => `sync:${n}:${n % 4 === 1 ? 'before' : 'after'}` as const,
  ),
  [1, 3, 7, 15, 31, 60, 90, 120, 150, 180, 210, 240, 270].map(
    (n) => `write:${n}:${(['before', 'half', 'after'] as const)[n % 3] ?? 'half'}` as const,
  ),
];
let killed = 0;

describe.skipIf(!shimLoads)('killed inside COMMIT (Linux only)', () => {
  test.concurrent.each(lives.map((deaths, index) => [index + 1, deaths] as const))(
    'life after life, at one place after the other (%i)',
    async (n, deaths) => {
      const bot = new LeanBot(3_000_000 + 1_000 * n);
      const files = join(bot.folder, 'bot.db');
      try {
        for (const die of deaths)
          if (await bot.live({ env: shim.env({ files, die }) })) killed += 1;
        expect(await bot.judge()).toEqual([]);
      } finally {
        bot.dispose();
      }
    },
  );

  test('there were more than 40 deaths, most of them at the log that a COMMIT syncs', () => {
    expect(shim.deaths).toHaveLength(killed);
    expect(killed).toBeGreaterThan(40);
    const there = (act: string, name: string) =>
      shim.deaths.filter((death) => death.act === act && death.name === name).length;
    expect(there('sync', 'bot.db-wal')).toBeGreaterThan(20);
    expect(there('write', 'bot.db-wal')).toBeGreaterThan(5);
    expect(there('sync', 'bot.db')).toBeGreaterThan(0);
  });
});
