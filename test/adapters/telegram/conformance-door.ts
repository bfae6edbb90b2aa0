import type { Adapter } from '../../../src/contracts/adapter.ts';
import type { FakeRuntime } from '../../../src/testing/index.ts';

/** What of an update tells it from others. */
export interface Update {
  readonly update_id: number;
  readonly message?: { readonly message_id: number; readonly chat: { readonly id: number } };
  readonly edited_message?: { readonly message_id: number; readonly text?: string };
  readonly callback_query?: { readonly id: string };
}

/** Turns of the event loop within which the relay has stored what it was given: its store is in memory. */
const turnsMax = 200;

/** Where updates are handed over: whether the platform was told that one is stored. */
export interface Doorstep {
  /** All that was handed to an adapter, stored or not. */
  readonly brought: readonly Update[];
  around(fetch: typeof globalThis.fetch): typeof globalThis.fetch;
  /** This adapter takes what is brought from now on. */
  serve(adapter: Adapter): void;
  /** Resolves without waiting for time: false when only time could bring it. */
  told(is: (update: Update) => boolean): Promise<boolean>;
  /** What was told of it before counts no more: it comes again. */
  forget(update: Update): void;
}

async function turnsUntil(runtime: FakeRuntime, holds: () => boolean): Promise<boolean> {
  for (let turns = 0; !holds() && turns < turnsMax; turns += 1)
    await new Promise<void>((resolve) => runtime.soon(resolve));
  return holds();
}

interface Poll {
  readonly offset: number;
  ended: boolean;
}

/** Long polls: an update is told to be stored by the next poll, which asks for those behind it. */
export class PollDoorstep implements Doorstep {
  readonly brought: Update[] = [];
  readonly #runtime: FakeRuntime;
  /** By number: how many polls were asked when it was handed over. */
  readonly #at = new Map<number, number>();
  readonly #polls: Poll[] = [];

  constructor(runtime: FakeRuntime) {
    this.#runtime = runtime;
  }

  around(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      if (!String(input).endsWith('/getUpdates')) return await fetch(input, init);
      const { offset = 0 } = JSON.parse(String(init?.body)) as { offset?: number };
      const poll: Poll = { offset, ended: false };
      this.#polls.push(poll);
      try {
        const response = await fetch(input, init);
        await this.#note(response.clone());
        return response;
      } finally {
        poll.ended = true;
      }
    };
  }

  serve(): void {
    // It asks by itself.
  }

  async told(is: (update: Update) => boolean): Promise<boolean> {
    const poll = this.#polls.at(-1);
    if (poll === undefined || poll.ended) return false;
    while (!poll.ended) await new Promise<void>((resolve) => this.#runtime.soon(resolve));
    return await turnsUntil(this.#runtime, () => this.#isTold(is));
  }

  forget({ update_id }: Update): void {
    this.#at.delete(update_id);
  }

  #isTold(is: (update: Update) => boolean): boolean {
    return this.brought.some((update) => {
      const at = this.#at.get(update.update_id);
      if (at === undefined || !is(update)) return false;
      return this.#polls.slice(at).some(({ offset }) => offset > update.update_id);
    });
  }

  async #note(response: Response): Promise<void> {
    const { result } = (await response.json()) as { result?: Update[] };
    for (const update of result ?? []) {
      this.brought.push(update);
      this.#at.set(update.update_id, this.#polls.length);
    }
  }
}

/** A webhook: an update is told to be stored by the answer to its request. */
export class WebhookDoorstep implements Doorstep {
  readonly brought: Update[] = [];
  readonly #runtime: FakeRuntime;
  readonly #answers = new Map<number, 'taken' | 'refused' | 'open'>();
  #adapter: Adapter | undefined;

  constructor(runtime: FakeRuntime) {
    this.#runtime = runtime;
  }

  around(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return fetch;
  }

  serve(adapter: Adapter): void {
    this.#adapter = adapter;
  }

  /** As Telegram reaches the bot: what the relay's server takes off the path is off. */
  async bring(request: Request): Promise<Response> {
    const { method, headers } = request;
    const body = await request.text();
    const update = JSON.parse(body) as Update;
    this.brought.push(update);
    this.#answers.set(update.update_id, 'open');
    const inner = new Request('http://bot.example/webhook', { method, headers, body });
    const answer = await (this.#adapter?.fetch?.(inner) ?? Promise.reject(new Error('nobody')));
    this.#answers.set(update.update_id, answer.ok ? 'taken' : 'refused');
    return answer;
  }

  async told(is: (update: Update) => boolean): Promise<boolean> {
    const answer = (): 'taken' | 'refused' | 'open' | undefined => {
      const update = this.brought.findLast((one) => is(one));
      return update && this.#answers.get(update.update_id);
    };
    await turnsUntil(this.#runtime, () => answer() === 'taken' || answer() === 'refused');
    return answer() === 'taken';
  }

  forget({ update_id }: Update): void {
    this.#answers.delete(update_id);
  }
}
