import { expect } from 'vitest';
import * as platform from './platform-check.ts';
import type { TelegramBot } from './telegram-bot.ts';

/** Lets the bot settle, ends it, and holds its file, and what people saw, against the promise. */
export async function settleAndCheck(bot: TelegramBot): Promise<platform.Records> {
  const records = await platform.settleAndCheck(bot, () =>
    bot.ann.chat.messages.map(({ messageId, history, text }) => ({
      handle: String(messageId),
      history: [...history, text],
    })),
  );
  expect(bot.telegram.limitsHit).toBe(0);
  return records;
}
