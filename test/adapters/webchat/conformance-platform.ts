import { createWebchat } from '../../../src/adapters/webchat/index.ts';
import { Transcript } from '../../../src/adapters/webchat/widget/transcript.ts';
import type { WireDelivery } from '../../../src/adapters/webchat/wire.ts';
import type { Adapter } from '../../../src/contracts/adapter.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import {
  type FaultKind,
  holdTime,
  type PlatformUnderTest,
  type Said,
  type SeenMessage,
} from '../../../src/testing/adapter-conformance.ts';
import type { FakeRuntime } from '../../../src/testing/index.ts';
import { Browser, type Heard, type Reply, type Stream } from './browser.ts';

const key = 'a key that is long enough for a test';
/** A page says that it is there more often than the server forgets it. */
const aliveMs = 60_000;
/** Longer than a send waits for the word of a page. */
const reconnectMs = 5_000;

type Passed = { kind: 'typing' | 'text'; text?: string };
interface Request {
  readonly id: string;
  readonly path: '/messages' | '/press';
  readonly body: Readonly<Record<string, string>>;
}

/** What the pages of one platform have in common. */
interface Shared {
  readonly runtime: FakeRuntime;
  readonly late: number[];
  sends: number;
  ended: boolean;
}

/** One page of one visitor: what the widget does, without a screen. It lives through restarts of the server. */
class Page {
  readonly transcript = new Transcript();
  readonly passed: Passed[] = [];
  readonly asked = new Map<string, Request>();
  readonly #shared: Shared;
  readonly #pending: Request[] = [];
  #moved = new AbortController();
  #browser: Browser;
  #stream: Stream | undefined;
  #after: string | undefined;
  #visible = true;
  #fault: FaultKind | undefined;
  #asks = 0;

  constructor(browser: Browser, shared: Shared) {
    this.#browser = browser;
    this.#shared = shared;
    void this.#stayAlive();
  }

  get channel(): ChannelRef {
    const { conversation } = this.#browser;
    return { adapter: 'webchat', account: 'main', conversation };
  }

  fault(kind: FaultKind): void {
    this.#fault = kind;
  }

  /** Talks to another process of the same server. */
  move(adapter: Adapter): void {
    this.#moved.abort();
    this.#moved = new AbortController();
    const browser = new Browser(adapter);
    const { token, conversation, person } = this.#browser;
    this.#browser = Object.assign(browser, { token, conversation, person });
    this.#drop();
  }

  async connect(): Promise<void> {
    if (this.#stream !== undefined) return;
    const after = this.#after;
    const visible = this.#visible;
    this.transcript.restartStreams();
    const opening = this.#browser.listen({ visible, ...(after !== undefined && { after }) });
    const stream = await this.#hold(opening);
    this.#stream = stream;
    void this.#read(stream);
    for (const request of this.#pending.splice(0)) await this.ask(request);
  }

  async look(visible: boolean): Promise<void> {
    this.#visible = visible;
    await this.#post('/visibility', { connection: 'tab1', visible });
  }

  request(path: Request['path'], body: Request['body']): Promise<Said> {
    this.#asks += 1;
    const id = `ask${this.#asks}`;
    const request = { id, path, body: { id, ...body } };
    this.asked.set(id, request);
    return this.ask(request);
  }

  /** What the server did not take is asked again at the next connection. */
  async ask(request: Request): Promise<Said> {
    const { status } = await this.#post(request.path, request.body);
    const taken = status === 202;
    if (!taken) this.#pending.push(request);
    return { id: request.id, taken };
  }

  /** Everything asked once more by hand. */
  async again(id: string): Promise<Said> {
    const at = this.#pending.findIndex((request) => request.id === id);
    if (at >= 0) this.#pending.splice(at, 1);
    const request = this.asked.get(id);
    if (request === undefined) throw new Error(`nothing was asked as ${id}`);
    return await this.ask(request);
  }

  /** A request that the server does not live to answer is broken off. */
  #hold<T>(request: Promise<T>): Promise<T> {
    const { signal } = this.#moved;
    const over = new AbortController();
    const broken = new Promise<never>((_, reject) => {
      const breaks = (): void => reject(new Error('the connection broke'));
      signal.addEventListener('abort', breaks, { once: true, signal: over.signal });
    });
    const first = Promise.race([request, broken]).finally(() => over.abort());
    return holdTime(this.#shared.runtime, first);
  }

  #post(path: string, body: unknown): Promise<Reply> {
    return this.#hold(this.#browser.post(path, body));
  }

  #drop(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    void stream?.close().catch(() => undefined);
  }

  async #read(stream: Stream): Promise<void> {
    for (;;) {
      const event = await stream.next().catch(() => undefined);
      if (this.#stream !== stream) return;
      if (event === undefined) break;
      this.#take(event);
    }
    this.#drop();
    await this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    while (!this.#shared.ended && this.#stream === undefined) {
      await this.#shared.runtime.sleep(reconnectMs);
      if (this.#stream === undefined) await this.connect().catch(() => undefined);
    }
  }

  #take(event: Heard): void {
    const fault = event.event === 'delivery' && !event.data.seen ? this.#takeFault() : undefined;
    if (fault === 'reset_before') {
      this.#drop();
      void this.#reconnect();
      return;
    }
    this.transcript.apply(event);
    if (event.id !== undefined && fault === undefined) this.#after = event.id;
    if (event.event === 'ready') this.transcript.dropStaleStreams();
    if (event.event === 'typing') this.passed.push({ kind: 'typing' });
    if (event.event === 'text')
      this.passed.push({
        kind: 'text',
        text: this.transcript.bot(event.data.id)?.stream?.text ?? '',
      });
    if (event.event === 'delivery' && !event.data.seen) void this.#ack(event.data, fault);
  }

  #takeFault(): FaultKind | undefined {
    this.#shared.sends += 1;
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }

  async #ack(data: WireDelivery, fault: FaultKind | undefined): Promise<void> {
    if (fault === 'applied_then_reset') {
      this.#drop();
      await this.#reconnect();
    }
    if (fault !== undefined || !this.#visible) return;
    const ms = this.#shared.late.shift() ?? 0;
    if (ms > 0) await this.#shared.runtime.sleep(ms);
    await this.#hold(this.#browser.ack(data)).catch(() => undefined);
  }

  async #stayAlive(): Promise<void> {
    while (!this.#shared.ended) {
      await this.#shared.runtime.sleep(aliveMs);
      if (this.#stream !== undefined) await this.look(this.#visible).catch(() => undefined);
    }
  }
}

/** Webchat's pages, as the kit drives them: real requests and event streams over the adapter's `fetch`. */
export class WebchatPlatform implements PlatformUnderTest {
  readonly secrets = [key];
  readonly #pages = new Map<string, Page>();
  readonly #shared: Shared;
  #adapter: Adapter | undefined;

  constructor(runtime: FakeRuntime) {
    this.#shared = { runtime, late: [], sends: 0, ended: false };
  }

  get sends(): number {
    return this.#shared.sends;
  }

  adapter(): Adapter {
    const adapter = createWebchat({ key });
    this.#adapter = adapter;
    for (const page of this.#pages.values()) page.move(adapter);
    return adapter;
  }

  async enter(name: string): Promise<ChannelRef> {
    const known = this.#pages.get(name);
    const page = known ?? new Page(await this.#visit(), this.#shared);
    this.#pages.set(name, page);
    await page.connect();
    return page.channel;
  }

  shown(channel: ChannelRef): readonly SeenMessage[] {
    return this.#page(channel)
      .transcript.ordered()
      .flatMap((entry) => {
        if (entry.who === 'person' || entry.data === undefined) return [];
        const { id, text, buttons, files } = entry.data;
        return {
          handle: id,
          text,
          buttons: buttons.map((button) => button.id),
          files: files.map((file) => file.name),
        };
      });
  }

  say(channel: ChannelRef, text: string): Promise<Said> {
    return this.#page(channel).request('/messages', { text });
  }

  press(channel: ChannelRef, button: string): Promise<Said> {
    return this.#page(channel).request('/press', { button });
  }

  redeliver(channel: ChannelRef, id: string): Promise<Said> {
    return this.#page(channel).again(id);
  }

  look(channel: ChannelRef, present: boolean): Promise<void> {
    return this.#page(channel).look(present);
  }

  fault(kind: FaultKind, channel: ChannelRef): Record<string, never> {
    this.#page(channel).fault(kind);
    return {};
  }

  slow(ms: readonly number[]): void {
    this.#shared.late.push(...ms);
  }

  passed(channel: ChannelRef): readonly Passed[] {
    return this.#page(channel).passed;
  }

  async end(): Promise<void> {
    this.#shared.ended = true;
  }

  #visit(): Promise<Browser> {
    if (this.#adapter === undefined) throw new Error('no adapter was made');
    return holdTime(this.#shared.runtime, Browser.visit(this.#adapter));
  }

  #page(channel: ChannelRef): Page {
    for (const page of this.#pages.values())
      if (page.channel.conversation === channel.conversation) return page;
    throw new Error(`no page of ${channel.conversation}`);
  }
}
