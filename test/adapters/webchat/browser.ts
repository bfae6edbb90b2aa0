import { EventStreamParser, type StreamEvent } from '../../../src/adapters/webchat/widget/sse.ts';
import type { WireDelivery, WireEvent, WireReady } from '../../../src/adapters/webchat/wire.ts';
import type { Adapter } from '../../../src/contracts/adapter.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the server wrote
  readonly body: any;
}

/** A client of the protocol without a screen: what the widget does, step by step. */
export class Browser {
  readonly adapter: Adapter;
  token = '';
  conversation = '';
  person = '';

  constructor(adapter: Adapter) {
    this.adapter = adapter;
  }

  static async visit(adapter: Adapter, name?: string): Promise<Browser> {
    const browser = new Browser(adapter);
    const { body } = await browser.post('/session', name === undefined ? {} : { name });
    Object.assign(browser, {
      token: body.token,
      conversation: body.conversation,
      person: body.person,
    });
    return browser;
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== '' && !headers.has('authorization'))
      headers.set('authorization', `Bearer ${this.token}`);
    return (await this.adapter.fetch?.(
      new Request(`http://bot.example${path}`, { ...init, headers }),
    )) as Response;
  }

  async send(path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await this.request(path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.send(path, {
      method: 'POST',
      body: text,
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  /** Opens an event stream; throws when it is refused. */
  async listen(options: { id?: string; visible?: boolean; after?: string } = {}): Promise<Stream> {
    const { id = 'tab1', visible = true, after } = options;
    const headers = after === undefined ? {} : { 'last-event-id': after };
    const response = await this.request(`/events?connection=${id}&visible=${visible}`, { headers });
    if (response.status !== 200)
      throw new Error(`refused: ${response.status} ${await response.text()}`);
    return new Stream(response);
  }

  ack(
    data: Pick<WireDelivery, 'receiptId' | 'seq' | 'part'>,
    evidence = 'rendered',
  ): Promise<Reply> {
    const { receiptId, seq, part } = data;
    return this.post('/acks', { receipts: [{ receiptId, seq, part, evidence }] });
  }
}

export type Heard = WireEvent & { readonly id?: string };

/** One open event stream; events are read when they are asked for. */
export class Stream {
  /** All that was read. */
  readonly heard: Heard[] = [];
  readonly response: Response;
  ended = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser = new EventStreamParser();
  readonly #decoder = new TextDecoder();
  readonly #ahead: Heard[] = [];

  constructor(response: Response) {
    this.response = response;
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
  }

  /** The next event; undefined at the end. */
  async next(): Promise<Heard | undefined> {
    while (this.#ahead.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.ended = true;
        return undefined;
      }
      this.#ahead.push(
        ...this.#parser.push(this.#decoder.decode(value, { stream: true })).map(read),
      );
    }
    const event = this.#ahead.shift();
    if (event !== undefined) this.heard.push(event);
    return event;
  }

  /** Reads on to the next event of a name. */
  async until<Name extends WireEvent['event']>(
    name: Name,
  ): Promise<Extract<Heard, { event: Name }>> {
    for (let event = await this.next(); event !== undefined; event = await this.next()) {
      if (event.event === name) return event as Extract<Heard, { event: Name }>;
    }
    throw new Error(
      `the stream ended before "${name}"; heard: ${this.heard.map((event) => event.event).join(', ')}`,
    );
  }

  /** Reads the replay; what it held. */
  async ready(): Promise<{ before: Heard[]; ready: WireReady }> {
    const ready = await this.until('ready');
    return { before: this.heard.slice(0, -1), ready: ready.data };
  }

  async delivery(): Promise<WireDelivery> {
    return (await this.until('delivery')).data;
  }

  /** Reads to the end. */
  async rest(): Promise<Heard[]> {
    while ((await this.next()) !== undefined);
    return this.heard;
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}

function read({ event, data, id }: StreamEvent): Heard {
  return { event, data: JSON.parse(data), ...(id !== undefined && { id }) } as Heard;
}
