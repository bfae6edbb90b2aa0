import { chatJson, messageJson, personJson, seconds } from './api-json.ts';
import { makeChat } from './chat-view.ts';
import { say, sayAnew } from './say.ts';
import type {
  PressAnswer,
  SayOptions,
  TelegramChat,
  TelegramMessage,
  TelegramPerson,
  TelegramPress,
  TelegramTopic,
} from './shape.ts';
import type { ChatRecord, MessageRecord, PersonRecord, World } from './state.ts';
import { erase, moveBot, writeService } from './write.ts';

/** How long a bot may take to answer a press: what bots see in practice; the documentation names no number. */
const pressMs = 15_000;

/** A new person with an empty private chat, which the bot may not write to yet. */
export function makePerson(
  world: World,
  options: { readonly name?: string; readonly username?: string; readonly language?: string },
): PersonRecord {
  const id = world.newPersonId();
  const record = {
    id,
    name: options.name ?? `Person ${id}`,
    username: options.username,
    language: options.language,
    deactivated: false,
  } as PersonRecord;
  const title = record.name;
  const init = { id, type: 'private', title, person: record, members: [record] } as const;
  const chat = makeChat(world, { ...init, bot: 'never' });
  world.people.set(id, record);
  record.view = new Person(world, record, chat);
  return record;
}

class Person implements TelegramPerson {
  readonly #world: World;
  readonly #person: PersonRecord;
  readonly #chat: ChatRecord;
  readonly #reactions = new WeakMap<MessageRecord, string>();

  constructor(world: World, person: PersonRecord, chat: ChatRecord) {
    this.#world = world;
    this.#person = person;
    this.#chat = chat;
  }

  get id(): number {
    return this.#person.id;
  }

  get name(): string {
    return this.#person.name;
  }

  get username(): string | undefined {
    return this.#person.username;
  }

  get chat(): TelegramChat {
    return this.#chat.view;
  }

  say(text: string, options: SayOptions = {}): TelegramMessage {
    const to = options.to ?? this.chat;
    const [chat, topicId] = isTopic(to) ? [to.chat, to.topicId] : [to, undefined];
    const record = this.#recordOf(chat);
    if (record.type === 'channel') throw new Error('in a channel nobody writes: use channel.post');
    if (topicId !== undefined && record.topics.get(topicId)?.deleted !== false)
      throw new Error('the topic is deleted');
    if (record === this.#chat) {
      if (record.bot === 'blocked') throw new Error(`${this.name} blocked the bot: unblock first`);
      record.bot = 'in';
    }
    return say(this.#world, { chat: record, topicId }, this.#person, { text, options });
  }

  press(message: TelegramMessage, label: string): TelegramPress {
    const record = this.#messageOf(message);
    const buttons = record.buttons.flat();
    const button = buttons.find(({ text, data }) => data !== undefined && text === label);
    const data = (button ?? buttons.find((one) => one.data === label))?.data;
    if (data === undefined) {
      const shown = buttons.map(({ text }) => text).join(', ') || 'none';
      throw new Error(`no button "${label}" is shown; shown are: ${shown}`);
    }
    return this.#query(record, data);
  }

  edit(message: TelegramMessage, text: string): void {
    const record = this.#messageOf(message);
    if (record.author !== this.#person) throw new Error('only its author edits a message');
    sayAnew(this.#world, record, text);
  }

  delete(message: TelegramMessage): void {
    erase(this.#messageOf(message));
  }

  react(message: TelegramMessage, emoji: string | undefined): void {
    const record = this.#messageOf(message);
    const as = (one: string | undefined): readonly object[] =>
      one === undefined ? [] : [{ type: 'emoji', emoji: one }];
    const before = this.#reactions.get(record);
    if (emoji === undefined) this.#reactions.delete(record);
    else this.#reactions.set(record, emoji);
    this.#world.updates.add('message_reaction', {
      chat: chatJson(record.home),
      message_id: record.messageId,
      user: personJson(this.#person),
      date: seconds(this.#world.nowMs()),
      old_reaction: as(before),
      new_reaction: as(emoji),
    });
  }

  block(): void {
    this.#placeBot('blocked');
  }

  unblock(): void {
    this.#placeBot('in');
  }

  deactivate(): void {
    this.#person.deactivated = true;
  }

  join(chat: TelegramChat): void {
    const record = this.#world.chats.get(chat.id);
    if (record === undefined || record.type === 'private') throw new Error('no group or channel');
    if (record.members.has(this.#person)) return;
    record.members.add(this.#person);
    if (record.type === 'channel') return;
    const who = [personJson(this.#person)];
    writeService(this.#world, record, this.#person, ['new_chat_members', who]);
  }

  leave(chat: TelegramChat): void {
    const record = this.#recordOf(chat);
    if (record.type === 'private') throw new Error('a private chat is not left: use block');
    record.members.delete(this.#person);
    if (record.type === 'channel') return;
    const who = personJson(this.#person);
    writeService(this.#world, record, this.#person, ['left_chat_member', who]);
  }

  #placeBot(to: 'in' | 'blocked'): void {
    const chat = this.#chat;
    if (chat.bot === to) return;
    const change = to === 'in' ? (['kicked', 'member'] as const) : (['member', 'kicked'] as const);
    chat.bot = to;
    moveBot(this.#world, chat, this.#person, change);
  }

  #query(message: MessageRecord, data: string): TelegramPress {
    const world = this.#world;
    const id = world.newLongId();
    let answer: PressAnswer | undefined;
    const over = new AbortController();
    const answered = world.runtime
      .sleep(pressMs, AbortSignal.any([over.signal, world.over.signal]))
      .then(() => answer);
    world.addPress({
      id,
      untilMs: world.nowMs() + pressMs,
      answer: (given) => {
        answer = given;
        over.abort();
      },
    });
    world.updates.add('callback_query', {
      id,
      from: personJson(this.#person),
      message: messageJson(world, message),
      chat_instance: String(message.home.id),
      data,
    });
    return {
      id,
      data,
      answered,
      get answer() {
        return answer;
      },
    };
  }

  #recordOf(chat: TelegramChat): ChatRecord {
    const record = this.#world.chats.get(chat.id);
    if (record === undefined) throw new Error('the chat is of another server');
    if (!record.members.has(this.#person)) throw new Error(`${this.name} is not in the chat`);
    return record;
  }

  #messageOf(message: TelegramMessage): MessageRecord {
    const record = this.#recordOf(message.chat).messages.get(message.messageId);
    if (record === undefined) throw new Error('the message is deleted');
    return record;
  }
}

function isTopic(place: TelegramChat | TelegramTopic): place is TelegramTopic {
  return 'topicId' in place;
}
