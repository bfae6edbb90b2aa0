import { expect } from 'vitest';
import { repetition } from '../support/telegram.ts';
import * as platform from './platform-check.ts';
import type { SlackBot } from './slack-bot.ts';

/** Lets the bot settle, ends it, and holds its file, and what people saw, against the promise. */
export async function settleAndCheck(bot: SlackBot): Promise<platform.Records> {
  const records = await platform.settleAndCheck(bot, () =>
    bot.answers.map(({ ts, history, shown }) => ({ handle: ts, history: [...history, shown] })),
  );
  // A process does not know what the one before it sent a moment ago: Slack may say so once, and is heeded.
  expect(bot.slack.limitsHit).toBeLessThanOrEqual(1);
  // What is doubtful is found in the history: nothing is said again in doubt.
  expect(records.repeated).toEqual([]);
  expect(bot.texts.filter((text) => text.includes(repetition))).toEqual([]);
  expect(bot.answers.filter(({ stream }) => stream === 'on')).toEqual([]);
  return records;
}
