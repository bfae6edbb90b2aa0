import type { Api } from 'grammy';
import { ConfigError } from '../../contracts/error.ts';
import type { Runtime } from '../../contracts/runtime.ts';
import { type RequestOptions, Requests } from '../shared/requests.ts';

/** For one request of a send; the relay's own limit may be shorter. */
const sendSeconds = 10;
/** For one long poll: longer than the server holds it. */
export const pollHoldSeconds = 25;
const pollSeconds = pollHoldSeconds + 15;

/** One call of the Bot API as data. */
export interface ApiCall {
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A file that is made of text, in a payload. */
export class Upload {
  readonly name: string;
  readonly text: string;
  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }
}

type RawCall = (...args: unknown[]) => Promise<unknown>;
type Clients = Readonly<Record<'sends' | 'polls', Readonly<Record<string, RawCall>>>>;

/** These take no payload. */
const bare = new Set(['getMe', 'getWebhookInfo']);

/**
 * The Bot API as this adapter uses it: grammY's `Api`, one client for sends and one for polls, which wait longer.
 * One request a call: nothing is repeated here. Rejects with `GrammyError` or `HttpError`.
 */
export class BotApi extends Requests {
  readonly #clients: Clients;
  readonly #inputFile: (upload: Upload) => unknown;

  constructor(parts: {
    clients: Clients;
    runtime: Runtime;
    inputFile: (upload: Upload) => unknown;
  }) {
    super(parts.runtime);
    this.#clients = parts.clients;
    this.#inputFile = parts.inputFile;
  }

  async call(call: ApiCall, options: RequestOptions = {}): Promise<unknown> {
    const client = this.#clients[call.method === 'getUpdates' ? 'polls' : 'sends'];
    return await this.request(options, async (signal) => {
      const raw = client[call.method] as RawCall;
      if (bare.has(call.method)) return await raw(signal);
      return await raw(this.#filled(call.payload), signal);
    });
  }

  #filled(payload: ApiCall['payload']): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(payload).map(([key, value]) => [
        key,
        value instanceof Upload ? this.#inputFile(value) : value,
      ]),
    );
  }
}

/** Loads grammY, which is needed only where a bot speaks Telegram. Throws `ConfigError` `grammy_missing`. */
export async function loadApi(options: {
  readonly token: string;
  readonly apiRoot: string;
  readonly fetch: typeof globalThis.fetch;
  readonly runtime: Runtime;
  /** For tests: how grammY is loaded. */
  readonly load?: () => Promise<Pick<typeof import('grammy'), 'Api' | 'InputFile'>>;
}): Promise<BotApi> {
  const load = options.load ?? (() => import('grammy'));
  const grammy = await load().catch((error: unknown) => {
    throw new ConfigError(
      'grammy_missing',
      'telegram: the package "grammy" could not be loaded; install it beside readback: npm install grammy@1',
      { cause: error },
    );
  });
  const { token, apiRoot, runtime } = options;
  const client = (timeoutSeconds: number): Clients['sends'] => {
    const api: Api = new grammy.Api(token, {
      apiRoot,
      timeoutSeconds,
      fetch: plainFetch(options.fetch) as never,
    });
    return api.raw as unknown as Clients['sends'];
  };
  const encoder = new TextEncoder();
  return new BotApi({
    clients: { sends: client(sendSeconds), polls: client(pollSeconds) },
    runtime,
    inputFile: ({ name, text }) => new grammy.InputFile(encoder.encode(text), name),
  });
}

interface ForeignSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
}

/** grammY hands over what belongs to another `fetch`: an agent, and a signal of its own make. */
function plainFetch(fetch: typeof globalThis.fetch) {
  return async (url: string | URL, init: Record<string, unknown>): Promise<Response> => {
    const { method, body, headers } = init as {
      method: string;
      body: NonNullable<RequestInit['body']>;
      headers: Record<string, string>;
    };
    const abort = new AbortController();
    const foreign = init['signal'] as ForeignSignal | undefined;
    if (foreign?.aborted === true) abort.abort();
    foreign?.addEventListener('abort', () => abort.abort());
    const type = new Headers(headers).get('content-type') ?? 'application/json';
    return await fetch(url, {
      method,
      body,
      headers: { 'content-type': type },
      signal: abort.signal,
      // A body that is a stream is sent while it is made.
      ...(typeof body === 'string' ? {} : { duplex: 'half' }),
    });
  };
}
