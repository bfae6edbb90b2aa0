// Before it is needed: the adapter loads it when it starts, and virtual time does not wait for files.
import '@slack/bolt';
import type { SlackConfigInput } from '../../../src/adapters/slack/config.ts';
import { createSlack, type SlackAdapter } from '../../../src/adapters/slack/index.ts';
import { holdTime } from '../../../src/testing/adapter-conformance.ts';
import type { FakeCall } from '../../../src/testing/fake-worker.ts';
import {
  type FakeSlack,
  type FakeSlackOptions,
  type SlackMessage,
  type SlackPerson,
  type SlackSayOptions,
  startFakeSlack,
} from '../../../src/testing/slack/index.ts';
import { Harness, type HarnessOptions } from '../../support/harness.ts';

export interface StageOptions {
  /** How events come in; default `http`: then nothing of it waits for real sockets. */
  readonly mode?: 'http' | 'socket';
  readonly config?: Partial<SlackConfigInput>;
  readonly fake?: FakeSlackOptions;
  readonly relay?: HarnessOptions;
  /** Else the test starts it. */
  readonly start?: boolean;
}

/** The real adapter and Bolt, the real relay on virtual time, and the fake Slack with its people. */
export class Stage {
  readonly harness: Harness;
  readonly slack: FakeSlack;
  readonly ann: SlackPerson;
  readonly logs: string[];
  readonly mode: 'http' | 'socket';
  readonly #made: SlackAdapter[];

  private constructor(
    parts: Pick<Stage, 'harness' | 'slack' | 'logs' | 'mode'> & {
      made: SlackAdapter[];
    },
  ) {
    this.harness = parts.harness;
    this.slack = parts.slack;
    this.logs = parts.logs;
    this.mode = parts.mode;
    this.#made = parts.made;
    this.ann = parts.slack.person({ name: 'Ann' });
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const { config, fake, relay, start = true, mode = 'http' } = options;
    const logs: string[] = [];
    const made: SlackAdapter[] = [];
    const box: { slack?: FakeSlack } = {};
    const harness = new Harness({
      log: (level, message, data) =>
        void logs.push(`${level} ${message} ${JSON.stringify(data) ?? ''}`),
      ...relay,
      adapters: () => {
        const { slack } = box;
        if (slack === undefined) throw new Error('no server');
        const { botToken: token, appToken, signingSecret, apiUrl, fetch } = slack;
        const way = mode === 'socket' ? { appToken } : { signingSecret };
        const adapter = createSlack({ token, ...way, apiUrl, fetch, ...config });
        made.push(adapter);
        return [adapter];
      },
    });
    const http = {
      requestUrl: 'https://bot.example/slack/events',
      requestFetch: (request: Request) => reach(made.at(-1), request),
    };
    const { runtime } = harness;
    const way = mode === 'http' ? http : {};
    const slack = await startFakeSlack({ runtime, ...way, ...fake });
    box.slack = slack;
    const stage = new Stage({ harness, slack, logs, mode, made });
    if (start) await stage.start();
    return stage;
  }

  /** Resolves when Slack reaches it. */
  async start(): Promise<void> {
    await this.harness.start();
    if (this.mode === 'socket') await this.connected();
  }

  /** A connection is there, without time passing. */
  async connected(count = 1): Promise<void> {
    await holdTime(this.harness.runtime, this.slack.sockets.connected(count));
  }

  /** The adapter that runs. */
  get adapter(): SlackAdapter {
    const adapter = this.#made.at(-1);
    if (adapter === undefined) throw new Error('not started');
    return adapter;
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
  async say(text: string, options: SlackSayOptions = {}): Promise<SlackMessage> {
    const message = this.ann.say(text, options);
    await this.brought();
    return message;
  }

  /** All that people did until now was handed over, or given up, as far as no time must pass for it. */
  async brought(): Promise<void> {
    const { runtime } = this.harness;
    if (this.mode === 'socket') await holdTime(runtime, this.slack.settled());
    await runtime.settle();
  }

  /** Up to the placeholder. */
  async begin(text = 'go'): Promise<FakeCall> {
    const before = this.calls.length;
    await this.say(text);
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
    await this.slack.stop();
    this.harness.memory.close();
  }
}

/** As Slack reaches the app: what the relay's server takes off the path is off. */
async function reach(adapter: SlackAdapter | undefined, request: Request): Promise<Response> {
  const { method, headers } = request;
  const body = await request.text();
  const inner = new Request('http://bot.example/events', { method, headers, body });
  return (await adapter?.fetch?.(inner)) ?? new Response(null, { status: 502 });
}
