import { CallLog } from '../call-log.ts';
import { Faults } from '../fault.ts';
import { Holds } from '../hold.ts';
import { waitFor } from '../wait.ts';
import { BotApi } from './bot-api.ts';
import type { CallContext } from './call.ts';
import { createSystemRuntime, type Runtime } from './clock.ts';
import { foundChat } from './found-chat.ts';
import { heldFetch } from './held-fetch.ts';
import { HttpServer } from './http-server.ts';
import { makePerson } from './person-view.ts';
import { bytesOf } from './request-body.ts';
import type { TelegramChat, TelegramPerson, WaitOptions } from './shape.ts';
import type {
  FakeTelegram,
  FakeTelegramOptions,
  FaultOptions,
  PlannedFault,
  TelegramCall,
  TelegramFault,
} from './shape-server.ts';
import { World } from './state.ts';
import { Webhook } from './webhook.ts';

const tokenDefault = '7700000001:AAFakeTokenForTestsOnly0000000000000';

/**
 * Starts a Bot API server for one bot on 127.0.0.1, on a port of its own choice. It stands for Telegram in tests: real
 * clients talk to it over real sockets. End it with `stop`.
 *
 * It knows getMe, getUpdates, setWebhook, deleteWebhook, getWebhookInfo, sendMessage, sendDocument, sendPhoto, sendAudio,
 * sendVoice, sendVideo, sendChatAction, sendMessageDraft, editMessageText, editMessageCaption, editMessageReplyMarkup,
 * deleteMessage, setMessageReaction, answerCallbackQuery, setMyCommands, getMyCommands, deleteMyCommands, getChat,
 * getChatMember, getChatMemberCount, leaveChat, getFile and the files themselves; every other method is answered 404.
 *
 * @example
 * const telegram = await startFakeTelegram();
 * const bot = new Bot(telegram.token, { client: { apiRoot: telegram.apiRoot } });
 * const ann = telegram.person({ name: 'Ann' });
 * ann.say('/start');
 * await ann.chat.waitFor((message) => message.text.includes('Hello'));
 */
export async function startFakeTelegram(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
  const telegram = new Telegram(options);
  await telegram.up();
  return telegram;
}

class Telegram implements FakeTelegram {
  readonly token: string;
  readonly fetch: typeof globalThis.fetch;
  readonly #world: World;
  readonly #webhook: Webhook;
  readonly #server: HttpServer;
  readonly #calls = new CallLog<TelegramCall>(bytesOf);
  readonly #faults = new Faults<TelegramFault>(['getUpdates']);
  readonly #holds: Holds;
  #revoked = false;

  constructor(options: FakeTelegramOptions) {
    this.token = options.token ?? tokenDefault;
    const runtime: Runtime = options.runtime ?? createSystemRuntime();
    const world = new World({
      runtime,
      botId: botIdOf(this.token),
      username: options.username ?? 'readback_test_bot',
      name: options.name ?? 'Readback',
      privacyMode: options.privacyMode ?? true,
      limits: options.limits ?? {},
    });
    const holds = new Holds(options.runtime);
    const webhook = new Webhook({
      world,
      holds,
      send: options.webhookFetch,
      call: (method, payload) => api.call(method, payload, this.#context()),
    });
    const api = new BotApi(world, webhook);
    const [calls, faults] = [this.#calls, this.#faults];
    const admits = (token: string): boolean => token === this.token && !this.#revoked;
    this.#server = new HttpServer({ world, api, calls, faults, holds, admits });
    this.fetch = heldFetch(holds, faults, () => this.#server.port);
    this.#world = world;
    this.#webhook = webhook;
    this.#holds = holds;
  }

  get apiRoot(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  get botId(): number {
    return this.#world.bot.id;
  }

  get username(): string {
    return this.#world.bot.username;
  }

  get calls(): readonly TelegramCall[] {
    return this.#calls.all;
  }

  get limitsHit(): number {
    return this.#world.limits.hits;
  }

  get commands(): FakeTelegram['commands'] {
    return this.#world.commands;
  }

  get pendingUpdates(): number {
    return this.#world.updates.length;
  }

  get webhook(): FakeTelegram['webhook'] {
    return this.#webhook.shown;
  }

  person(
    options: {
      readonly name?: string;
      readonly username?: string;
      readonly language?: string;
    } = {},
  ): TelegramPerson {
    return makePerson(this.#world, options).view;
  }

  group(
    options: { readonly title?: string; readonly members?: readonly TelegramPerson[] } = {},
  ): TelegramChat {
    const title = options.title ?? 'Group';
    return foundChat(this.#world, 'group', { ...options, title }, ['group_chat_created', true]);
  }

  supergroup(
    options: {
      readonly title?: string;
      readonly members?: readonly TelegramPerson[];
      readonly topics?: boolean;
    } = {},
  ): TelegramChat {
    const title = options.title ?? 'Supergroup';
    return foundChat(this.#world, 'supergroup', { ...options, title }, [
      'supergroup_chat_created',
      true,
    ]);
  }

  channel(
    options: { readonly title?: string; readonly members?: readonly TelegramPerson[] } = {},
  ): TelegramChat {
    const title = options.title ?? 'Channel';
    return foundChat(this.#world, 'channel', { ...options, title });
  }

  callsOf(method: string): readonly TelegramCall[] {
    const name = method.toLowerCase();
    return this.#calls.all.filter((call) => call.method.toLowerCase() === name);
  }

  nextCall(
    method: string,
    { timeoutMs, arrived = false }: WaitOptions & { readonly arrived?: boolean } = {},
  ): Promise<TelegramCall> {
    const name = method.toLowerCase();
    const wanted = arrived ? 'arrived' : 'ended';
    const seen = new Set(this.#calls.all);
    const shown = (): string[] => this.#calls.all.map((call) => call.method);
    return waitFor(this.#world, { timeoutMs, shown }, (settle) =>
      this.#calls.listen((call, stage) => {
        const fits = call.method.toLowerCase() === name && stage === wanted && !seen.has(call);
        settle(() => (fits ? call : undefined));
      }),
    );
  }

  fault(method: string, fault: TelegramFault, options: FaultOptions = {}): PlannedFault {
    return this.#faults.plan(method, fault, {
      times: options.times,
      place: options.chat && String(options.chat.id),
    });
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  push(update: Readonly<Record<string, unknown>>): number {
    return this.#world.updates.push(update);
  }

  redeliver(updateId: number): boolean {
    return this.#world.updates.restore(updateId);
  }

  revokeToken(): void {
    this.#revoked = true;
  }

  restoreToken(): void {
    this.#revoked = false;
  }

  async down(): Promise<void> {
    await this.#server.close();
  }

  async up(): Promise<void> {
    if (this.#world.over.signal.aborted) throw new Error('the server was stopped');
    await this.#server.listen();
  }

  async stop(): Promise<void> {
    this.#world.over.abort();
    this.#holds.releaseAll();
    await this.#server.close();
    this.#world.files.clear();
  }

  #context(): CallContext {
    const { signal: closed } = this.#world.over;
    return { world: this.#world, closed, idle: (wait) => wait };
  }
}

function botIdOf(token: string): number {
  const [id, secret] = token.split(':');
  if (!/^\d{1,15}$/.test(id ?? '') || !/^[\w-]+$/.test(secret ?? ''))
    throw new RangeError('token must look like <digits>:<secret>');
  return Number(id);
}
