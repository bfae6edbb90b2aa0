import { randomUUID } from 'node:crypto';
import type { WireDelivery } from '../../src/adapters/webchat/wire.ts';

/** A person at the web chat, without a browser: sees everything and says so. */
export class Visitor {
  /** Messages of the bot by id, as they stand now. */
  readonly shown = new Map<string, WireDelivery>();
  #url = '';
  #token = '';
  #position: string | undefined;
  #leave = new AbortController();

  /** Opens the conversation, or comes back to it at another address. */
  async enter(url: string): Promise<void> {
    this.#url = `${url}/webchat`;
    if (this.#token === '') {
      const answer = await fetch(`${this.#url}/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      this.#token = ((await answer.json()) as { token: string }).token;
    }
    this.#leave = new AbortController();
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
    if (this.#position !== undefined) headers['last-event-id'] = this.#position;
    const stream = await fetch(`${this.#url}/events?connection=${randomUUID()}&visible=true`, {
      headers,
      signal: this.#leave.signal,
    });
    if (!stream.ok || stream.body === null)
      throw new Error(`events: ${stream.status} ${await stream.text()}`);
    void this.#listen(stream.body).catch(() => {});
  }

  leave(): void {
    this.#leave.abort();
  }

  async say(text: string): Promise<void> {
    await this.#post('messages', { id: randomUUID(), text });
  }

  /** Presses the button of that name, wherever it is shown. */
  async press(label: string): Promise<void> {
    const buttons = [...this.shown.values()].flatMap((message) => message.buttons);
    const button = buttons.find((each) => each.label === label)?.id;
    if (button === undefined) throw new Error(`there is no button ${label}`);
    await this.#post('press', { id: randomUUID(), button });
  }

  /** All texts of the bot, oldest message first. */
  texts(): string[] {
    return [...this.shown.values()].map((message) => message.text);
  }

  async #post(path: string, body: unknown): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${this.#url}/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  async #listen(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) await this.#hear(frame);
    }
  }

  async #hear(frame: string): Promise<void> {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: ?(.*)$`, 'm').exec(frame)?.[1];
    this.#position = field('id') ?? this.#position;
    if (field('event') !== 'delivery') return;
    const delivery = JSON.parse(field('data') ?? '') as WireDelivery;
    const { id, receiptId, seq, part } = delivery;
    if ((this.shown.get(id)?.seq ?? -1) <= seq) this.shown.set(id, delivery);
    if (!delivery.seen)
      await this.#post('acks', { receipts: [{ receiptId, seq, part, evidence: 'rendered' }] });
  }
}
