// Before it is needed: the adapter loads it when it starts, and virtual time does not wait for files.
import 'grammy';
import type { TelegramConfigInput } from '../../../src/adapters/telegram/config.ts';
import { createTelegram } from '../../../src/adapters/telegram/index.ts';
import type { Adapter } from '../../../src/contracts/adapter.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import type {
  FaultKind,
  PlatformUnderTest,
  Said,
  SeenMessage,
} from '../../../src/testing/adapter-conformance.ts';
import type { FakeRuntime } from '../../../src/testing/index.ts';
import {
  type FakeTelegram,
  startFakeTelegram,
  type TelegramCall,
  type TelegramFault,
  type TelegramMessage,
  type TelegramPerson,
} from '../../../src/testing/telegram/index.ts';
import { type Doorstep, PollDoorstep, type Update, WebhookDoorstep } from './conformance-door.ts';

type Options = Required<Pick<TelegramConfigInput, 'mode'>> &
  Pick<TelegramConfigInput, 'streams' | 'unknownPolicy'>;

const secret = 'a-secret-of-the-operator';
export const webhook = { url: 'https://bot.example/telegram/webhook', secret };
const retryAfterMs = 3_000;
const shows = ['sendMessage', 'editMessageText', 'sendDocument'];

const status = (code: number, description: string): TelegramFault => ({
  kind: 'status',
  code,
  description,
});

const faults: Readonly<Record<FaultKind, TelegramFault>> = {
  refused: { kind: 'refused' },
  reset_before: { kind: 'reset' },
  applied_then_reset: { kind: 'applied_then_reset' },
  hang: { kind: 'hang' },
  server_error: { kind: 'server_error', code: 502 },
  rate_limited: { kind: 'rate_limited', retryAfterS: retryAfterMs / 1_000 },
  unauthorized: status(401, 'Unauthorized'),
  blocked: status(403, 'Forbidden: bot was blocked by the user'),
  gone: status(400, 'Bad Request: chat not found'),
  invalid: status(400, 'Bad Request: BUTTON_DATA_INVALID'),
};

/** Telegram with its private chats, as the kit drives it: the real grammY over real sockets, with Telegram's limits. */
export class TelegramPlatform implements PlatformUnderTest {
  readonly secrets: readonly string[];
  readonly #telegram: FakeTelegram;
  readonly #door: Doorstep;
  readonly #config: Options;
  readonly #people = new Map<string, TelegramPerson>();
  readonly #said = new Map<string, (update: Update) => boolean>();
  #life = new AbortController();
  #edits = 0;

  private constructor(telegram: FakeTelegram, door: Doorstep, config: Options) {
    this.#telegram = telegram;
    this.#door = door;
    this.#config = config;
    this.secrets = [telegram.token.split(':')[1] ?? '', secret];
  }

  static async open(runtime: FakeRuntime, config: Options): Promise<TelegramPlatform> {
    const delivered = new WebhookDoorstep(runtime);
    const webhookFetch = (request: Request) => delivered.bring(request);
    const telegram = await startFakeTelegram({ runtime, webhookFetch });
    const door = config.mode === 'polling' ? new PollDoorstep(runtime) : delivered;
    return new TelegramPlatform(telegram, door, config);
  }

  get sends(): number {
    return this.#telegram.calls.filter(({ method }) => shows.includes(method)).length;
  }

  adapter(): Adapter {
    this.#life.abort();
    this.#life = new AbortController();
    const { token, apiRoot, fetch } = this.#telegram;
    const { signal } = this.#life;
    // Whatever a dead process had open is closed.
    const own: typeof fetch = (input, init) => {
      const ends = [signal, ...(init?.signal ? [init.signal] : [])];
      return fetch(input, { ...init, signal: AbortSignal.any(ends) });
    };
    const made = { token, apiRoot, fetch: this.#door.around(own), ...this.#config };
    const adapter = createTelegram(made);
    this.#door.serve(adapter);
    return adapter;
  }

  async enter(name: string): Promise<ChannelRef> {
    const person = this.#people.get(name) ?? this.#welcome(name);
    const account = String(this.#telegram.botId);
    return { adapter: 'telegram', account, conversation: String(person.chat.id) };
  }

  shown(channel: ChannelRef): readonly SeenMessage[] {
    return this.#ours(channel).map(({ messageId, text, buttons, files }) => ({
      handle: String(messageId),
      text,
      buttons: buttons.flat().flatMap(({ data }) => data ?? []),
      files: files.map(({ name }) => name ?? ''),
    }));
  }

  async say(channel: ChannelRef, text: string): Promise<Said> {
    const person = this.#person(channel);
    const { messageId } = person.say(text);
    return await this.#bring(
      String(messageId),
      ({ message }) => message?.message_id === messageId && message.chat.id === person.id,
    );
  }

  async press(channel: ChannelRef, button: string): Promise<Said> {
    const has = ({ buttons }: TelegramMessage) =>
      buttons.flat().some(({ data }) => data === button);
    const message = this.#ours(channel).findLast(has);
    if (message === undefined) throw new Error(`no button ${button} is shown`);
    const { id } = this.#person(channel).press(message, button);
    return await this.#bring(id, ({ callback_query }) => callback_query?.id === id);
  }

  async edit(channel: ChannelRef, id: string, text: string): Promise<Said> {
    const person = this.#person(channel);
    const message = person.chat.messages.find(({ messageId }) => String(messageId) === id);
    if (message === undefined) throw new Error(`nothing was said as ${id}`);
    person.edit(message, text);
    this.#edits += 1;
    return await this.#bring(
      `edit${this.#edits}`,
      ({ edited_message: edited }) =>
        edited?.message_id === message.messageId && edited.text === text,
    );
  }

  async redeliver(_: ChannelRef, id: string): Promise<Said> {
    const is = this.#said.get(id);
    const update = this.#door.brought.find((one) => is?.(one) ?? false);
    if (is === undefined || update === undefined) throw new Error(`${id} was never brought`);
    this.#door.forget(update);
    if (!this.#telegram.redeliver(update.update_id)) throw new Error(`${id} is not known any more`);
    return { id, taken: await this.#door.told(is) };
  }

  async deleteOurs(channel: ChannelRef, handle: string): Promise<void> {
    const message = this.#ours(channel).find(({ messageId }) => String(messageId) === handle);
    if (message !== undefined) this.#person(channel).delete(message);
  }

  /** Whatever shows something next meets it, not what passes. */
  fault(kind: FaultKind, channel: ChannelRef): { retryAfterMs?: number } {
    const { chat } = this.#person(channel);
    const plans = shows.map((method) => this.#telegram.fault(method, faults[kind], { chat }));
    for (const { spent } of plans)
      void spent.then(() => {
        for (const plan of plans) plan.cancel();
      });
    return kind === 'rate_limited' ? { retryAfterMs } : {};
  }

  slow(ms: readonly number[]): void {
    for (const one of ms) this.#telegram.fault('sendMessage', { kind: 'slow', ms: one });
  }

  passed({ conversation }: ChannelRef): readonly { kind: 'typing' | 'text'; text?: string }[] {
    return this.#telegram.calls
      .filter(({ payload, applied }) => applied && String(payload['chat_id']) === conversation)
      .flatMap(passing);
  }

  async end(): Promise<void> {
    this.#life.abort();
    await this.#telegram.stop();
  }

  /** Who lets a bot write to them that they had blocked says nothing to it. */
  #welcome(name: string): TelegramPerson {
    const person = this.#telegram.person({ name });
    person.block();
    person.unblock();
    this.#people.set(name, person);
    return person;
  }

  async #bring(id: string, is: (update: Update) => boolean): Promise<Said> {
    this.#said.set(id, is);
    return { id, taken: await this.#door.told(is) };
  }

  #ours(channel: ChannelRef): readonly TelegramMessage[] {
    return this.#person(channel).chat.messages.filter(({ from }) => from.kind === 'bot');
  }

  #person({ conversation }: ChannelRef): TelegramPerson {
    for (const person of this.#people.values())
      if (String(person.chat.id) === conversation) return person;
    throw new Error(`nobody is ${conversation}`);
  }
}

function passing({ method, payload }: TelegramCall): { kind: 'typing' | 'text'; text?: string }[] {
  if (method === 'sendChatAction') return [{ kind: 'typing' }];
  return method === 'sendMessageDraft' ? [{ kind: 'text', text: String(payload['text']) }] : [];
}
