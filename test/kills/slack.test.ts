import { afterAll, describe, expect, test, vi } from 'vitest';
import type { SlackFault } from '../../src/testing/slack/index.ts';
import { readAnswer } from '../support/slack.ts';
import { longAnswer } from '../support/telegram.ts';
import { dropLibrary } from './library.ts';
import { placeholderKills, times } from './placeholder.ts';
import { type Death, killAtFault, withBot as runWith } from './platform-bot.ts';
import { SlackBot, type SlackBotOptions } from './slack-bot.ts';
import { settleAndCheck } from './slack-check.ts';

/** Goal: kill -9 at every step of the talk with Slack loses nothing and doubles nothing. Method: a real process with Bolt on a real file, a Slack that outlives it. */

vi.setConfig({ testTimeout: 90_000 });
afterAll(dropLibrary);

const withBot = (options: SlackBotOptions, run: (bot: SlackBot) => Promise<void>): Promise<void> =>
  runWith(SlackBot.open(options), run);

const steps = { create: 'chat.postMessage', change: 'chat.update' } as const;

type Lost = 'applied_then_hang' | 'hang';
/** Slack does it, and its answer is never read; or it does nothing. */
const losses: readonly (readonly [string, Lost])[] = [
  ['Slack did it', 'applied_then_hang'],
  ['Slack did nothing', 'hang'],
];

/** Killed when Slack has the request, and begun again. */
async function killAt(
  bot: SlackBot,
  method: string,
  act: () => void,
  kind: Lost = 'applied_then_hang',
): Promise<void> {
  await killAtFault(bot, bot.slack.fault(method, { kind }), act);
}

describe.concurrent('killed before the answer of Slack was read', () => {
  test.each(losses)('the answer, a message of its own; %s: seen exactly once', async (_, kind) => {
    await withBot({}, async (bot) => {
      await bot.start();
      bot.ask('go');
      const work = await bot.work('go');
      await killAt(bot, 'chat.postMessage', () => work.finish('forty-two'), kind);
      const { tasks } = await settleAndCheck(bot);
      expect([bot.texts, tasks[0]?.cause?.end]).toEqual([['forty-two'], 'completed']);
    });
  });

  placeholderKills({
    open: (options) => SlackBot.open(options),
    killAt: (bot, step, act) => killAt(bot, steps[step], act),
    settleAndCheck,
  });
});

const story = ['Once upon a time there was a bot. ', 'It always answered. ', 'The end.'];

/** What nobody knows the number of is looked for when Slack must have it by then, and goes. */
const swept = (bot: SlackBot): Promise<unknown> =>
  bot.slack.nextCall('chat.delete', { timeoutMs: 60_000 });

describe.concurrent('killed while a text is streamed', () => {
  test.each(losses)('at its begin; %s: the end takes its place', async (_, kind) => {
    await withBot({}, async (bot) => {
      await bot.start();
      bot.ask('a story');
      const work = await bot.work('a story');
      const begins = (): void => work.emit({ kind: 'text', partId: '1', delta: story[0] ?? '' });
      const gone = kind === 'hang' ? undefined : swept(bot);
      await killAt(bot, 'chat.startStream', begins, kind);
      await gone;
      await settleAndCheck(bot);
      expect([times(bot, 'Interrupted'), times(bot, 'Once upon')]).toEqual([1, 0]);
    });
  });

  test('at its begin, and the work goes on: told once', async () => {
    await withBot({ reattach: true }, async (bot) => {
      await bot.start();
      bot.ask('a story');
      const work = await bot.work('a story');
      const begins = (): void => work.emit({ kind: 'text', partId: '1', delta: story[0] ?? '' });
      const gone = swept(bot);
      await killAt(bot, 'chat.startStream', begins);
      (await bot.work('a story')).finish(story.join(''));
      await gone;
      await settleAndCheck(bot);
      expect([times(bot, 'Once upon'), times(bot, 'The end')]).toEqual([1, 1]);
      expect(bot.texts.at(-1)).toContain(story.join(''));
    });
  });

  test('as it grows: told once', async () => {
    await withBot({ reattach: true }, async (bot) => {
      await bot.start();
      bot.ask('a story');
      const work = await bot.work('a story');
      work.emit({ kind: 'text', partId: '1', delta: story[0] ?? '' });
      const more = (): void => work.emit({ kind: 'text', partId: '1', delta: story[1] ?? '' });
      await bot.slack.nextCall('chat.startStream', { timeoutMs: 20_000 });
      await killAt(bot, 'chat.appendStream', more);
      (await bot.work('a story')).finish(story.join(''));
      await settleAndCheck(bot);
      expect([times(bot, 'Once upon'), times(bot, 'The end')]).toEqual([1, 1]);
    });
  });

  test.each([
    ['chat.stopStream', 'applied_then_hang'],
    ['chat.update', 'applied_then_hang'],
    ['chat.update', 'hang'],
  ] as const)('as the answer takes its place, at %s (%s): told once', async (method, kind) => {
    await withBot({}, async (bot) => {
      await bot.start();
      bot.ask('a story');
      const work = await bot.work('a story');
      const begun = bot.slack.nextCall('chat.startStream', { timeoutMs: 20_000 });
      work.emit({ kind: 'text', partId: '1', delta: story[0] ?? '' });
      await begun;
      await killAt(bot, method, () => work.finish(story.join('')), kind);
      const { tasks } = await settleAndCheck(bot);
      expect([times(bot, 'Once upon'), times(bot, 'The end')]).toEqual([1, 1]);
      expect(tasks[0]?.cause?.end).toBe('completed');
    });
  });
});

describe.concurrent('killed while a message comes in', () => {
  test.each<[string, 'socket' | 'http', Death]>([
    ['handed over, nothing stored', 'socket', { before: 'accept' }],
    ['stored, Slack not told', 'socket', { point: 'inbound.stored' }],
    ['its commit not begun', 'http', { point: 'store.committing' }],
    ['stored, Slack not told', 'http', { point: 'inbound.stored' }],
  ])('%s (%s): Slack brings it again, and there is one task of it', async (name, mode, die) => {
    await withBot({ mode }, async (bot) => {
      await bot.start(die);
      bot.ask('first');
      await bot.died();
      const told = bot.slack.deliveries.filter(({ outcome }) => outcome === 'acked');
      expect(told.filter(({ type }) => type === 'app_mention')).toEqual([]);
      await bot.start();
      for (const { type, eventId = '' } of [...bot.slack.deliveries])
        if (type === 'app_mention') bot.slack.redeliver(eventId);
      const isStored = name.startsWith('stored');
      if (!isStored) (await bot.work('first')).finish('forty-two');
      bot.ask('second');
      (await bot.work('second')).finish('forty-three');
      const { tasks } = await settleAndCheck(bot);
      const [one, two, ...more] = bot.texts;
      expect(one).toContain(isStored ? 'Interrupted' : 'forty-two');
      expect([two, more, tasks.length]).toEqual(['forty-three', [], 2]);
      const brought = bot.slack.deliveries.filter(({ type }) => type === 'app_mention');
      expect(brought.some(({ attempt, outcome }) => attempt > 0 && outcome === 'acked')).toBe(true);
    });
  });
});

describe.concurrent('killed at part 2 of an answer of 9,000 characters', () => {
  const { markdown, words, code } = longAnswer(9_000);

  test.each<[string, SlackFault, parts: number]>([
    ['unanswered, not there', { kind: 'hang' }, 1],
    ['unanswered, and there', { kind: 'applied_then_hang' }, 2],
  ])('%s: it goes on there and is read whole, once', async (_, fault, parts) => {
    await withBot({}, async (bot) => {
      await bot.start();
      bot.ask('go');
      (await bot.work('go')).finish(markdown);
      await bot.event('receipt.part', 'terminal');
      await bot.slack.fault('chat.postMessage', fault).spent;
      expect(bot.texts).toHaveLength(parts);
      await bot.kill();
      await bot.start();
      const { tasks } = await settleAndCheck(bot);
      expect(tasks[0]?.cause?.end).toBe('completed');
      const lines = code.map((one) => one.lines);
      expect(readAnswer(bot.answers)).toEqual({ words, code: lines });
    });
  });
});
