import { ConfigError } from '../../contracts/error.ts';
import type { Runtime } from '../../contracts/runtime.ts';
import { type RequestOptions, Requests } from '../shared/requests.ts';
import type { DiscordCall } from './call.ts';

/** For one request, on the real clock; the relay's own limit may be shorter. */
const requestMs = 10_000;

/** What is used of discord.js and of what lies beneath it. */
export type DiscordJs = Pick<typeof import('discord.js'), 'REST'>;
export type DiscordWs = Pick<typeof import('@discordjs/ws'), 'WebSocketManager'>;

type Rest = InstanceType<DiscordJs['REST']>;
type Fetch = typeof globalThis.fetch;

/** What an answer says beside what it answers. */
export interface Answered {
  readonly status: number;
  /** Of a limit. */
  readonly scope?: string;
  /** Discord's clock, in whole seconds, and between which times of ours it was read. */
  readonly date?: { readonly atMs: number; readonly fromMs: number; readonly toMs: number };
}

/**
 * Discord's REST API as this adapter uses it, by the client of discord.js. One request a call: nothing is repeated here,
 * and a limit is told at once. Rejects with what `readFailure` reads.
 */
export class RestApi extends Requests {
  /** For the gateway, which asks where it is. */
  readonly client: Rest;
  readonly #token: string;

  constructor(client: Rest, { token, runtime }: { token: string; runtime: Runtime }) {
    super(runtime);
    this.client = client;
    this.#token = token;
  }

  async call(call: DiscordCall, options: RequestOptions = {}): Promise<unknown> {
    return await this.request(options, async (signal) => {
      signal.throwIfAborted();
      return await this.#ask(call, signal);
    });
  }

  override stop(): void {
    super.stop();
    this.client.clearHashSweeper();
    this.client.clearHandlerSweeper();
  }

  async #ask(
    { method, route, query, body, files, authorized }: DiscordCall,
    signal: AbortSignal,
  ): Promise<unknown> {
    // After a 401 the client throws its token away.
    this.client.setToken(this.#token);
    return await this.client.request({
      method: method as never,
      fullRoute: route,
      signal,
      ...(authorized === undefined ? {} : { auth: false }),
      ...(query === undefined ? {} : { query: new URLSearchParams(query) }),
      ...(body === undefined ? {} : { body }),
      ...(files === undefined
        ? {}
        : {
            files: files.map(({ name, contentType, text }) => ({
              name,
              contentType,
              data: Buffer.from(text),
            })),
          }),
    });
  }
}

/** Loads discord.js, which is needed only where a bot speaks Discord. Throws `ConfigError` `discord_js_missing`. */
export async function loadDiscord(
  /** For tests: how the packages are loaded. */
  load: () => Promise<[DiscordJs, DiscordWs]> = () =>
    Promise.all([import('discord.js'), import('@discordjs/ws')]),
): Promise<DiscordJs & DiscordWs> {
  try {
    const [{ REST }, { WebSocketManager }] = await load();
    return { REST, WebSocketManager };
  } catch (error) {
    throw new ConfigError(
      'discord_js_missing',
      'discord: the packages "discord.js" and "@discordjs/ws" could not be loaded; install them beside readback: npm install discord.js@14 @discordjs/ws@1',
      { cause: error },
    );
  }
}

/**
 * `heard`: every answer, also of those calls that the client makes by itself. The client's own way of asking is left: it
 * goes through the dispatcher of the process, and where another package has set that (Bolt 5 does), files fail.
 */
export function createRest(
  { REST }: DiscordJs,
  options: {
    readonly token: string;
    readonly apiUrl: string;
    readonly fetch: Fetch;
    readonly runtime: Runtime;
    readonly heard: (answer: Answered) => void;
  },
): RestApi {
  const { apiUrl, fetch, heard, runtime } = options;
  const client = new REST({
    version: '10',
    api: apiUrl,
    retries: 0,
    rejectOnRateLimit: () => true,
    // Counted by the limiter, which knows what is urgent; the client would refuse whatever comes fifty-first.
    globalRequestsPerSecond: Number.POSITIVE_INFINITY,
    timeout: requestMs,
    makeRequest: heardFetch(fetch, { heard, runtime }) as never,
  });
  return new RestApi(client, options);
}

function heardFetch(
  fetch: Fetch,
  { heard, runtime }: { readonly heard: (answer: Answered) => void; readonly runtime: Runtime },
): Fetch {
  return async (input, init) => {
    const fromMs = runtime.wallMs();
    const response = await fetch(input, init);
    const scope = response.headers.get('x-ratelimit-scope');
    const atMs = Date.parse(response.headers.get('date') ?? '');
    heard({
      status: response.status,
      ...(scope === null ? {} : { scope }),
      ...(Number.isNaN(atMs) ? {} : { date: { atMs, fromMs, toMs: runtime.wallMs() } }),
    });
    return response;
  };
}
