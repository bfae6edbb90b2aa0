import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Locator, Page } from 'playwright-core';
import { bundleWidget } from '../../scripts/build-widget.mjs';
import type { WebchatConfigInput } from '../../src/adapters/webchat/config.ts';
import { createWebchat } from '../../src/adapters/webchat/index.ts';
import type { Adapter } from '../../src/contracts/adapter.ts';
import type { Runtime } from '../../src/contracts/runtime.ts';
import { createSystemRuntime } from '../../src/core/system-runtime.ts';
import { FakeBot } from '../adapters/webchat/fake-bot.ts';
import { FakeHost } from '../adapters/webchat/fake-host.ts';

/** The real clocks; only the wall clock can be moved. */
class JumpingClock implements Runtime {
  readonly #system = createSystemRuntime();
  #offsetMs = 0;
  readonly monoMs = this.#system.monoMs;
  readonly sleep = this.#system.sleep;
  readonly soon = this.#system.soon;
  readonly random = this.#system.random;

  wallMs(): number {
    return this.#system.wallMs() + this.#offsetMs;
  }

  jumpWall(ms: number): void {
    this.#offsetMs += ms;
  }
}

/** A bot's web server on this machine, with a relay in memory behind it. */
export interface Served {
  readonly adapter: Adapter;
  readonly host: FakeHost & { readonly clock: JumpingClock };
  readonly origin: string;
  /** Off: connections are refused, as when the process is down. On again at the same port. */
  listen(on: boolean): Promise<void>;
  close(): Promise<void>;
}

export async function serveWebchat(config: WebchatConfigInput = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'readback-webchat-'));
  const clock = new JumpingClock();
  const host = Object.assign(new FakeHost(clock), { clock });
  const adapter = createWebchat({
    keyFile: join(folder, 'key'),
    pingMs: 500,
    ackWaitMs: 2_000,
    ...config,
  });
  await adapter.start(host);
  const widget = await bundleWidget();
  const listener = getRequestListener((request) => answer(adapter, request, widget));
  let server: Server | undefined;
  let port = 0;
  const listen = async (on: boolean): Promise<void> => {
    if (!on) {
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
      return;
    }
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  await listen(true);
  const close = async (): Promise<void> => {
    await adapter.stop();
    await listen(false);
    await rm(folder, { recursive: true, force: true });
  };
  return { adapter, host, origin: `http://127.0.0.1:${port}`, listen, close };
}

/**
 * Mounted as `serve` does it: under `/webchat`, the prefix taken off. The widget is of today's sources, whatever is
 * in `dist`. Every other path is an empty page.
 */
async function answer(adapter: Adapter, request: Request, widget: string): Promise<Response> {
  const url = new URL(request.url);
  const typed = (type: string): ResponseInit => ({ headers: { 'content-type': type } });
  if (url.pathname === '/webchat/widget.js') return new Response(widget, typed('text/javascript'));
  if (!url.pathname.startsWith('/webchat/')) {
    return new Response('<!doctype html><title>host</title><body>', typed('text/html'));
  }
  url.pathname = url.pathname.slice('/webchat'.length);
  return (await adapter.fetch?.(new Request(url, request))) as Response;
}

/** Opens the adapter's own page and waits until the widget is connected. Returns the bot that talks in its conversation. */
export async function openChat(page: Page, served: Served): Promise<FakeBot> {
  await page.goto(`${served.origin}/webchat/chat`);
  await connected(page);
  return new FakeBot(served.adapter, served.host, await conversationOf(page));
}

export async function connected(page: Page): Promise<void> {
  await page.locator('readback-chat .dot.online').waitFor();
}

/** What the widget keeps in the browser's storage. */
export async function conversationOf(page: Page): Promise<string> {
  const stored = await page.evaluate<string>(
    "localStorage.getItem(Object.keys(localStorage).find((key) => key.endsWith(':session')))",
  );
  return (JSON.parse(stored) as { conversation: string }).conversation;
}

/** The transcript as it stands in the document. */
export function transcript(page: Page): Promise<string> {
  return page.evaluate<string>(
    "document.querySelector('readback-chat').shadowRoot.querySelector('[role=log]').innerHTML",
  );
}

/** The value of an expression about an element, named `node` in it. */
export function about<T>(locator: Locator, expression: string): Promise<T> {
  return locator.evaluate(new Function('node', `return ${expression}`) as (node: unknown) => T);
}

/** Makes the page believe that its tab is in the background, or in front again. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => ${hidden ? "'hidden'" : "'visible'"} });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} });
    document.dispatchEvent(new Event('visibilitychange'));
  })()`);
}
