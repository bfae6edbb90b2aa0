import type { AdapterHost } from '../../contracts/adapter.ts';
import { backoffMs, slowMs } from '../shared/backoff.ts';
import { Rests } from '../shared/rests.ts';
import { type Failure, readFailure } from './failure.ts';
import { retryAfterOf } from './outcome.ts';

type State = 'starting' | 'connected' | 'disconnected' | 'unauthorized' | 'misconfigured';

/** Another program asks as well. */
const conflict = { firstMs: 5_000, lastMs: slowMs };
/** So long must all be well after a conflict: the other one may come back with its next poll. */
const quietMs = 60_000;

/**
 * How the bot stands with Telegram, told to the relay when it changes, and how long to wait after trouble. A refused
 * token and a second poller are told with what to do against them; probing goes on, and ends them by itself.
 */
export class Link {
  readonly #host: Pick<AdapterHost, 'connection' | 'runtime'>;
  readonly #account: string;
  #state: State = 'starting';
  /** When it came to be so, monotonic. */
  #sinceMs = 0;
  #conflictMs = Number.NEGATIVE_INFINITY;
  readonly #rests: Rests;
  #failures = 0;

  constructor(host: Pick<AdapterHost, 'connection' | 'runtime'>, account: string) {
    this.#host = host;
    this.#rests = new Rests(host.runtime);
    this.#account = account;
  }

  get state(): State {
    return this.#state;
  }

  /** A call that began at `startedMs` (monotonic) got through. */
  works(startedMs: number): void {
    this.#failures = 0;
    const { runtime } = this.#host;
    const isOld = this.#state === 'unauthorized' && startedMs < this.#sinceMs;
    const isNoisy =
      this.#state === 'misconfigured' && runtime.monoMs() - this.#conflictMs < quietMs;
    if (!isOld && !isNoisy) this.#be('connected');
  }

  /** Something failed; answers how long to wait before it is tried again. */
  fails(error: unknown): number {
    const failure = readFailure(error);
    const { status, words } = failure;
    const cause = status === undefined ? words : `${status} ${words}`;
    this.#failures += 1;
    if (status === 429 || status === 420) return retryAfterOf(failure);
    if (status === 401 || status === 404) {
      this.refused(cause);
      return slowMs;
    }
    if (status === 409) return this.#conflict(failure);
    this.#be('disconnected', cause);
    return backoffMs(this.#host.runtime, this.#failures);
  }

  /** A send was refused for the whole bot. The first time it wakes who rests, so that it is probed. */
  refused(cause: string): void {
    const remedy = 'check the token with @BotFather, and apiRoot';
    const isNew = this.#state !== 'unauthorized';
    this.#be('unauthorized', `${cause}: ${remedy}`);
    if (isNew) this.#rests.wake();
  }

  misconfigured(cause: string): void {
    this.#conflictMs = this.#host.runtime.monoMs();
    this.#be('misconfigured', cause);
  }

  /** Resolves after `ms`, at once when the signal aborts, or when a send is refused meanwhile. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    await this.#rests.rest(ms, signal);
  }

  stopped(): void {
    if (this.#state !== 'starting') this.#be('disconnected', 'stopped');
  }

  #conflict({ words }: Failure): number {
    const remedy = /webhook/i.test(words)
      ? 'a webhook is set for this bot: end the other program that set it, then restart this one'
      : 'another program asks for the updates of this bot: end it, or give it a bot of its own';
    this.misconfigured(`409 ${words}: ${remedy}`);
    return backoffMs(this.#host.runtime, this.#failures, conflict);
  }

  #be(state: State, cause?: string): void {
    // What needs a person is not covered up by a network that fails as well.
    const isWorse = state === 'disconnected' && this.#state === 'unauthorized';
    if (state === this.#state || isWorse || state === 'starting') return;
    this.#state = state;
    this.#sinceMs = this.#host.runtime.monoMs();
    this.#host.connection(this.#account, state, cause);
  }
}
