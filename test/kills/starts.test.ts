import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { Bot, type BotOptions, type Die } from './bot.ts';
import { settleAndCheck } from './check.ts';
import { dropLibrary } from './library.ts';

/** Goal: a restart that is killed itself can be done again, and a file has one writer. Method: a real process on a real file. */

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

describe('a message', () => {
  test('stored and begun, the platform not told: its redelivery changes nothing', async () => {
    const bot = await startBot({}, { at: 'event', event: 'message.accepted' });
    await bot.platform.say('once', { id: 'm-1' }).catch(() => undefined);
    await bot.died();
    await bot.start();
    expect(await bot.platform.say('once', { id: 'm-1' })).toMatchObject({ kind: 'duplicate' });
    const { tasks } = await settleAndCheck(bot);
    expect(tasks.map(({ cause }) => cause?.end)).toEqual(['interrupted']);
    expect([...bot.effects().values()]).toEqual([]);
  });

  test('stored behind another, the platform not told: it is run, and its redelivery changes nothing', async () => {
    const bot = await startBot({}, { at: 'event', event: 'message.accepted', nth: 2 });
    await bot.platform.say('slow', { id: 'm-0' });
    await bot.work('slow');
    await bot.platform.say('once', { id: 'm-1' }).catch(() => undefined);
    await bot.died();
    await bot.start();
    expect(await bot.platform.say('once', { id: 'm-1' })).toMatchObject({ kind: 'duplicate' });
    (await bot.work('once')).finish('done');
    const { tasks } = await settleAndCheck(bot);
    expect(tasks.map(({ cause }) => cause?.end)).toEqual(['interrupted', 'completed']);
    expect([...bot.effects().values()]).toEqual([1, 1]);
  });

  test('not stored: its redelivery is taken on', async () => {
    const bot = await startBot({}, { at: 'before', write: 'accept' });
    await bot.platform.say('once', { id: 'm-1' }).catch(() => undefined);
    await bot.died();
    await bot.start();
    expect(await bot.platform.say('once', { id: 'm-1' })).toMatchObject({ kind: 'accepted' });
    (await bot.work('once')).finish('done');
    const { tasks } = await settleAndCheck(bot);
    expect(tasks).toHaveLength(1);
  });

  test('a Retry that was pressed, the platform not told: pressed again it makes no second task', async () => {
    const bot = await startBot();
    await bot.platform.say('pizza');
    (await bot.work('pizza')).finish({ status: 'failed', text: 'no oven' });
    const retry = await bot.until('Retry is shown', () =>
      bot.platform.shown.flatMap(({ buttons }) => buttons).find(({ label }) => label === 'Retry'),
    );
    await bot.kill();
    await bot.start({ at: 'after', write: 'accept' });
    await bot.platform.press(retry.id, { id: 'p-1' }).catch(() => undefined);
    await bot.died();
    await bot.start();
    await bot.platform.press(retry.id, { id: 'p-1' });
    await bot.platform.press(retry.id, { id: 'p-2' });
    bot.auto = (call) => call.finish('done');
    for (const call of bot.calls.filter(({ life }) => life === bot.life)) call.finish('done');
    const { tasks } = await settleAndCheck(bot);
    expect(tasks).toHaveLength(2);
  });
});

describe('a recovery', () => {
  test.each<readonly [string, Die]>([
    ['before the task was ended', { at: 'before', write: 'interrupt' }],
    ['when it had ended one of two tasks', { at: 'event', event: 'task.ended' }],
    ['when it looked for what may be shown', { at: 'event', event: 'receipt.unknown' }],
    ['when it had claimed the news', { at: 'claimed', act: 'send' }],
    ['when the news was shown, not stored', { at: 'answered' }],
    ['when it was about to be ready', { at: 'before', write: 'started' }],
  ])('killed %s is done again; nobody is told twice', async (_, die) => {
    const bot = await startBot();
    bot.platform.decide = () => ({ kind: 'apply_and_hang' });
    for (const conversation of ['c1', 'c2']) await bot.platform.say('slow', { conversation });
    await bot.until('both acks are on the platform', () => bot.platform.shown.length === 2);
    await bot.kill();
    bot.platform.decide = undefined;
    await bot.launch(die);
    await bot.died();
    await bot.launch({ at: 'after', write: 'settle' });
    await bot.died();
    await bot.start();
    const { tasks } = await settleAndCheck(bot);
    expect(tasks.map(({ cause }) => cause?.end)).toEqual(['interrupted', 'interrupted']);
    expect(bot.platform.shown).toHaveLength(2);
    expect(bot.platform.shown.every(({ text }) => text.includes('Interrupted'))).toBe(true);
  });
});

describe('a second process', () => {
  test('is refused while the first runs, by the name of file and holder; a kill -9 frees the file', async () => {
    const bot = await startBot();
    const first = bot.pid;
    await bot.platform.say('slow');
    const second = new Bot({ file: bot.file });
    bots.push(second);
    const refused = await second.start();
    expect(refused).toMatchObject({ kind: 'refused', code: 'locked', ids: { pid: first } });
    const message = refused.kind === 'refused' ? refused.message : '';
    expect(message).toContain(bot.file);
    expect(message).toContain(`process ${first}`);
    (await bot.work('slow')).finish('not disturbed');
    await bot.drained();
    await bot.kill();
    expect(await second.start()).toMatchObject({ kind: 'ready' });
    await second.kill();
    await bot.start();
    await settleAndCheck(bot);
  });
});
