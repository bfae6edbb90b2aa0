import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { WebchatConfigInput } from '../../src/adapters/webchat/config.ts';
import type { Button } from '../../src/contracts/delivery.ts';
import { type Launched, launchChromium } from './chromium.ts';
import { type Served, serveWebchat } from './widget-page.ts';

/** A browser with one page, and a bot's web server: new for every test. */
export class Stage {
  /** Everything that pages complained of: errors, dialogs, broken policies. */
  complaints: string[] = [];
  #served: Served | undefined;
  #context: BrowserContext | undefined;
  #page: Page | undefined;

  get served(): Served {
    if (this.#served === undefined) throw new Error('only inside a test');
    return this.#served;
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error('only inside a test');
    return this.#page;
  }

  async open(chromium: Launched): Promise<void> {
    this.#served = await serveWebchat({ heading: 'Helper' });
    this.#context = await chromium.browser.newContext();
    this.#context.setDefaultTimeout(15_000);
    this.complaints = [];
    this.#page = await this.newPage();
  }

  async close(): Promise<void> {
    await this.#context?.close();
    await this.#served?.close();
  }

  /** Another server in the place of the one there is. */
  async serve(config: WebchatConfigInput): Promise<void> {
    await this.#served?.close();
    this.#served = await serveWebchat(config);
  }

  /** One more tab of the same browser. */
  async newPage(): Promise<Page> {
    if (this.#context === undefined) throw new Error('only inside a test');
    const page = await this.#context.newPage();
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('dialog', (dialog) => this.complaints.push(`dialog: ${dialog.message()}`));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) this.complaints.push(message.text());
    });
    return page;
  }

  /** The adapter's own page, without waiting for the connection. */
  async visit(page: Page): Promise<void> {
    await page.goto(`${this.served.origin}/webchat/chat`);
  }

  log(page = this.page): Locator {
    return page.getByRole('log', { name: 'Conversation' });
  }

  box(page = this.page): Locator {
    return page.getByRole('textbox', { name: 'Message' });
  }

  messages(page = this.page): Locator {
    return this.log(page).getByRole('article');
  }

  /** What can be read in every message, in order. */
  bodies(page = this.page): Promise<string[]> {
    return this.messages(page).locator('.body').allInnerTexts();
  }

  async send(text: string, page = this.page): Promise<void> {
    await this.box(page).fill(text);
    await this.box(page).press('Enter');
  }

  /** Sends, and waits until it is stored. */
  async ask(text: string, page = this.page): Promise<void> {
    const { host } = this.served;
    const before = host.inbounds.length;
    await this.send(text, page);
    await host.until(() => host.inbounds.length > before);
  }
}

/** Registers what begins and ends the tests of a file. */
export function useStage(): Stage {
  const stage = new Stage();
  let chromium: Launched;
  beforeAll(async () => {
    chromium = await launchChromium();
  });
  beforeEach(() => stage.open(chromium));
  afterEach(() => stage.close());
  afterAll(() => chromium.close());
  return stage;
}

export const button = (id: string, label: string): Button => ({ id, label, style: 'plain' });
/** An expression about an element: see `about`. */
export const hasFocus = 'node.getRootNode().activeElement === node';

/** Asked again until it is so; a machine at work may take its time. */
export const eventually: typeof expect.poll = (read) => expect.poll(read, { timeout: 15_000 });
