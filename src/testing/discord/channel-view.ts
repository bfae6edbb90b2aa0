import { waitForMessage } from '../wait.ts';
import { tellChannel } from './event.ts';
import { bitsOf } from './permission.ts';
import type { DiscordChannel, DiscordGuild, DiscordMessage, DiscordPerson } from './shape.ts';
import type { DiscordPermissionChange, DiscordRole, DiscordWaitOptions } from './shape-part.ts';
import type { ChannelRecord, MessageRecord, World } from './state.ts';
import { erase } from './write.ts';

/** Gives a channel what tests see of it. */
export function showChannel(world: World, channel: ChannelRecord): void {
  channel.view = new Channel(world, channel);
}

class Channel implements DiscordChannel {
  readonly #world: World;
  readonly #channel: ChannelRecord;

  constructor(world: World, channel: ChannelRecord) {
    this.#world = world;
    this.#channel = channel;
  }

  get id(): string {
    return this.#channel.id;
  }

  get name(): string {
    return this.#channel.name;
  }

  get kind(): DiscordChannel['kind'] {
    return this.#channel.kind;
  }

  get guild(): DiscordGuild | undefined {
    return this.#channel.guild?.view;
  }

  get parent(): DiscordChannel | undefined {
    return this.#channel.parent?.view;
  }

  get threads(): readonly DiscordChannel[] {
    return this.#channel.threads.filter(({ isDeleted }) => !isDeleted).map(({ view }) => view);
  }

  get messages(): readonly DiscordMessage[] {
    return [...this.#channel.messages.values()];
  }

  get texts(): readonly string[] {
    return this.messages.filter(({ from }) => from.kind === 'bot').map(({ shown }) => shown);
  }

  get typingUntilMs(): number | undefined {
    const { typingUntilMs } = this.#channel;
    return typingUntilMs > this.#world.nowMs() ? typingUntilMs : undefined;
  }

  get isArchived(): boolean {
    return this.#channel.isArchived;
  }

  get isLocked(): boolean {
    return this.#channel.isLocked;
  }

  get isDeleted(): boolean {
    return this.#channel.isDeleted;
  }

  ephemeral(person: DiscordPerson): readonly DiscordMessage[] {
    return this.#channel.ephemerals.filter(({ onlyFor }) => onlyFor === person);
  }

  async waitFor(
    fits: (message: DiscordMessage) => boolean,
    options: DiscordWaitOptions = {},
  ): Promise<DiscordMessage> {
    const all = [...this.#channel.messages.values(), ...this.#channel.ephemerals];
    const shown = all.find((message) => message.from.kind === 'bot' && fits(message));
    return shown ?? (await this.next(fits, options));
  }

  next(
    fits: (message: DiscordMessage) => boolean = () => true,
    options: DiscordWaitOptions = {},
  ): Promise<DiscordMessage> {
    return waitForMessage(this.#world, {
      fits: (message) => message.home === this.#channel && fits(message),
      timeoutMs: options.timeoutMs,
      shown: () => [...this.#channel.messages.values()].map(({ shown }) => shown),
    });
  }

  permit(
    who: 'everyone' | 'bot' | DiscordRole | DiscordPerson,
    { allow = [], deny = [] }: DiscordPermissionChange,
  ): void {
    const { guild, overwrites } = this.#channel;
    if (guild === undefined) throw new Error('direct messages have no permissions');
    if (this.#channel.kind === 'thread') throw new Error("a thread has its channel's permissions");
    const id = who === 'everyone' ? guild.id : who === 'bot' ? 'bot' : who.id;
    const kind = guild.roles.has(id) ? 'role' : 'member';
    const one = overwrites.get(id) ?? { kind, allow: 0n, deny: 0n };
    const [given, taken] = [bitsOf(allow), bitsOf(deny)];
    one.allow = (one.allow | given) & ~taken;
    one.deny = (one.deny | taken) & ~given;
    overwrites.set(id, one);
    this.#tell();
  }

  archive(): void {
    this.#setArchived(true);
  }

  unarchive(): void {
    this.#setArchived(false);
  }

  #setArchived(isArchived: boolean): void {
    this.#mustBeThread();
    this.#channel.isArchived = isArchived;
    this.#channel.archiveChangedMs = this.#world.nowMs();
    this.#tell();
  }

  lock(): void {
    this.#mustBeThread();
    this.#channel.isLocked = true;
    this.#tell();
  }

  unlock(): void {
    this.#mustBeThread();
    this.#channel.isLocked = false;
    this.#tell();
  }

  slowMode(seconds: number, options: { readonly bots?: boolean } = {}): void {
    if (!(seconds >= 0 && seconds <= 21_600)) throw new RangeError('slow mode: 0 to 21,600 s');
    this.#channel.slowSeconds = seconds;
    this.#channel.isSlowForBots = options.bots ?? false;
    this.#tell();
  }

  congest(ms: number): void {
    this.#channel.congestedUntilMs = this.#world.nowMs() + ms;
  }

  delete(): void {
    if (this.#channel.person !== undefined) throw new Error('nobody deletes direct messages');
    this.#channel.isDeleted = true;
    for (const thread of this.#channel.threads) thread.isDeleted = true;
    tellChannel(this.#world, this.#channel, 'DELETE');
  }

  moderate(message: DiscordMessage): void {
    const record = this.#channel.messages.get(message.id);
    if (record === undefined) throw new Error('the message is deleted, or of another channel');
    erase(this.#world, record as MessageRecord);
  }

  #mustBeThread(): void {
    if (this.#channel.kind !== 'thread') throw new Error('it is no thread');
  }

  #tell(): void {
    tellChannel(this.#world, this.#channel, 'UPDATE');
  }
}
