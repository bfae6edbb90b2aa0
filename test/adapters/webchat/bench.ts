import type { WebchatConfigInput } from '../../../src/adapters/webchat/config.ts';
import { createWebchat } from '../../../src/adapters/webchat/index.ts';
import type { Adapter } from '../../../src/contracts/adapter.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/index.ts';
import { Browser, type Stream } from './browser.ts';
import { FakeBot } from './fake-bot.ts';
import { FakeHost } from './fake-host.ts';

/** A started adapter over a relay in memory, with a clock that stands still. */
export interface Bench {
  readonly runtime: FakeRuntime;
  readonly host: FakeHost;
  readonly adapter: Adapter;
}

export const key = 'a key that is long enough for a test';

export async function startBench(config: WebchatConfigInput = {}): Promise<Bench> {
  const runtime = createFakeRuntime();
  const host = new FakeHost(runtime);
  const adapter = createWebchat({ key, ...config });
  await adapter.start(host);
  return { runtime, host, adapter };
}

/** A visitor whose page is open, and the bot of that conversation. */
export interface Visit {
  readonly browser: Browser;
  readonly stream: Stream;
  readonly bot: FakeBot;
}

export async function visit(bench: Bench, options: { visible?: boolean } = {}): Promise<Visit> {
  const browser = await Browser.visit(bench.adapter);
  const stream = await browser.listen(options);
  await stream.ready();
  return { browser, stream, bot: new FakeBot(bench.adapter, bench.host, browser.conversation) };
}
