import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import { fillOpen, fillWaiting } from './fill.mjs';
import { live, messageTo, receiptLives, taskLives } from './lives.mjs';
import { median } from './rates.mjs';
import { channelAt, folder, openStage } from './stage.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A file in which one Task and one Receipt have lived: what others are made of. */
async function sampleFile(path) {
  const file = join(path, 'sample.db');
  const stage = await openStage(file, { channels: 1 });
  await live(receiptLives(stage), 1, 1);
  await live(taskLives(stage), 1, 1);
  await stage.close();
  return file;
}

/** Microseconds of one Task's life while others wait for their clocks. */
async function costAmong(waiting, total) {
  const { path, remove } = folder();
  const file = join(path, 'core.db');
  fillWaiting(file, await sampleFile(path), waiting);
  const stage = await openStage(file, { channels: 64 });
  const one = taskLives(stage);
  await live(one, 64, total / 2);
  const ms = await live(one, 64, total);
  await stage.close();
  remove();
  return (ms / total) * 1_000;
}

async function waitingTasks(waiting, scale) {
  const total = Math.ceil(4_000 * scale);
  const rounds = [];
  for (let round = 0; round < (scale < 1 ? 1 : 3); round += 1) {
    const few = await costAmong(1_000, total);
    const many = await costAmong(waiting, total);
    rounds.push({ few, many });
  }
  return {
    value: median(rounds.map(({ many }) => many)),
    against: median(rounds.map(({ few }) => few)),
    ratio: median(rounds.map(({ few, many }) => many / few)),
  };
}

/** Bytes of the heap for one more Task in the queue, the caches of the store being full. */
async function heapPerTask(scale) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const { path, remove } = folder();
  const warm = 3_000;
  const total = warm + Math.ceil(9_000 * scale);
  const stage = await openStage(join(path, 'core.db'), {
    channels: total,
    concurrency: 1,
    work: () => new Promise(() => {}),
  });
  const queueUpTo = async (from, to) => {
    for (let n = from; n < to; n += 100)
      await Promise.all(
        Array.from({ length: Math.min(100, to - n) }, (_, more) =>
          stage.adapter.host.accept(messageTo(n + more, `m${n + more}`)),
        ),
      );
    await sleep(3_000);
    // What a first collection sets free (finalizers, code that is cold) goes with the second.
    collect();
    await sleep(100);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await queueUpTo(0, warm);
  const after = await queueUpTo(warm, total);
  await stage.close();
  remove();
  return { value: (after - before) / (total - warm) / 1_024 };
}

/** Receipts a second in 15 Channels while another one is told to wait and 10,000 stand behind its head. */
async function besideBlocked(behind, total) {
  const { path, remove } = folder();
  const blocked = channelAt(15).conversation;
  const stage = await openStage(join(path, 'core.db'), {
    channels: 16,
    decide: ({ channel }) =>
      channel.conversation === blocked
        ? {
            kind: 'deferred',
            atMs: Date.now(),
            reason: 'rate_limited',
            scope: 'channel',
            retryAfterMs: 600_000,
            cause: 'slow down',
          }
        : undefined,
  });
  for (let n = 0; n < behind; n += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, more) =>
        stage.relay.notify({ channel: channelAt(15), text: 'waits', key: `b${n + more}` }),
      ),
    );
  const one = receiptLives(stage);
  await live(one, 15, total / 2);
  const perSecond = (total / (await live(one, 15, total))) * 1_000;
  await stage.close();
  remove();
  return perSecond;
}

async function blockedChannel(scale) {
  const total = Math.ceil(8_000 * scale);
  const rounds = [];
  for (let round = 0; round < (scale < 1 ? 1 : 3); round += 1) {
    const free = await besideBlocked(0, total);
    const held = await besideBlocked(Math.ceil(100 * scale) * 100, total);
    rounds.push({ free, held });
  }
  return {
    value: median(rounds.map(({ held }) => held)),
    against: median(rounds.map(({ free }) => free)),
    ratio: median(rounds.map(({ free, held }) => held / free)),
  };
}

/** From the opening of the file to the first send, 100,000 Receipts being open. */
async function restart(scale) {
  const { path, remove } = folder();
  const file = join(path, 'core.db');
  fillOpen(file, await sampleFile(path), Math.ceil(100_000 * scale));
  let sentAtMs;
  const began = performance.now();
  const stage = await openStage(file, {
    channels: 1_000,
    onSend: () => {
      sentAtMs ??= performance.now();
    },
  });
  while (sentAtMs === undefined) await sleep(1);
  await stage.close();
  remove();
  return { value: sentAtMs - began };
}

/** Statements a second while nothing happens. */
async function idle(scale) {
  const { path, remove } = folder();
  let count = 0;
  const statement = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1'));
  const kept = {};
  for (const name of ['get', 'all', 'run']) {
    kept[name] = statement[name];
    statement[name] = function counted(...values) {
      count += 1;
      return kept[name].apply(this, values);
    };
  }
  const stage = await openStage(join(path, 'core.db'), { channels: 16 });
  await live(receiptLives(stage), 16, 160);
  await sleep(1_000);
  count = 0;
  const seconds = scale < 1 ? 12 : 31;
  await sleep(seconds * 1_000);
  const value = count / seconds;
  Object.assign(statement, kept);
  await stage.close();
  remove();
  return { value };
}

export const loads = [
  ...[10_000, 100_000].map((waiting) => ({
    name: `waiting-${waiting / 1_000}k`,
    says: `a Task's life while ${waiting.toLocaleString('en')} wait on clocks`,
    unit: 'µs',
    beside: 'the same while 1,000 wait',
    target: '<= 1.3x it',
    meets: ({ ratio }) => ratio <= 1.3,
    run: (scale) => waitingTasks(waiting, scale),
  })),
  {
    name: 'heap',
    says: 'heap of one queued Task',
    unit: 'KiB',
    target: '<= 2 KiB',
    meets: ({ value }) => value <= 2,
    run: heapPerTask,
  },
  {
    name: 'blocked-channel',
    says: 'Receipts in 15 Channels while one with 10,000 behind its head is blocked',
    unit: 'lives/s',
    beside: 'the same without it',
    target: '>= 95 % of it',
    meets: ({ ratio }) => ratio >= 0.95,
    run: blockedChannel,
  },
  {
    name: 'restart',
    says: 'opening to first send, 100,000 Receipts open',
    unit: 'ms',
    target: '<= 1,000 ms',
    meets: ({ value }) => value <= 1_000,
    run: restart,
  },
  {
    name: 'idle',
    says: 'statements while nothing happens',
    unit: 'per s',
    target: '<= 2 per s',
    meets: ({ value }) => value <= 2,
    run: idle,
  },
];
