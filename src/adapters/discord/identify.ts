import type { IIdentifyThrottler } from '@discordjs/ws';
import type { Runtime } from '../../contracts/runtime.ts';
import { isGatewayUrl } from './gateway.ts';
import type { Link } from './link.ts';

/** In so long one session of a bucket may begin. */
const bucketMs = 5_000;
/** What is known of the budget may be so old. */
const freshMs = 30_000;
/** When less than this part of the day's sessions is left, they are begun slowly. */
const lowPart = 0.1;
/** When none is left it is asked again after so long at least. */
const emptyMs = 60_000;

/** What `GET /gateway/bot` says. */
export interface GatewayInfo {
  readonly url: string;
  /** How many shards Discord recommends. */
  readonly shards: number;
  /** Sessions that may begin: in a day, of them still, and until there are as many again. */
  readonly total: number;
  readonly remaining: number;
  readonly resetAfterMs: number;
  /** How many sessions may begin at once. */
  readonly concurrency: number;
}

/** Pure. Throws `TypeError` when it is not such an answer. */
export function readGatewayInfo(answer: unknown): GatewayInfo {
  const { url, shards, session_start_limit: limit } = (answer ?? {}) as Record<string, unknown>;
  const { total, remaining, reset_after, max_concurrency } = (limit ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof url !== 'string' || !isGatewayUrl(url) || !isCount(shards, 1))
    throw new TypeError('GET /gateway/bot: no address');
  if (!isCount(total, 0) || !isCount(remaining, 0) || !isCount(reset_after, 0))
    throw new TypeError('GET /gateway/bot: no limits');
  const concurrency = isCount(max_concurrency, 1) ? max_concurrency : 1;
  return { url, shards, total, remaining, resetAfterMs: reset_after, concurrency };
}

const isCount = (value: unknown, least: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least;

export interface GuardParts {
  readonly runtime: Runtime;
  readonly link: Pick<Link, 'broken' | 'mended'>;
  /** Asks Discord. Rejects with what `readFailure` reads, or `TypeError`. */
  ask(signal: AbortSignal): Promise<GatewayInfo>;
}

/**
 * Sees to it that few sessions begin. Discord lets a bot begin 1,000 a day; then it ends all of them and resets the
 * token, which stops the bot for good. So what is left at the end is spread over the rest of the day: a crash loop
 * cannot use it up. A session that is resumed needs none of this.
 */
export class IdentifyGuard implements IIdentifyThrottler {
  readonly #parts: GuardParts;
  readonly #freeAtMs = new Map<number, number>();
  #known: { info: GatewayInfo; readonly atMs: number } | undefined;
  /** One at a time asks and waits. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** What Discord says of the gateway now. */
  async info(signal: AbortSignal): Promise<GatewayInfo> {
    const info = await this.#parts.ask(signal);
    this.#known = { info, atMs: this.#parts.runtime.monoMs() };
    return info;
  }

  /** Resolves when one session more may begin, or the signal aborts; it is counted then. Rejects as `ask` does. */
  turn(signal: AbortSignal): Promise<GatewayInfo> {
    const turn = this.#line.then(() => this.#turn(signal));
    this.#line = turn.catch(() => undefined);
    return turn;
  }

  /** For the library: keeps two sessions of a bucket apart. Resolves too when the signal aborts. */
  async waitForIdentify(shard: number, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#parts;
    const bucket = shard % (this.#known?.info.concurrency ?? 1);
    const nowMs = runtime.monoMs();
    const atMs = Math.max(nowMs, this.#freeAtMs.get(bucket) ?? nowMs);
    this.#freeAtMs.set(bucket, atMs + bucketMs);
    if (atMs > nowMs) await runtime.sleep(atMs - nowMs, signal);
  }

  async #turn(signal: AbortSignal): Promise<GatewayInfo> {
    const { link, runtime } = this.#parts;
    let info = await this.#fresh(signal);
    while (!signal.aborted && info.remaining < info.total * lowPart) {
      const waitMs =
        info.remaining > 0
          ? info.resetAfterMs / info.remaining
          : Math.max(info.resetAfterMs, emptyMs);
      link.broken(lowCause(info, waitMs), 'budget');
      await runtime.sleep(waitMs, signal);
      if (info.remaining > 0) break;
      info = await this.info(signal);
    }
    link.mended('budget');
    if (this.#known !== undefined)
      this.#known.info = { ...info, remaining: Math.max(info.remaining - 1, 0) };
    return info;
  }

  async #fresh(signal: AbortSignal): Promise<GatewayInfo> {
    const known = this.#known;
    const isFresh = known !== undefined && this.#parts.runtime.monoMs() - known.atMs < freshMs;
    return isFresh ? known.info : await this.info(signal);
  }
}

function lowCause({ remaining, total, resetAfterMs }: GatewayInfo, waitMs: number): string {
  const inMinutes = (ms: number): number => Math.ceil(ms / 60_000);
  return `Discord lets the bot begin only ${remaining} more of ${total} sessions in the next ${inMinutes(resetAfterMs)} min, so it waits ${inMinutes(waitMs)} min before each: look for what starts it so often, in its log or in a second process with its token`;
}
