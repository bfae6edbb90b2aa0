import { afterAll, describe, expect, test, vi } from 'vitest';
import type { DiscordFault, DiscordRoute } from '../../src/testing/discord/index.ts';
import { readAnswer } from '../support/discord.ts';
import { longAnswer } from '../support/telegram.ts';
import { DiscordBot } from './discord-bot.ts';
import { settleAndCheck } from './discord-check.ts';
import { dropLibrary } from './library.ts';
import { placeholderKills } from './placeholder.ts';
import {
  type Death,
  killAtFault,
  type PlatformBotOptions,
  withBot as runWith,
} from './platform-bot.ts';

/** Goal: kill -9 at every step of the talk with Discord loses nothing and doubles nothing. Method: a real process with discord.js on a real file, a Discord that outlives it. */

vi.setConfig({ testTimeout: 90_000 });
afterAll(dropLibrary);

const withBot = (
  options: PlatformBotOptions,
  run: (bot: DiscordBot) => Promise<void>,
): Promise<void> => runWith(DiscordBot.open(options), run);

const create = 'POST /channels/:id/messages';
const steps = { create, change: 'PATCH /channels/:id/messages/:id' } as const;
const history = 'GET /channels/:id/messages';

type Lost = 'applied_then_hang' | 'hang';
/** Discord does it, and its answer is never read; or it does nothing. How often it is sent again. */
const losses: readonly (readonly [string, Lost, repeated: number])[] = [
  ['Discord did it, and it is found', 'applied_then_hang', 0],
  ['Discord did it, and nobody may look', 'applied_then_hang', 1],
  ['Discord did nothing', 'hang', 1],
];

/** Killed when Discord has the request, and begun again. */
async function killAt(
  bot: DiscordBot,
  route: DiscordRoute,
  act: () => void,
  kind: Lost = 'applied_then_hang',
): Promise<void> {
  await killAtFault(bot, bot.discord.fault(route, { kind }), act);
}

describe.concurrent('killed before the answer of Discord was read', () => {
  test.each(losses)('the answer; %s: seen exactly once', async (name, kind, repeated) => {
    await withBot({}, async (bot) => {
      await bot.start();
      bot.ask('go');
      const work = await bot.work('go');
      if (name.includes('nobody may look'))
        bot.discord.fault(history, { kind: 'error', code: 50_013 }, { times: 100 });
      await killAt(bot, create, () => work.finish('forty-two'), kind);
      const records = await settleAndCheck(bot);
      expect([bot.texts, records.tasks[0]?.cause?.end]).toEqual([['forty-two'], 'completed']);
      expect(records.repeated).toHaveLength(repeated);
    });
  });

  placeholderKills({
    open: (options) => DiscordBot.open(options),
    killAt: (bot, step, act) => killAt(bot, steps[step], act),
    settleAndCheck,
  });
});

describe.concurrent('killed while a message comes in', () => {
  test.each<[string, Death]>([
    ['handed over, nothing stored', { before: 'accept' }],
    ['its commit not begun', { point: 'store.committing' }],
    ['stored, not counted yet', { point: 'inbound.stored' }],
  ])('%s: the session is resumed before it, and there is one task of it', async (name, die) => {
    await withBot({}, async (bot) => {
      await bot.start(die);
      bot.ask('first');
      await bot.died();
      await bot.start();
      const isStored = name.startsWith('stored');
      if (!isStored) (await bot.work('first')).finish('forty-two');
      bot.ask('second');
      (await bot.work('second')).finish('forty-three');
      const { tasks } = await settleAndCheck(bot);
      const [one, two, ...more] = bot.texts;
      expect(one).toContain(isStored ? 'Interrupted' : 'forty-two');
      expect([two, more, tasks.length]).toEqual(['forty-three', [], 2]);
      const { identifies, resumes } = bot.discord.gateway;
      expect([identifies, resumes]).toEqual([1, 1]);
    });
  });

  test('and the session is lost: it is looked for', async () => {
    await withBot({}, async (bot) => {
      await bot.start({ before: 'accept' });
      bot.ask('first');
      await bot.died();
      bot.discord.gateway.forget();
      await bot.start();
      (await bot.work('first')).finish('forty-two');
      const { tasks } = await settleAndCheck(bot);
      expect([bot.texts, tasks.length]).toEqual([['forty-two'], 1]);
      // an IDENTIFY that comes sooner than five seconds after the last is counted and refused
      expect(bot.discord.gateway.sessions).toHaveLength(2);
    });
  });
});

describe.concurrent('killed at part 2 of an answer of 9,000 characters', () => {
  const { markdown, ...answer } = longAnswer(9_000);

  test.each<[string, DiscordFault, parts: number]>([
    ['unanswered, not there', { kind: 'hang' }, 1],
    ['unanswered, and there', { kind: 'applied_then_hang' }, 2],
  ])('%s: it goes on there and is read whole, once', async (_, fault, parts) => {
    await withBot({}, async (bot) => {
      await bot.start();
      bot.ask('go');
      (await bot.work('go')).finish(markdown);
      await bot.event('receipt.part', 'terminal');
      await bot.discord.fault(create, fault).spent;
      expect(bot.texts).toHaveLength(parts);
      await bot.kill();
      await bot.start();
      const { tasks } = await settleAndCheck(bot);
      expect(tasks[0]?.cause?.end).toBe('completed');
      expect(readAnswer(bot.answers)).toEqual(answer);
    });
  });
});
