import type { CallContext } from './call.ts';
import { list, whole } from './parameters.ts';
import { conflict } from './refusal.ts';
import type { Payload } from './request-body.ts';

const limitMax = 100;
const timeoutMaxS = 50;

/** `getUpdates`: at most one waits; a second one ends the first. */
export class Poll {
  #waiting: { end(why: string): void } | undefined;

  /** Ends the poll that waits, with a 409. */
  end(why: string): void {
    this.#waiting?.end(why);
  }

  async get(payload: Payload, { world, closed, idle }: CallContext): Promise<unknown> {
    this.end(
      'terminated by other getUpdates request; make sure that only one bot instance is running',
    );
    const { updates, runtime } = world;
    updates.allow(list(payload, 'allowed_updates')?.map(String));
    const offset = whole(payload, 'offset') ?? 0;
    const limit = Math.min(Math.max(whole(payload, 'limit') ?? limitMax, 1), limitMax);
    const timeoutS = Math.min(Math.max(whole(payload, 'timeout') ?? 0, 0), timeoutMaxS);
    const found = updates.take(offset, limit);
    if (found.length > 0 || timeoutS === 0) return found.map(({ body }) => body);
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, closed]);
    let conflictWith: string | undefined;
    const own = {
      end: (why: string): void => {
        conflictWith = why;
        over.abort();
      },
    };
    this.#waiting = own;
    try {
      await idle(Promise.race([updates.wait(signal), runtime.sleep(timeoutS * 1_000, signal)]));
    } finally {
      over.abort();
      if (this.#waiting === own) this.#waiting = undefined;
    }
    if (conflictWith !== undefined) throw conflict(conflictWith);
    if (closed.aborted) return [];
    return updates.take(offset, limit).map(({ body }) => body);
  }
}
