import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TaskItem } from '../../src/cli/item.ts';
import { ensureBuilt } from '../build.ts';
import { startBot } from '../cli/bot-process.ts';
import { type Launched, launchChromium } from './chromium.ts';
import { type Story, WholeBot } from './whole-bot.ts';
import { Person } from './whole-page.ts';
import { setHidden } from './widget-page.ts';

/**
 * Goal: what a person sees on the page is what the promise says, while everything runs. Method: the built command
 * line as a process, a worker whose steps the test commands, a real browser.
 */

vi.setConfig({ testTimeout: 60_000 });

let chromium: Launched;
let bot: WholeBot;
const persons: Person[] = [];

beforeAll(async () => {
  bot = await WholeBot.start({ deadlines: { ackDelayMs: 100, progressEveryMs: 50 } });
  chromium = await launchChromium();
}, 120_000);
afterEach(async () => {
  for (const person of persons.splice(0)) await person.leave();
});
afterAll(async () => {
  await chromium?.close();
  await bot?.dispose();
});

async function enter(): Promise<Person> {
  const person = await Person.at(chromium.browser, bot.url);
  persons.push(person);
  return person;
}

/** The page goes into the background, or comes back; resolves when the bot has heard of it. */
async function hide(page: Page, hidden: boolean): Promise<void> {
  const told = page.waitForResponse((response) => response.url().endsWith('/visibility'));
  await setHidden(page, hidden);
  await told;
}

/** The stories of both errands once the promise of both stands there. */
async function both(promise: string): Promise<Story[]> {
  let tasks: TaskItem[] = [];
  await expect
    .poll(
      async () => {
        tasks = await bot.tasks('first errand', 'second errand');
        return tasks.map(({ contract }) => contract);
      },
      { timeout: 20_000 },
    )
    .toEqual([promise, promise]);
  return await Promise.all(tasks.map(({ id }) => bot.story(id)));
}

function terminals({ receipts }: Story): Story['receipts'] {
  return receipts.filter((receipt) => receipt.kind === 'terminal');
}

describe('one message from the ack to the end', () => {
  test('the ack is edited in place by progress and by the final, and Cancel goes', async () => {
    const chat = await (await enter()).open();
    await chat.shoot('empty');
    await chat.say('build it');
    const work = await bot.work('build it');
    const live = await chat.bot('On it…');
    const id = await live.getAttribute('data-id');
    await chat.mark(live);
    await chat.cancel.waitFor();
    await chat.shoot('ack');
    work.progress('Compiling', 0.5);
    await chat.says('Compiling (50 %)');
    expect(await chat.cancel.isVisible()).toBe(true);
    await chat.shoot('progress');
    work.end('Built: **3** files.');
    await chat.says('Built: 3 files.');
    expect(await chat.bots.getAttribute('data-id')).toBe(id);
    expect(await chat.isMarked(chat.bots)).toBe(true);
    await chat.showsNoWork();
    await chat.shoot('final');
    const [task] = await bot.tasks('build it');
    const story = await bot.story(task?.id ?? '');
    expect(story.receipts.map(({ kind, state, evidence }) => [kind, state, evidence])).toEqual([
      ['ack', 'surfaced', 'rendered'],
      ['progress', 'surfaced', 'rendered'],
      ['terminal', 'surfaced', 'rendered'],
    ]);
  });

  test('Cancel says who and why in the same message', async () => {
    const chat = await (await enter()).open();
    await chat.say('count sheep');
    const work = await bot.work('count sheep');
    await chat.mark(await chat.bot('On it…'));
    await chat.cancel.click();
    await work.aborted();
    await chat.says(/^Cancelled.*: cancelled by request\.$/);
    expect(await chat.isMarked(chat.bots)).toBe(true);
    await chat.showsNoWork();
    await chat.shoot('cancelled');
    await chat.reload();
  });

  test('streamed text grows in the message of the ack and is replaced by the result', async () => {
    const chat = await (await enter()).open();
    await chat.say('tell me');
    const work = await bot.work('tell me');
    work.text('Once upon a **time');
    await chat.mark(await chat.bot('Once upon a'));
    work.text('** there');
    await chat.bot('Once upon a time there');
    await chat.shoot('streaming');
    work.end('Once upon a **time** there was a bot.');
    await chat.says('Once upon a time there was a bot.');
    expect(await chat.isMarked(chat.bots)).toBe(true);
    await chat.showsNoWork();
  });
});

describe('F15: each message once, whatever was loaded when', () => {
  test('F15 a reload during progress and during streaming gives the identical transcript, and the final comes once', async () => {
    const chat = await (await enter()).open();
    await chat.say('write it');
    const work = await bot.work('write it');
    await chat.bot('On it…');
    await chat.reload();
    work.progress('Reading');
    await chat.says('Reading');
    await chat.reload();
    work.text('The first **sentence**. ');
    await chat.bot('The first sentence.');
    await chat.reload();
    work.text('The second.');
    await chat.bot('The first sentence. The second.');
    await chat.reload();
    work.end('The first **sentence**. The second. The end.');
    await chat.says('The first sentence. The second. The end.');
    await chat.showsNoWork();
    await chat.reload();
    expect([await chat.persons.count(), await chat.bots.count()]).toEqual([1, 1]);
  });

  test('F15 the final that comes while the page loads is shown once', async () => {
    const chat = await (await enter()).open();
    await chat.say('race');
    const work = await bot.work('race');
    work.text('Almost there');
    await chat.bot('Almost there');
    const loaded = chat.page.reload();
    work.end('There.');
    await loaded;
    await chat.says('There.');
    await chat.reload();
    await chat.showsNoWork();
  });

  test('F15 two tabs show the same; what is said in one appears in the other; one closes', async () => {
    const person = await enter();
    const [one, other] = [await person.open(), await person.open()];
    const same = async (): Promise<void> =>
      await expect.poll(() => other.html()).toBe(await one.html());
    await one.say('share it');
    const work = await bot.work('share it');
    await other.bot('On it…');
    await other.persons.filter({ hasText: 'share it' }).waitFor();
    await one.bot('On it…');
    await same();
    work.text('Half of');
    await one.bot('Half of');
    await other.bot('Half of');
    await same();
    await one.page.close();
    work.end('All of it.');
    await other.says('All of it.');
    await other.say('and this');
    (await bot.work('and this')).end('Done with this.');
    await other.says('All of it.', 'Done with this.');
    const again = await person.open();
    await again.says('All of it.', 'Done with this.');
    expect(await again.html()).toBe(await other.html());
  });
});

describe('nobody looking', () => {
  test('what ended while the page was closed is shown at once and in order on return, and only then counts as surfaced', async () => {
    const person = await enter();
    const chat = await person.open();
    await chat.say('first errand');
    const first = await bot.work('first errand');
    await chat.bot('On it…');
    await chat.say('second errand');
    await chat.bot('Queued: you are next.');
    await chat.shoot('queued');
    await hide(chat.page, true);
    await chat.page.close();
    first.end('The first is done.');
    const second = await bot.work('second errand');
    second.progress('nobody reads this');
    second.end('The second is done.');
    const left = await both('terminal_pending');
    for (const story of left) {
      expect(terminals(story)).toMatchObject([{ state: 'pending' }]);
      expect(terminals(story)[0]).not.toHaveProperty('evidence');
    }
    const back = await person.open();
    await back.says(/The first is done\.$/, /The second is done\.$/);
    await back.showsNoWork();
    await back.shoot('away-and-back');
    for (const story of await both('terminal_acked'))
      expect(terminals(story)).toMatchObject([{ state: 'surfaced', evidence: 'rendered' }]);
    await back.reload();
  });
});

describe('questions', () => {
  test('asked while the tab is hidden, it is shown on return; a button answers, and the buttons go', async () => {
    const chat = await (await enter()).open();
    await chat.say('paint it');
    const work = await bot.work('paint it');
    await chat.bot('On it…');
    await hide(chat.page, true);
    work.ask('Which colour?', ['red', 'blue']);
    let task: TaskItem | undefined;
    await expect
      .poll(
        async () => {
          [task] = await bot.tasks('paint it');
          return task?.state;
        },
        { timeout: 20_000 },
      )
      .toBe('waiting');
    const [ask] = (await bot.story(task?.id ?? '')).asks;
    expect(ask).toMatchObject({ state: 'open' });
    expect(ask).not.toHaveProperty('surfacedAtMs');
    await hide(chat.page, false);
    const question = await chat.bot('Which colour?');
    await chat.shoot('question');
    await question.getByRole('button', { name: 'blue' }).click();
    expect(await work.reply()).toEqual({ outcome: 'selected', optionId: 'option-1' });
    await question.filter({ hasText: 'Answered: blue' }).waitFor();
    expect(await question.getByRole('button').count()).toBe(0);
    work.end('It is blue now.');
    await chat.bot('It is blue now.');
    await chat.showsNoWork();
    await chat.shoot('answered');
    await chat.reload();
  });

  test('a free question is answered by typing, and that message starts no work', async () => {
    const chat = await (await enter()).open();
    await chat.say('name it');
    const work = await bot.work('name it');
    work.ask('What shall it be called?', ['no idea'], true);
    await chat.bot('What shall it be called?');
    await chat.log.getByText('Or write your answer below.').waitFor();
    await chat.shoot('question-free');
    await chat.say('Ada & <Grace>');
    expect(await work.reply()).toEqual({ outcome: 'answered', text: 'Ada & <Grace>' });
    const asked = await chat.bot('Answered: Ada & <Grace>');
    expect(await asked.getByRole('button').count()).toBe(0);
    work.end('Named.');
    await chat.bot('Named.');
    await chat.showsNoWork();
    expect(bot.lines.filter((line) => line.kind === 'began' && line.text.includes('Ada'))).toEqual(
      [],
    );
    await chat.reload();
  });

  test('a question that nobody answers closes at the end of its Task, without buttons', async () => {
    const chat = await (await enter()).open();
    await chat.say('wait for me');
    const work = await bot.work('wait for me');
    work.ask('Shall I?', ['yes', 'no']);
    const question = await chat.bot('Shall I?');
    await chat.say('/cancel changed my mind');
    expect(await work.reply()).toMatchObject({ outcome: 'cancelled' });
    await question.filter({ hasText: 'Closed without an answer.' }).waitFor();
    expect(await question.getByRole('button').count()).toBe(0);
    await chat.bot(/Cancelled.*changed my mind/);
    // The answer to the command comes after the end that it tells of.
    await chat.page.locator('.notice', { hasText: 'changed my mind' }).waitFor();
    await chat.showsNoWork();
    await chat.shoot('question-closed');
    await chat.reload();
  });
});

test('the demo: a click on a command puts it into the box, and what is asked works end to end', async () => {
  const data = await mkdtemp(join(tmpdir(), 'readback-demo-'));
  const demo = await startBot(await ensureBuilt(), data);
  try {
    expect(demo.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const person = await Person.at(chromium.browser, demo.url);
    persons.push(person);
    const chat = await person.open('/');
    expect(await chat.page.title()).toBe('Readback demo');
    await chat.page.getByRole('heading', { name: 'Demo bot' }).waitFor();
    for (const command of ['slow 60', 'silent 60', 'ask', 'stream', 'fail', 'hang']) {
      await chat.page.getByRole('button', { name: command }).click();
      expect(await chat.page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe(command);
    }
    await chat.shoot('demo');
    await chat.say('slow 3');
    await chat.bot(/Counting: \d of 3 s \(\d+ %\)/);
    await chat.cancel.waitFor();
    await chat.shoot('demo-slow');
    await chat.says('Done: I counted to 3.');
    await chat.showsNoWork();
    await chat.reload();
  } finally {
    await demo.end('SIGKILL');
    await rm(data, { recursive: true, force: true });
  }
});
