// Before it is needed: virtual time does not wait for files.
import 'discord.js';
import '@discordjs/ws';
import { expect, onTestFinished } from 'vitest';
import {
  accountOf,
  type DiscordConfigInput,
  parseConfig,
} from '../../../src/adapters/discord/config.ts';
import {
  type Connecting,
  meet,
  stayConnected,
  toldOfToken,
} from '../../../src/adapters/discord/connect.ts';
import type { DiscordDispatch } from '../../../src/adapters/discord/inbound-shape.ts';
import { Link } from '../../../src/adapters/discord/link.ts';
import { createRest, loadDiscord, type RestApi } from '../../../src/adapters/discord/rest.ts';
import type { StoredSession } from '../../../src/adapters/discord/session.ts';
import type { LookingBack, Taking } from '../../../src/adapters/discord/shard.ts';
import type { Identity, Site } from '../../../src/adapters/discord/site.ts';
import {
  type DiscordPerson,
  type FakeDiscord,
  type FakeDiscordOptions,
  startFakeDiscord,
} from '../../../src/testing/discord/index.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/index.ts';
import { FakeHost } from '../webchat/fake-host.ts';

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class ToldHost extends FakeHost {
  readonly told: string[] = [];
  override connection(_: string, state: string, cause?: string): void {
    this.told.push(cause === undefined ? state : `${state}: ${cause}`);
  }
}

/** Takes events as the intake does: what is held is stored when the test lets it. */
export class FakeIntake implements Taking {
  readonly took: DiscordDispatch[] = [];
  readonly held: (() => void)[] = [];
  isHolding = false;
  isBehind = false;
  /** Throws at the next event, as it never should. */
  isBroken = false;

  take(dispatch: DiscordDispatch, done: () => void): boolean {
    if (this.isBroken) throw new Error('broken');
    if (this.isBehind) return false;
    this.took.push(dispatch);
    if (this.isHolding) this.held.push(done);
    else done();
    return true;
  }

  /** The texts of messages, as they came. */
  get texts(): unknown[] {
    return this.took
      .filter(({ t }) => t === 'MESSAGE_CREATE')
      .map(({ d }) => (d as { content?: unknown }).content);
  }

  get types(): unknown[] {
    return this.took.map(({ t }) => t);
  }
}

export class FakeCatchUp implements LookingBack {
  /** Since when it was asked to look, and how many messages had come then. */
  readonly runs: { readonly since: number | 'pending'; readonly behind: number }[] = [];
  readonly guilds: unknown[] = [];
  /** How sessions began: READY, RESUMED. */
  readonly begun: string[] = [];
  isBusy = false;
  readonly #intake: () => FakeIntake;

  constructor(intake: () => FakeIntake) {
    this.#intake = intake;
  }

  async runPending(): Promise<void> {
    this.runs.push({ since: 'pending', behind: this.#intake().texts.length });
  }

  async run(sinceMs: number): Promise<void> {
    this.runs.push({ since: sinceMs, behind: this.#intake().texts.length });
  }

  heard({ t }: DiscordDispatch): void {
    this.begun.push(t ?? '');
  }

  sees(guild: unknown): void {
    this.guilds.push(guild);
  }
}

export interface GatewayOptions {
  readonly config?: Partial<DiscordConfigInput>;
  readonly fake?: FakeDiscordOptions;
  /** Else the test starts it. */
  readonly start?: boolean;
}

/** One life of the bot, as far as the gateway goes. */
interface Life {
  readonly stopping: AbortController;
  readonly over: Promise<void>;
  readonly rest: RestApi;
  readonly link: Link;
}

/** The gateway's part of the adapter with the real libraries, on virtual time, against the fake Discord. */
export class GatewayStage {
  readonly runtime: FakeRuntime;
  readonly discord: FakeDiscord;
  readonly host: ToldHost;
  readonly ann: DiscordPerson;
  readonly catchUp: FakeCatchUp;
  /** Of the newest life. */
  intake = new FakeIntake();
  us: Identity | undefined;
  aliveNotes = 0;
  /** Of the next life. */
  config: Partial<DiscordConfigInput>;
  readonly #lives: Life[] = [];

  private constructor(
    runtime: FakeRuntime,
    discord: FakeDiscord,
    config: Partial<DiscordConfigInput>,
  ) {
    this.runtime = runtime;
    this.discord = discord;
    this.config = config;
    this.host = new ToldHost(runtime);
    this.ann = discord.person({ name: 'Ann' });
    this.catchUp = new FakeCatchUp(() => this.intake);
  }

  static async open(options: GatewayOptions = {}): Promise<GatewayStage> {
    const runtime = createFakeRuntime();
    const discord = await startFakeDiscord({ runtime, limits: false, ...options.fake });
    const stage = new GatewayStage(runtime, discord, options.config ?? {});
    onTestFinished(() => stage.close());
    if (options.start !== false) await stage.startConnected();
    return stage;
  }

  get told(): readonly string[] {
    return this.host.told;
  }

  get states(): string[] {
    return this.told.map((one) => one.split(':')[0] ?? '');
  }

  get link(): Link {
    return this.#life.link;
  }

  get counts() {
    const { made, identifies, resumes } = this.discord.gateway;
    return { made, identifies, resumes };
  }

  get #life(): Life {
    const life = this.#lives.at(-1);
    if (life === undefined) throw new Error('not started');
    return life;
  }

  async start(): Promise<void> {
    const { token, apiUrl, fetch } = this.discord;
    const config = parseConfig({ token, apiUrl, fetch, ...this.config });
    const discord = await loadDiscord();
    const { host, runtime } = this;
    const account = accountOf(config);
    this.intake = new FakeIntake();
    this.us = undefined;
    const link = new Link(host, account);
    const heard = (): void => undefined;
    const rest = createRest(discord, { token, apiUrl, fetch, runtime, heard });
    const alive = async (): Promise<void> => {
      this.aliveNotes += 1;
    };
    const places = { alive } as Site['places'];
    const parts: Connecting = {
      site: { config, account, host, link, places, rest, us: () => this.us },
      discord,
      intake: this.intake,
      catchUp: this.catchUp,
      met: (us) => {
        this.us = us;
      },
    };
    const stopping = new AbortController();
    await meet(parts, stopping.signal).catch((error: unknown) => void toldOfToken(parts, error));
    const over = stayConnected(parts, stopping.signal);
    this.#lives.push({ stopping, over, rest, link });
  }

  /** Resolves when the gateway is there. */
  async startConnected(count = 1): Promise<void> {
    await this.start();
    await this.connected(count);
  }

  /** Ends as the adapter does. */
  async stop(): Promise<void> {
    const { stopping, over, rest, link } = this.#life;
    stopping.abort();
    await over;
    rest.stop();
    link.stopped();
  }

  /** Ends as a process that is killed: nothing is stored or said any more. */
  async kill(): Promise<void> {
    const stored = await this.stored();
    this.discord.gateway.drop();
    const { set } = this.host.state;
    this.host.state.set = async () => undefined;
    await this.stop();
    this.host.state.set = set;
    expect(await this.stored()).toEqual(stored);
  }

  /** The stored session of a shard. */
  async stored(shard = 0): Promise<StoredSession | undefined> {
    const account = accountOf({ token: this.discord.token });
    const row = await this.host.state.get(account, `session:${shard}`);
    return row === undefined || row === '' ? undefined : JSON.parse(row);
  }

  /** The stored session of a stopped life, changed. */
  async store(changes: Partial<StoredSession>): Promise<void> {
    const row = JSON.stringify({ ...(await this.stored()), ...changes });
    await this.host.state.set(this.discord.appId, 'session:0', row);
  }

  /** Time goes on until it is so. */
  async until(isSo: () => boolean, stepMs = 200): Promise<void> {
    for (let n = 0; n < 3_000 && !isSo(); n += 1) {
      await turn();
      await this.runtime.advance(stepMs);
    }
    expect(isSo()).toBe(true);
  }

  /** Virtual time stands still until it is so: for what the library does by the real clock. */
  async really(isSo: () => boolean): Promise<void> {
    const untilMs = performance.now() + 10_000;
    while (!isSo() && performance.now() < untilMs) await turn();
    expect(isSo()).toBe(true);
  }

  /** So many connections are up, and what was sent to them is read. Time goes on meanwhile. */
  async connected(count = 1): Promise<void> {
    let isUp = false;
    const up = this.discord.gateway.connected(count, { timeoutMs: 10_000 }).then(() => {
      isUp = true;
    });
    while (!isUp) {
      await turn();
      await this.runtime.advance(100);
      await Promise.race([up, turn()]);
    }
    await this.read();
  }

  /** What was sent is read. */
  async read(): Promise<void> {
    await this.discord.settled();
    await this.runtime.settle();
  }

  /** Ann says something in her direct messages, and it came. */
  async say(text: string): Promise<void> {
    this.ann.say(text);
    await this.read();
  }

  async close(): Promise<void> {
    for (const { stopping, rest } of this.#lives) {
      stopping.abort();
      rest.stop();
    }
    await Promise.all(this.#lives.map(({ over }) => over));
    await this.discord.stop();
  }
}
