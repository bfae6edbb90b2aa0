// Before it is needed: virtual time does not wait for files.
import 'discord.js';
import { vi } from 'vitest';
import { Budget } from '../../../src/adapters/discord/budget.ts';
import { commandBodies, commandRoutes } from '../../../src/adapters/discord/commands.ts';
import { type DiscordConfig, parseConfig } from '../../../src/adapters/discord/config.ts';
import { deliver } from '../../../src/adapters/discord/deliver.ts';
import { deferCall } from '../../../src/adapters/discord/interaction-call.ts';
import { beginLife } from '../../../src/adapters/discord/life.ts';
import { cutDelivery, lengthMaxOf } from '../../../src/adapters/discord/outbound-cut.ts';
import { reconcile } from '../../../src/adapters/discord/reconcile.ts';
import { createRest, loadDiscord } from '../../../src/adapters/discord/rest.ts';
import { createSite, type Site } from '../../../src/adapters/discord/site.ts';
import type { Adapter, AdapterHost } from '../../../src/contracts/adapter.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import type { InboundInput } from '../../../src/contracts/inbound.ts';
import {
  type DiscordChannel,
  type DiscordInteraction,
  type DiscordMessage,
  type DiscordPerson,
  type FakeDiscord,
  type FakeDiscordOptions,
  startFakeDiscord,
} from '../../../src/testing/discord/index.ts';
import type { FakeCall } from '../../../src/testing/fake-worker.ts';
import { Harness, type HarnessOptions } from '../../support/harness.ts';

export interface OutStageOptions {
  /** Over what the fake gives; as `createDiscord` takes it. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly fake?: FakeDiscordOptions;
  readonly relay?: HarnessOptions;
}

/**
 * What leaves: the real relay on virtual time, the adapter's own way out with the real client, and the fake Discord. What
 * Ann says is handed to the relay as it is; the doors have tests of their own.
 */
export class OutStage {
  readonly harness: Harness;
  readonly discord: FakeDiscord;
  readonly ann: DiscordPerson;
  readonly room: DiscordChannel;
  readonly logs: string[];
  /** Why the platform refused the account. */
  readonly refused: string[] = [];
  readonly #lives: Life[];

  private constructor(parts: {
    harness: Harness;
    discord: FakeDiscord;
    logs: string[];
    lives: Life[];
  }) {
    this.harness = parts.harness;
    this.discord = parts.discord;
    this.logs = parts.logs;
    this.#lives = parts.lives;
    this.ann = parts.discord.person({ name: 'Ann' });
    this.room = parts.discord.channel({ name: 'room' });
  }

  static async open({ config, fake, relay }: OutStageOptions = {}): Promise<OutStage> {
    const logs: string[] = [];
    const lives: Life[] = [];
    const box: { stage?: OutStage } = {};
    const harness = new Harness({
      log: (level, message, data) =>
        void logs.push(`${level} ${message} ${JSON.stringify(data) ?? ''}`),
      ...relay,
      adapters: () => {
        if (box.stage === undefined) throw new Error('no server');
        const life = new Life(box.stage, config);
        lives.push(life);
        return [life];
      },
    });
    const { runtime } = harness;
    const discord = await startFakeDiscord({ runtime, ...fake });
    // The real client counts its limits by this clock.
    vi.spyOn(Date, 'now').mockImplementation(() => runtime.wallMs());
    const stage = new OutStage({ harness, discord, logs, lives });
    box.stage = stage;
    await harness.start();
    return stage;
  }

  get life(): Life {
    const life = this.#lives.at(-1);
    if (life === undefined) throw new Error('not started');
    return life;
  }

  get site(): Site {
    return this.life.site;
  }

  get calls(): readonly FakeCall[] {
    return this.harness.worker.calls;
  }

  get work(): FakeCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('no work began');
    return call;
  }

  /** The conversation that a channel of Discord's is; a thread's belongs to its parent. */
  refOf({ id, parent }: DiscordChannel): ChannelRef {
    const base = { adapter: 'discord', account: 'main' };
    return parent === undefined
      ? { ...base, conversation: id }
      : { ...base, conversation: parent.id, thread: id };
  }

  advance(ms: number): Promise<void> {
    return this.harness.advance(ms);
  }

  /** Ann says something there, and the work for it begins. */
  async begin({
    text = 'go',
    in: channel = this.room,
  }: {
    text?: string;
    in?: DiscordChannel;
  } = {}) {
    const message = this.ann.say(text, { to: channel });
    return await this.take(message, this.refOf(channel));
  }

  /** Hands a message of Ann's to the relay, as said in that conversation. */
  async take(message: DiscordMessage, ref: ChannelRef): Promise<FakeCall> {
    const { id, text, sentAtMs } = message;
    return await this.accept({
      kind: 'message',
      id,
      channel: ref,
      person: { id: this.ann.id, name: 'Ann' },
      sentAtMs,
      text,
    });
  }

  async accept(inbound: InboundInput): Promise<FakeCall> {
    const before = this.calls.length;
    this.site.places.expects(inbound);
    await this.harness.settle(this.site.places.saw(inbound));
    await this.harness.settle(this.life.host.accept(inbound));
    await this.advance(0);
    if (this.calls.length === before) throw new Error('no work began');
    return this.work;
  }

  /** The commands are there. */
  async register(): Promise<void> {
    const { commands, words } = this.life.config;
    if (commands === false) throw new Error('no commands');
    const body = commandBodies(commands, words);
    for (const route of commandRoutes(commands, this.discord.appId))
      await this.harness.settle(this.site.rest.call({ method: 'PUT', route, body }));
  }

  /** Ann gives the command; it is deferred and handed over as the door does it. */
  async ask(
    text = 'go',
    more: { in?: DiscordChannel; ephemeral?: boolean; reachable?: boolean } = {},
  ): Promise<DiscordInteraction> {
    const { in: channel = this.room, ephemeral = false, reachable = true } = more;
    const { harness, site, ann, discord } = this;
    const given = ann.command('ask', { text }, { in: channel });
    const { id, token } = given;
    const interaction = {
      ...{ id, token, reachable, applicationId: discord.appId, channelId: channel.id },
      ...{ kind: 'command' as const, personId: ann.id },
    };
    const nowMs = harness.runtime.wallMs();
    await harness.settle(site.lives.put(beginLife(interaction, { nowMs, ephemeral })));
    await harness.settle(site.rest.call(deferCall(interaction, { ephemeral })));
    await harness.settle(site.lives.on(id, { kind: 'deferred' }));
    await this.accept({
      kind: 'message',
      id,
      channel: this.refOf(channel),
      person: { id: ann.id, name: 'Ann' },
      sentAtMs: nowMs,
      text,
    });
    return given;
  }

  /** The process dies as by a kill, and another one takes over. */
  async crash(downMs = 0): Promise<void> {
    await this.harness.crash(downMs);
  }

  async incidents(): Promise<readonly string[]> {
    const { rows } = await this.harness.relay.incidents.list({ open: true });
    return rows.map(({ reason }) => reason);
  }

  async close(): Promise<void> {
    vi.restoreAllMocks();
    this.discord.clearFaults();
    const stopped = this.harness.relay.stop({ now: true });
    stopped.catch(() => undefined);
    await this.harness.runtime.advance(20_000);
    await stopped;
    await this.discord.stop();
    this.harness.memory.close();
  }
}

/** One start of the adapter's way out. */
class Life implements Adapter {
  readonly name = 'discord';
  readonly accounts = ['main'];
  readonly capabilities;
  readonly config: DiscordConfig;
  host!: AdapterHost;
  site!: Site;
  readonly #stage: OutStage;

  constructor(stage: OutStage, config: OutStageOptions['config']) {
    this.#stage = stage;
    const { token, apiUrl, fetch } = stage.discord;
    this.config = parseConfig({ token, apiUrl, fetch, account: 'main', ...config });
    this.capabilities = {
      lengthMax: lengthMaxOf(this.config),
      lengthUnit: 'utf16' as const,
      editMs: 3_600_000,
      buttons: true,
      files: true,
      presence: { ttlMs: 10_000, refreshMs: 8_000 },
      streams: this.config.streams !== 'off',
      terminalAs: 'new' as const,
      unknownPolicy: this.config.unknownPolicy,
      audience: 'always' as const,
      evidence: 'accepted' as const,
    };
  }

  async start(host: AdapterHost): Promise<void> {
    this.host = host;
    const { token, apiUrl, fetch = globalThis.fetch } = this.config;
    const { runtime } = host;
    const budget = new Budget();
    const { appId, botId } = this.#stage.discord;
    this.site = createSite({
      config: this.config,
      account: 'main',
      host,
      rest: createRest(await loadDiscord(), {
        ...{ token, apiUrl, fetch, runtime },
        heard: (answer) => budget.note(answer, runtime.monoMs()),
      }),
      link: { refused: (cause: string) => void this.#stage.refused.push(cause) } as never,
      budget,
      us: () => ({ userId: botId, applicationId: appId, roleIds: [] }),
    });
    await Promise.all([this.site.places.load(), this.site.lives.load()]);
  }

  cut(...[delivery, repairs]: Parameters<Adapter['cut']>): ReturnType<Adapter['cut']> {
    return cutDelivery(delivery, repairs, this.config);
  }

  deliver(...[delivery, attempt]: Parameters<Adapter['deliver']>): ReturnType<Adapter['deliver']> {
    return deliver(this.site, delivery, attempt);
  }

  reconcile(
    ...[question]: Parameters<NonNullable<Adapter['reconcile']>>
  ): ReturnType<NonNullable<Adapter['reconcile']>> {
    return reconcile(this.site, question);
  }

  show(...[transient]: Parameters<NonNullable<Adapter['show']>>): void {
    this.site.passing.show(transient);
  }

  async stop(): Promise<void> {
    await this.site.passing.stop();
    this.site.rest.stop();
  }
}
