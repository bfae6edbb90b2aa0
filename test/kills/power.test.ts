import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Chance, createChance } from '../../src/testing/chance.ts';
import { Disk, type DiskAct } from './disk-model.ts';
import { type DiskDeath, DiskShim, shimLoads } from './disk-shim.ts';
import { LeanBot } from './lean.ts';
import { dropLibrary } from './library.ts';
import { countAfter, cutPower, record } from './power-cut.ts';

/**
 * Goal: what was acknowledged survives a loss of power; and this would see it if it did not. Method: a shim notes every
 * write and sync of a process, and what was acknowledged between them. The power fails between any two of these: what
 * was not synced is lost, all of it or any sectors of it; then the store is opened, read and written.
 * A seed repeats the cuts; more of them:
 *   READBACK_SEED=<seed> READBACK_CUTS=5000 npx vitest run test/kills/power.test.ts
 */
vi.setConfig({ testTimeout: 600_000 });
const seed = Number(process.env['READBACK_SEED'] ?? Date.now() % 1_000_000);
const cuts = Number(process.env['READBACK_CUTS'] ?? 40);
let shim: DiskShim;
beforeAll(() => {
  if (shimLoads) shim = new DiskShim();
});
afterAll(async () => {
  shim?.dispose();
  await dropLibrary();
});

/** Places between two acts: anywhere, where the file itself is written (made, checkpointed), and where something was just acknowledged. */
function placesIn(acts: readonly DiskAct[], chance: Chance, count: number): ReadonlySet<number> {
  const after = (is: (act: DiskAct) => boolean) =>
    acts.flatMap((act, index) => (is(act) ? [index + 1] : []));
  const notes = after(({ act }) => act === 'note');
  const kinds = [
    notes,
    acts.map((_, index) => index),
    notes,
    after(({ name }) => name === 'bot.db'),
  ];
  const places = Array.from({ length: count }, (_, n) => {
    const kind = kinds[n % kinds.length] ?? [];
    return kind[chance.below(kind.length)] ?? 0;
  });
  return new Set(places);
}

interface Loss {
  readonly place: number;
  readonly acknowledged: number;
  readonly there: number;
}

/** Every cut, with what it took of what was acknowledged. Throws where one leaves damage. */
async function lossesOf(
  acts: readonly DiskAct[],
  places: ReadonlySet<number>,
  chance?: Chance,
): Promise<readonly Loss[]> {
  const disk = new Disk();
  const losses: Loss[] = [];
  let acknowledged = 0;
  for (let place = 0; place <= acts.length; place += 1) {
    if (places.has(place)) {
      const there = await countAfter(disk.afterCut(chance)).catch((cause) => {
        throw new Error(`READBACK_SEED=${seed}: a cut at ${place} leaves damage`, { cause });
      });
      if (there < acknowledged) losses.push({ place, acknowledged, there });
    }
    const act = acts[place];
    if (act === undefined) break;
    disk.do(act);
    if (act.act === 'note') acknowledged = Math.max(acknowledged, Number(act.name));
  }
  return losses;
}

/** Some lie in the opening of the file, most at work. */
const deaths: readonly DiskDeath[] = [
  'sync:60:before',
  'sync:45:after',
  'write:200:half',
  'sync:12:before',
  'sync:35:before',
  'write:90:half',
  'sync:50:after',
  'sync:25:before',
];

describe.skipIf(!shimLoads)('a power cut (Linux only)', () => {
  test('the recording is whole: done again, it gives the same files', async () => {
    const { acts, files } = await record(shim, 'power');
    const disk = new Disk();
    for (const act of acts) disk.do(act);
    const same = [...disk.files()].filter(([name, bytes]) => files.get(name)?.equals(bytes));
    expect(same.map(([name]) => name).sort()).toEqual([...files.keys()].sort());
    expect(disk.files().size).toBe(files.size);
    // The file was made, checkpointed at work, and twice at a close.
    const synced = acts.filter(({ act, name }) => act === 'sync' && name === 'bot.db').length;
    expect(synced).toBeGreaterThan(3);
  });

  test('takes nothing that was acknowledged, and damages nothing', async () => {
    const { acts } = await record(shim, 'power');
    const chance = createChance(seed);
    const places = placesIn(acts, chance, cuts);
    expect(places.size).toBeGreaterThan(cuts / 2);
    const lost = [
      ...(await lossesOf(acts, places)),
      ...(await lossesOf(acts, placesIn(acts, chance, cuts), chance)),
    ];
    expect(lost, `READBACK_SEED=${seed}`).toEqual([]);
  });

  test('takes what was acknowledged with durability "process", and damages nothing', async () => {
    const { acts } = await record(shim, 'process');
    const chance = createChance(seed);
    const places = placesIn(acts, chance, cuts / 2);
    const lost = await lossesOf(acts, places);
    expect(lost.length).toBeGreaterThan(places.size / 3);
    await lossesOf(acts, placesIn(acts, chance, cuts / 4), chance);
  });

  test.concurrent.each([1, 2])(
    'after power cut by power cut a bot keeps its word (%i)',
    async (n) => {
      const bot = new LeanBot(4_000_000 + 1_000 * n);
      const files = join(bot.folder, 'bot.db');
      const chance = n === 1 ? undefined : createChance(seed);
      try {
        for (const die of deaths)
          await cutPower(
            bot.folder,
            (log) => bot.live({ env: shim.env({ files, die, log }) }),
            chance,
          );
        expect(await bot.judge(), `READBACK_SEED=${seed}`).toEqual([]);
      } finally {
        bot.dispose();
      }
    },
  );

  test('a bot with durability "process" does not, and is found out', async () => {
    const bot = new LeanBot(4_100_000);
    const files = join(bot.folder, 'bot.db');
    try {
      const die = { point: 'receipt.settled', nth: 4 } as const;
      await cutPower(bot.folder, (log) =>
        bot.live({ die, env: shim.env({ files, log }), durability: 'process' }),
      );
      expect(await bot.judge()).toContainEqual(
        expect.stringMatching(/was taken on and stands 0 times/),
      );
    } finally {
      bot.dispose();
    }
  });
});
