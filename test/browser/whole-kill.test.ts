import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Launched, launchChromium } from './chromium.ts';
import { type Settings, WholeBot } from './whole-bot.ts';
import { type Chat, Person } from './whole-page.ts';
import { connected } from './widget-page.ts';

/**
 * Goal: when the process dies or stops, the page is told the truth, once. Method: the built command line as a
 * process that is killed and started again at the same address, a real browser that stays open meanwhile.
 */

vi.setConfig({ testTimeout: 60_000 });

let chromium: Launched;
const bots: WholeBot[] = [];
const persons: Person[] = [];

beforeAll(async () => {
  chromium = await launchChromium();
}, 120_000);
afterEach(async () => {
  for (const person of persons.splice(0)) await person.leave();
  for (const bot of bots.splice(0)) await bot.dispose();
});
afterAll(async () => {
  await chromium?.close();
});

/** A bot of its own, and somebody with its page open. */
async function begin(clocks: Settings['clocks'] = {}): Promise<{ bot: WholeBot; chat: Chat }> {
  const bot = await WholeBot.start({
    deadlines: { ackDelayMs: 100, progressEveryMs: 50 },
    clocks,
  });
  bots.push(bot);
  const person = await Person.at(chromium.browser, bot.url);
  persons.push(person);
  return { bot, chat: await person.open() };
}

/** Starts the bot again; the page finds it. */
async function comeBack(bot: WholeBot, chat: Chat): Promise<void> {
  await bot.start();
  await chat.page.evaluate("dispatchEvent(new Event('online'))");
  await connected(chat.page);
}

const restarted = /Interrupted: the bot was restarted while it ran\./;

describe('kill -9 in the middle', () => {
  test('the interrupted end appears once, nothing claims to work, what was typed meanwhile is sent once, Retry works', async () => {
    const { bot, chat } = await begin();
    await chat.say('dig a hole');
    const work = await bot.work('dig a hole');
    work.progress('Digging', 0.2);
    await chat.says('Digging (20 %)');
    await chat.mark(chat.bots);
    await bot.kill();
    const offline = chat.page.getByText('No connection. What you write is kept and sent');
    await offline.waitFor();
    await chat.say('are you there?');
    await chat.persons.getByText('Not sent yet: waiting for a connection').waitFor();
    await chat.shoot('offline');
    await comeBack(bot, chat);
    await offline.waitFor({ state: 'hidden' });
    const ended = await chat.bot(restarted);
    expect(await chat.isMarked(ended)).toBe(true);
    expect(await ended.textContent()).toContain('dig a hole');
    const next = await bot.work('are you there?');
    expect(bot.lines.filter((line) => line.kind === 'began')).toHaveLength(1);
    next.end('I am back.');
    await chat.bot('I am back.');
    await chat.showsNoWork();
    await chat.shoot('interrupted');
    await chat.reload();
    expect([await chat.retry.count(), await chat.persons.count()]).toEqual([1, 2]);
    expect(await chat.bots.filter({ hasText: restarted }).count()).toBe(1);

    await chat.retry.click();
    const again = await bot.work('dig a hole');
    expect(again.attempt).toBe(2);
    await chat.bot('On it…');
    await chat.shoot('retried');
    again.end('The hole is dug.');
    await chat.bot('The hole is dug.');
    await chat.showsNoWork();
    await chat.reload();
    const tasks = await bot.tasks('dig a hole');
    expect(tasks.map(({ end, contract }) => [end, contract])).toEqual([
      ['interrupted', 'terminal_acked'],
      ['completed', 'terminal_acked'],
    ]);
    expect(await bot.tasks('are you there?')).toHaveLength(1);
  });

  test('with a stream and a question open: neither is left standing as if it went on', async () => {
    const { bot, chat } = await begin();
    await chat.say('draft it');
    const work = await bot.work('draft it');
    work.text('Dear all, this is half of a');
    await chat.bot('this is half of a');
    work.ask('Formal or not?', ['formal', 'not']);
    const question = await chat.bot('Formal or not?');
    await question.getByRole('button', { name: 'formal' }).waitFor();
    await bot.kill();
    await comeBack(bot, chat);
    await chat.bot(restarted);
    await question.filter({ hasText: 'Closed without an answer.' }).waitFor();
    expect(await question.getByRole('button').count()).toBe(0);
    await chat.showsNoWork();
    await chat.shoot('interrupted-question');
    await chat.reload();
  });

  test('with the page closed over both deaths: the end is there on return, once', async () => {
    const { bot, chat } = await begin();
    await chat.say('sleep on it');
    await bot.work('sleep on it');
    await chat.bot('On it…');
    await chat.page.close();
    await bot.kill();
    await bot.start();
    await bot.kill();
    await bot.start();
    const back = await (persons[0] as Person).open();
    await back.bot(restarted);
    await back.showsNoWork();
    expect(await back.bots.count()).toBe(1);
    await back.reload();
  });
});

describe('SIGTERM', () => {
  test('drains: what ends meanwhile is answered before the process goes', async () => {
    const { bot, chat } = await begin();
    await chat.say('finish this');
    const work = await bot.work('finish this');
    await chat.bot('On it…');
    await bot.terminate();
    await chat.say('too late for this?');
    work.end('Finished in time.');
    await chat.bot('Finished in time.');
    expect(await bot.end()).toEqual({ code: 0, signal: null });
    await chat.persons.getByText('Not sent yet: waiting for a connection').waitFor();
    await chat.shoot('stopped');
    await comeBack(bot, chat);
    (await bot.work('too late for this?')).end('Not too late.');
    await chat.says('Finished in time.', 'Not too late.');
    await chat.showsNoWork();
    await chat.reload();
  });

  test('what does not end in its drain is told as interrupted before the process goes', async () => {
    const { bot, chat } = await begin({ drainMs: 300 });
    await chat.say('never ends');
    const work = await bot.work('never ends');
    work.deafen();
    await chat.bot('On it…');
    await bot.terminate();
    await chat.bot(/Interrupted: the bot was stopped while it ran\./);
    await chat.showsNoWork();
    expect(await bot.end()).toEqual({ code: 0, signal: null });
    await comeBack(bot, chat);
    await chat.reload();
    expect(await chat.retry.count()).toBe(1);
  });

  test('a second one is immediate, and the next start tells the truth', async () => {
    const { bot, chat } = await begin({ drainMs: 60_000 });
    await chat.say('hold on');
    const work = await bot.work('hold on');
    work.deafen();
    await chat.bot('On it…');
    await bot.terminate();
    const sentAtMs = Date.now();
    expect(await bot.end('SIGTERM')).toEqual({ code: 143, signal: null });
    expect(Date.now() - sentAtMs).toBeLessThan(10_000);
    await comeBack(bot, chat);
    await chat.bot(/Interrupted/);
    await chat.showsNoWork();
    expect(await chat.bots.count()).toBe(1);
    await chat.reload();
  });
});

describe('the command line beside the page', () => {
  test('cancel through the socket: the page shows who and why, inspect tells the whole story', async () => {
    const { bot, chat } = await begin();
    await chat.say('dig for gold');
    const work = await bot.work('dig for gold');
    // an acknowledgement that progress overtakes is superseded, and never seen
    await chat.bot('On it…');
    work.progress('Digging');
    await chat.says('Digging');
    const [task] = await bot.tasks('dig for gold');
    const shortId = task?.shortId ?? '';
    expect((await bot.run('tasks', '--open')).out).toMatch(
      new RegExp(`${shortId} +running +\\w+ .* commanded .* dig for gold`),
    );
    const cancelled = await bot.run('cancel', shortId, '--reason', 'no <b>gold</b> here');
    expect(cancelled.out).toMatch(/^Cancelled \w+: no <b>gold<\/b> here, by \S+\.\n$/);
    const by = /, by (\S+)\.\n$/.exec(cancelled.out)?.[1];
    await work.aborted();
    await chat.says(`Cancelled by ${by}: no <b>gold</b> here.`);
    await chat.showsNoWork();
    await chat.shoot('cancelled-by-operator');
    const { out } = await bot.run('inspect', shortId);
    expect(out).toContain(`Task ${shortId} · cancelled · dig for gold`);
    expect(out).toMatch(
      new RegExp(`End +cancelled \\(no <b>gold</b> here, by ${by}\\) \\+[\\d.]+ m?s, at `),
    );
    expect(out).toContain('Promise  terminal_acked: the end was seen');
    expect(out).toMatch(/ack: surfaced \(rendered\)/);
    expect(out).toMatch(/progress: surfaced \(rendered\)/);
    expect(out).toMatch(/terminal: surfaced \(rendered\)[^\n]*\n +in webchat\/main\/\S+ #\d+/);
    expect(out).toContain('try 1');
    const story = await bot.story(shortId);
    expect(story.receipts.map(({ attempted }) => attempted.length)).toEqual([1, 1, 1]);
    expect(story.journal.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['task.started', 'task.aborting', 'task.ended', 'receipt.surfaced']),
    );
  });
});
