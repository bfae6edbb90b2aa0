import type { TelegramLimits } from './shape-server.ts';

const defaults = { chatPerSecond: 1, chatBurst: 3, groupPerMinute: 20, botPerSecond: 30 };
/** Two sends that a bot starts exactly a window apart may arrive a little closer. */
const toleranceMs = 100;
const chatsMax = 10_000;

interface ChatUse {
  /** What is left of the burst, at `atMs`. */
  tokens: number;
  atMs: number;
  /** When the last sends and edits of a group were, oldest first. */
  minute: number[];
}

/** Counts what a bot sends and says for how long it must wait. */
export class Limits {
  readonly #limits: Required<TelegramLimits> | undefined;
  readonly #chats = new Map<number, ChatUse>();
  #second: number[] = [];
  #pausedUntilMs = 0;
  hits = 0;

  constructor(limits: TelegramLimits | false) {
    this.#limits = limits === false ? undefined : { ...defaults, pausesBot: false, ...limits };
  }

  /** Nothing may be sent anywhere until then. */
  pause(untilMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }

  /** Whether the whole bot is paused: the milliseconds left. */
  pausedMs(nowMs: number): number {
    return Math.max(0, this.#pausedUntilMs - nowMs);
  }

  /**
   * Counts one send or edit, or says how many milliseconds it comes too early: then it is not counted. An edit in a
   * private chat counts for the bot alone; in a group it counts as a send does, which is what operators report.
   */
  use(
    chat: { readonly id: number; readonly group: boolean },
    edit: boolean,
    nowMs: number,
  ): number {
    const limits = this.#limits;
    if (limits === undefined) return 0;
    const use = this.#useOf(chat.id, limits, nowMs);
    const counts = chat.group || !edit;
    const spare = (toleranceMs / 1_000) * limits.chatPerSecond;
    this.#second = this.#second.filter((atMs) => atMs > nowMs - 1_000 + toleranceMs);
    use.minute = use.minute.filter((atMs) => atMs > nowMs - 60_000 + toleranceMs);
    const waitMs = Math.max(
      counts && use.tokens < 1 - spare ? ((1 - use.tokens) / limits.chatPerSecond) * 1_000 : 0,
      chat.group && use.minute.length >= limits.groupPerMinute
        ? (use.minute[use.minute.length - limits.groupPerMinute] as number) + 60_000 - nowMs
        : 0,
      this.#second.length >= limits.botPerSecond ? (this.#second[0] as number) + 1_000 - nowMs : 0,
    );
    if (waitMs > 0) {
      this.hits += 1;
      if (limits.pausesBot) this.pause(nowMs + Math.ceil(waitMs / 1_000) * 1_000);
      return waitMs;
    }
    if (counts) use.tokens -= 1;
    if (chat.group) use.minute.push(nowMs);
    this.#second.push(nowMs);
    return 0;
  }

  #useOf(id: number, limits: Required<TelegramLimits>, nowMs: number): ChatUse {
    const use = this.#chats.get(id) ?? { tokens: limits.chatBurst, atMs: nowMs, minute: [] };
    const gained = ((nowMs - use.atMs) / 1_000) * limits.chatPerSecond;
    use.tokens = Math.min(limits.chatBurst, use.tokens + Math.max(gained, 0));
    use.atMs = nowMs;
    this.#chats.delete(id);
    this.#chats.set(id, use);
    if (this.#chats.size > chatsMax) {
      for (const oldest of this.#chats.keys()) {
        this.#chats.delete(oldest);
        break;
      }
    }
    return use;
  }
}
