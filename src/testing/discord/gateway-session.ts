import { randomBytes } from 'node:crypto';
import type { DiscordSession } from './shape-server.ts';
import type { GuildRecord, Json } from './state.ts';

const framesMax = 10_000;
const sessionsMax = 1_000;

export interface Frame {
  readonly sequence: number;
  readonly text: string;
}

export interface SessionInit {
  readonly shard: readonly [number, number];
  readonly intents: number;
}

/** A session of the gateway: its events in order, whether somebody is there to hear them or not. */
export class Session implements DiscordSession {
  readonly id = randomBytes(16).toString('hex');
  readonly shard: readonly [number, number];
  readonly intents: number;
  readonly frames: Frame[] = [];
  sequence = 0;
  isConnected = false;
  isOver = false;
  resumes = 0;
  resumedFrom: number | undefined;
  /** When its connection went. */
  leftMs = 0;

  constructor({ shard, intents }: SessionInit) {
    this.shard = shard;
    this.intents = intents;
  }

  /** Whether events of this guild, or without one, come by this session. */
  serves(guild: GuildRecord | undefined): boolean {
    const [number, count] = this.shard;
    if (guild === undefined) return number === 0;
    return Number((BigInt(guild.id) >> 22n) % BigInt(count)) === number;
  }

  wants(intent: number | undefined): boolean {
    return intent === undefined || (this.intents & intent) !== 0;
  }

  /** Numbers an event and keeps it for who comes back. RESUMED is numbered and not kept. */
  add(type: string, data: Json, isKept = true): Frame {
    this.sequence += 1;
    const text = JSON.stringify({ op: 0, t: type, s: this.sequence, d: data });
    const frame = { sequence: this.sequence, text };
    if (isKept) this.frames.push(frame);
    if (this.frames.length > framesMax) this.frames.shift();
    return frame;
  }

  /** The newest event of that kind about the thing with that id. */
  about(id: string, type: string): Json | undefined {
    for (const { text } of this.frames.toReversed()) {
      const { t, d } = JSON.parse(text) as { t: string; d: Json };
      if (t === type && d['id'] === id) return d;
    }
    return undefined;
  }

  /** Its connection is gone; it waits for the next. */
  leave(nowMs: number): void {
    this.isConnected = false;
    this.leftMs = nowMs;
  }

  /** What came after a number; undefined when some of it is not kept any more. */
  after(sequence: number): Frame[] | undefined {
    const first = this.frames[0]?.sequence ?? this.sequence;
    if (sequence < first - 1) return undefined;
    return this.frames.filter((frame) => frame.sequence > sequence);
  }
}

/** All sessions, and which of them are over: without a connection they live only so long. */
export class SessionShelf {
  readonly all: Session[] = [];
  readonly #sessionMs: number;

  constructor(sessionMs: number) {
    this.#sessionMs = sessionMs;
  }

  open(init: SessionInit): Session {
    const session = new Session(init);
    this.all.push(session);
    if (this.all.length > sessionsMax) this.all.shift();
    return session;
  }

  /** A session that can be resumed. */
  alive(id: unknown, nowMs: number): Session | undefined {
    this.#endOld(nowMs);
    return this.all.find((session) => session.id === id && !session.isOver);
  }

  /** Those by which an event comes. */
  concerned(guild: GuildRecord | undefined, intent: number | undefined, nowMs: number): Session[] {
    this.#endOld(nowMs);
    return this.all.filter(
      (session) => !session.isOver && session.serves(guild) && session.wants(intent),
    );
  }

  end(isMeant: (session: Session) => boolean): void {
    for (const session of this.all) if (isMeant(session)) session.isOver = true;
  }

  #endOld(nowMs: number): void {
    this.end(({ isConnected, leftMs }) => !isConnected && nowMs - leftMs > this.#sessionMs);
  }
}
