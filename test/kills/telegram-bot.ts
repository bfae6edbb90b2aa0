import type { SendClocksPatch } from '../../src/contracts/task.ts';
import {
  type FakeTelegram,
  startFakeTelegram,
  type TelegramPerson,
} from '../../src/testing/telegram/index.ts';
import { PlatformBot, type PlatformBotOptions } from './platform-bot.ts';

/** An edit that may be overtaken is repeated after `sendMs`; a request that takes so long is a lost one. */
const clocks: SendClocksPatch = { sendMs: 3_000, backoffMs: 10, backoffCapMs: 40, drainMs: 1_000 };

/** A bot on Telegram that dies and comes back over one file, and the Telegram that outlives it, with its limits. */
export class TelegramBot extends PlatformBot {
  readonly telegram: FakeTelegram;
  readonly ann: TelegramPerson;

  private constructor(telegram: FakeTelegram, options: PlatformBotOptions) {
    super({ name: 'telegram', create: 'createTelegram', clocks }, options);
    this.telegram = telegram;
    this.ann = telegram.person({ name: 'Ann' });
  }

  static async open(options: PlatformBotOptions = {}): Promise<TelegramBot> {
    return new TelegramBot(await startFakeTelegram(), options);
  }

  override get texts(): readonly string[] {
    return this.ann.chat.texts;
  }

  protected override get config(): object {
    const { token, apiRoot } = this.telegram;
    return { token, apiRoot };
  }

  protected override get asked(): readonly string[] {
    return this.telegram.calls.map(({ method, fault }) => `${method} ${fault ?? ''}`.trim());
  }

  protected override async stopPlatform(): Promise<void> {
    await this.telegram.stop();
  }
}
