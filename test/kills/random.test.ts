import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { type Chance, createChance } from '../../src/testing/chance.ts';
import type { Scripted, Sent } from '../../src/testing/fake-platform.ts';
import { Bot, type Call } from './bot.ts';
import { settleAndCheck } from './check.ts';
import { dropLibrary } from './library.ts';

/**
 * Goal: no moment is a bad one to die. Method: a bot under load is killed at random times, its start included, and
 * comes back each time; in the end it settles. Time is real, so a seed repeats the load, not the moment:
 *   READBACK_SEED=<seed> npx vitest run test/kills/random.test.ts
 */
vi.setConfig({ testTimeout: 600_000 });
/** Of each of the two tests. */
const kills = 13;
const conversations = ['c1', 'c2', 'c3', 'c4'];
const long = ['one', 'two', 'three'].map((word) => `${word} ${'x'.repeat(140)}.`).join('\n\n');
const bots: Bot[] = [];
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.dispose();
});
afterAll(dropLibrary);

interface Load {
  readonly bot: Bot;
  readonly chance: Chance;
  /** Sent by a person, not yet taken on: the platform sends them again. */
  readonly unanswered: Map<string, () => Promise<unknown>>;
  sent: number;
}

function pick<T>(chance: Chance, list: readonly T[]): T | undefined {
  return list[chance.below(list.length)];
}

/** What the platform does instead of showing at once. */
function trouble(chance: Chance, { atMs }: Sent): Scripted | undefined {
  const lost = { kind: 'unknown', atMs, phase: 'written', cause: 'reset' } as const;
  switch (chance.below(12)) {
    case 0:
    case 5:
    case 6:
      return { kind: 'hold', until: sleep(chance.below(60)) };
    case 1:
      return { kind: 'apply', answer: lost };
    case 2:
      return lost;
    case 3:
      return { kind: 'deferred', atMs, reason: 'unavailable', cause: 'busy' };
    default:
      return undefined;
  }
}

/** A person's doing: sent until it is taken on. */
function send(load: Load, id: string, deliver: () => Promise<unknown>): void {
  const taken = (): void => void load.unanswered.delete(id);
  load.unanswered.set(id, deliver);
  deliver().then(taken, () => undefined);
}

function act(load: Load): void {
  const { bot, chance } = load;
  const open = bot.calls.filter((call) => !call.done && call.life === bot.life);
  const call = pick(chance, open);
  load.sent += 1;
  const id = `e${load.sent}`;
  switch (chance.below(10)) {
    case 0:
    case 1:
    case 2:
    case 6:
    case 7: {
      const conversation = pick(chance, conversations) ?? 'c1';
      const text = pick(chance, [`work ${id}`, `work ${id}`, '/status', '/cancel']) ?? '';
      send(load, id, () => bot.platform.say(text, { conversation, id }));
      return;
    }
    case 3: {
      const message = pick(chance, bot.platform.shown);
      const button = pick(chance, message?.buttons ?? []);
      if (message === undefined || button === undefined) return;
      const { conversation } = message;
      send(load, id, () => bot.platform.press(button.id, { conversation, id }));
      return;
    }
    case 4:
      call?.emit({ kind: 'progress', message: `step ${id}` });
      return;
    case 5:
      call?.ask({ kind: 'question', text: `${id}?`, options: [{ id: 'y', label: 'Yes' }] });
      return;
    default:
      if (call !== undefined) finish(call, chance);
  }
}

function finish(call: Call, chance: Chance): void {
  const failed = { status: 'failed', text: '', reason: 'worker_failed' } as const;
  call.finish(pick(chance, [long, failed, 'done', 'done', '']) ?? 'done');
}

/** One life: killed in the middle of its work, sometimes before it was up. */
async function liveAndDie(load: Load): Promise<void> {
  const { bot, chance } = load;
  if (chance.below(4) === 0) {
    await bot.launch();
    await sleep(chance.below(600));
    return await bot.kill();
  }
  await bot.start();
  for (const deliver of [...load.unanswered]) send(load, ...deliver);
  // So many lines are heard of it: the moment does not depend on how fast the machine is.
  const last = bot.lines.length + 5 + chance.below(60);
  const endMs = performance.now() + 1_500;
  while (bot.lines.length < last && performance.now() < endMs) {
    act(load);
    await sleep(chance.below(5));
  }
  await bot.kill();
}

async function run(load: Load): Promise<void> {
  const { bot, chance } = load;
  for (let round = 0; round < kills; round++) await liveAndDie(load);
  bot.platform.decide = undefined;
  bot.auto = (call) => finish(call, chance);
  await bot.start();
  for (const [, deliver] of [...load.unanswered]) await deliver();
  const { tasks } = await settleAndCheck(bot);
  expect(tasks.length).toBeGreaterThan(0);
}

test.each(['edit', 'new'] as const)(
  'random deaths under load (answers: %s)',
  async (terminalAs) => {
    const seed = Number(process.env['READBACK_SEED'] ?? Date.now() % 1_000_000);
    const chance = createChance(seed);
    const bot = new Bot({ reconcile: true, capabilities: { terminalAs }, clocks: { sendMs: 200 } });
    bots.push(bot);
    bot.platform.decide = (sent) => trouble(chance, sent);
    try {
      await run({ bot, chance, unanswered: new Map(), sent: 0 });
    } catch (error) {
      throw new Error(`READBACK_SEED=${seed}\n${bot.story()}`, { cause: error });
    }
  },
);
