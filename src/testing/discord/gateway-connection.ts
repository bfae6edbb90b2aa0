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
  /** Who waits for the client to have read what was sent: those before the ping under way, those after it. */
  #asked: (() => void)[] = [];
  #unasked: (() => void)[] = [];
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
    return this.#asked.length + this.#unasked.length;
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
      this.#unasked.push(resolve);
    });
    if (this.#asked.length === 0) this.#ask();
    void this.#world.holdBriefly(read);
    return read;
  }

  /** One ping at a time: a client that has too many to answer ends the connection (`ws`: 60). */
  #ask(): void {
    this.#asked = this.#unasked;
    this.#unasked = [];
    this.socket.ping();
  }

  /** It says that what stood before the ping was read. */
  pong(): void {
    for (const read of this.#asked.splice(0)) read();
    if (this.#unasked.length > 0) this.#ask();
  }

  mute(isMute: boolean): void {
    this.isMute = isMute;
    this.socket.answersPings = !isMute;
    if (isMute) return;
    for (const text of this.#heldBack.splice(0)) void this.#send(text);
  }

  /** Nobody waits for it any more. */
  leave(): void {
    for (const read of [...this.#asked.splice(0), ...this.#unasked.splice(0)]) read();
  }
}
