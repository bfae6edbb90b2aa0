import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { connected, transcript } from './widget-page.ts';

const patienceMs = 20_000;
/** Set it to a folder to get pictures of what the tests see. */
const shotsFolder = process.env['READBACK_SHOTS'];

/** A person with a browser of their own. What the browser complains of, and whom it calls, is kept. */
export class Person {
  readonly context: BrowserContext;
  readonly #url: string;
  readonly #problems: string[] = [];

  private constructor(context: BrowserContext, url: string) {
    this.context = context;
    this.#url = url;
  }

  static async at(browser: Browser, url: string): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 900, height: 860 } });
    const person = new Person(context, url);
    context.setDefaultTimeout(patienceMs);
    context.on('request', (request) => {
      if (!request.url().startsWith(`${url}/`)) person.#problems.push(`request: ${request.url()}`);
    });
    context.on('weberror', (error) => person.#problems.push(`error: ${error.error()}`));
    context.on('dialog', (dialog) => {
      person.#problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return person;
  }

  /** A tab with the bot's page, connected. */
  async open(path = '/webchat/chat'): Promise<Chat> {
    const page = await this.context.newPage();
    await page.goto(`${this.#url}${path}`);
    await connected(page);
    return new Chat(page);
  }

  /** Nothing was called but the bot, nothing threw, nothing popped up. */
  async leave(): Promise<void> {
    await this.context.close();
    expect(this.#problems).toEqual([]);
  }
}

/** One tab with the widget. */
export class Chat {
  readonly page: Page;
  readonly log: Locator;
  readonly bots: Locator;
  readonly persons: Locator;
  readonly cancel: Locator;
  readonly retry: Locator;

  constructor(page: Page) {
    this.page = page;
    this.log = page.getByRole('log');
    this.bots = this.log.locator('article.bot');
    this.persons = this.log.locator('article.person');
    this.cancel = this.log.getByRole('button', { name: 'Cancel' });
    this.retry = this.log.getByRole('button', { name: 'Retry' });
  }

  async say(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Message' }).fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  /** The bot's message that says so, once it is there. */
  async bot(text: string | RegExp): Promise<Locator> {
    const found = this.bots.filter({ hasText: text });
    await found.first().waitFor();
    return found.first();
  }

  /** What the bot's messages say, from top to bottom. */
  async texts(): Promise<string[]> {
    return await this.bots.locator('.body').allInnerTexts();
  }

  /** Waits until the bot's messages say just this. */
  async says(...texts: readonly (string | RegExp)[]): Promise<void> {
    const expected = texts.map((text) =>
      typeof text === 'string' ? text : expect.stringMatching(text),
    );
    await expect.poll(() => this.texts(), { timeout: patienceMs }).toEqual(expected);
  }

  /** The transcript as it stands in the document; that a button was just pressed is not part of it. */
  async html(): Promise<string> {
    return (await transcript(this.page)).replaceAll(' aria-disabled="true"', '');
  }

  /** Loads the page anew and waits until the transcript is what it was; fails with the difference. */
  async reload(): Promise<void> {
    const before = await this.html();
    await this.page.reload();
    await connected(this.page);
    await expect.poll(() => this.html(), { timeout: patienceMs }).toBe(before);
  }

  /** Nothing shows work that does not go on. */
  async showsNoWork(): Promise<void> {
    await expect
      .poll(() => this.log.locator('.working, .streaming, [aria-busy]').count(), {
        timeout: patienceMs,
      })
      .toBe(0);
    expect(await this.cancel.count()).toBe(0);
    expect(await this.log.textContent()).not.toMatch(/still working|on it…|queued: /i);
  }

  /** Remembers an element, so that it can be told from one that took its place. */
  async mark(element: Locator): Promise<void> {
    await element.evaluate((node: object) => void Reflect.set(node, 'wasHere', true));
  }

  async isMarked(element: Locator): Promise<boolean> {
    return await element.evaluate((node: object) => Reflect.get(node, 'wasHere') === true);
  }

  /** Pictures for people: light, dark, and on a phone. */
  async shoot(name: string): Promise<void> {
    if (shotsFolder === undefined) return;
    mkdirSync(shotsFolder, { recursive: true });
    const { page } = this;
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({
        path: join(shotsFolder, `${name}-${scheme}.png`),
        animations: 'disabled',
      });
    }
    await page.emulateMedia({ colorScheme: 'light' });
    const before = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 780 });
    await page.screenshot({ path: join(shotsFolder, `${name}-phone.png`), animations: 'disabled' });
    if (before !== null) await page.setViewportSize(before);
  }
}
