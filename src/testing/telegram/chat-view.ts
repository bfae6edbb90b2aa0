import { waitForMessage } from '../wait.ts';
import { say } from './say.ts';
import type {
  SayOptions,
  TelegramChat,
  TelegramMessage,
  TelegramPerson,
  TelegramPlace,
  TelegramTopic,
  WaitOptions,
} from './shape.ts';
import type { ChatRecord, MessageRecord, PersonRecord, TopicRecord, World } from './state.ts';
import { erase, moveBot, writeService } from './write.ts';

const topicsMax = 10_000;

type ChatInit = Pick<ChatRecord, 'id' | 'type' | 'title'> &
  Partial<Pick<ChatRecord, 'forum' | 'person' | 'bot'>> & {
    readonly members: readonly PersonRecord[];
  };

/** A new chat and what tests see of it. */
export function makeChat(world: World, init: ChatInit): ChatRecord {
  const record = {
    id: init.id,
    type: init.type,
    title: init.title,
    forum: init.forum ?? false,
    person: init.person,
    members: new Set(init.members),
    messages: new Map(),
    topics: new Map(),
    bot: init.bot ?? 'in',
    deleted: false,
    movedTo: undefined,
    lastMessageId: 0,
    typing: new Map(),
    draft: undefined,
  } as unknown as ChatRecord;
  record.view = new Chat(world, record);
  world.addChat(record);
  return record;
}

abstract class Place implements TelegramPlace {
  readonly #world: World;
  readonly #chat: ChatRecord;
  readonly #topicId: number | undefined;

  constructor(world: World, chat: ChatRecord, topicId: number | undefined) {
    this.#world = world;
    this.#chat = chat;
    this.#topicId = topicId;
  }

  get messages(): readonly TelegramMessage[] {
    return this.#records();
  }

  get texts(): readonly string[] {
    return this.#records()
      .filter(({ from }) => from.kind === 'bot')
      .map(({ text }) => text);
  }

  get typing(): TelegramPlace['typing'] {
    const now = this.#world.nowMs();
    const all = [...this.#chat.typing].filter(([topic]) => topic === (this.#topicId ?? topic));
    return all.map(([, typing]) => typing).findLast(({ untilMs }) => untilMs > now);
  }

  get draft(): TelegramPlace['draft'] {
    const { draft } = this.#chat;
    if (this.#topicId !== undefined || draft === undefined) return undefined;
    return draft.untilMs > this.#world.nowMs() ? draft : undefined;
  }

  async waitFor(
    fits: (message: TelegramMessage) => boolean,
    options: WaitOptions = {},
  ): Promise<TelegramMessage> {
    const shown = this.#records().find((message) => message.from.kind === 'bot' && fits(message));
    return shown ?? (await this.next(fits, options));
  }

  next(
    fits: (message: TelegramMessage) => boolean = () => true,
    options: WaitOptions = {},
  ): Promise<TelegramMessage> {
    return waitForMessage(this.#world, {
      fits: (message) => this.#holds(message) && fits(message),
      timeoutMs: options.timeoutMs,
      shown: () => this.texts,
    });
  }

  #records(): MessageRecord[] {
    return [...this.#chat.messages.values()].filter((message) => this.#holds(message));
  }

  #holds(message: MessageRecord): boolean {
    if (message.home !== this.#chat) return false;
    return this.#topicId === undefined || message.topicId === this.#topicId;
  }
}

class Topic extends Place implements TelegramTopic {
  readonly #chat: ChatRecord;
  readonly #topic: TopicRecord;

  constructor(world: World, chat: ChatRecord, topic: TopicRecord) {
    super(world, chat, topic.topicId);
    this.#chat = chat;
    this.#topic = topic;
  }

  get chat(): TelegramChat {
    return this.#chat.view;
  }

  get topicId(): number {
    return this.#topic.topicId;
  }

  get name(): string {
    return this.#topic.name;
  }

  delete(): void {
    this.#topic.deleted = true;
    for (const message of [...this.#chat.messages.values()])
      if (message.topicId === this.#topic.topicId) erase(message);
  }
}

class Chat extends Place implements TelegramChat {
  readonly #world: World;
  readonly #chat: ChatRecord;

  constructor(world: World, chat: ChatRecord) {
    super(world, chat, undefined);
    this.#world = world;
    this.#chat = chat;
  }

  get id(): number {
    return this.#chat.id;
  }

  get type(): TelegramChat['type'] {
    return this.#chat.type;
  }

  get title(): string {
    return this.#chat.title;
  }

  get members(): readonly TelegramPerson[] {
    return [...this.#chat.members].map(({ view }) => view);
  }

  get movedTo(): TelegramChat | undefined {
    return this.#chat.movedTo?.view;
  }

  topic(name: string): TelegramTopic {
    if (!this.#chat.forum) throw new Error('only a supergroup made with topics has them');
    if (this.#chat.topics.size >= topicsMax) throw new Error(`more than ${topicsMax} topics`);
    const owner = this.#owner();
    const topicId = this.#chat.lastMessageId + 1;
    const topic = { topicId, name, deleted: false };
    this.#chat.topics.set(topicId, topic);
    const made = { name, icon_color: 7_322_096 };
    writeService(this.#world, this.#chat, owner, ['forum_topic_created', made, topicId]);
    return new Topic(this.#world, this.#chat, topic);
  }

  migrate(): TelegramChat {
    const old = this.#chat;
    if (old.type !== 'group' || old.movedTo !== undefined)
      throw new Error('only a basic group becomes a supergroup, once');
    const owner = this.#owner();
    const made = makeChat(this.#world, {
      id: this.#world.newChatId('supergroup'),
      type: 'supergroup',
      title: old.title,
      members: [...old.members],
      bot: old.bot,
    });
    writeService(this.#world, old, owner, ['migrate_to_chat_id', made.id]);
    old.movedTo = made;
    writeService(this.#world, made, owner, ['migrate_from_chat_id', old.id]);
    return made.view;
  }

  kickBot(): void {
    this.#placeBot('kicked');
  }

  addBot(): void {
    this.#placeBot('in');
  }

  post(text: string, options: Omit<SayOptions, 'to'> = {}): TelegramMessage {
    if (this.#chat.type !== 'channel') throw new Error('only a channel posts in its own name');
    const place = { chat: this.#chat, topicId: undefined };
    return say(this.#world, place, undefined, { text, options });
  }

  delete(): void {
    this.#chat.deleted = true;
    this.#chat.messages.clear();
  }

  #placeBot(to: 'in' | 'kicked'): void {
    const chat = this.#chat;
    if (chat.type === 'private') throw new Error('a private chat has no members: use block');
    if (chat.bot === to) return;
    const old = { in: 'member', kicked: 'kicked', left: 'left', never: 'left', blocked: 'kicked' };
    const now = chat.type === 'channel' ? 'administrator' : 'member';
    const change = [old[chat.bot], to === 'in' ? now : 'kicked'] as const;
    chat.bot = to;
    moveBot(this.#world, chat, this.#owner(), change);
  }

  #owner(): PersonRecord {
    for (const member of this.#chat.members) return member;
    throw new Error('nobody is left in the chat');
  }
}
