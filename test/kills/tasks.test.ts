import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { Bot, type BotOptions, type Die } from './bot.ts';
import { settleAndCheck } from './check.ts';
import { dropLibrary } from './library.ts';

/** Goal: a Task survives kill -9 in every state and is told about once. Method: a real process on a real file. */

vi.setConfig({ testTimeout: 180_000 });
const bots: Bot[] = [];
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.dispose();
});
afterAll(dropLibrary);

async function startBot(options: BotOptions = {}, die?: Die): Promise<Bot> {
  const bot = new Bot({ reconcile: true, ...options });
  bots.push(bot);
  await bot.start(die);
  return bot;
}

async function restart(bot: Bot): Promise<void> {
  await bot.kill();
  await bot.start();
}

const options = [
  { id: 'y', label: 'Yes' },
  { id: 'n', label: 'No', refuses: true },
];
const question = { kind: 'question', text: 'Deploy?', options } as const;
const shows = (bot: Bot, text: string) => () =>
  bot.platform.shown.find((message) => message.text.includes(text));

describe('killed with a task', () => {
  test('queued: it runs after the one that was interrupted was told', async () => {
    const bot = await startBot();
    await bot.platform.say('first');
    await bot.work('first');
    await bot.platform.say('second');
    await bot.until('both are acknowledged', () => bot.platform.shown.length === 2);
    await restart(bot);
    (await bot.work('second')).finish('done');
    const { tasks } = await settleAndCheck(bot);
    expect(tasks.map(({ cause }) => cause?.end)).toEqual(['interrupted', 'completed']);
    expect(bot.platform.texts()[0]).toContain('Interrupted');
    expect(bot.platform.texts()[1]).toContain('done');
  });

  test('F10 running: it is told once, with Retry, and not run again', async () => {
    const bot = await startBot();
    const { taskId } = await bot.platform.say('slow');
    const work = await bot.work('slow');
    await bot.until('the ack is shown', shows(bot, 'On it'));
    work.emit({ kind: 'progress', message: 'half of it' });
    await bot.until('progress is shown', shows(bot, 'half of it'));
    await restart(bot);
    const { tasks } = await settleAndCheck(bot);
    expect(tasks[0]?.cause).toEqual({ end: 'interrupted', reason: 'restarted' });
    expect(bot.effects().get(taskId ?? '')).toBe(1);
    expect(bot.platform.shown).toHaveLength(1);
    expect(bot.platform.shown[0]?.text).toContain('I was away');
    expect(bot.platform.shown[0]?.buttons.map(({ label }) => label)).toEqual(['Retry']);
  });

  test('F10 running, its work had effects: only a press on Retry does it again', async () => {
    const bot = await startBot();
    await bot.platform.say('order a pizza');
    await bot.work('order a pizza');
    await restart(bot);
    await bot.drained();
    expect([...bot.effects().values()]).toEqual([1]);
    await bot.platform.press(bot.platform.button('Retry'));
    (await bot.work('order a pizza')).finish('ordered');
    const { tasks } = await settleAndCheck(bot);
    expect(tasks.map(({ cause }) => cause?.end)).toEqual(['interrupted', 'completed']);
    expect([...bot.effects().values()]).toEqual([1, 1]);
  });

  test('started, its worker not yet called: it counts as begun', async () => {
    const bot = await startBot({}, { at: 'event', event: 'task.started' });
    await bot.platform.say('never begun').catch(() => undefined);
    await bot.died();
    await bot.start();
    const { tasks } = await settleAndCheck(bot);
    expect(tasks[0]?.cause?.end).toBe('interrupted');
    expect(bot.effects().size).toBe(0);
  });

  test('running with a worker that can be watched again: it goes on, also after a second kill', async () => {
    const bot = await startBot({ reattach: true });
    const { taskId = '' } = await bot.platform.say('remote job');
    await bot.work('remote job');
    await restart(bot);
    expect((await bot.work('remote job')).kind).toBe('attach');
    await restart(bot);
    (await bot.work('remote job')).finish('the job is done');
    const { tasks } = await settleAndCheck(bot);
    expect(tasks[0]?.cause?.end).toBe('completed');
    expect([bot.effects().get(taskId), bot.effects('attach').get(taskId)]).toEqual([1, 2]);
  });

  test('waiting on a question that was shown: its buttons go, an answer is too late', async () => {
    const bot = await startBot();
    await bot.platform.say('release');
    (await bot.work('release')).ask(question);
    await bot.until('it is stored as shown', () => bot.surfaced('question'));
    const yes = bot.platform.button('Yes');
    await restart(bot);
    await bot.drained();
    expect(shows(bot, 'Closed without an answer')()?.buttons).toEqual([]);
    await bot.platform.press(yes);
    const { tasks } = await settleAndCheck(bot);
    expect(tasks.map(({ cause }) => cause?.end)).toEqual(['interrupted']);
    expect(bot.platform.texts().at(-1)).toContain('Too late');
  });

  test.each([
    ['not on the platform yet', 'hang', false],
    ['on the platform, unanswered', 'apply_and_hang', true],
  ] as const)('waiting on a question that is %s', async (_, kind, shown) => {
    const bot = await startBot();
    bot.platform.decide = ({ delivery }) => (delivery.kind === 'question' ? { kind } : undefined);
    await bot.platform.say('release');
    (await bot.work('release')).ask(question);
    await bot.until('it is being sent', () =>
      bot.platform.sent.some(({ delivery }) => delivery.kind === 'question'),
    );
    await bot.kill();
    bot.platform.decide = undefined;
    await bot.start();
    await settleAndCheck(bot);
    const asked = bot.platform.shown.filter(({ history }) => history[0]?.startsWith('Deploy?'));
    expect(asked.map(({ text }) => text.includes('Closed'))).toEqual(shown ? [true] : []);
  });

  test('whose question was just answered, its worker not told', async () => {
    const bot = await startBot({}, { at: 'event', event: 'ask.answered' });
    await bot.platform.say('release');
    (await bot.work('release')).ask(question);
    await bot.until('it is stored as shown', () => bot.surfaced('question'));
    await bot.platform.press(bot.platform.button('Yes')).catch(() => undefined);
    await bot.died();
    await bot.start();
    const { tasks } = await settleAndCheck(bot);
    expect(tasks.map(({ cause }) => cause?.end)).toEqual(['interrupted']);
    expect(shows(bot, 'Answered: Yes')()?.buttons).toEqual([]);
  });

  test('whose question was answered faster than it was stored as shown: its buttons go', async () => {
    const bot = await startBot();
    let answer: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await bot.platform.say('release');
    const work = await bot.work('release');
    await bot.until('the ack is stored as shown', () => bot.surfaced('ack'));
    // Shown at once, answered late.
    bot.answersAfter = until;
    work.ask(question);
    await bot.until('it has buttons', shows(bot, 'Deploy?'));
    await bot.platform.press(bot.platform.button('Yes'));
    bot.answersAfter = undefined;
    answer();
    await bot.until('its buttons are gone', shows(bot, 'Answered: Yes'));
    work.finish('released');
    await settleAndCheck(bot);
  });

  test('aborting, its worker deaf: it ends as it was asked to', async () => {
    const bot = await startBot();
    await bot.platform.say('deaf');
    const work = await bot.work('deaf');
    work.ignoresAbort = true;
    await bot.until('the ack is shown', shows(bot, 'On it'));
    await bot.platform.press(bot.platform.button('Cancel'), { text: 'enough of it' });
    await bot.until('the worker is told', () => work.aborted);
    await restart(bot);
    const { tasks } = await settleAndCheck(bot);
    expect(tasks[0]?.cause).toEqual({ end: 'cancelled', reason: 'enough of it', by: 'ada' });
    expect(bot.platform.texts()).toHaveLength(1);
    expect(bot.platform.texts()[0]).toContain('Cancelled by ada: enough of it.');
  });

  test('whose /cancel waits for its outcome: it is answered', async () => {
    const bot = await startBot();
    await bot.platform.say('deaf');
    const work = await bot.work('deaf');
    work.ignoresAbort = true;
    await bot.platform.say('/cancel');
    await bot.until('the worker is told', () => work.aborted);
    await restart(bot);
    await settleAndCheck(bot);
    const told = bot.platform.texts().filter((text) => text.includes('Cancelled by ada'));
    expect(told).toHaveLength(2);
  });
});
