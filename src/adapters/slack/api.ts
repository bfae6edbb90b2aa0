import { ConfigError } from '../../contracts/error.ts';
import type { Runtime } from '../../contracts/runtime.ts';
import { type RequestOptions, Requests } from '../shared/requests.ts';

/** For one request, on the real clock; the relay's own limit may be shorter. */
const requestMs = 10_000;
/** Where Slack, or somebody between, wants a pause and does not say how long. */
const pauseS = 5;

/** One call of the Web API as data. */
export interface ApiCall {
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What is used of Bolt, 5 and 4.7 alike. */
export type Bolt = Pick<typeof import('@slack/bolt'), 'SocketModeReceiver' | 'webApi'>;

interface Client {
  apiCall(method: string, payload: Record<string, unknown>): Promise<unknown>;
}

type Fetch = typeof globalThis.fetch;

/**
 * The Web API as this adapter uses it: the `WebClient` of Bolt. One request a call: nothing is repeated here, and a
 * limit is told at once. Rejects with what `readFailure` reads.
 */
export class WebApi extends Requests {
  readonly #clientThatEnds: (end: AbortSignal) => Client;

  constructor(clientThatEnds: (end: AbortSignal) => Client, runtime: Runtime) {
    super(runtime);
    this.#clientThatEnds = clientThatEnds;
  }

  async call({ method, payload }: ApiCall, options: RequestOptions = {}): Promise<unknown> {
    return await this.request(options, async (signal) => {
      signal.throwIfAborted();
      return await orThrow(this.#clientThatEnds(signal).apiCall(method, { ...payload }), signal);
    });
  }
}

/** Rejects when the signal aborts, also where the request below goes on: Bolt 4 cannot end one. */
function orThrow<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

/** Loads Bolt, which is needed only where a bot speaks Slack. Throws `ConfigError` `bolt_missing`. */
export async function loadBolt(
  /** For tests: how Bolt is loaded. */
  load: () => Promise<Bolt> = () => import('@slack/bolt'),
): Promise<Bolt> {
  return await load().catch((error: unknown) => {
    throw new ConfigError(
      'bolt_missing',
      'slack: the package "@slack/bolt" could not be loaded; install it beside readback: npm install @slack/bolt@5',
      { cause: error },
    );
  });
}

export function createApi(
  bolt: Pick<Bolt, 'webApi'>,
  options: {
    readonly token: string;
    readonly apiUrl: string;
    readonly fetch: Fetch;
    readonly runtime: Runtime;
  },
): WebApi {
  const { token, runtime } = options;
  // The client knows no signals: each call has one of its own, which costs less than to follow one through promises.
  return new WebApi((end) => {
    const fetch = pausedFetch(endedFetch(options.fetch, end));
    return new bolt.webApi.WebClient(token, clientOptions({ ...options, fetch }));
  }, runtime);
}

/**
 * How every client of Bolt is made: nothing is repeated, a limit is told at once, nothing is logged (it would show what
 * people wrote), nothing waits in a line of its own.
 */
export function clientOptions({ apiUrl, fetch }: { readonly apiUrl: string; fetch: Fetch }) {
  return {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: requestMs,
    maxRequestConcurrency: Number.POSITIVE_INFINITY,
    logger: silent,
    fetch: fetch as never,
  };
}

/** `fetch` that ends when that signal does, too. */
export function endedFetch(fetch: Fetch, end: AbortSignal): Fetch {
  return async (input, init) => {
    const signals = [init?.signal, end].filter((one) => one instanceof AbortSignal);
    return await fetch(input, { ...init, signal: AbortSignal.any(signals) });
  };
}

/** `fetch` whose 429 says how long to wait in seconds: without that the client takes it for a failure of the network. */
function pausedFetch(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { status, headers, body } = response;
    if (status !== 429 || /^\d+$/.test(headers.get('retry-after') ?? '')) return response;
    const more = new Headers(headers);
    more.set('retry-after', String(pauseS));
    return new Response(body, { status, headers: more });
  };
}

const nothing = (): void => undefined;

/** What Bolt logs holds messages, and may hold more. */
export const silent = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => 'error' as never,
};
