import { join } from 'node:path';
import { contentsOf } from './contents.mjs';
import { laneLives } from './lane.mjs';
import { receiptLimit } from './limit.mjs';
import { live, receiptLives, taskLives } from './lives.mjs';
import { plainjobLives } from './plainjob.mjs';
import { folder, openStage } from './stage.mjs';
import { taskLimit } from './task-limit.mjs';

const kinds = {
  receipt: { livesOf: receiptLives, limitOf: receiptLimit, total: [3_000, 20_000], rounds: 3 },
  task: { livesOf: taskLives, limitOf: taskLimit, total: [1_500, 8_000], rounds: 3 },
};

export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** Lives a second, after as many as warm everything up. */
async function perSecond(one, channels, { warm, total }) {
  await live(one, channels, warm);
  return (total / (await live(one, channels, total))) * 1_000;
}

/** The core and its limit in turns, each on a file of its own, so that noise of the machine hits both. */
async function rate(kind, channels, scale) {
  const { livesOf, limitOf, total, rounds } = kinds[kind];
  const full = channels === 1 ? total[0] : total[1];
  const sizes = { total: Math.ceil(full * scale), warm: Math.ceil((full * scale) / 4) };
  const found = [];
  for (let round = 0; round < (scale < 1 ? 1 : rounds); round += 1) {
    const { path, remove } = folder();
    const [ours, theirs] = [join(path, 'core.db'), join(path, 'limit.db')];
    const stage = await openStage(ours, { channels });
    const core = await perSecond(livesOf(stage), channels, sizes);
    await stage.close();
    const raw = await limitOf(theirs, ours, channels);
    const limit = await perSecond(raw.one, channels, sizes);
    raw.close();
    assertSame(contentsOf(ours), contentsOf(theirs));
    found.push({ core, limit });
    remove();
  }
  return {
    value: median(found.map(({ core }) => core)),
    against: median(found.map(({ limit }) => limit)),
    ratio: median(found.map(({ core, limit }) => core / limit)),
  };
}

/** The limit must write what the core writes: as many rows in every table, as many bytes within 3 %. */
function assertSame(ours, theirs) {
  for (const [table, { rows, bytes }] of Object.entries(ours)) {
    const other = theirs[table] ?? { rows: 0, bytes: 0 };
    const near = Math.abs(bytes - other.bytes) <= bytes * 0.03;
    if (rows === other.rows && near) continue;
    throw new Error(
      `${table}: the core left ${rows} rows, ${bytes} bytes; the limit ${other.rows}, ${other.bytes}`,
    );
  }
}

/** A peer beside ours; ours is measured in the same run. */
async function beside(kind, channels, scale, peerOf) {
  const { path, remove } = folder();
  const total = Math.ceil(8_000 * scale);
  const stage = await openStage(join(path, 'core.db'), { channels });
  const sizes = { total, warm: Math.ceil(total / 4) };
  const core = await perSecond(kinds[kind].livesOf(stage), channels, sizes);
  await stage.close();
  const peer = peerOf(join(path, 'peer.db'), { channels, jobs: sizes.total + sizes.warm });
  const against = await perSecond(peer.one, channels, sizes);
  peer.close();
  remove();
  return { value: core, against, ratio: core / against };
}

const lane = (file, { channels }) => laneLives(file, channels);
const plainjob = (file, { jobs }) => plainjobLives(file, jobs);

const floor = (channels) => (channels === 1 ? 0.7 : 0.6);
export const rates = [
  ...[1, 16, 64, 256].map((channels) => ({
    name: `receipt-life-${channels}`,
    says: `a Receipt's life, ${channels} Channels`,
    unit: 'lives/s',
    beside: 'its limit',
    target: `>= ${floor(channels) * 100} % of it`,
    meets: ({ ratio }) => ratio >= floor(channels),
    run: (scale) => rate('receipt', channels, scale),
  })),
  {
    name: 'receipt-life-lane',
    says: "a Receipt's life, 64 Channels",
    unit: 'lives/s',
    beside: 'a lane without the promise',
    run: (scale) => beside('receipt', 64, scale, lane),
  },
  {
    name: 'receipt-life-plainjob',
    says: "a Receipt's life, 64 Channels",
    unit: 'lives/s',
    beside: 'plainjob, claim and complete',
    target: '>= 3x it',
    meets: ({ ratio }) => ratio >= 3,
    run: (scale) => beside('receipt', 64, scale, plainjob),
  },
  ...[1, 64, 256].map((channels) => ({
    name: `task-life-${channels}`,
    says: `a whole Task's life, ${channels} Channels`,
    unit: 'lives/s',
    beside: 'its limit',
    target: '>= 50 % of it',
    meets: ({ ratio }) => ratio >= 0.5,
    run: (scale) => rate('task', channels, scale),
  })),
  {
    name: 'task-life-plainjob',
    says: "a whole Task's life, 64 Channels",
    unit: 'lives/s',
    beside: 'plainjob, claim and complete',
    target: '>= 1x it',
    meets: ({ ratio }) => ratio >= 1,
    run: (scale) => beside('task', 64, scale, plainjob),
  },
];
