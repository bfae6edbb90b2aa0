import { expect } from 'vitest';
import { repetition } from '../support/telegram.ts';
import type { DiscordBot } from './discord-bot.ts';
import * as platform from './platform-check.ts';

/** Lets the bot settle, ends it, and holds its file, and what people saw, against the promise. */
export async function settleAndCheck(bot: DiscordBot): Promise<platform.Records> {
  const records = await platform.settleAndCheck(bot, () =>
    bot.answers.map(({ id, history, shown }) => ({ handle: id, history: [...history, shown] })),
  );
  // A nonce makes one message of two sends: nothing is said again in doubt.
  expect(records.repeated.filter((marked) => marked === true)).toEqual([]);
  expect(bot.texts.filter((text) => text.includes(repetition))).toEqual([]);
  return records;
}
