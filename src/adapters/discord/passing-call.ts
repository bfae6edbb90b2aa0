import type { AdapterHost } from '../../contracts/adapter.ts';
import { BoundedMap } from '../shared/bounded.ts';
import type { Budget } from './budget.ts';
import type { DiscordCall } from './call.ts';
import type { DiscordConfig } from './config.ts';
import { readFailure } from './failure.ts';
import type { MessageHandle } from './handle.ts';
import type { Limiter } from './limiter.ts';
import type { Link } from './link.ts';
import type { Lives } from './lives.ts';
import { failureOutcome } from './outcome.ts';
import type { Places } from './places.ts';
import type { RestApi } from './rest.ts';

/** For one of these calls; a send of the same Task waits for it. */
const callMs = 4_000;
const heldMax = 2_000;

/** Of a `Site`: what this needs of it. */
export interface PassingParts {
  readonly config: DiscordConfig;
  readonly host: AdapterHost;
  readonly rest: RestApi;
  readonly link: Pick<Link, 'refused'>;
  readonly budget: Budget;
  readonly limiter: Limiter;
  readonly lives: Lives;
  readonly places: Places;
}

/** `held`: Discord wants nothing for now. `refused`: not there, whenever it is tried. `failed`: nobody knows. */
export type PassingAnswer = 'done' | 'held' | 'refused' | 'failed';

/** The calls of what passes: bounded, never repeated, all paused when Discord wants a pause. */
export class PassingCalls {
  readonly #parts: PassingParts;
  readonly #stopping: AbortSignal;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  /** Channels in which nothing that passes is wanted, and until when. */
  readonly #held = new BoundedMap<string, number>(heldMax);

  constructor(parts: PassingParts, stopping: AbortSignal) {
    this.#parts = parts;
    this.#stopping = stopping;
  }

  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#now() + ms);
  }

  /** How long nothing may be called there. */
  waitMs(channelId: string): number {
    const nowMs = this.#now();
    const { budget } = this.#parts;
    const untilMs = Math.max(this.#pausedUntilMs, this.#held.get(channelId) ?? 0);
    return Math.max(0, untilMs - nowMs, budget.waitMs(nowMs), budget.brokenMs(channelId, nowMs));
  }

  /** `live`: the message that it edits. */
  async call(
    call: DiscordCall,
    { channelId, live }: { readonly channelId: string; readonly live?: MessageHandle },
  ): Promise<PassingAnswer> {
    const { rest, host, link } = this.#parts;
    try {
      await rest.call(call, { limitMs: callMs, signal: this.#stopping });
      return 'done';
    } catch (error) {
      const failure = readFailure(error);
      const { method, authorized = true } = call;
      host.log('debug', 'what passes was not shown', { method, cause: failure.words });
      const atMs = host.runtime.wallMs();
      const outcome = failureOutcome(failure, { atMs, sentAtMs: atMs, live, more: false });
      if (outcome.kind === 'rejected') return 'refused';
      if (outcome.kind !== 'deferred') return 'failed';
      if (outcome.reason === 'unauthorized' && authorized) link.refused(outcome.cause);
      if (outcome.reason !== 'rate_limited') return 'failed';
      const ms = outcome.retryAfterMs ?? 0;
      if (outcome.scope === 'account') this.#limitedAll(ms);
      else this.#limited(channelId, ms, method === 'PATCH');
      return 'held';
    }
  }

  /** Each kind of call has a limit of its own: that of typing holds up no answer, that of edits holds other edits. */
  #limited(channelId: string, ms: number, isEdit: boolean): void {
    const nowMs = this.#now();
    this.#held.set(channelId, nowMs + ms);
    if (isEdit) this.#parts.limiter.pause(channelId, ms, nowMs);
  }

  #limitedAll(ms: number): void {
    this.#parts.limiter.pauseAll(ms, this.#now());
    this.pause(ms);
  }

  #now(): number {
    return this.#parts.host.runtime.monoMs();
  }
}
