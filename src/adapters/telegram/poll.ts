import type { Update } from 'grammy/types';
import { pollHoldSeconds } from './api.ts';
import type { Site } from './deliver.ts';
import { albumOf, allowedUpdates } from './inbound.ts';
import { takeUpdates } from './intake.ts';
import type { Me } from './said.ts';

const pollMs = (pollHoldSeconds + 15) * 1_000;
/** The rest of an album comes within that, if it does. */
const albumMs = 500;
/** A server that does not hold its answer is not asked without end. */
const quickMs = 500;
/** After the relay could take nothing. */
const refusedFirstMs = 500;
const refusedLastMs = 30_000;

/**
 * Asks for updates until the signal aborts. What was handed over is confirmed by the next request, so that whatever
 * was not stored comes again, also after a crash.
 */
export async function poll(site: Site, me: Me, signal: AbortSignal): Promise<void> {
  const { link } = site;
  const runtime = site.host.runtime;
  const ask = new Asking();
  let refusals = 0;
  while (!signal.aborted) {
    const startedMs = runtime.monoMs();
    const updates = await getUpdates(site, ask.offset, signal).catch(
      async (error: unknown): Promise<undefined> => {
        if (!signal.aborted) await link.rest(link.fails(error), signal);
      },
    );
    if (updates === undefined || signal.aborted) continue;
    link.works(startedMs);
    const { now, wait } = ask.parted(updates);
    const taken = await takeUpdates(site, me, now);
    if (taken.kind === 'refused') {
      ask.offset = taken.updateId;
      refusals += 1;
      await runtime.sleep(Math.min(refusedFirstMs * 2 ** refusals, refusedLastMs), signal);
      continue;
    }
    refusals = 0;
    ask.took(updates, wait);
    const isIdle = updates.length === 0 && runtime.monoMs() - startedMs < quickMs;
    if (wait !== undefined || isIdle) await runtime.sleep(albumMs, signal);
  }
}

/** From where to ask on. */
class Asking {
  offset: number | undefined;
  /** Albums that were waited for once. */
  #album: string | undefined;

  /** What to hand over now; an album at the end may not be whole yet: then it waits, once. */
  parted(updates: readonly Update[]): { now: readonly Update[]; wait: Update | undefined } {
    const last = updates.at(-1);
    const album = last === undefined ? undefined : albumOf(last);
    if (album === undefined || album === this.#album) return { now: updates, wait: undefined };
    const at = updates.findIndex((update) => albumOf(update) === album);
    this.#album = album;
    return { now: updates.slice(0, at), wait: updates[at] };
  }

  /** An empty answer confirms all before it; without an offset a new numbering of the platform does no harm. */
  took(updates: readonly Update[], wait: Update | undefined): void {
    const last = updates.at(-1);
    if (wait !== undefined) this.offset = wait.update_id;
    else this.offset = last === undefined ? undefined : last.update_id + 1;
  }
}

async function getUpdates(
  { api, config }: Site,
  offset: number | undefined,
  signal: AbortSignal,
): Promise<readonly Update[]> {
  const answer = await api.call(
    {
      method: 'getUpdates',
      payload: {
        ...(offset === undefined ? {} : { offset }),
        timeout: pollHoldSeconds,
        allowed_updates: allowedUpdates(config),
      },
    },
    { signal, limitMs: pollMs },
  );
  if (!Array.isArray(answer)) throw new TypeError('getUpdates: no list');
  const updates = answer.filter(isUpdate);
  // Of what has no number nothing could be confirmed: it would come again at once.
  if (answer.length > 0 && updates.length === 0) throw new TypeError('getUpdates: no numbers');
  return updates;
}

export function isUpdate(value: unknown): value is Update {
  const id = (value as { update_id?: unknown } | null)?.update_id;
  return typeof id === 'number' && Number.isSafeInteger(id);
}
