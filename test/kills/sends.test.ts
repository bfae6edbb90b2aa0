import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { Bot, type BotOptions, type Die } from './bot.ts';
import { settleAndCheck } from './check.ts';
import type { Records } from './invariants.ts';
import { dropLibrary } from './library.ts';

/** Goal: what is to be said survives kill -9 at every step of its way and is shown once. Method: a platform that outlives the bot. */

vi.setConfig({ testTimeout: 180_000 });
const bots: Bot[] = [];
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.dispose();
});
afterAll(dropLibrary);

/** No ack comes between: the terminal is the first thing shown, so a repetition would be a second message. */
const bare: BotOptions = { deadlines: { ackDelayMs: 20_000 } };
async function startBot(options: BotOptions, die?: Die): Promise<Bot> {
  const bot = new Bot(options);
  bots.push(bot);
  await bot.start(die);
  return bot;
}

/** Deaths with a lease in hand: the attempt is stored and has no outcome. */
const claim: Die = { at: 'claimed', act: 'send' };
const look: Die = { at: 'claimed', act: 'reconcile' };

/** Three parts on a platform that takes 200 characters. */
const long = ['one', 'two', 'three'].map((word) => `${word} ${'x'.repeat(140)}.`).join('\n\n');
const events = (records: Records, name: string) =>
  records.events.filter((one) => one.name === name);

/** Asks for something that is answered at once, and waits for the bot's death. */
async function answerAndDie(bot: Bot, text: string): Promise<void> {
  bot.platform.say('quick').catch(() => undefined);
  (await bot.work('quick')).finish(text);
  await bot.died();
}

/** The same, killed from outside while the platform holds its answer to part `part`. */
async function killWhileSending(
  bot: Bot,
  of: { text: string; part: number; kind: 'hang' | 'apply_and_hang' },
): Promise<void> {
  bot.platform.decide = ({ attempt }) => (attempt.part === of.part ? { kind: of.kind } : undefined);
  await bot.platform.say('quick');
  (await bot.work('quick')).finish(of.text);
  await bot.until('it is being sent', () => bot.platform.sent.at(-1)?.attempt.part === of.part);
  await bot.kill();
  bot.platform.decide = undefined;
}

describe('killed with an answer', () => {
  test.each([
    ['stored, nobody told', { at: 'event', event: 'receipt.opened', receipt: 'terminal' }],
    ['stored, its commit just done', { at: 'after', write: 'end' }],
    ['claimed, not sent (F04)', { at: 'claimed', act: 'send' }],
  ] as const)('F01 %s: it is shown after the restart', async (_, die) => {
    const bot = await startBot({ ...bare, reconcile: true }, die);
    await answerAndDie(bot, 'forty-two');
    expect(bot.platform.shown).toEqual([]);
    await bot.start();
    const { tasks } = await settleAndCheck(bot);
    expect(tasks[0]?.cause?.end).toBe('completed');
    expect(bot.platform.texts()).toEqual(['forty-two']);
    expect([...bot.effects().values()]).toEqual([1]);
  });

  test('F10 not stored yet: it is interrupted, the work is not begun again', async () => {
    const bot = await startBot({ ...bare, reconcile: true }, { at: 'before', write: 'end' });
    await answerAndDie(bot, 'forty-two');
    await bot.start();
    const { tasks } = await settleAndCheck(bot);
    expect(tasks[0]?.cause?.end).toBe('interrupted');
    expect([...bot.effects().values()]).toEqual([1]);
  });

  test.each([
    ['shown, unanswered', 'apply_and_hang'],
    ['not shown', 'hang'],
  ] as const)('claimed, %s, on a platform that can be asked: shown once', async (_, kind) => {
    const bot = await startBot({ ...bare, reconcile: true });
    await killWhileSending(bot, { text: 'forty-two', part: 1, kind });
    await bot.start();
    const records = await settleAndCheck(bot);
    expect(bot.platform.texts()).toEqual(['forty-two']);
    expect(bot.platform.asked).toHaveLength(1);
    expect(events(records, 'receipt.repeated')).toEqual([]);
  });

  test('F09 answered, the answer not stored: shown once', async () => {
    const bot = await startBot({ ...bare, reconcile: true }, { at: 'answered' });
    await answerAndDie(bot, 'forty-two');
    await bot.start();
    await settleAndCheck(bot);
    expect(bot.platform.texts()).toEqual(['forty-two']);
  });

  test('claimed, shown, unanswered, nobody can be asked (`mark`): repeated once, counted and marked', async () => {
    const bot = await startBot({ ...bare, capabilities: { unknownPolicy: 'mark' } });
    await killWhileSending(bot, { text: 'forty-two', part: 1, kind: 'apply_and_hang' });
    await bot.start();
    const records = await settleAndCheck(bot);
    expect(bot.platform.texts()[0]).toBe('forty-two');
    expect(bot.platform.texts()[1]).toContain('This may be a repetition:');
    expect(bot.platform.texts()).toHaveLength(2);
    expect(events(records, 'receipt.repeated').map(({ data }) => data['marked'])).toEqual([true]);
  });

  test('claimed, unanswered, nobody can be asked (`hold`): dead at once, loudly', async () => {
    const bot = await startBot({ ...bare, capabilities: { unknownPolicy: 'hold' } });
    await killWhileSending(bot, { text: 'forty-two', part: 1, kind: 'apply_and_hang' });
    await bot.start();
    const { receipts, incidents } = await settleAndCheck(bot);
    expect(bot.platform.texts()).toEqual(['forty-two']);
    expect(receipts.map(({ state }) => state)).toContain('dead');
    expect(incidents).toHaveLength(1);
  });

  test('an edit, shown, unanswered: made again, the message stays one', async () => {
    const bot = await startBot({ clocks: { sendMs: 200 } });
    bot.platform.decide = ({ delivery }) =>
      delivery.kind === 'terminal' ? { kind: 'apply_and_hang' } : undefined;
    await bot.platform.say('quick');
    await bot.until('the ack is stored as shown', () => bot.surfaced('ack'));
    (await bot.work('quick')).finish('forty-two');
    await bot.until('it is being sent', () => bot.platform.texts()[0] === 'forty-two');
    await bot.kill();
    bot.platform.decide = undefined;
    await bot.start();
    await settleAndCheck(bot);
    expect(bot.platform.texts()).toEqual(['forty-two']);
  });

  test('an answer that is a new message: the live one is finished', async () => {
    const bot = await startBot(
      { reconcile: true, capabilities: { terminalAs: 'new' } },
      { at: 'answered', delivery: 'terminal' },
    );
    await bot.platform.say('quick');
    await bot.until('the ack is stored as shown', () => bot.surfaced('ack'));
    (await bot.work('quick')).finish('forty-two');
    await bot.died();
    await bot.start();
    await settleAndCheck(bot);
    expect(bot.platform.texts()).toEqual([
      expect.stringContaining('see the answer below'),
      'forty-two',
    ]);
  });

  test.each([
    ['by sending it', [claim, claim, claim], true],
    ['by sending it, nobody can be asked', [claim, claim, claim], false],
    ['by looking for it', [claim, look, look], true],
  ] as const)(
    'three times in a row %s: given up loudly, no crash for ever',
    async (_, dies, askable) => {
      const bot = await startBot({ ...bare, reconcile: askable }, dies[0]);
      await answerAndDie(bot, 'poison');
      for (const die of dies.slice(1)) {
        await bot.launch(die);
        await bot.died();
      }
      await bot.start();
      const { receipts, incidents } = await settleAndCheck(bot);
      expect(receipts.find(({ kind }) => kind === 'terminal')?.state).toBe('dead');
      expect(incidents).toHaveLength(1);
      expect(bot.platform.shown).toEqual([]);
    },
  );
});

describe('killed between the parts of a long answer', () => {
  const parts = (bot: Bot) => bot.platform.shown.map(({ key }) => key.split('.').at(-1));

  test.each([1, 2])('F11 part %i stored as shown: it goes on with the next', async (nth) => {
    const die = { at: 'event', event: 'receipt.part', nth } as const;
    const bot = await startBot({ ...bare, reconcile: true }, die);
    await answerAndDie(bot, long);
    expect(parts(bot)).toHaveLength(nth);
    await bot.start();
    await settleAndCheck(bot);
    expect(parts(bot)).toEqual(['1', '2', '3']);
    const sent = bot.platform.sent.map(({ attempt }) => attempt.part);
    expect(sent).toEqual([1, 2, 3]);
  });

  test.each([
    ['shown', 'apply_and_hang'],
    ['not shown', 'hang'],
  ] as const)('F11 part 2 unanswered, %s: each part stands once', async (_, kind) => {
    const bot = await startBot({ ...bare, reconcile: true });
    await killWhileSending(bot, { text: long, part: 2, kind });
    await bot.start();
    await settleAndCheck(bot);
    expect(parts(bot)).toEqual(['1', '2', '3']);
  });

  test('F11 part 2 unanswered, nobody can be asked: only part 2 is repeated, marked', async () => {
    const bot = await startBot(bare);
    await killWhileSending(bot, { text: long, part: 2, kind: 'apply_and_hang' });
    await bot.start();
    await settleAndCheck(bot);
    const texts = bot.platform.texts();
    expect(texts.filter((text) => text.includes('one '))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('two '))).toHaveLength(2);
    expect(texts.filter((text) => text.includes('three '))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('may be a repetition'))).toHaveLength(1);
  });

  test('F02 of the first of several answers: the order stays', async () => {
    const bot = await startBot({ ...bare, reconcile: true });
    bot.platform.decide = () => ({ kind: 'hang' });
    await bot.platform.say('quick');
    await bot.platform.say('/help');
    await bot.platform.say('/status');
    (await bot.work('quick')).finish(long);
    await bot.until('the first is being sent', () => bot.platform.sent.length === 1);
    await bot.until('the answer is stored', () => bot.event('task.ended'));
    await bot.kill();
    bot.platform.decide = undefined;
    await bot.start();
    await settleAndCheck(bot);
    expect(bot.platform.shown).toHaveLength(5);
  });
});
