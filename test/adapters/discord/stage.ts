// Before it is needed: the adapter loads it when it starts, and virtual time does not wait for files.
import 'discord.js';
import '@discordjs/ws';
import type { DiscordConfigInput } from '../../../src/adapters/discord/config.ts';
import { createDiscord } from '../../../src/adapters/discord/index.ts';
import type { Adapter } from '../../../src/contracts/adapter.ts';
import { holdTime } from '../../../src/testing/adapter-conformance.ts';
import {
  type DiscordChannel,
  type DiscordMessage,
  type DiscordPerson,
  type DiscordSayOptions,
  type FakeDiscord,
  type FakeDiscordOptions,
  startFakeDiscord,
} from '../../../src/testing/discord/index.ts';
import type { FakeCall } from '../../../src/testing/fake-worker.ts';
import { Harness, type HarnessOptions } from '../../support/harness.ts';
import { heldAdapter } from './held.ts';

export interface StageOptions {
  readonly config?: Partial<DiscordConfigInput>;
  readonly fake?: FakeDiscordOptions;
  readonly relay?: HarnessOptions;
  /** Else the test starts it. */
  readonly start?: boolean;
}

/** The real adapter and libraries, the real relay on virtual time, and the fake Discord with its people. */
export class Stage {
  readonly harness: Harness;
  readonly discord: FakeDiscord;
  readonly ann: DiscordPerson;
  /** A channel of the server. */
  readonly room: DiscordChannel;
  readonly logs: string[];

  private constructor(parts: Pick<Stage, 'harness' | 'discord' | 'logs'>) {
    this.harness = parts.harness;
    this.discord = parts.discord;
    this.logs = parts.logs;
    this.ann = parts.discord.person({ name: 'Ann' });
    this.room = parts.discord.channel({ name: 'room' });
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const { config, fake, relay, start = true } = options;
    const logs: string[] = [];
    const box: { discord?: FakeDiscord } = {};
    const harness: Harness = new Harness({
      log: (level, message, data) =>
        void logs.push(`${level} ${message} ${JSON.stringify(data) ?? ''}`),
      ...relay,
      adapters: (): readonly Adapter[] => {
        const { discord } = box;
        if (discord === undefined) throw new Error('no server');
        const { token, apiUrl, fetch } = discord;
        const adapter = createDiscord({ token, apiUrl, fetch, ...config });
        return [heldAdapter(adapter, discord, harness.runtime)];
      },
    });
    // The real client counts its limits by the real clock.
    const discord = await startFakeDiscord({ runtime: harness.runtime, limits: false, ...fake });
    box.discord = discord;
    const stage = new Stage({ harness, discord, logs });
    if (start) await stage.start();
    return stage;
  }

  /** Resolves when the gateway is there, and what was missed was looked for. */
  async start(): Promise<void> {
    await this.harness.start(60_000);
    await this.connected();
  }

  /** A connection is there, without time passing. */
  async connected(count = 1): Promise<void> {
    await holdTime(this.harness.runtime, this.discord.gateway.connected(count));
    await this.harness.runtime.settle();
  }

  get calls(): readonly FakeCall[] {
    return this.harness.worker.calls;
  }

  /** The newest work. */
  get work(): FakeCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('no work began');
    return call;
  }

  advance(ms: number): Promise<void> {
    return this.harness.advance(ms);
  }

  /** Ann says something, in her direct messages unless another place is named; what it starts has begun. */
  async say(text: string, options: DiscordSayOptions = {}): Promise<DiscordMessage> {
    const { to } = options;
    const message =
      to === undefined || to.kind === 'dm'
        ? this.ann.say(text, options)
        : this.ann.mention(text, { ...options, to });
    await this.brought();
    return message;
  }

  /** All that people did until now was handed over, or given up, as far as no time must pass for it. */
  async brought(): Promise<void> {
    const { runtime } = this.harness;
    await holdTime(runtime, this.discord.settled());
    await runtime.settle();
  }

  /** Up to the placeholder. */
  async begin(text = 'go', options: DiscordSayOptions = {}): Promise<FakeCall> {
    const before = this.calls.length;
    await this.say(text, options);
    await this.advance(2_500);
    if (this.calls.length === before) throw new Error('no work began');
    return this.work;
  }

  async incidents(): Promise<readonly string[]> {
    const { rows } = await this.harness.relay.incidents.list({ open: true });
    return rows.map(({ reason }) => reason);
  }

  async close(): Promise<void> {
    const stopped = this.harness.relay.stop({ now: true });
    stopped.catch(() => undefined);
    await this.harness.runtime.advance(20_000);
    await stopped;
    await this.discord.stop();
    this.harness.memory.close();
  }
}
