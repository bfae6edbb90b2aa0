import type { AdapterHost } from '../../contracts/adapter.ts';
import type { Runtime } from '../../contracts/runtime.ts';
import { type Failure, readFailure } from './failure.ts';
import { retryAfterOf } from './outcome.ts';

type State = 'starting' | 'connected' | 'disconnected' | 'unauthorized' | 'misconfigured';

const firstMs = 1_000;
const lastMs = 30_000;
const conflictFirstMs = 5_000;
/** The slow probing of what only a person can repair. */
const slowMs = 60_000;
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
  #failures = 0;
  #wake: (() => void) | undefined;

  constructor(host: Pick<AdapterHost, 'connection' | 'runtime'>, account: string) {
    this.#host = host;
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
    return this.#backoffMs(firstMs, lastMs);
  }

  /** A send was refused for the whole bot. */
  refused(cause: string): void {
    const remedy = 'check the token with @BotFather, and apiRoot';
    this.#be('unauthorized', `${cause}: ${remedy}`);
    this.#wake?.();
  }

  misconfigured(cause: string): void {
    this.#conflictMs = this.#host.runtime.monoMs();
    this.#be('misconfigured', cause);
  }

  /** Resolves after `ms`, at once when the signal aborts, or when a send is refused meanwhile. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort('over');
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    this.#wake = end;
    await this.#host.runtime.sleep(ms, over.signal);
    this.#wake = undefined;
    signal.removeEventListener('abort', end);
  }

  stopped(): void {
    if (this.#state !== 'starting') this.#be('disconnected', 'stopped');
  }

  #conflict({ words }: Failure): number {
    const remedy = /webhook/i.test(words)
      ? 'a webhook is set for this bot: end the other program that set it, then restart this one'
      : 'another program asks for the updates of this bot: end it, or give it a bot of its own';
    this.misconfigured(`409 ${words}: ${remedy}`);
    return this.#backoffMs(conflictFirstMs, slowMs);
  }

  #be(state: State, cause?: string): void {
    // What needs a person is not covered up by a network that fails as well.
    const isWorse = state === 'disconnected' && this.#state === 'unauthorized';
    if (state === this.#state || isWorse || state === 'starting') return;
    this.#state = state;
    this.#sinceMs = this.#host.runtime.monoMs();
    this.#host.connection(this.#account, state, cause);
  }

  #backoffMs(first: number, last: number): number {
    const most = Math.min(first * 2 ** Math.min(this.#failures - 1, 10), last);
    return most * (0.5 + 0.5 * chance(this.#host.runtime));
  }
}

/** In [0, 1). */
const chance = (runtime: Runtime): number => (runtime.random(1)[0] ?? 0) / 256;
