import type {
  Adapter,
  AdapterCapabilities,
  AdapterHost,
  Transient,
} from '../../contracts/adapter.ts';
import { ContractError } from '../../contracts/error.ts';
import { orAborted } from '../shared/aborted.ts';
import { Budget } from './budget.ts';
import { CatchUp } from './catch-up.ts';
import { accountOf, type DiscordConfig, type DiscordConfigInput, parseConfig } from './config.ts';
import { type Connecting, meet, stayConnected, toldOfToken } from './connect.ts';
import { deliver } from './deliver.ts';
import { Intake } from './intake.ts';
import { gapMs } from './limiter.ts';
import { Link } from './link.ts';
import { cutDelivery, lengthMaxOf } from './outbound-cut.ts';
import { notRunning } from './outcome.ts';
import { reconcile } from './reconcile.ts';
import { type Answered, createRest, type DiscordJs, type DiscordWs, loadDiscord } from './rest.ts';
import { createSite, type Identity, type Site } from './site.ts';

export type { DiscordConfigInput } from './config.ts';

function capabilitiesOf(config: DiscordConfig): AdapterCapabilities {
  return {
    lengthMax: lengthMaxOf(config),
    lengthUnit: 'utf16',
    // Discord limits edits of messages that are older than an hour.
    editMs: 3_600_000,
    buttons: true,
    files: true,
    presence: { ttlMs: 10_000, refreshMs: 8_000 },
    streams: config.streams !== 'off',
    terminalAs: 'new',
    unknownPolicy: config.unknownPolicy,
    audience: 'always',
    evidence: 'accepted',
    gapMs: { channel: gapMs },
  };
}

/**
 * A bot on Discord, by discord.js (`npm install discord.js@14 @discordjs/ws@1`): messages, threads, slash commands,
 * buttons, over a gateway session that outlives the process.
 *
 * "Seen" means that Discord made the message and gave its id. Each new message carries a nonce, by which Discord makes it
 * once however often it is sent within two minutes; later it is looked for in the history. Throws `ConfigError`
 * `invalid_config`; `start` throws `ConfigError` `discord_js_missing`.
 *
 * @example createRelay({ adapters: [createDiscord({ token })], … })
 */
export function createDiscord(config: DiscordConfigInput): Adapter {
  return new Discord(parseConfig(config));
}

/** What one start made and one stop ends. */
interface Running {
  readonly site: Site;
  readonly stopping: AbortController;
  readonly catchUp: CatchUp;
  /** Ends with the last connection. */
  connected: Promise<void>;
}

class Discord implements Adapter {
  readonly name = 'discord';
  readonly accounts: readonly string[];
  readonly capabilities: AdapterCapabilities;
  readonly deadlines: NonNullable<DiscordConfig['deadlines']>;
  readonly #config: DiscordConfig;
  readonly #account: string;
  #host: AdapterHost | undefined;
  #running: Running | undefined;
  #stopped = false;

  constructor(config: DiscordConfig) {
    this.#config = config;
    this.#account = accountOf(config);
    this.accounts = [this.#account];
    this.capabilities = capabilitiesOf(config);
    this.deadlines = config.deadlines ?? {};
  }

  /** Asks Discord who the bot is, once; when Discord does not answer, it goes on asking behind. */
  async start(host: AdapterHost): Promise<void> {
    if (this.#host !== undefined)
      throw new ContractError('started_twice', 'discord: start was called before');
    this.#host = host;
    const discord = await loadDiscord();
    if (this.#stopped) return;
    const box: { us?: Identity } = {};
    const site = this.#makeSite(host, discord, box);
    const stopping = new AbortController();
    const catchUp = new CatchUp(site, stopping.signal);
    const running: Running = { site, stopping, catchUp, connected: Promise.resolve() };
    this.#running = running;
    const intake = new Intake(site, {
      stopping: stopping.signal,
      missed: (channelId, untilMs) => catchUp.reached(channelId, untilMs),
    });
    const parts: Connecting = {
      site,
      discord,
      intake,
      catchUp,
      met: (us) => Object.assign(box, { us }),
    };
    await Promise.all([catchUp.prepare(), site.places.load(), site.lives.load()]);
    await meet(parts, stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted) toldOfToken(parts, error);
    });
    running.connected = stayConnected(parts, stopping.signal).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : 'error';
      host.log('error', 'discord stopped taking messages', { error: name });
      site.link.broken(`the adapter broke (${name}): restart it`);
    });
  }

  #makeSite(host: AdapterHost, discord: DiscordJs & DiscordWs, box: { us?: Identity }): Site {
    const config = this.#config;
    const { token, apiUrl, fetch = globalThis.fetch } = config;
    const { runtime } = host;
    const budget = new Budget();
    const heard = (answer: Answered): void => {
      budget.note(answer, runtime.monoMs());
      if (answer.date !== undefined) site.sent.measureDate(answer.date);
    };
    const site = createSite({
      config,
      account: this.#account,
      host,
      rest: createRest(discord, { token, apiUrl, fetch, runtime, heard }),
      link: new Link(host, this.#account),
      budget,
      us: () => box.us,
    });
    return site;
  }

  cut(...[delivery, repairs]: Parameters<Adapter['cut']>): ReturnType<Adapter['cut']> {
    return cutDelivery(delivery, repairs, this.#config);
  }

  async deliver(
    ...[delivery, attempt]: Parameters<Adapter['deliver']>
  ): ReturnType<Adapter['deliver']> {
    const site = this.#running?.site;
    if (site === undefined) return notRunning(this.#host?.runtime.wallMs() ?? 0);
    return await deliver(site, delivery, attempt);
  }

  async reconcile(
    ...[question]: Parameters<NonNullable<Adapter['reconcile']>>
  ): ReturnType<NonNullable<Adapter['reconcile']>> {
    const site = this.#running?.site;
    if (site === undefined) return { kind: 'cannot_tell', cause: 'discord is not running' };
    return await reconcile(site, question);
  }

  show(transient: Transient): void {
    this.#running?.site.passing.show(transient);
  }

  /** What was said since the bot last heard; what does not fit into the time goes on behind. */
  async catchUp({ signal }: { signal: AbortSignal }): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    await orAborted(running.catchUp.settled(), signal);
  }

  /** The session stays with Discord: the next start takes it up where this one ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const { site, stopping } = running;
    stopping.abort();
    await site.passing.stop();
    await running.connected;
    site.rest.stop();
    site.link.stopped();
  }
}
