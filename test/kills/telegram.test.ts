import { afterAll, describe, expect, test, vi } from 'vitest';
import type { TelegramCall, TelegramFault } from '../../src/testing/telegram/index.ts';
import { longAnswer, ours, readAnswer, repetition } from '../support/telegram.ts';
import { dropLibrary } from './library.ts';
import { onIt, patient } from './placeholder.ts';
import {
  type Death,
  killAtFault,
  type PlatformBotOptions,
  withBot as runWith,
} from './platform-bot.ts';
import { TelegramBot } from './telegram-bot.ts';
import { settleAndCheck } from './telegram-check.ts';

/** Goal: kill -9 at every step of the talk with Telegram loses nothing. Method: a real process with grammY on a real file, a Telegram that outlives it. */

vi.setConfig({ testTimeout: 90_000 });
afterAll(dropLibrary);

const withBot = (
  options: PlatformBotOptions,
  run: (bot: TelegramBot) => Promise<void>,
): Promise<void> => runWith(TelegramBot.open(options), run);

const edits = ({ telegram }: TelegramBot): readonly TelegramCall[] =>
  telegram.callsOf('editMessageText');

/** Telegram does it, or not, and its answer never comes: killed then, and begun again. */
async function killAt(
  bot: TelegramBot,
  method: string,
  act: () => void,
  kind: 'applied_then_hang' | 'hang' = 'applied_then_hang',
): Promise<void> {
  await killAtFault(bot, bot.telegram.fault(method, { kind }), act);
}

describe.concurrent('killed after Telegram took it and before its answer was read', () => {
  test('the answer, as the edit of the placeholder: seen exactly once', async () => {
    await withBot(patient, async (bot) => {
      await bot.start();
      bot.ann.say('go');
      const work = await bot.work('go');
      await bot.event('receipt.surfaced', 'ack');
      await killAt(bot, 'editMessageText', () => work.finish('forty-two'));
      const { tasks, repeated } = await settleAndCheck(bot);
      expect(bot.ann.chat.texts.slice(0, 1)).toEqual(['forty-two']);
      expect(bot.ann.chat.texts.filter((text) => text.includes('forty-two'))).toHaveLength(1);
      expect(ours(bot.ann.chat)[0]?.buttons).toEqual([]);
      const again = edits(bot)
        .slice(1)
        .map(({ answer }) => answer);
      expect(again.length).toBeGreaterThan(0);
      for (const one of again)
        expect(one).toMatchObject({ description: expect.stringContaining('not modified') });
      expect([tasks[0]?.cause?.end, repeated]).toEqual(['completed', []]);
    });
  });

  test('the answer, as a message of its own: seen, and the second is marked and counted', async () => {
    await withBot({}, async (bot) => {
      await bot.start();
      bot.ann.say('go');
      const work = await bot.work('go');
      await killAt(bot, 'sendMessage', () => work.finish('forty-two'));
      const { tasks, repeated } = await settleAndCheck(bot);
      const [first, second, ...more] = bot.ann.chat.texts;
      expect([first, more]).toEqual(['forty-two', []]);
      expect(second).toMatch(new RegExp(`^${repetition}[^]*forty-two$`));
      expect([tasks[0]?.cause?.end, repeated]).toEqual(['completed', [true]]);
    });
  });

  test('the ack: the end is told once, although nobody knows of the placeholder', async () => {
    await withBot(patient, async (bot) => {
      await bot.start();
      await killAt(bot, 'sendMessage', () => bot.ann.say('go'));
      const { tasks, repeated } = await settleAndCheck(bot);
      const [first, ...rest] = bot.ann.chat.texts;
      expect([first, rest.length]).toEqual([onIt, 1]);
      expect(rest[0]).toContain('Interrupted');
      expect([tasks[0]?.cause?.end, repeated]).toEqual(['interrupted', []]);
    });
  });

  test('the ack of work that goes on: another placeholder, and the answer once', async () => {
    await withBot({ ...patient, reattach: true }, async (bot) => {
      await bot.start();
      await killAt(bot, 'sendMessage', () => bot.ann.say('go'));
      await bot.event('receipt.surfaced', 'ack');
      (await bot.work('go')).finish('forty-two');
      const { repeated } = await settleAndCheck(bot);
      const [lost, final, ...more] = bot.ann.chat.texts;
      expect([lost, more, repeated]).toEqual([onIt, [], [false]]);
      expect(final).toMatch(/forty-two$/);
      expect(ours(bot.ann.chat)[1]?.history[0]).toBe(onIt);
    });
  });

  test('progress: the placeholder becomes the end, nothing stands twice', async () => {
    await withBot(patient, async (bot) => {
      await bot.start();
      bot.ann.say('go');
      const work = await bot.work('go');
      await bot.event('receipt.surfaced', 'ack');
      await killAt(bot, 'editMessageText', () =>
        work.emit({ kind: 'progress', message: 'half of it' }),
      );
      const { repeated } = await settleAndCheck(bot);
      const [placeholder, ...more] = ours(bot.ann.chat);
      expect(placeholder?.history.some((text) => text.includes('half of it'))).toBe(true);
      expect(placeholder?.text).toContain('Interrupted');
      expect([more, repeated]).toEqual([[], []]);
    });
  });
});

describe.concurrent('killed while a message comes in', () => {
  test.each<[string, Death]>([
    ['handed over, nothing stored', { before: 'accept' }],
    ['its commit not begun', { point: 'store.committing' }],
    ['stored, Telegram not told', { point: 'inbound.stored' }],
  ])('%s: Telegram brings it again, and there is one task of it', async (name, die) => {
    await withBot({}, async (bot) => {
      await bot.start(die);
      bot.ann.say('first');
      await bot.died();
      expect(bot.telegram.pendingUpdates).toBe(1);
      await bot.start();
      const isStored = name.startsWith('stored');
      if (!isStored) (await bot.work('first')).finish('forty-two');
      bot.ann.say('second');
      (await bot.work('second')).finish('forty-three');
      const { tasks } = await settleAndCheck(bot);
      const [one, two, ...more] = bot.ann.chat.texts;
      expect(one).toContain(isStored ? 'Interrupted' : 'forty-two');
      expect([two, more, tasks.length]).toEqual(['forty-three', [], 2]);
      expect(timesBrought(bot, 'first')).toBeGreaterThanOrEqual(2);
    });
  });
});

/** How often Telegram handed over the message with that text. */
function timesBrought({ telegram }: TelegramBot, text: string): number {
  const brought = telegram.callsOf('getUpdates').flatMap(({ answer }) => {
    return answer?.ok === true ? (answer.result as readonly { message?: { text?: string } }[]) : [];
  });
  return brought.filter(({ message }) => message?.text === text).length;
}

describe.concurrent('killed at part 2 of an answer of 9,000 characters', () => {
  const { markdown, ...answer } = longAnswer(9_000);

  test.each<[string, TelegramFault, marked: boolean, twice: boolean]>([
    ['refused for a while', { kind: 'rate_limited', retryAfterS: 1 }, false, false],
    ['unanswered, not there', { kind: 'hang' }, true, false],
    ['unanswered, and there', { kind: 'applied_then_hang' }, true, true],
  ])('%s: it goes on there and is read whole', async (_, fault, marked, twice) => {
    await withBot({}, async (bot) => {
      await bot.start();
      bot.ann.say('go');
      (await bot.work('go')).finish(markdown);
      await bot.event('receipt.part', 'terminal');
      await bot.telegram.fault('sendMessage', fault).spent;
      if (!marked) await bot.event('receipt.deferred', 'terminal');
      expect(bot.ann.chat.texts).toHaveLength(twice ? 2 : 1);
      await bot.kill();
      await bot.start();
      const { tasks, repeated } = await settleAndCheck(bot);
      expect([tasks[0]?.cause?.end, repeated]).toEqual(['completed', marked ? [true] : []]);
      const messages = [...ours(bot.ann.chat)];
      const again = messages.findIndex(({ text }) => text.startsWith(repetition));
      expect(again).toBe(marked ? 1 + Number(twice) : -1);
      if (twice) messages.splice(again - 1, 1);
      expect(readAnswer(messages)).toEqual(answer);
    });
  });
});
