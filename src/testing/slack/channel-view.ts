import { waitForMessage } from '../wait.ts';
import { tellMember } from './event.ts';
import type { SlackChannel, SlackMessage, SlackPerson, SlackPlace, SlackThread } from './shape.ts';
import type { SlackWaitOptions } from './shape-part.ts';
import type { ChannelRecord, MessageRecord, PersonRecord, TeamRecord, World } from './state.ts';
import { threadOf } from './write.ts';

interface ChannelInit {
  readonly name: string;
  readonly type: SlackChannel['type'];
  readonly members: readonly PersonRecord[];
  readonly hasBot: boolean;
  readonly person?: PersonRecord;
}

/** A new channel and what tests see of it. */
export function makeChannel(world: World, team: TeamRecord, init: ChannelInit): ChannelRecord {
  const channel = {
    id: world.newId(init.type === 'im' ? 'D' : 'C'),
    name: init.name,
    type: init.type,
    team,
    person: init.person,
    members: new Set(init.members),
    messages: new Map(),
    ephemerals: [],
    threads: new Map(),
    prompts: [],
    createdMs: world.nowMs(),
    hasBot: init.hasBot,
    isArchived: false,
  } as unknown as ChannelRecord;
  channel.view = new Channel(world, channel);
  world.addChannel(channel);
  return channel;
}

/** What a thread and a channel have in common: they differ in which messages they hold. */
abstract class Place implements SlackPlace {
  readonly #world: World;
  readonly #channel: ChannelRecord;

  constructor(world: World, channel: ChannelRecord) {
    this.#world = world;
    this.#channel = channel;
  }

  /** Whether it is read here. */
  protected abstract shows(message: MessageRecord): boolean;
  /** Whether it is waited for here. */
  protected abstract hears(message: MessageRecord): boolean;

  get messages(): readonly SlackMessage[] {
    return this.#records().filter((message) => this.shows(message));
  }

  get texts(): readonly string[] {
    return this.messages.filter(({ from }) => from.kind === 'bot').map(({ shown }) => shown);
  }

  ephemeral(person: SlackPerson): readonly SlackMessage[] {
    return this.#channel.ephemerals.filter(
      (message) => message.onlyFor === person && this.hears(message),
    );
  }

  async waitFor(
    fits: (message: SlackMessage) => boolean,
    options: SlackWaitOptions = {},
  ): Promise<SlackMessage> {
    const all = [...this.#records(), ...this.#channel.ephemerals];
    const shown = all.find(
      (message) => message.from.kind === 'bot' && this.hears(message) && fits(message),
    );
    return shown ?? (await this.next(fits, options));
  }

  next(
    fits: (message: SlackMessage) => boolean = () => true,
    options: SlackWaitOptions = {},
  ): Promise<SlackMessage> {
    return waitForMessage(this.#world, {
      fits: (message) => message.home === this.#channel && this.hears(message) && fits(message),
      timeoutMs: options.timeoutMs,
      shown: () => this.texts,
    });
  }

  #records(): MessageRecord[] {
    return [...this.#channel.messages.values()];
  }
}

class Thread extends Place implements SlackThread {
  readonly #world: World;
  readonly #channel: ChannelRecord;
  readonly ts: string;

  constructor(world: World, channel: ChannelRecord, ts: string) {
    super(world, channel);
    this.#world = world;
    this.#channel = channel;
    this.ts = ts;
  }

  protected shows(message: MessageRecord): boolean {
    return message.ts === this.ts || message.threadTs === this.ts;
  }

  protected hears(message: MessageRecord): boolean {
    return this.shows(message);
  }

  get channel(): SlackChannel {
    return this.#channel.view;
  }

  get status(): SlackThread['status'] {
    const status = threadOf(this.#channel, this.ts).status;
    return status !== undefined && status.untilMs > this.#world.nowMs() ? status : undefined;
  }

  get title(): string | undefined {
    return threadOf(this.#channel, this.ts).title;
  }

  get suggestedPrompts(): SlackThread['suggestedPrompts'] {
    return threadOf(this.#channel, this.ts).prompts;
  }
}

class Channel extends Place implements SlackChannel {
  readonly #world: World;
  readonly #channel: ChannelRecord;

  constructor(world: World, channel: ChannelRecord) {
    super(world, channel);
    this.#world = world;
    this.#channel = channel;
  }

  protected shows(message: MessageRecord): boolean {
    return message.threadTs === undefined || message.isBroadcast;
  }

  protected hears(): boolean {
    return true;
  }

  get id(): string {
    return this.#channel.id;
  }

  get name(): string {
    return this.#channel.name;
  }

  get type(): SlackChannel['type'] {
    return this.#channel.type;
  }

  get members(): readonly SlackPerson[] {
    return [...this.#channel.members].map(({ view }) => view);
  }

  get hasBot(): boolean {
    return this.#channel.hasBot;
  }

  get all(): readonly SlackMessage[] {
    return [...this.#channel.messages.values()];
  }

  get suggestedPrompts(): SlackChannel['suggestedPrompts'] {
    return this.#channel.prompts;
  }

  thread(of: SlackMessage | string): SlackThread {
    const ts = typeof of === 'string' ? of : (of.threadTs ?? of.ts);
    return new Thread(this.#world, this.#channel, ts);
  }

  addBot(): void {
    if (this.#channel.hasBot) return;
    this.#channel.hasBot = true;
    this.#tellBot('member_joined_channel');
  }

  kickBot(): void {
    if (this.#channel.type === 'im') throw new Error('nobody leaves direct messages');
    if (!this.#channel.hasBot) return;
    this.#channel.hasBot = false;
    this.#tellBot('member_left_channel');
  }

  archive(): void {
    this.#channel.isArchived = true;
  }

  unarchive(): void {
    this.#channel.isArchived = false;
  }

  #tellBot(type: 'member_joined_channel' | 'member_left_channel'): void {
    tellMember(this.#world, this.#channel, type, this.#channel.team.botUserId);
  }
}
