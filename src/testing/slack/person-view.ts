import { waitFor } from '../wait.ts';
import { makeChannel } from './channel-view.ts';
import { tellMember, tellReaction } from './event.ts';
import { react, unreact } from './methods-more.ts';
import {
  chooseIn,
  closeByHand,
  pressIn,
  runCommand,
  runShortcut,
  submitView,
} from './person-act.ts';
import { openAssistant, openTab, say, sayAnew } from './say.ts';
import type {
  SlackChannel,
  SlackMessage,
  SlackPerson,
  SlackSayOptions,
  SlackThread,
} from './shape.ts';
import type { SlackInteraction, SlackView, SlackWaitOptions } from './shape-part.ts';
import type {
  ChannelRecord,
  MessageRecord,
  PersonRecord,
  TeamRecord,
  ViewRecord,
  World,
} from './state.ts';
import { erase } from './write.ts';

/** A new person with empty direct messages with the bot. */
export function makePerson(world: World, team: TeamRecord, named?: string): PersonRecord {
  const id = world.newId('U');
  const name = named ?? `Person ${team.people.size + 1}`;
  const person = { id, name, team, views: [] } as unknown as PersonRecord;
  const init = { name: '', type: 'im', members: [person], person, hasBot: true } as const;
  person.dm = makeChannel(world, team, init);
  person.view = new Person(world, person);
  team.people.set(id, person);
  return person;
}

class Person implements SlackPerson {
  readonly #world: World;
  readonly #person: PersonRecord;

  constructor(world: World, person: PersonRecord) {
    this.#world = world;
    this.#person = person;
  }

  get id(): string {
    return this.#person.id;
  }

  get name(): string {
    return this.#person.name;
  }

  get dm(): SlackChannel {
    return this.#person.dm.view;
  }

  get views(): readonly SlackView[] {
    return this.#person.views;
  }

  say(text: string, options: SlackSayOptions = {}): SlackMessage {
    const to = options.to ?? this.dm;
    const [channel, threadTs] = 'ts' in to ? [to.channel, to.ts] : [to, undefined];
    const place = { channel: this.#channelOf(channel), threadTs };
    return say(this.#world, place, this.#person, { text, options });
  }

  mention(text: string, options: SlackSayOptions): SlackMessage {
    return this.say(`@${this.#person.team.botName} ${text}`, options);
  }

  reply(
    message: SlackMessage,
    text: string,
    options: Omit<SlackSayOptions, 'to'> = {},
  ): SlackMessage {
    return this.say(text, { ...options, to: message.channel.thread(message) });
  }

  edit(message: SlackMessage, text: string): void {
    const record = this.#messageOf(message);
    if (record.author !== this.#person) throw new Error('only its author edits a message');
    sayAnew(this.#world, record, text);
  }

  delete(message: SlackMessage): void {
    const record = this.#messageOf(message);
    if (record.author !== this.#person) throw new Error('only its author deletes a message');
    erase(this.#world, record);
  }

  react(message: SlackMessage, emoji: string): void {
    const record = this.#messageOf(message);
    react(record, this.id, emoji);
    const change = { type: 'reaction_added', user: this.id, reaction: emoji } as const;
    tellReaction(this.#world, record, change);
  }

  unreact(message: SlackMessage, emoji: string): void {
    const record = this.#messageOf(message);
    unreact(record, this.id, emoji);
    const change = { type: 'reaction_removed', user: this.id, reaction: emoji } as const;
    tellReaction(this.#world, record, change);
  }

  press(on: SlackMessage | SlackView, label: string): SlackInteraction {
    return pressIn(this.#world, this.#person, this.#shown(on), label);
  }

  choose(on: SlackMessage | SlackView, option: string, actionId?: string): SlackInteraction {
    return chooseIn(this.#world, this.#person, this.#shown(on), { option, actionId });
  }

  submit(view: SlackView, values: Readonly<Record<string, string>> = {}): SlackInteraction {
    return submitView(this.#world, this.#viewOf(view), values);
  }

  close(view: SlackView): SlackInteraction | undefined {
    return closeByHand(this.#world, this.#viewOf(view));
  }

  command(
    command: string,
    text = '',
    options: { readonly in?: SlackChannel } = {},
  ): SlackInteraction {
    const channel = this.#channelOf(options.in ?? this.dm);
    return runCommand(this.#world, this.#person, channel, { command, text });
  }

  shortcut(callbackId: string, message?: SlackMessage): SlackInteraction {
    const record = message && this.#messageOf(message);
    return runShortcut(this.#world, this.#person, callbackId, record);
  }

  openAssistant(options: { readonly from?: SlackChannel } = {}): SlackThread {
    return openAssistant(this.#world, this.#person, options.from);
  }

  openTab(tab: 'home' | 'messages'): void {
    openTab(this.#world, this.#person, tab);
  }

  join(channel: SlackChannel): void {
    const record = this.#known(channel);
    if (record.type === 'im' || record.members.has(this.#person)) return;
    record.members.add(this.#person);
    tellMember(this.#world, record, 'member_joined_channel', this.id);
  }

  leave(channel: SlackChannel): void {
    const record = this.#channelOf(channel);
    if (record.type === 'im') throw new Error('nobody leaves direct messages');
    record.members.delete(this.#person);
    tellMember(this.#world, record, 'member_left_channel', this.id);
  }

  waitForView(
    fits: (view: SlackView) => boolean = () => true,
    { timeoutMs }: SlackWaitOptions = {},
  ): Promise<SlackView> {
    const shown = (): string[] => this.views.map((view) => view.shown);
    return waitFor<SlackView>(this.#world, { timeoutMs, shown }, (settle) => {
      const look = (): void => settle(() => this.views.find(fits));
      queueMicrotask(look);
      return this.#world.listenViews(look);
    });
  }

  #shown(on: SlackMessage | SlackView): MessageRecord | ViewRecord {
    return 'ts' in on ? this.#messageOf(on) : this.#viewOf(on);
  }

  #viewOf(view: SlackView): ViewRecord {
    const record = this.#person.views.find((one) => one.id === view.id);
    if (record === undefined) throw new Error('the view is not open');
    return record;
  }

  #known(channel: SlackChannel): ChannelRecord {
    const record = this.#person.team.channels.get(channel.id);
    if (record === undefined) throw new Error('the channel is of another workspace');
    return record;
  }

  #channelOf(channel: SlackChannel): ChannelRecord {
    const record = this.#known(channel);
    if (!record.members.has(this.#person))
      throw new Error(`${this.name} is not in ${record.name || 'these direct messages'}`);
    return record;
  }

  #messageOf(message: SlackMessage): MessageRecord {
    const home = this.#channelOf(message.channel);
    const own = home.ephemerals.find((one) => one === message && one.onlyFor === this);
    const record = own ?? home.messages.get(message.ts);
    if (record === undefined || record.isDeleted) throw new Error('the message is deleted');
    return record;
  }
}
