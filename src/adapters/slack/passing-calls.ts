import type { ApiCall } from './api.ts';
import { type Failure, readFailure } from './failure.ts';
import type { Limiter } from './limiter.ts';
import type { Lookup } from './lookup.ts';
import { retryAfterOf } from './outcome.ts';
import { outcomeRow } from './outcome-row.ts';
import type { SiteParts } from './site-parts.ts';

/** For one of these calls; a send of the same Task waits for it. */
const callMs = 4_000;

export interface PassingParts extends SiteParts {
  readonly limiter: Limiter;
  readonly lookup: Lookup;
}

/** `held`: nothing changed, and it may be tried again. `unknown`: it may have been done. */
export type Answer =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'held' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'unknown' };

/** The calls of what passes: bounded, never repeated, all paused when Slack wants a pause. */
export class PassingCalls {
  readonly #parts: Pick<SiteParts, 'api' | 'host'>;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: Pick<SiteParts, 'api' | 'host'>) {
    this.#parts = parts;
  }

  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#now() + ms);
  }

  /** How long nothing may be called. */
  pauseMs(): number {
    return Math.max(0, this.#pausedUntilMs - this.#now());
  }

  async call(call: ApiCall, signal?: AbortSignal): Promise<Answer> {
    const { api, host } = this.#parts;
    try {
      const value = await api.call(call, {
        limitMs: callMs,
        ...(signal === undefined ? {} : { signal }),
      });
      return { kind: 'done', value };
    } catch (error) {
      const failure = readFailure(error);
      const { method } = call;
      host.log('debug', 'what passes was not shown', { method, cause: failure.words });
      return this.#answerOf(failure);
    }
  }

  #answerOf(failure: Failure): Answer {
    const { error, status, phase } = failure;
    if (error === undefined) {
      const isBefore = phase === 'not_connected' || (status !== undefined && status < 500);
      return isBefore && status !== 408 ? { kind: 'held' } : { kind: 'unknown' };
    }
    const row = outcomeRow(error, false);
    switch (row.kind) {
      case 'unknown':
        return isOfStream.test(error) ? { kind: 'refused', failure } : { kind: 'unknown' };
      case 'rate_limited':
        this.pause(retryAfterOf(failure));
        return { kind: 'held' };
      case 'unauthorized':
      case 'unavailable':
        return { kind: 'held' };
      case 'rejected':
        return { kind: 'refused', failure };
    }
  }

  #now(): number {
    return this.#parts.host.runtime.monoMs();
  }
}

/** These stand in no list of a send's errors. */
const isOfStream =
  /^(?:message_not_in_streaming_state|streaming_\w+|unknown_method|(?:method|feature|channel_type)_\w*not_\w+)$/;
