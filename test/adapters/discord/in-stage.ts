import { type SessionInfo, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import { REST } from 'discord.js';
import { Budget } from '../../../src/adapters/discord/budget.ts';
import { CatchUp } from '../../../src/adapters/discord/catch-up.ts';
import { commandBodies, commandRoutes } from '../../../src/adapters/discord/commands.ts';
import { type DiscordConfigInput, parseConfig } from '../../../src/adapters/discord/config.ts';
import type { InSite } from '../../../src/adapters/discord/dispatch.ts';
import { intentsOf } from '../../../src/adapters/discord/gateway-rule.ts';
import type { DiscordDispatch } from '../../../src/adapters/discord/inbound-shape.ts';
import { Intake } from '../../../src/adapters/discord/intake.ts';
import { Lives } from '../../../src/adapters/discord/lives.ts';
import { Places } from '../../../src/adapters/discord/places.ts';
import { createRest } from '../../../src/adapters/discord/rest.ts';
import { holdTime } from '../../../src/testing/adapter-conformance.ts';
import {
  type DiscordPerson,
  type FakeDiscord,
  type FakeDiscordOptions,
  startFakeDiscord,
} from '../../../src/testing/discord/index.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/fake-runtime.ts';
import { ScriptedHost } from './scripted-host.ts';

export interface InStageOptions {
  readonly config?: Partial<DiscordConfigInput>;
  readonly fake?: FakeDiscordOptions;
  /** Else the test connects. */
  readonly connect?: boolean;
}

/** What is sent by a nonce, as a test says. */
type Sent = InSite['sent'];

/** The half of the adapter that takes in, over the real REST client and the real gateway client, in virtual time. */
export class InStage {
  readonly runtime: FakeRuntime;
  readonly discord: FakeDiscord;
  readonly host: ScriptedHost;
  readonly ann: DiscordPerson;
  readonly sent = new Map<string, NonNullable<ReturnType<Sent['by']>>>();
  /** What came, in order, with its number; of the newest connection. */
  readonly came: { readonly seq: number; readonly type: string; isDone: boolean }[] = [];
  /** Whether something was too much. */
  wasRefused = false;
  site!: InSite;
  intake!: Intake;
  catchUp!: CatchUp;
  #stopping = new AbortController();
  #manager: WebSocketManager | undefined;
  #session: SessionInfo | null = null;
  #heardMs: number | undefined;
  readonly #config: Partial<DiscordConfigInput>;

  private constructor(parts: Pick<InStage, 'runtime' | 'discord'>, options: InStageOptions) {
    this.runtime = parts.runtime;
    this.discord = parts.discord;
    this.host = new ScriptedHost(parts.runtime);
    this.ann = parts.discord.person({ name: 'Ann' });
    this.#config = options.config ?? {};
  }

  static async open(options: InStageOptions = {}): Promise<InStage> {
    const runtime = createFakeRuntime();
    const discord = await startFakeDiscord({ runtime, limits: false, ...options.fake });
    const stage = new InStage({ runtime, discord }, options);
    await stage.begin();
    const { commands, words } = stage.site.config;
    if (commands !== false)
      for (const route of commandRoutes(commands, discord.appId))
        await stage.site.rest.call({
          method: 'PUT',
          route,
          body: commandBodies(commands, words),
        });
    if (options.connect !== false) await stage.connect();
    return stage;
  }

  /** A process begins, over what the one before it stored. */
  async begin(): Promise<void> {
    const { discord, runtime, host } = this;
    const { token, apiUrl, fetch } = discord;
    const config = parseConfig({ token, apiUrl, fetch, ...this.#config });
    const account = discord.appId;
    const us = { userId: discord.botId, applicationId: discord.appId, roleIds: [] };
    const budget = new Budget();
    this.#stopping = new AbortController();
    this.site = {
      config,
      account,
      host,
      rest: createRest(
        { REST },
        { token, apiUrl, fetch, runtime, heard: (answer) => budget.note(answer, runtime.monoMs()) },
      ),
      budget,
      places: new Places(host, account),
      lives: new Lives(host, { account, token }),
      us: () => us,
      sent: { by: (nonce) => this.sent.get(nonce) },
    };
    this.catchUp = new CatchUp(this.site, this.#stopping.signal);
    this.intake = new Intake(this.site, {
      stopping: this.#stopping.signal,
      missed: (channelId, untilMs) => this.catchUp.reached(channelId, untilMs),
    });
    await Promise.all([this.catchUp.prepare(), this.site.places.load(), this.site.lives.load()]);
  }

  /** Resumes the session where all was committed, or begins one. `heardMs`: until when this life heard. */
  async connect(heardMs?: number): Promise<void> {
    const { discord } = this;
    this.#heardMs = heardMs;
    this.came.length = 0;
    const manager: WebSocketManager = new WebSocketManager({
      token: discord.token,
      intents: intentsOf(this.site.config),
      rest: this.site.rest.client,
      retrieveSessionInfo: () => this.#session,
      updateSessionInfo: (_, session) => this.#update(manager, session),
      buildIdentifyThrottler: () => ({ waitForIdentify: async () => undefined }),
    });
    this.#manager = manager;
    manager.on(WebSocketShardEvents.Dispatch, ({ data }) => this.#dispatch(manager, data));
    manager.on(WebSocketShardEvents.Error, () => undefined);
    this.site.rest.client.setToken(discord.token);
    await holdTime(this.runtime, manager.connect());
    await holdTime(this.runtime, discord.gateway.connected());
    await this.brought();
  }

  /** The connection ends; the session stays. */
  async leave(): Promise<void> {
    const manager = this.#manager;
    this.#manager = undefined;
    if (manager === undefined) return;
    const closed = (async () => await manager.destroy({ code: 4_200 }))();
    await holdTime(this.runtime, closed);
  }

  /** The process dies as by a kill, and a new one begins; it connects again when told to. */
  async crash(downMs = 0): Promise<void> {
    await this.kill();
    await this.advance(downMs);
    await this.begin();
  }

  /** The process dies as by a kill. */
  async kill(): Promise<void> {
    await this.leave();
    this.#stopping.abort();
  }

  /** All that people did until now was handed over. */
  async brought(): Promise<void> {
    await holdTime(this.runtime, this.discord.settled());
    await this.runtime.settle();
  }

  async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms);
  }

  /** Hears for a while, so that the time is noted. */
  async hear(ms = 0): Promise<void> {
    await this.site.places.alive();
    await this.advance(ms);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.site.rest.stop();
    await this.leave();
    await this.runtime.advance(20_000);
    await this.discord.stop();
  }

  /** Discord brings all of the session again. */
  forgetCommits(): void {
    if (this.#session !== null) this.#session = { ...this.#session, sequence: 1 };
  }

  /** Events that came and are not committed. */
  get open(): string[] {
    return this.came.filter(({ isDone }) => !isDone).map(({ type }) => type);
  }

  #update(manager: WebSocketManager, session: SessionInfo | null): void {
    if (manager !== this.#manager) return;
    if (session === null) this.#session = null;
    else if (session.sessionId !== this.#session?.sessionId) {
      this.#session = { ...session, sequence: 0 };
      void (this.#heardMs === undefined
        ? this.catchUp.runPending()
        : this.catchUp.run(this.#heardMs));
    }
  }

  #dispatch(
    manager: WebSocketManager,
    data: DiscordDispatch & { readonly s: number; readonly t: string },
  ): void {
    if (manager !== this.#manager) return;
    const event = { seq: data.s, type: data.t, isDone: false };
    this.came.push(event);
    if (data.t === 'READY' || data.t === 'RESUMED') this.catchUp.heard(data);
    if (data.t === 'GUILD_CREATE') this.catchUp.sees(data.d);
    const isTaken = this.intake.take(data, () => {
      event.isDone = true;
      this.#commit();
    });
    if (!isTaken) this.wasRefused = true;
  }

  /** Up to the first that is not done. */
  #commit(): void {
    const firstOpen = this.came.find(({ isDone }) => !isDone);
    const sequence = (firstOpen?.seq ?? (this.came.at(-1)?.seq ?? 0) + 1) - 1;
    if (this.#session !== null && sequence > this.#session.sequence)
      this.#session = { ...this.#session, sequence };
  }
}
