import { performance } from 'node:perf_hooks';
import type { WebSocketEnd } from './clock.ts';
import type { Frame, Session } from './gateway-session.ts';
import type { Json, World } from './state.ts';

const sentPerMinuteMax = 120;
const minuteMs = 60_000;

/** One connection of the app. */
export class Connection {
  readonly socket: WebSocketEnd;
  readonly #world: World;
  readonly #end: (code: number, reason?: string) => void;
  /** Who waits for the client to have read what was sent before: one per ping. */
  readonly #unread: (() => void)[] = [];
  readonly #received: number[] = [];
  /** Frames that a mute connection holds back. */
  readonly #heldBack: string[] = [];
  #closeCode: number | undefined;
  session: Session | undefined;
  isMute = false;
  isClosedByUs = false;
  /** The client has read READY or RESUMED. */
  isReady = false;
  /** How often it was looked at without a sign of life in between. */
  silence = 0;

  constructor(socket: WebSocketEnd, world: World) {
    this.socket = socket;
    this.#world = world;
    this.#end = socket.close.bind(socket);
    // a client's closing frame is answered with its own code
    socket.close = (code, reason) => {
      this.#closeCode ??= code;
      this.#end(code, reason);
    };
  }

  /** The code with which the client closed; undefined when it broke, or we closed it. */
  get closeCode(): number | undefined {
    return this.isClosedByUs ? undefined : this.#closeCode;
  }

  get unread(): number {
    return this.#unread.length;
  }

  close(code: number, reason = ''): void {
    this.isClosedByUs = true;
    this.#end(code, reason);
  }

  /** Counts what the client sends; true when it is too much. */
  countReceived(): boolean {
    const nowMs = performance.now();
    this.silence = 0;
    this.#received.push(nowMs);
    while ((this.#received[0] ?? nowMs) < nowMs - minuteMs) this.#received.shift();
    return this.#received.length > sentPerMinuteMax;
  }

  sendOp(op: number, data: Json | boolean | null = null): void {
    void this.#send(JSON.stringify({ op, d: data, s: null, t: null }));
  }

  /** Sends an event. Resolves when the client has read it, or is gone. */
  sendFrame({ text }: Frame): Promise<void> {
    return this.#send(text);
  }

  #send(text: string): Promise<void> {
    if (this.isMute) {
      this.#heldBack.push(text);
      return Promise.resolve();
    }
    this.socket.send(text);
    const read = new Promise<void>((resolve) => {
      this.#unread.push(resolve);
    });
    // its pong says that what stood before it was read
    this.socket.ping();
    void this.#world.holdBriefly(read);
    return read;
  }

  pong(): void {
    this.#unread.shift()?.();
  }

  mute(isMute: boolean): void {
    this.isMute = isMute;
    this.socket.answersPings = !isMute;
    if (isMute) return;
    for (const text of this.#heldBack.splice(0)) void this.#send(text);
  }

  /** Nobody waits for it any more. */
  leave(): void {
    for (const read of this.#unread.splice(0)) read();
  }
}
