import type { WireDelivery } from '../wire.ts';
import { type Api, backoffMs, isPassing } from './api.ts';

interface Seen {
  readonly receiptId: string;
  readonly seq: number;
  readonly part: number;
}

export interface Eyes {
  /** The page is on a screen and the widget has a size in it. */
  isVisible(): boolean;
  /** The message stands in the document. */
  isShown(messageId: string): boolean;
}

const batchMax = 100;
/** Shortest distance of two words about streamed text. */
const streamsEveryMs = 5_000;

/**
 * Tells the server what a person could see: a frame was painted after the message went into the document, the page
 * was visible and the widget had a size. Nothing is said of a hidden page; it is said when it becomes visible.
 */
export class Evidence {
  readonly #api: Api;
  readonly #eyes: Eyes;
  readonly #pending = new Map<string, { messageId: string; seen: Seen }>();
  readonly #streams = new Set<string>();
  #frame = 0;
  #busy = false;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #streamsAtMs = Number.NEGATIVE_INFINITY;

  constructor(api: Api, eyes: Eyes) {
    this.#api = api;
    this.#eyes = eyes;
  }

  /** A delivery went into the document. */
  note(data: WireDelivery): void {
    if (data.seen) return;
    const { receiptId, seq, part } = data;
    this.#pending.set(`${receiptId}.${part}`, {
      messageId: data.id,
      seen: { receiptId, seq, part },
    });
    this.look();
  }

  /** Streamed text of a message went into the document. */
  noteStream(messageId: string): void {
    if (performance.now() - this.#streamsAtMs < streamsEveryMs) return;
    this.#streams.add(messageId);
    this.look();
  }

  /** Waits for the next painted frame, then tells; to be called when the page becomes visible as well. */
  look(): void {
    if (this.#frame !== 0 || this.#busy || !this.#eyes.isVisible()) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#eyes.isVisible()) void this.#tell();
    });
  }

  /** The conversation is another one. */
  forget(): void {
    this.#pending.clear();
    this.#streams.clear();
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    clearTimeout(this.#timer);
  }

  async #tell(): Promise<void> {
    clearTimeout(this.#timer);
    const batch = [...this.#pending]
      .filter(([, { messageId }]) => this.#eyes.isShown(messageId))
      .slice(0, batchMax);
    const streams = [...this.#streams];
    if (this.#busy || batch.length + streams.length === 0) return;
    this.#busy = true;
    for (const [key] of batch) this.#pending.delete(key);
    this.#streams.clear();
    if (streams.length > 0) this.#streamsAtMs = performance.now();
    const receipts = batch.map(([, { seen }]) => ({ ...seen, evidence: 'rendered' }));
    const answer = await this.#api.post('acks', { receipts, streams });
    this.#busy = false;
    if (answer.ok || !isPassing(answer)) {
      this.#tries = 0;
      return this.look();
    }
    for (const [key, value] of batch) if (!this.#pending.has(key)) this.#pending.set(key, value);
    this.#timer = setTimeout(
      () => this.look(),
      Math.max(answer.retryAfterMs, backoffMs(this.#tries++)),
    );
  }
}
