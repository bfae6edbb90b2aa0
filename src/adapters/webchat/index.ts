import type {
  Adapter,
  AdapterCapabilities,
  AdapterHost,
  Transient,
} from '../../contracts/adapter.ts';
import { ContractError } from '../../contracts/error.ts';
import { parseConfig, type WebchatConfig, type WebchatConfigInput } from './config.ts';
import { deliver, reconcile } from './deliver.ts';
import { loadKey } from './key-file.ts';
import { cutDelivery, partMax } from './outbound.ts';
import { notRunning, reconcileAnswer } from './outcome.ts';
import { Bucket } from './rate.ts';
import { Registry } from './registry.ts';
import { createRoutes } from './routes.ts';
import type { Site } from './site.ts';
import { Tokens } from './token.ts';

const name = 'webchat';
const typingMs = 6_000;
const restartMs = 2_000;

const capabilities: AdapterCapabilities = {
  lengthMax: partMax,
  lengthUnit: 'utf16',
  editMs: Number.POSITIVE_INFINITY,
  buttons: true,
  files: true,
  presence: { ttlMs: typingMs, refreshMs: 4_000 },
  streams: true,
  terminalAs: 'edit',
  unknownPolicy: 'repeat',
  audience: 'reported',
  evidence: 'rendered',
};

/**
 * A chat on web pages: its own protocol over HTTP and server-sent events (docs/webchat-protocol.md), and the widget
 * `<readback-chat>` that speaks it. Mount `fetch` under `/webchat`, with that prefix taken off the request's path.
 *
 * A visitor is whoever holds a token: there is no log-in and no moderation. "Seen" means that a visible page
 * acknowledged the message; without a visible page the relay is told that nobody is there.
 * Throws `ConfigError` `invalid_config`; `start` throws `ConfigError` `key_file`.
 *
 * @example createRelay({ adapters: [createWebchat({ allowedOrigins: ['https://shop.example'] })], … })
 */
export function createWebchat(config: WebchatConfigInput = {}): Adapter {
  return new Webchat(parseConfig(config));
}

/** What one start made and one stop ends. */
interface Running {
  readonly site: Site;
  readonly stopping: AbortController;
  readonly routes: ReturnType<typeof createRoutes>;
}

class Webchat implements Adapter {
  readonly name = name;
  readonly accounts: readonly string[];
  readonly capabilities = capabilities;
  readonly deadlines: NonNullable<WebchatConfig['deadlines']>;
  readonly cut = cutDelivery;
  readonly #config: WebchatConfig;
  #host: AdapterHost | undefined;
  #running: Running | undefined;

  constructor(config: WebchatConfig) {
    this.#config = config;
    this.accounts = [config.account];
    this.deadlines = config.deadlines ?? {};
  }

  async start(host: AdapterHost): Promise<void> {
    if (this.#host !== undefined)
      throw new ContractError('started_twice', 'webchat: start was called before');
    this.#host = host;
    const config = this.#config;
    const { key, warning } = await loadKey(config, host.runtime);
    if (warning !== undefined) host.log('warn', warning);
    const stopping = new AbortController();
    const registry = new Registry({ adapter: name, config, host, stop: stopping.signal });
    const sessions = new Bucket(
      { burst: config.limits.sessionBurst, perSecond: config.limits.sessionsPerSecond },
      host.runtime,
    );
    const site = {
      config,
      host,
      registry,
      sessions,
      tokens: new Tokens(key, config, host.runtime),
    };
    this.#running = { site, stopping, routes: createRoutes(site) };
    void this.#sweep(this.#running);
    host.connection(config.account, 'connected');
  }

  async deliver(
    ...[delivery, attempt]: Parameters<Adapter['deliver']>
  ): ReturnType<Adapter['deliver']> {
    if (this.#running !== undefined) return await deliver(this.#running.site, delivery, attempt);
    return notRunning(this.#host?.runtime.wallMs() ?? 0);
  }

  show(transient: Transient): void {
    this.#running?.site.registry.at(transient.channel)?.show(transient, typingMs);
  }

  async reconcile(
    ...[question]: Parameters<NonNullable<Adapter['reconcile']>>
  ): ReturnType<NonNullable<Adapter['reconcile']>> {
    if (this.#running !== undefined) return await reconcile(this.#running.site, question);
    return reconcileAnswer({ shownAs: undefined, present: false });
  }

  async fetch(request: Request): Promise<Response> {
    if (this.#running !== undefined) return await this.#running.routes.fetch(request);
    return new Response(
      JSON.stringify({
        error: { code: 'not_running', message: 'starting or stopping: try again' },
      }),
      {
        status: 503,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'retry-after': String(restartMs / 1_000),
        },
      },
    );
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    running.stopping.abort();
    running.site.registry.closeAll();
    this.#host?.connection(this.#config.account, 'disconnected', 'stopped');
  }

  async #sweep({ site, stopping }: Running): Promise<void> {
    const { runtime } = site.host;
    while (!stopping.signal.aborted) {
      await runtime.sleep(this.#config.pingMs, stopping.signal);
      if (!stopping.signal.aborted) site.registry.sweep();
    }
  }
}
