import { expect } from 'vitest';
import type { Bot } from './bot.ts';
import { judge, type Records } from './invariants.ts';

/** Lets the bot settle, ends it, and holds its file and what was shown against the promise. */
export async function settleAndCheck(bot: Bot): Promise<Records> {
  await bot.drained();
  const errors = bot.lines.filter((line) => line.kind === 'log' && line.level === 'error');
  expect(errors).toEqual([]);
  await bot.stop();
  const { file, platform, accepted } = bot;
  const askable = bot.options.reconcile === true;
  const { records, broken } = await judge({
    file,
    platform,
    accepted,
    askable,
    effects: bot.effects(),
  });
  expect(broken).toEqual([]);
  return records;
}
