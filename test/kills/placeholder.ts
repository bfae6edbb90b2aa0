import { expect, test } from 'vitest';
import { type PlatformBot, type PlatformBotOptions, withBot } from './platform-bot.ts';
import type { Records } from './platform-check.ts';

/** With a placeholder. */
export const patient: PlatformBotOptions = { deadlines: { ackDelayMs: 50 } };
/** What a placeholder says first. */
export const onIt = 'On it…';

/** A bot whose placeholder is edited and whose answer is a message of its own. */
interface Placeholding extends PlatformBot {
  readonly answers: readonly {
    readonly history: readonly string[];
    readonly buttons: readonly unknown[];
  }[];
  ask(text: string): unknown;
}

interface Ground<Bot> {
  readonly open: (options: PlatformBotOptions) => Promise<Bot>;
  /** The next message, or the next edit of one, is shown and its answer never read: killed then, and begun again. */
  readonly killAt: (bot: Bot, step: 'create' | 'change', act: () => void) => Promise<void>;
  readonly settleAndCheck: (bot: Bot) => Promise<Records>;
}

export const times = (bot: PlatformBot, text: string): number =>
  bot.texts.filter((one) => one.includes(text)).length;

/** A task with a placeholder, killed at each step of it. */
export function placeholderKills<Bot extends Placeholding>(ground: Ground<Bot>): void {
  const { open, killAt, settleAndCheck } = ground;

  test('the answer under a placeholder: seen exactly once', async () => {
    await withBot(open(patient), async (bot) => {
      await bot.start();
      bot.ask('go');
      const work = await bot.work('go');
      await bot.event('receipt.surfaced', 'ack');
      await killAt(bot, 'create', () => work.finish('forty-two'));
      await settleAndCheck(bot);
      expect([times(bot, 'forty-two'), times(bot, onIt), bot.answers.length]).toEqual([1, 0, 2]);
      expect(bot.answers.flatMap(({ buttons }) => buttons)).toEqual([]);
    });
  });

  test('the ack: it is finished, the end is told once', async () => {
    await withBot(open(patient), async (bot) => {
      await bot.start();
      await killAt(bot, 'create', () => bot.ask('go'));
      const { tasks } = await settleAndCheck(bot);
      expect([times(bot, 'Interrupted'), times(bot, onIt)]).toEqual([1, 0]);
      expect(bot.answers.length).toBe(2);
      expect(tasks[0]?.cause?.end).toBe('interrupted');
    });
  });

  test('the ack of work that goes on: one placeholder', async () => {
    await withBot(open({ ...patient, reattach: true }), async (bot) => {
      await bot.start();
      await killAt(bot, 'create', () => bot.ask('go'));
      await bot.event('receipt.surfaced', 'ack');
      expect(bot.texts).toEqual([expect.stringContaining(onIt)]);
      (await bot.work('go')).finish('forty-two');
      await settleAndCheck(bot);
      expect([times(bot, 'forty-two'), times(bot, onIt), bot.answers.length]).toEqual([1, 0, 2]);
    });
  });

  test('progress: the placeholder is finished, the end is told once', async () => {
    await withBot(open(patient), async (bot) => {
      await bot.start();
      bot.ask('go');
      const work = await bot.work('go');
      await bot.event('receipt.surfaced', 'ack');
      const progress = { kind: 'progress', message: 'half of it' } as const;
      await killAt(bot, 'change', () => work.emit(progress));
      await settleAndCheck(bot);
      const [placeholder] = bot.answers;
      expect(placeholder?.history.some((text) => text.includes('half of it'))).toBe(true);
      expect([times(bot, 'Interrupted'), times(bot, 'half of it'), bot.answers.length]).toEqual([
        1, 0, 2,
      ]);
      expect(placeholder?.buttons).toEqual([]);
    });
  });
}
