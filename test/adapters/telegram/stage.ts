import type { TelegramConfigInput } from '../../../src/adapters/telegram/config.ts';
import { createTelegram, type TelegramAdapter } from '../../../src/adapters/telegram/index.ts';
import type { FakeCall } from '../../../src/testing/fake-worker.ts';
import {
  type FakeTelegram,
  type FakeTelegramOptions,
  startFakeTelegram,
  type TelegramPerson,
} from '../../../src/testing/telegram/index.ts';
import { Harness, type HarnessOptions } from '../../support/harness.ts';

export interface StageOptions {
  readonly config?: Partial<TelegramConfigInput>;
  readonly fake?: FakeTelegramOptions;
  readonly relay?: HarnessOptions;
  /** Else the test starts it. */
  readonly start?: boolean;
}

/** The real adapter and grammY, the real relay on virtual time, and the fake Bot API with its people. */
export class Stage {
  readonly harness: Harness;
  readonly telegram: FakeTelegram;
  readonly ann: TelegramPerson;
  readonly logs: string[];
  readonly #made: TelegramAdapter[];

  private constructor(parts: {
    harness: Harness;
    telegram: FakeTelegram;
    logs: string[];
    made: TelegramAdapter[];
  }) {
    this.harness = parts.harness;
    this.telegram = parts.telegram;
    this.logs = parts.logs;
    this.#made = parts.made;
    this.ann = parts.telegram.person({ name: 'Ann' });
  }

  static async open({ config, fake, relay, start = true }: StageOptions = {}): Promise<Stage> {
    const logs: string[] = [];
    const made: TelegramAdapter[] = [];
    const box: { telegram?: FakeTelegram } = {};
    const harness = new Harness({
      log: (level, message, data) =>
        void logs.push(`${level} ${message} ${JSON.stringify(data) ?? ''}`),
      ...relay,
      adapters: () => {
        const { telegram } = box;
        if (telegram === undefined) throw new Error('no server');
        const { token, apiRoot, fetch } = telegram;
        const adapter = createTelegram({ token, apiRoot, fetch, ...config });
        made.push(adapter);
        return [adapter];
      },
    });
    const telegram = await startFakeTelegram({ runtime: harness.runtime, ...fake });
    box.telegram = telegram;
    const stage = new Stage({ harness, telegram, logs, made });
    if (start) await harness.start();
    return stage;
  }

  /** The adapter that runs. */
  get adapter(): TelegramAdapter {
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

  /** Ann says something; what it starts has begun. */
  async say(text: string, options: Parameters<TelegramPerson['say']>[1] = {}) {
    const message = this.ann.say(text, options);
    await this.harness.runtime.settle();
    return message;
  }

  /** Up to the placeholder. */
  async begin(text = 'go'): Promise<FakeCall> {
    const before = this.calls.length;
    await this.say(text);
    await this.advance(2_000);
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
    await this.telegram.stop();
    this.harness.memory.close();
  }
}
