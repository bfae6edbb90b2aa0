/** Why a stream ended; logged, and told to nobody: a client resumes whatever it was. */
export type CloseReason = 'client' | 'slow' | 'silent' | 'replaced' | 'stopped' | 'history';

export interface ConnectionOptions {
  /** Chosen by the client; unique in its conversation. */
  readonly id: string;
  readonly visible: boolean;
  /** Bytes that may wait. */
  readonly queueBytes: number;
  /** Monotonic time of its first word. */
  readonly heardAtMs: number;
  /** How many deliveries its conversation had published when it came. */
  readonly joinedAt: number;
  readonly closed: (reason: CloseReason) => void;
}

/**
 * One event stream of one browser. What is live is held back while the replay runs, so that it comes after.
 * Its queue is bounded: who reads too slowly is closed and resumes from its position.
 */
export class Connection {
  readonly id: string;
  readonly joinedAt: number;
  /** The response's body. */
  readonly body: ReadableStream<Uint8Array>;
  /** The page is on a screen, as it says. */
  visible: boolean;
  heardAtMs: number;
  readonly #options: ConnectionOptions;
  readonly #queue: Uint8Array[] = [];
  #held: Uint8Array[] | undefined = [];
  #bytes = 0;
  #closed = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #wake: (() => void) | undefined;
  #room: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.visible = options.visible;
    this.heardAtMs = options.heardAtMs;
    this.joinedAt = options.joinedAt;
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.close('client'),
      },
      { highWaterMark: 0 },
    );
  }

  /** The replay is over. */
  get isOpen(): boolean {
    return this.#held === undefined && !this.#closed;
  }

  /** A live event: after the replay, or at once. Too much of it closes the stream. */
  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#bytes += bytes.byteLength;
    if (this.#bytes > this.#options.queueBytes) {
      this.close('slow');
      return;
    }
    (this.#held ?? this.#queue).push(bytes);
    this.#wake?.();
  }

  /** An event that a later one makes up for: false when it was left out. */
  offer(bytes: Uint8Array): boolean {
    if (!this.isOpen || this.#bytes + bytes.byteLength > this.#options.queueBytes / 2) return false;
    this.send(bytes);
    return true;
  }

  /** An event of the replay; resolves when there is room for the next. */
  async replay(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return;
    this.#bytes += bytes.byteLength;
    this.#queue.push(bytes);
    this.#wake?.();
    while (!this.#closed && this.#bytes > this.#options.queueBytes / 2 && this.#queue.length > 0) {
      await new Promise<void>((resolve) => {
        this.#room = resolve;
      });
    }
  }

  /** Ends the replay: what was held back follows. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#queue.push(...held);
    this.#wake?.();
  }

  close(reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.length = 0;
    this.#held = undefined;
    if (reason !== 'client') this.#controller?.close();
    this.#wake?.();
    this.#room?.();
    this.#options.closed(reason);
  }

  async #pull(): Promise<void> {
    while (this.#queue.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = undefined;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#bytes -= next.byteLength;
    this.#controller?.enqueue(next);
    this.#room?.();
  }
}
