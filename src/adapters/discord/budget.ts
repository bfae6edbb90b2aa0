import type { Failure } from './failure.ts';

/** Discord bans an address for 10,000 answers of 401, 403 or 429 in ten minutes. We stop at a tenth of that. */
const windowMs = 600_000;
const refusedMax = 1_000;
/** What is not asked for by anybody leaves the other half for answers. */
const refusedUnaskedMax = 500;
/** Counted in slices, so that nothing grows. */
const sliceMs = 10_000;

const probeFirstMs = 60_000;
const probeMaxMs = 3_600_000;
const brokenMax = 1_000;

interface Broken {
  readonly tries: number;
  readonly untilMs: number;
}

/**
 * Keeps refused requests few: counts them, and knows the channels of which Discord refused something for good, which
 * are tried again slowly. Times are monotonic milliseconds.
 */
export class Budget {
  readonly #slices = new Map<number, number>();
  readonly #broken = new Map<string, Broken>();

  /** Counts an answer. A limit that others share does not count. */
  note(
    { status, scope }: { readonly status: number; readonly scope?: string },
    nowMs: number,
  ): void {
    if (status !== 401 && status !== 403 && status !== 429) return;
    if (status === 429 && scope === 'shared') return;
    const slice = Math.floor(nowMs / sliceMs);
    this.#slices.set(slice, (this.#slices.get(slice) ?? 0) + 1);
  }

  /** How long nothing at all should leave; 0: there is room. */
  waitMs(nowMs: number): number {
    return this.#waitMs(nowMs, refusedMax);
  }

  /** How long nothing should leave that nobody waits for. */
  waitUnaskedMs(nowMs: number): number {
    return this.#waitMs(nowMs, refusedUnaskedMax);
  }

  #waitMs(nowMs: number, max: number): number {
    let count = 0;
    for (const [slice, refused] of this.#slices) {
      if (slice * sliceMs + sliceMs <= nowMs - windowMs) this.#slices.delete(slice);
      else count += refused;
    }
    let untilMs = nowMs;
    for (const [slice, refused] of this.#slices) {
      if (count < max) break;
      count -= refused;
      untilMs = slice * sliceMs + sliceMs + windowMs;
    }
    return untilMs - nowMs;
  }

  /** Discord refused something in this channel for good: it is tried again after a minute, two, four, an hour at most. */
  break(channelId: string, nowMs: number): void {
    const known = this.#broken.get(channelId);
    if (known !== undefined && nowMs < known.untilMs) return;
    const tries = known === undefined ? 0 : known.tries + 1;
    const untilMs = nowMs + Math.min(probeFirstMs * 2 ** Math.min(tries, 20), probeMaxMs);
    this.#broken.delete(channelId);
    this.#broken.set(channelId, { tries, untilMs });
    const [oldest] = this.#broken.keys();
    if (this.#broken.size > brokenMax && oldest !== undefined) this.#broken.delete(oldest);
  }

  /** Something was shown there, or the channel was opened again. */
  heal(channelId: string): void {
    this.#broken.delete(channelId);
  }

  /** How long this channel is left alone; 0: it is sound, or due for a try. */
  brokenMs(channelId: string, nowMs: number): number {
    return Math.max(0, (this.#broken.get(channelId)?.untilMs ?? nowMs) - nowMs);
  }
}

/** Pure: whether a refusal says something of the channel, not of what was to be shown. Of a file it may be the file. */
export function breaksChannel({ code, status }: Failure): boolean {
  return code !== undefined && (status === 403 || code === 10003 || code === 10004);
}
