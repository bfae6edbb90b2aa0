import type {
  Adapter,
  AdapterCapabilities,
  AdapterHost,
  Transient,
} from '../../contracts/adapter.ts';
import { ContractError } from '../../contracts/error.ts';
import { loadApi } from './api.ts';
import {
  botIdOf,
  parseConfig,
  type TelegramConfig,
  type TelegramConfigInput,
  webhookSecret,
} from './config.ts';
import { stayConnected } from './connect.ts';
import { deliver, type Site } from './deliver.ts';
import { loadFile } from './file.ts';
import { Limiter } from './limiter.ts';
import { Link } from './link.ts';
import { cutDelivery, lengthMax } from './outbound.ts';
import { notRunning } from './outcome.ts';
import { Passing } from './passing.ts';
import type { Me } from './said.ts';
import { busy, Webhook } from './webhook.ts';

export interface TelegramAdapter extends Adapter {
  /**
   * The bytes of a file that came in, by the `url` of its `InboundFile` (`telegram:…`), loaded when asked for. 20 MB at
   * most. Throws `ContractError`: `not_running`, `file_url`, `file_too_big`, `file_unavailable`.
   */
  file(url: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

function capabilitiesOf(config: TelegramConfig): AdapterCapabilities {
  return {
    lengthMax,
    lengthUnit: 'utf16',
    editMs: Number.POSITIVE_INFINITY,
    buttons: true,
    files: true,
    presence: { ttlMs: 5_000, refreshMs: 4_000 },
    streams: config.streams !== 'off',
    terminalAs: 'edit',
    unknownPolicy: config.unknownPolicy,
    audience: 'always',
    evidence: 'accepted',
    // A message a second in a chat, thirty in all.
    gapMs: { channel: 1_000, account: 34 },
  };
}

/**
 * A bot on Telegram, by the Bot API over grammY (`npm install grammy@1`), polling or with a webhook that the relay's
 * HTTP server takes at `/telegram/webhook`.
 *
 * "Seen" means that Telegram made the message and gave its number: bots are told no more. A new message whose answer
 * was lost cannot be looked up, so it is sent again with a note (`unknownPolicy`); an edit is simply repeated. Bots are
 * not told of deleted messages. Throws `ConfigError` `invalid_config`; `start` throws `ConfigError` `grammy_missing`.
 *
 * @example createRelay({ adapters: [createTelegram({ token })], … })
 */
export function createTelegram(config: TelegramConfigInput): TelegramAdapter {
  return new Telegram(parseConfig(config));
}

/** What one start made and one stop ends. */
interface Running {
  readonly site: Site;
  readonly stopping: AbortController;
  readonly webhook: Webhook | undefined;
}

class Telegram implements TelegramAdapter {
  readonly name = 'telegram';
  readonly accounts: readonly string[];
  readonly capabilities: AdapterCapabilities;
  readonly deadlines: NonNullable<TelegramConfig['deadlines']>;
  readonly fetch?: (request: Request) => Promise<Response>;
  readonly #config: TelegramConfig;
  readonly #account: string;
  #host: AdapterHost | undefined;
  #running: Running | undefined;
  #stopped = false;

  constructor(config: TelegramConfig) {
    this.#config = config;
    this.#account = config.account ?? botIdOf(config);
    this.accounts = [this.#account];
    this.capabilities = capabilitiesOf(config);
    this.deadlines = config.deadlines ?? {};
    if (config.mode !== 'polling')
      this.fetch = async (request) => (await this.#running?.webhook?.answer(request)) ?? busy();
  }

  async start(host: AdapterHost): Promise<void> {
    if (this.#host !== undefined)
      throw new ContractError('started_twice', 'telegram: start was called before');
    this.#host = host;
    const config = this.#config;
    const { token, apiRoot, fetch = globalThis.fetch } = config;
    const api = await loadApi({ token, apiRoot, fetch, runtime: host.runtime });
    if (this.#stopped) return;
    const limiter = new Limiter();
    const site: Site = {
      config,
      account: this.#account,
      host,
      api,
      link: new Link(host, this.#account),
      limiter,
      passing: new Passing({ api, host, limiter, config }),
      decided: new Set(),
    };
    const stopping = new AbortController();
    const met: { me?: Me } = {};
    const secret = webhookSecret(config);
    const webhook =
      secret === undefined ? undefined : new Webhook(site, { secret, me: () => met.me });
    this.#running = { site, stopping, webhook };
    stayConnected(site, (me) => Object.assign(met, { me }), stopping.signal).catch(
      (error: unknown) => {
        const name = error instanceof Error ? error.name : 'error';
        host.log('error', 'telegram stopped taking messages', { error: name });
        site.link.misconfigured(`the adapter broke (${name}): restart it`);
      },
    );
  }

  cut(...[delivery, repairs]: Parameters<Adapter['cut']>): ReturnType<Adapter['cut']> {
    return cutDelivery(delivery, repairs, this.#config);
  }

  async deliver(
    ...[delivery, attempt]: Parameters<Adapter['deliver']>
  ): ReturnType<Adapter['deliver']> {
    if (this.#running !== undefined) return await deliver(this.#running.site, delivery, attempt);
    return notRunning(this.#host?.runtime.wallMs() ?? 0);
  }

  show(transient: Transient): void {
    this.#running?.site.passing.show(transient);
  }

  async file(url: string, options: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
    const site = this.#running?.site;
    if (site === undefined) throw new ContractError('not_running', 'telegram is not running');
    return await loadFile(site, url, options.signal);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const { site, stopping } = running;
    stopping.abort();
    site.passing.stop();
    site.api.stop();
    site.link.stopped();
  }
}
