import type { Route } from './route.ts';
import type { DiscordLimits } from './shape-server.ts';

const globalPerSecondDefault = 50;
const invalidMaxDefault = 10_000;
const invalidWindowMs = 10 * 60_000;
const bucketsMax = 10_000;
const routeDefault = [50, 1_000] as const;

interface Window {
  used: number;
  untilMs: number;
}

/** What a request found: how its bucket stands, and for how long it must wait. */
export interface Verdict {
  readonly headers: Readonly<Record<string, string>>;
  /** 0: it may go on. */
  readonly waitMs: number;
  readonly isGlobal: boolean;
}

/** Counts requests by bucket and in all, and answers that were refusals. */
export class Limits {
  readonly #limits: DiscordLimits | undefined;
  readonly #buckets = new Map<string, Window>();
  readonly #global: Window = { used: 0, untilMs: 0 };
  #invalid: number[] = [];
  #bannedUntilMs = 0;
  hits = 0;

  constructor(limits: DiscordLimits | false) {
    this.#limits = limits === false ? undefined : limits;
  }

  /** Counts one request. `major` is the channel, guild or webhook that has a limit of its own. */
  use(key: string, route: Route, major: string, nowMs: number): Verdict {
    if (this.#limits === undefined) return { headers: {}, waitMs: 0, isGlobal: false };
    const overMs = route.isOpen === true ? 0 : this.#useGlobal(nowMs);
    if (overMs > 0) return { headers: {}, waitMs: overMs, isGlobal: true };
    const own = this.#limits.routes?.[key];
    const [limit, perMs] =
      own === undefined ? (route.limit ?? routeDefault) : [own.limit, own.perMs];
    const bucket = route.bucket ?? key;
    const window = this.#windowOf(`${bucket} ${major}`, perMs, nowMs);
    const isOver = window.used >= limit;
    if (isOver) this.hits += 1;
    else window.used += 1;
    const leftMs = window.untilMs - nowMs;
    const headers = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - window.used),
      'x-ratelimit-reset': (window.untilMs / 1_000).toFixed(3),
      'x-ratelimit-reset-after': (leftMs / 1_000).toFixed(3),
      'x-ratelimit-bucket': hashOf(bucket),
    };
    return { headers, waitMs: isOver ? leftMs : 0, isGlobal: false };
  }

  #useGlobal(nowMs: number): number {
    const max = this.#limits?.globalPerSecond ?? globalPerSecondDefault;
    const window = this.#global;
    if (nowMs >= window.untilMs) Object.assign(window, { used: 0, untilMs: nowMs + 1_000 });
    if (window.used >= max) {
      this.hits += 1;
      return window.untilMs - nowMs;
    }
    window.used += 1;
    return 0;
  }

  #windowOf(key: string, perMs: number, nowMs: number): Window {
    const known = this.#buckets.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known;
    const window = { used: 0, untilMs: nowMs + perMs };
    this.#buckets.delete(key);
    this.#buckets.set(key, window);
    if (this.#buckets.size > bucketsMax)
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    return window;
  }

  /** Counts an answer of 401, 403 or 429: too many of them ban the address. */
  countInvalid(nowMs: number): void {
    this.#invalid.push(nowMs);
    const max = this.#limits?.invalidMax ?? invalidMaxDefault;
    if (this.#limits !== undefined && this.invalidAt(nowMs) >= max)
      this.#bannedUntilMs = nowMs + invalidWindowMs;
  }

  invalidAt(nowMs: number): number {
    this.#invalid = this.#invalid.filter((atMs) => atMs > nowMs - invalidWindowMs);
    return this.#invalid.length;
  }

  /** For how long the address is banned; 0 when it is not. */
  bannedMs(nowMs: number): number {
    return Math.max(this.#bannedUntilMs - nowMs, 0);
  }
}

/** A name that says nothing, as Discord's. */
function hashOf(bucket: string): string {
  let hash = 0x811c9dc5n;
  for (const byte of Buffer.from(bucket))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
  return hash.toString(16).padStart(16, '0');
}
