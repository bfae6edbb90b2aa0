// Before it is needed: virtual time does not wait for files.
import '@slack/bolt';
import { createApi, loadBolt } from '../../../src/adapters/slack/api.ts';
import { parseConfig } from '../../../src/adapters/slack/config.ts';
import { deliver } from '../../../src/adapters/slack/deliver.ts';
import { cutDelivery, lengthMax } from '../../../src/adapters/slack/outbound.ts';
import { Places } from '../../../src/adapters/slack/places.ts';
import { reconcile } from '../../../src/adapters/slack/reconcile.ts';
import { createSite, type Site, type SiteParts } from '../../../src/adapters/slack/site.ts';
import type { Adapter, AdapterHost } from '../../../src/contracts/adapter.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import type { InboundInput } from '../../../src/contracts/inbound.ts';
import type { FakeCall, FakeWorker } from '../../../src/testing/fake-worker.ts';
import {
  type FakeSlack,
  type FakeSlackOptions,
  type SlackChannel,
  type SlackMessage,
  type SlackPerson,
  type SlackThread,
  startFakeSlack,
} from '../../../src/testing/slack/index.ts';
import { Harness, type HarnessOptions } from '../../support/harness.ts';

export interface OutStageOptions {
  /** Over what the fake gives; as `createSlack` takes it. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly fake?: FakeSlackOptions;
  readonly relay?: HarnessOptions;
  /** Default one that cannot be attached. */
  readonly worker?: FakeWorker;
  /** Where Ann talks; default a thread of a channel. */
  readonly in?: 'channel' | 'dm' | 'assistant';
}

/**
 * What leaves: the real relay on virtual time, the adapter's own way out with the real client, and the fake Slack. What
 * Ann says is handed to the relay as it is; the doors have tests of their own.
 */
export class OutStage {
  readonly harness: Harness;
  readonly slack: FakeSlack;
  readonly ann: SlackPerson;
  readonly logs: string[];
  readonly channel: SlackChannel;
  readonly thread: SlackThread;
  readonly ref: ChannelRef;
  /** Why the platform refused the account. */
  readonly refused: string[] = [];
  readonly #lives: Life[];
  readonly #worker: FakeWorker;

  private constructor(parts: {
    harness: Harness;
    slack: FakeSlack;
    logs: string[];
    lives: Life[];
    options: Pick<OutStageOptions, 'in' | 'worker'>;
  }) {
    const { harness, slack, logs, lives, options } = parts;
    const { in: place = 'channel', worker = harness.worker } = options;
    this.#worker = worker;
    this.harness = harness;
    this.slack = slack;
    this.logs = logs;
    this.#lives = lives;
    this.ann = slack.person({ name: 'Ann' });
    this.channel = place === 'channel' ? slack.channel({ members: [this.ann] }) : this.ann.dm;
    this.thread =
      place === 'assistant'
        ? this.ann.openAssistant()
        : this.channel.thread(this.ann.say('a root', { to: this.channel }));
    const { ts: thread } = this.thread;
    this.ref = { adapter: 'slack', account: 'main', conversation: this.channel.id, thread };
  }

  static async open({ config, fake, relay, ...options }: OutStageOptions = {}): Promise<OutStage> {
    const logs: string[] = [];
    const lives: Life[] = [];
    const box: { slack?: FakeSlack; stage?: OutStage } = {};
    const harness = new Harness({
      log: (level, message, data) =>
        void logs.push(`${level} ${message} ${JSON.stringify(data) ?? ''}`),
      ...relay,
      ...(options.worker === undefined ? {} : { workers: [options.worker] }),
      adapters: () => {
        const { slack, stage } = box;
        if (slack === undefined || stage === undefined) throw new Error('no server');
        const life = new Life(slack, stage, config);
        lives.push(life);
        return [life];
      },
    });
    const slack = await startFakeSlack({ runtime: harness.runtime, ...fake });
    box.slack = slack;
    const stage = new OutStage({ harness, slack, logs, lives, options });
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

  get work(): FakeCall {
    const call = this.#worker.calls.at(-1);
    if (call === undefined) throw new Error('no work began');
    return call;
  }

  /** What the bot says in the thread now, in order. */
  get texts(): readonly string[] {
    return this.thread.texts;
  }

  get ours(): readonly SlackMessage[] {
    return this.thread.messages.filter(({ from }) => from.kind === 'bot');
  }

  advance(ms: number): Promise<void> {
    return this.harness.advance(ms);
  }

  /** Ann says something in the thread, and the work for it begins. */
  async begin(text = 'go'): Promise<FakeCall> {
    const before = this.#worker.calls.length;
    const message = this.ann.say(text, { to: this.thread });
    const inbound: InboundInput = {
      kind: 'message',
      id: message.ts,
      channel: this.ref,
      person: { id: this.ann.id, name: 'Ann' },
      sentAtMs: message.sentAtMs,
      text,
    };
    await this.harness.settle(this.site.places.saw(inbound));
    await this.harness.settle(this.life.host.accept(inbound));
    await this.advance(0);
    if (this.#worker.calls.length === before) throw new Error('no work began');
    return this.work;
  }

  /** Streams pieces, one in so many milliseconds. */
  async pour(pieces: readonly string[], everyMs = 100): Promise<void> {
    for (const piece of pieces) {
      this.work.text(piece);
      await this.advance(everyMs);
    }
  }

  /** The process dies as by a kill, and another one takes over. */
  async crash(downMs = 0): Promise<void> {
    await this.harness.crash(downMs);
  }

  async close(): Promise<void> {
    this.slack.clearFaults();
    const stopped = this.harness.relay.stop({ now: true });
    stopped.catch(() => undefined);
    await this.harness.runtime.advance(20_000);
    await stopped;
    await this.slack.stop();
    this.harness.memory.close();
  }
}

/** One start of the adapter's way out. */
class Life implements Adapter {
  readonly name = 'slack';
  readonly accounts = ['main'];
  readonly capabilities;
  host!: AdapterHost;
  site!: Site;
  readonly #slack: FakeSlack;
  readonly #stage: OutStage;
  readonly #config;

  constructor(slack: FakeSlack, stage: OutStage, config: OutStageOptions['config']) {
    this.#slack = slack;
    this.#stage = stage;
    const { botToken: token, apiUrl, appToken, fetch } = slack;
    this.#config = parseConfig({ token, apiUrl, appToken, fetch, ...config });
    this.capabilities = {
      lengthMax,
      lengthUnit: 'utf16' as const,
      editMs: Number.POSITIVE_INFINITY,
      buttons: true,
      files: true,
      presence: { ttlMs: 120_000, refreshMs: 90_000 },
      streams: this.#config.streams !== 'off',
      terminalAs: 'new' as const,
      unknownPolicy: this.#config.unknownPolicy,
      audience: 'always' as const,
      evidence: 'accepted' as const,
    };
  }

  async start(host: AdapterHost): Promise<void> {
    this.host = host;
    const { token, apiUrl, fetch = globalThis.fetch } = this.#config;
    const api = createApi(await loadBolt(), { token, apiUrl, fetch, runtime: host.runtime });
    const { botUserId: userId, botId, teamId } = this.#slack;
    const parts: Partial<SiteParts> = {
      config: this.#config,
      account: 'main',
      host,
      api,
      link: { refused: (cause: string) => void this.#stage.refused.push(cause) } as never,
      places: new Places(host, 'main'),
      us: () => ({ userId, botId, teamId }),
    };
    this.site = createSite(parts as SiteParts);
    void this.site.passing.start();
  }

  cut(...[delivery, repairs]: Parameters<Adapter['cut']>): ReturnType<Adapter['cut']> {
    return cutDelivery(delivery, repairs, this.#config);
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
    this.site.api.stop();
  }
}
