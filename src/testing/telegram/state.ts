import { randomBytes } from 'node:crypto';
import type { Runtime } from './clock.ts';
import { FileShelf, type StoredFile } from './file-shelf.ts';
import { Limits } from './limit.ts';
import type {
  PressAnswer,
  TelegramChat,
  TelegramEntity,
  TelegramMessage,
  TelegramPerson,
} from './shape.ts';
import type { TelegramLimits } from './shape-server.ts';
import { UpdateQueue } from './update-queue.ts';

/** Messages, people and chats that are kept: bounds that no test meets by intent. */
export const messagesMax = 10_000;
const chatsMax = 10_000;
const pressesMax = 10_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A message, and what of it only the Bot API shows. */
export interface MessageRecord extends Mutable<TelegramMessage> {
  readonly home: ChatRecord;
  readonly author: PersonRecord | undefined;
  readonly stored: readonly StoredFile[];
  markup: Keyboard | undefined;
  readonly serviceData: Readonly<Record<string, unknown>> | undefined;
  /** Where a chain of replies began, in supergroups without topics. */
  readonly threadId: number | undefined;
}

export interface Keyboard {
  readonly inline_keyboard: readonly (readonly Readonly<Record<string, unknown>>[])[];
}

export interface PersonRecord {
  readonly id: number;
  readonly name: string;
  readonly username: string | undefined;
  readonly language: string | undefined;
  deactivated: boolean;
  view: TelegramPerson;
}

export interface TopicRecord {
  readonly topicId: number;
  readonly name: string;
  deleted: boolean;
}

export type BotPlace = 'never' | 'in' | 'blocked' | 'kicked' | 'left';

export interface ChatRecord {
  readonly id: number;
  readonly type: TelegramChat['type'];
  readonly title: string;
  readonly forum: boolean;
  /** Whose private chat it is. */
  readonly person: PersonRecord | undefined;
  readonly members: Set<PersonRecord>;
  readonly messages: Map<number, MessageRecord>;
  readonly topics: Map<number, TopicRecord>;
  bot: BotPlace;
  deleted: boolean;
  movedTo: ChatRecord | undefined;
  lastMessageId: number;
  /** By topic; 0 stands for none. */
  readonly typing: Map<number, { readonly action: string; readonly untilMs: number }>;
  draft: { readonly id: number; readonly text: string; readonly untilMs: number } | undefined;
  view: TelegramChat;
}

export interface PressRecord {
  readonly id: string;
  readonly untilMs: number;
  answer(answer: PressAnswer): void;
}

export interface WorldOptions {
  readonly runtime: Runtime;
  readonly botId: number;
  readonly username: string;
  readonly name: string;
  readonly privacyMode: boolean;
  readonly limits: TelegramLimits | false;
}

type Listener = (message: MessageRecord) => void;

/** All that the server knows: people, chats, files, what waits to be fetched. Knows no HTTP. */
export class World {
  readonly runtime: Runtime;
  readonly bot: {
    readonly id: number;
    readonly username: string;
    readonly name: string;
    readonly privacyMode: boolean;
  };
  readonly limits: Limits;
  readonly updates: UpdateQueue;
  readonly files = new FileShelf();
  readonly people = new Map<number, PersonRecord>();
  readonly chats = new Map<number, ChatRecord>();
  readonly presses = new Map<string, PressRecord>();
  readonly commands = new Map<string, readonly { command: string; description: string }[]>();
  /** Aborts with `stop`: ends what waits. */
  readonly over = new AbortController();
  readonly #listeners = new Set<Listener>();
  #lastSharedId = 0;
  #lastPersonId = 1_000;
  #lastGroupId = 4_000;

  constructor(options: WorldOptions) {
    const { runtime, botId, username, name, privacyMode, limits } = options;
    this.runtime = runtime;
    this.bot = { id: botId, username, name, privacyMode };
    this.limits = new Limits(limits);
    this.updates = new UpdateQueue(() => runtime.wallMs());
  }

  nowMs(): number {
    return this.runtime.wallMs();
  }

  newPersonId(): number {
    this.#lastPersonId += 1;
    return this.#lastPersonId;
  }

  newChatId(type: TelegramChat['type']): number {
    this.#lastGroupId += 1;
    return type === 'group' ? -this.#lastGroupId : -1_000_000_000_000 - this.#lastGroupId;
  }

  /** Private chats and basic groups share one counter, as all mail of one account does; supergroups and channels have their own. */
  newMessageId(chat: ChatRecord): number {
    if (chat.type === 'private' || chat.type === 'group') {
      this.#lastSharedId += 1;
      return this.#lastSharedId;
    }
    chat.lastMessageId += 1;
    return chat.lastMessageId;
  }

  /** Digits, as Telegram's ids of callback queries and albums are. */
  newLongId(): string {
    return String(randomBytes(8).readBigUInt64BE() % 10n ** 18n).padStart(18, '1');
  }

  addChat(chat: ChatRecord): void {
    if (this.chats.size >= chatsMax) throw new Error(`more than ${chatsMax} chats`);
    this.chats.set(chat.id, chat);
  }

  addPress(press: PressRecord): void {
    this.presses.set(press.id, press);
    if (this.presses.size <= pressesMax) return;
    for (const oldest of this.presses.keys()) {
      this.presses.delete(oldest);
      return;
    }
  }

  /** Hears of each message of the bot that is sent or edited. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(message: MessageRecord): void {
    for (const listener of [...this.#listeners]) listener(message);
  }
}

export function entitiesOf(message: MessageRecord): readonly TelegramEntity[] | undefined {
  return message.entities.length === 0 ? undefined : message.entities;
}
