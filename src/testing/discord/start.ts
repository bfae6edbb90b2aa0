import { waitFor, waitUntil } from '../wait.ts';
import { assemble, type Parts } from './assemble.ts';
import { tellGuildCreate } from './event.ts';
import { GatewayView } from './gateway-view.ts';
import { makeGuild } from './guild-view.ts';
import { heldFetch } from './held-fetch.ts';
import { makePerson } from './person-view.ts';
import type { DiscordChannel, DiscordGuild, DiscordMessage, DiscordPerson } from './shape.ts';
import type { DiscordWaitOptions } from './shape-part.ts';
import type {
  DiscordCall,
  DiscordFault,
  DiscordFaultOptions,
  DiscordPlannedFault,
  DiscordRoute,
  FakeDiscord,
  FakeDiscordGateway,
  FakeDiscordOptions,
} from './shape-server.ts';
import type { MessageRecord } from './state.ts';
import { preview } from './write.ts';

/**
 * Starts a Discord for one app on 127.0.0.1, on a port of its own choice. It stands for Discord in tests: real clients
 * talk to it over real sockets, by REST v10 and the gateway. End it with `stop`.
 *
 * It knows messages with files, embeds, components, replies, mentions, nonces and reactions; channels, announcement
 * channels, forums, threads and direct messages with their permissions; application commands; interactions with their
 * answers, modals and follow-ups; gateway sessions with shards and intents. Every other route is answered 404.
 *
 * @example
 * const discord = await startFakeDiscord();
 * const rest = new REST({ api: discord.apiUrl, version: '10' }).setToken(discord.token);
 * const ann = discord.person({ name: 'Ann' });
 * ann.say('hello');
 * await rest.post(Routes.channelMessages(ann.dm.id), { body: { content: 'Hello Ann' } });
 * ann.dm.texts; // ['Hello Ann']
 */
export async function startFakeDiscord(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
  const discord = new Discord(assemble(options));
  await discord.up();
  return discord;
}

class Discord implements FakeDiscord {
  readonly fetch: typeof globalThis.fetch;
  readonly gateway: FakeDiscordGateway;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { holds, faults, api, server, world, hub } = parts;
    this.fetch = heldFetch(holds, faults, { api, port: () => server.port });
    this.gateway = new GatewayView(world, hub);
  }

  get apiUrl(): string {
    return `${this.cdnUrl}/api`;
  }

  get cdnUrl(): string {
    return this.#parts.world.options.baseUrl();
  }

  get appId(): string {
    return this.#parts.world.botId;
  }

  get botId(): string {
    return this.#parts.world.botId;
  }

  get botName(): string {
    return this.#parts.world.options.botName;
  }

  get token(): string {
    return this.#parts.world.token;
  }

  get guild(): DiscordGuild {
    return this.#parts.home.view;
  }

  get guilds(): readonly DiscordGuild[] {
    return [...this.#parts.world.guilds.values()].map(({ view }) => view);
  }

  get calls(): readonly DiscordCall[] {
    return this.#parts.calls.all;
  }

  get limitsHit(): number {
    return this.#parts.limits.hits;
  }

  get invalidRequests(): number {
    return this.#parts.limits.invalidAt(this.#parts.world.nowMs());
  }

  get isBanned(): boolean {
    return this.#parts.limits.bannedMs(this.#parts.world.nowMs()) > 0;
  }

  commands(guild?: DiscordGuild): readonly Readonly<Record<string, unknown>>[] {
    const { world } = this.#parts;
    const shelf = guild === undefined ? world.commands : world.guilds.get(guild.id)?.commands;
    return [...(shelf?.values() ?? [])];
  }

  person(options?: { readonly name?: string }): DiscordPerson {
    return this.guild.person(options);
  }

  channel(options?: Parameters<DiscordGuild['channel']>[0]): DiscordChannel {
    return this.guild.channel(options);
  }

  addGuild(options: { readonly name?: string; readonly bot?: boolean } = {}): DiscordGuild {
    const { world } = this.#parts;
    const { name = `Guild ${world.guilds.size + 1}`, bot = true } = options;
    const guild = makeGuild(world, { name, bot });
    if (bot) tellGuildCreate(world, guild);
    return guild.view;
  }

  stranger(options: { readonly name?: string } = {}): DiscordPerson {
    return makePerson(this.#parts.world, options.name).view;
  }

  callsOf(route: DiscordRoute): readonly DiscordCall[] {
    this.#mustKnow(route);
    return this.#parts.calls.all.filter((call) => call.route === route);
  }

  nextCall(
    route: DiscordRoute,
    { timeoutMs, arrived = false }: DiscordWaitOptions & { readonly arrived?: boolean } = {},
  ): Promise<DiscordCall> {
    this.#mustKnow(route);
    const wanted = arrived ? 'arrived' : 'ended';
    const seen = new Set(this.#parts.calls.all);
    const shown = (): string[] => this.#parts.calls.all.map((call) => call.route);
    return waitFor(this.#parts.world, { timeoutMs, shown }, (settle) =>
      this.#parts.calls.listen((call, stage) => {
        const fits = call.route === route && stage === wanted && !seen.has(call);
        settle(() => (fits ? call : undefined));
      }),
    );
  }

  fault(
    route: DiscordRoute | '*',
    fault: DiscordFault,
    options: DiscordFaultOptions = {},
  ): DiscordPlannedFault {
    if (route !== '*') this.#mustKnow(route);
    return this.#parts.faults.plan(route, fault, {
      times: options.times,
      place: options.channel?.id,
    });
  }

  clearFaults(): void {
    this.#parts.faults.clear();
  }

  push(type: string, data: Readonly<Record<string, unknown>>, guild?: DiscordGuild): number {
    const { world } = this.#parts;
    const record = guild && world.guilds.get(guild.id);
    return world.dispatch({ type, data: () => ({ ...data }), guild: record, intent: undefined });
  }

  async settled({ timeoutMs }: DiscordWaitOptions = {}): Promise<void> {
    const { world, hub } = this.#parts;
    const shown = (): string[] => [`${world.unanswered} interactions are not answered`];
    await waitUntil(world, { timeoutMs, shown }, () =>
      world.unanswered === 0 && hub.isRead ? true : undefined,
    );
  }

  resetToken(): void {
    this.#parts.hub.resetToken();
  }

  closeEdits(message: DiscordMessage): void {
    this.#recordOf(message).isEditClosed = true;
  }

  unfurl(message: DiscordMessage, link: string): void {
    preview(this.#parts.world, this.#recordOf(message), link);
  }

  async down(): Promise<void> {
    await this.#parts.server.close();
  }

  async up(): Promise<void> {
    if (this.#parts.world.over.signal.aborted) throw new Error('the server was stopped');
    await this.#parts.server.listen();
  }

  async stop(): Promise<void> {
    this.#parts.world.over.abort();
    this.#parts.holds.releaseAll();
    this.#parts.hub.stop();
    await this.#parts.server.close();
    this.#parts.world.files.clear();
  }

  #recordOf(message: DiscordMessage): MessageRecord {
    const record = this.#parts.world.channels.get(message.channel.id)?.messages.get(message.id);
    if (record !== message) throw new Error('the message is deleted, or of another server');
    return record as MessageRecord;
  }

  #mustKnow(route: string): void {
    if (!this.#parts.api.knows(route)) throw new RangeError(`no route is called "${route}"`);
  }
}
