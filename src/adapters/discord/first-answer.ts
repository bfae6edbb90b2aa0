import type { DiscordCall } from './call.ts';
import { type Failure, readFailure } from './failure.ts';
import type { Site } from './site.ts';

/** Discord takes it for three seconds from when it sent the interaction; the last try begins well before. */
const windowMs = 2_500;
/** One try: so that a lost answer leaves time for another. */
const callMs = 1_000;
const againMs = 150;

/** Discord's number for one that was answered before. */
const answeredBefore = 40_060;

/**
 * Gives the first answer to an interaction, at once. `done`: Discord has one, this or that of an earlier try. `late`: it
 * will have none. Never rejects.
 */
export async function answerFirst(
  { rest, host }: Pick<Site, 'rest' | 'host'>,
  call: DiscordCall,
  stopping: AbortSignal,
): Promise<'done' | 'late' | 'stopping'> {
  const { runtime } = host;
  const endMs = runtime.monoMs() + windowMs;
  while (!stopping.aborted) {
    const leftMs = endMs - runtime.monoMs();
    if (leftMs <= 0) return 'late';
    const waitMs = await rest
      .call(call, { signal: stopping, limitMs: Math.min(callMs, leftMs) })
      .then(
        () => 'done' as const,
        (error: unknown) => afterFailure(host, readFailure(error)),
      );
    if (typeof waitMs === 'string') return waitMs;
    await runtime.sleep(Math.min(leftMs, waitMs), stopping);
  }
  return 'stopping';
}

/** What is wrong with it will be wrong again; of the rest, how long to wait (milliseconds). */
function afterFailure(
  { log }: Pick<Site['host'], 'log'>,
  { code, status = 0, limit, words }: Failure,
): 'done' | 'late' | number {
  if (code === answeredBefore) return 'done';
  log('debug', 'a first answer failed', { cause: words });
  const isWrong = status >= 400 && status < 500 && limit === undefined;
  return isWrong ? 'late' : Math.max(againMs, limit?.retryAfterMs ?? 0);
}
