import { resolve } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Launched, launchChromium } from './chromium.ts';
import { WholeBot } from './whole-bot.ts';
import { type Chat, Person } from './whole-page.ts';

/**
 * Goal: whatever a person or a worker writes is shown as text and does nothing. Method: hostile texts by every way
 * that a text can take to a page without a policy of its own, so that nothing but the widget keeps them harmless.
 */

vi.setConfig({ testTimeout: 60_000 });

const page = resolve(import.meta.dirname, '../../examples/demo/index.html');
/** Every one of them sets the flag or calls home if it is anything but text. */
const hostile = [
  '<script>window.executed = 1</script>',
  '<img src="https://evil.example/1.png" onerror="window.executed = 1">',
  '<svg onload="window.executed = 1"><a href="javascript:window.executed = 1">x</a></svg>',
  '<iframe src="javascript:parent.executed = 1"></iframe>',
  '<style>@import url(https://evil.example/2.css)</style>',
  '<readback-chat endpoint="https://evil.example"></readback-chat>',
  '[a](javascript:window.executed=1)',
  '[b](JaVa\tScRiPt:window.executed=1)',
  '[c](&#106;avascript:window.executed=1)',
  '[d](data:text/html,<script>window.executed=1</script>)',
  '[e](//evil.example/3)',
  '![f](https://evil.example/4.png)',
  '<javascript:window.executed=1>',
  '[g]: javascript:window.executed=1 "[g]"',
  '`</code><script>window.executed = 1</script>`',
  '```html"><img src=x onerror=window.executed=1>\n</pre><script>window.executed = 1</script>\n```',
  '**bold <b onmouseover="window.executed = 1">**</b>',
  '</article></div><script>window.executed = 1</script>',
  '{{constructor.constructor("window.executed = 1")()}}',
];
/** As much of it as stays the same in every place. */
const tags = '<img src=x onerror="window.executed = 1"> <script>window.executed = 1</script>';

/** Plain words of people and errors: not even markup that is harmless. */
const plain = `${tags} **b** [x](https://evil.example/5) _i_ \`c\` https://evil.example/6`;

let chromium: Launched;
let bot: WholeBot;
const persons: Person[] = [];

beforeAll(async () => {
  bot = await WholeBot.start({
    deadlines: { ackDelayMs: 100, progressEveryMs: 50 },
    webchat: { heading: tags },
    page,
  });
  chromium = await launchChromium();
}, 120_000);
afterEach(async () => {
  for (const person of persons.splice(0)) await person.leave();
});
afterAll(async () => {
  await chromium?.close();
  await bot?.dispose();
});

async function enter(path?: string): Promise<Chat> {
  const person = await Person.at(chromium.browser, bot.url);
  persons.push(person);
  return await person.open(path);
}

/** What was written has made no element that could do something, and nothing has run. */
async function expectHarmless(chat: Chat): Promise<void> {
  const kinds = 'script, img, iframe, style, link, object, embed, form, svg, b, readback-chat';
  expect(await chat.log.locator(kinds).count()).toBe(0);
  const doing = await chat.log.evaluate(
    (log: { querySelectorAll(all: string): Iterable<object> }) =>
      [...log.querySelectorAll('*')].flatMap((element) =>
        [...(Reflect.get(element, 'attributes') as Iterable<{ name: string; value: string }>)]
          .filter(
            ({ name, value }) =>
              name.startsWith('on') || /^\s*(javascript|data|vbscript):/i.test(value),
          )
          .map(({ name, value }) => `${name}=${value}`),
      ),
  );
  expect(doing).toEqual([]);
  const hrefs = await chat.log
    .locator('a')
    .evaluateAll((links: object[]) => links.map((link) => String(Reflect.get(link, 'href'))));
  expect(hrefs.filter((href) => !/^(https?|mailto):/.test(href))).toEqual([]);
  expect(await chat.page.evaluate("typeof window.executed + ' ' + document.title")).toMatch(
    /^undefined /,
  );
}

async function textOf(element: Locator): Promise<string> {
  return (await element.locator('.body').textContent()) ?? '';
}

/** Nothing sticks out sideways. */
async function expectFits(chat: Chat): Promise<void> {
  const overflow = await chat.log.evaluate((log: object) => {
    const box = Reflect.get(log, 'parentElement') as { scrollWidth: number; clientWidth: number };
    return box.scrollWidth - box.clientWidth;
  });
  expect(overflow).toBe(0);
  expect(await chat.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
}

describe('hostile texts are shown as text and do nothing', () => {
  test('from the person, streamed, and as the result', async () => {
    const chat = await enter('/');
    const text = hostile.join('\n\n');
    await chat.say(text);
    const work = await bot.work(text);
    expect(await textOf(chat.persons)).toBe(text);
    work.text(`Streamed.\n\n${text}`);
    await chat.bot('Streamed.');
    await expectHarmless(chat);
    work.end(`Result.\n\n${text}`);
    const result = await chat.bot('Result.');
    for (const line of hostile.filter((each) => each.startsWith('<') && !each.startsWith('<java')))
      expect(await textOf(result)).toContain(line);
    await expectHarmless(chat);
    await chat.shoot('hostile-result');
    await chat.reload();
    await expectHarmless(chat);
  });

  test('as progress, question, option, answer, error and reason', async () => {
    const chat = await enter('/');
    await chat.say('try me');
    const work = await bot.work('try me');
    work.progress(tags);
    expect(await textOf(await chat.bot('<script>'))).toBe(tags);
    work.ask(`Which? ${tags}`, ['<img src=x onerror="window.executed = 1">', '**no**'], true);
    const question = await chat.bot('Which?');
    await question
      .getByRole('button', { name: '<img src=x onerror="window.executed = 1">' })
      .waitFor();
    await question.getByRole('button', { name: '**no**' }).waitFor();
    await expectHarmless(chat);
    await chat.shoot('hostile-question');
    await chat.say(plain);
    expect(await work.reply()).toEqual({ outcome: 'answered', text: plain });
    await chat.bot(`Answered: ${plain}`);
    work.fail(plain);
    expect(await textOf(await chat.bot('Failed'))).toContain(plain);
    await chat.say('stop me');
    await bot.work('stop me');
    await chat.say(`/cancel ${plain}`);
    expect(await textOf(await chat.bot('Cancelled'))).toContain(plain);
    expect(await chat.log.locator('a').count()).toBe(0);
    await expectHarmless(chat);
    await chat.showsNoWork();
    await chat.shoot('hostile-words');
    await chat.reload();
  });

  test('as a title that names its task, and as the heading', async () => {
    const chat = await enter();
    expect(await chat.page.title()).toBe(tags);
    await chat.page.getByRole('heading', { name: tags, exact: true }).waitFor();
    await chat.say('be busy');
    const busy = await bot.work('be busy');
    const title = '**[x](javascript:window.executed=1)** <img src=x> `c` _\\*';
    await chat.say(`${title}\u202e`);
    const queued = await chat.bot('Queued: you are next.');
    expect(await queued.locator('strong').innerHTML()).toBe(
      `“${title.replace('<img src=x>', '&lt;img src=x&gt;')}”`,
    );
    await chat.say('/status');
    const status = await chat.bot('queued for');
    expect(await textOf(status)).toContain(`“${title}”`);
    await expectHarmless(chat);
    await chat.shoot('hostile-title');
    busy.end('Not busy any more.');
    (await bot.work(`${title}\u202e`)).end('Done with that.');
    await chat.bot('Done with that.');
    await chat.showsNoWork();
    await chat.reload();
  });
});

describe('odd characters and sizes', () => {
  test('directions, invisible and control characters are what was written, stored and shown, and stay in their message', async () => {
    const chat = await enter('/');
    const text =
      'rtl \u202e gnp.exe \u2067 zero\u200b\u200d\ufeff wide bell \u0007 esc \u001b[31m nul \u0000 end \u{1f469}\u200d\u{1f52c} e\u0301';
    await chat.say(text);
    const work = await bot.work(text);
    expect(await textOf(chat.persons)).toBe(text);
    work.progress(`At ${text}`);
    await chat.bot('At rtl');
    work.end(text);
    await chat.bot(/^Bot said:rtl/);
    await chat.showsNoWork();
    await chat.shoot('odd-characters');
    await chat.reload();
    await chat.say('after it');
    (await bot.work('after it')).end('Straight.');
    await chat.bot('Straight.');
  });

  test('huge lines are all there, in parts, and break inside the page', async () => {
    const chat = await enter('/');
    await chat.page.setViewportSize({ width: 390, height: 780 });
    const text = 'W'.repeat(15_900);
    await chat.say(text);
    const work = await bot.work(text);
    work.progress('x'.repeat(50_000));
    await chat.bot(/x{100}…/);
    await expectFits(chat);
    const result = `Begin ${'y'.repeat(150_000)} end`;
    work.end(result);
    await chat.bot(/y end/);
    await expect
      .poll(async () => (await chat.bots.locator('.body').allTextContents()).join('').length)
      .toBeGreaterThanOrEqual(result.length - 2);
    const letters = (await chat.bots.locator('.body').allTextContents()).join('');
    expect(letters.match(/y/g)).toHaveLength(150_000);
    await expectFits(chat);
    await chat.showsNoWork();
    await chat.shoot('huge');
    await chat.reload();
  });
});
