import type {
  Adapter,
  AdapterCapabilities,
  AdapterHost,
  Transient,
} from '../../contracts/adapter.ts';
import { ContractError } from '../../contracts/error.ts';
import { orAborted } from '../shared/aborted.ts';
import { type Bolt, createApi, loadBolt } from './api.ts';
import { CatchUp } from './catch-up.ts';
import { accountOf, parseConfig, type SlackConfig, type SlackConfigInput } from './config.ts';
import { type Connecting, meet, stayConnected, toldOfToken } from './connect.ts';
import { deliver } from './deliver.ts';
import { loadFile } from './file.ts';
import { busy, HttpDoor } from './http.ts';
import { Intake } from './intake.ts';
import { Link } from './link.ts';
import { cutDelivery, lengthMax } from './outbound.ts';
import { notRunning } from './outcome.ts';
import { Places } from './places.ts';
import { reconcile } from './reconcile.ts';
import { createSite, type Identity, type Site } from './site.ts';

export type { SlackConfigInput } from './config.ts';

export interface SlackAdapter extends Adapter {
  /**
   * The bytes of a file that came in, by the `url` of its `InboundFile` (`slack:…`), loaded when asked for;
   * `fileBytesMax` at most. Throws `ContractError`: `not_running`, `file_url`, `file_too_big`, `file_unavailable`.
   */
  file(url: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

function capabilitiesOf(config: SlackConfig): AdapterCapabilities {
  return {
    lengthMax,
    lengthUnit: 'utf16',
    editMs: Number.POSITIVE_INFINITY,
    buttons: true,
    files: true,
    presence: { ttlMs: 120_000, refreshMs: 90_000 },
    streams: config.streams !== 'off',
    terminalAs: 'new',
    unknownPolicy: config.unknownPolicy,
    audience: 'always',
    evidence: 'accepted',
    // A message a second in a channel; its threads share it, which the adapter sees to.
    gapMs: { channel: 1_000 },
  };
}

/**
 * A bot on Slack, by Bolt (`npm install @slack/bolt@5`), over Socket Mode or with requests that the relay's HTTP server
 * takes at `/slack/events`.
 *
 * "Seen" means that Slack made the message and gave its `ts`. A message whose answer was lost is looked for in the
 * history by a key that it carries, before it is sent again. One workspace, by its token. Throws `ConfigError`
 * `invalid_config`; `start` throws `ConfigError` `bolt_missing`.
 *
 * @example createRelay({ adapters: [createSlack({ token, appToken })], … })
 */
export function createSlack(config: SlackConfigInput): SlackAdapter {
  return new Slack(parseConfig(config));
}

/** What one start made and one stop ends. */
interface Running {
  readonly site: Site;
  readonly stopping: AbortController;
  readonly catchUp: CatchUp;
  readonly intake: Intake;
  readonly door: HttpDoor | undefined;
}

class Slack implements SlackAdapter {
  readonly name = 'slack';
  readonly accounts: readonly string[];
  readonly capabilities: AdapterCapabilities;
  readonly deadlines: NonNullable<SlackConfig['deadlines']>;
  readonly fetch?: (request: Request) => Promise<Response>;
  readonly #config: SlackConfig;
  readonly #account: string;
  #host: AdapterHost | undefined;
  #running: Running | undefined;
  #stopped = false;

  constructor(config: SlackConfig) {
    this.#config = config;
    this.#account = accountOf(config);
    this.accounts = [this.#account];
    this.capabilities = capabilitiesOf(config);
    this.deadlines = config.deadlines ?? {};
    if (config.mode === 'http')
      this.fetch = async (request) => (await this.#running?.door?.answer(request)) ?? busy();
  }

  /** Asks Slack who the bot is, once; when Slack does not answer, it goes on asking behind. */
  async start(host: AdapterHost): Promise<void> {
    if (this.#host !== undefined)
      throw new ContractError('started_twice', 'slack: start was called before');
    this.#host = host;
    const bolt = await loadBolt();
    if (this.#stopped) return;
    const box: { us?: Identity } = {};
    const running = this.#make(host, bolt, box);
    this.#running = running;
    const { site, catchUp, intake, stopping } = running;
    const parts: Connecting = {
      site,
      bolt,
      catchUp,
      intake,
      met: (us) => Object.assign(box, { us }),
    };
    await catchUp.prepare();
    void site.passing.start();
    await meet(parts, stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted) toldOfToken(parts, error);
    });
    stayConnected(parts, stopping.signal).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : 'error';
      host.log('error', 'slack stopped taking messages', { error: name });
      site.link.broken(`the adapter broke (${name}): restart it`);
    });
  }

  #make(host: AdapterHost, bolt: Bolt, box: { readonly us?: Identity }): Running {
    const config = this.#config;
    const { token, apiUrl, fetch = globalThis.fetch, signingSecret } = config;
    const stopping = new AbortController();
    const site = createSite({
      config,
      account: this.#account,
      host,
      api: createApi(bolt, { token, apiUrl, fetch, runtime: host.runtime }),
      link: new Link(host, this.#account),
      places: new Places(host, this.#account),
      us: () => box.us,
    });
    const catchUp = new CatchUp(site, stopping.signal);
    const intake = new Intake(site, {
      stopping: stopping.signal,
      missed: (conversation, untilMs) => catchUp.reached(conversation, untilMs),
    });
    const isHttp = config.mode === 'http' && signingSecret !== undefined;
    const door = isHttp ? new HttpDoor({ host, intake }, signingSecret) : undefined;
    return { site, stopping, door, catchUp, intake };
  }

  cut(...[delivery, repairs]: Parameters<Adapter['cut']>): ReturnType<Adapter['cut']> {
    return cutDelivery(delivery, repairs, this.#config);
  }

  async deliver(
    ...[delivery, attempt]: Parameters<Adapter['deliver']>
  ): ReturnType<Adapter['deliver']> {
    const site = this.#running?.site;
    if (site === undefined) return notRunning(this.#host?.runtime.wallMs() ?? 0);
    const outcome = await deliver(site, delivery, attempt);
    if ('surface' in outcome && outcome.surface === 'durable')
      site.link.showed(delivery.channel.conversation);
    return outcome;
  }

  async reconcile(
    ...[question]: Parameters<NonNullable<Adapter['reconcile']>>
  ): ReturnType<NonNullable<Adapter['reconcile']>> {
    const site = this.#running?.site;
    if (site === undefined) return { kind: 'cannot_tell', cause: 'slack is not running' };
    return await reconcile(site, question);
  }

  show(transient: Transient): void {
    this.#running?.site.passing.show(transient);
  }

  /** What was said since the bot last heard; what does not fit into the time goes on behind. */
  async catchUp({ signal }: { signal: AbortSignal }): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    await orAborted(running.catchUp.runPending(), signal);
  }

  async file(url: string, options: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
    const site = this.#running?.site;
    if (site === undefined) throw new ContractError('not_running', 'slack is not running');
    return await loadFile(site, url, options.signal);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const { site, stopping } = running;
    stopping.abort();
    await site.passing.stop();
    site.api.stop();
    site.link.stopped();
  }
}
