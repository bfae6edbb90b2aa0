import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CrashPoint, crashPoints } from '../../src/contracts/crash-point.ts';
import { type OpenSet, Scene, type Told } from './recovery-scene.ts';

/**
 * Goal: recovery is idempotent: killed at any of its steps and started again it leaves the same open set as one that
 * nobody disturbed, and tells nobody twice. Method: the same work is left behind again and again, in virtual time; the
 * real core and the real SQL recover it, and a process that is dead has no effect. SIGKILL is in points.test.ts.
 */
vi.setConfig({ testTimeout: 120_000 });
const points = (Object.keys(crashPoints) as CrashPoint[]).filter((one) =>
  one.startsWith('recovery.'),
);
const scenes: Scene[] = [];
let places: readonly string[] = [];
let left: OpenSet;
let open: OpenSet | undefined;
let told: Told;

/** The same work, left by a process that was killed. */
async function leave(): Promise<Scene> {
  const scene = new Scene();
  scenes.push(scene);
  await scene.leaveWork();
  return scene;
}

/**
 * Kills the recovery at each of these places, one start after the other, and lets the next one be. A start with less
 * left to do, which does not come so far, is killed when it has recovered and takes no messages yet.
 */
async function disturb(deaths: readonly number[]): Promise<Scene> {
  const scene = await leave();
  expect(scene.open()).toEqual(left);
  for (const at of deaths) {
    const died = await scene.start((place, n) => n === at || place === 'fake.start');
    expect(died.open).toBeUndefined();
  }
  const last = await scene.start();
  expect(last.open).toEqual(open);
  return scene;
}

beforeAll(async () => {
  const scene = await leave();
  left = scene.open();
  ({ places, open } = await scene.start());
  await scene.live();
  told = scene.told();
  expect(scene.errors).toEqual([]);
});
afterAll(() => {
  for (const { memory } of scenes) memory.close();
});

const column = (rows: readonly unknown[], name: string): unknown[] => [
  ...new Set(rows.map((row) => (row as Record<string, unknown>)[name])),
];

test('what the dead left is open work of every kind', async () => {
  const scene = await leave();
  expect(column(left.tasks, 'state')).toEqual(
    expect.arrayContaining(['queued', 'running', 'waiting', 'aborting']),
  );
  expect(column(left.receipts, 'state')).toEqual(
    expect.arrayContaining(['pending', 'claimed', 'unknown', 'surfaced']),
  );
  expect(column(left.asks, 'state')).toEqual(['open']);
  const busy = left.receipts.filter((row) => Number((row as { tries: number }).tries) > 3);
  expect(busy, 'backed off').toHaveLength(1);
  const now = scene.runtime.wallMs();
  const overdue = scene.rows(`SELECT id FROM tasks WHERE due_at_ms < ${now}`);
  expect(overdue.length, 'overdue clocks').toBeGreaterThan(2);
  expect(scene.rows("SELECT id FROM inbounds WHERE became = 'open'")).toHaveLength(1);
});

test('a recovery passes all its points, and commits several times', () => {
  for (const point of points) expect(places).toContain(point);
  expect(places.filter((place) => place === 'recovery.task').length).toBeGreaterThan(5);
  expect(places.filter((place) => place === 'store.committed').length).toBeGreaterThan(4);
  expect(column(open?.tasks ?? [], 'state')).toEqual(
    expect.arrayContaining(['queued', 'running', 'ended']),
  );
});

describe('Recovery is idempotent', () => {
  test.each(points)('killed at %s, whenever it is passed, and twice in a row', async (point) => {
    for (const [at, place] of places.entries()) {
      if (place !== point) continue;
      const twice = places.indexOf(point) === at ? [[at, at]] : [];
      for (const deaths of [[at], ...twice]) {
        const scene = await disturb(deaths);
        await scene.live();
        expect(scene.told()).toEqual(told);
        expect(scene.errors).toEqual([]);
      }
    }
  });

  test('killed at each of its other steps, a call of the store or of a worker', async () => {
    for (const [at, place] of places.entries())
      if (place !== places[at - 1] && !points.some((point) => point === place)) await disturb([at]);
  });

  test('a restart that finds what a recovery left changes nothing, and a third one neither', async () => {
    await disturb([places.length - 1, places.length - 1]);
  });

  test('what has come to rest stays so: nothing is sent, nothing opened', async () => {
    const scene = await disturb([]);
    await scene.live();
    const rest = scene.open();
    const { length } = scene.platform.sent;
    for (let restarts = 0; restarts < 2; restarts += 1) {
      scene.kill();
      const again = await scene.start();
      expect(again.open).toEqual(rest);
      await scene.live();
    }
    expect(scene.open()).toEqual(rest);
    expect(scene.platform.sent).toHaveLength(length);
    expect(scene.told()).toEqual(told);
  });
});

test('each was told once how it ended', () => {
  const ended = (open?.tasks ?? []).filter((row) => (row as { state: string }).state === 'ended');
  expect(ended.length).toBeGreaterThan(4);
  const news = told.screen.join('\n').match(/Interrupted: |Cancelled by ada: [^\n]*\n/g) ?? [];
  expect(news.length).toBeGreaterThan(4);
  // No work that was lost is begun a second time.
  expect(new Set(told.work).size).toBe(told.work.length);
});
