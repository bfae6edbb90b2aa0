import { waitUntil } from '../wait.ts';
import { tellMember, tellTyping } from './event.ts';
import { makeChannel } from './make-channel.ts';
import { chooseIn, closeModal, pressIn, runCommand, submitIn } from './person-act.ts';
import { postBy, threadBy } from './person-thread.ts';
import { react, unreact } from './reaction.ts';
import { sees } from './right.ts';
import { say, sayAnew } from './say.ts';
import type {
  DiscordChannel,
  DiscordGuild,
  DiscordInteraction,
  DiscordMessage,
  DiscordPerson,
  DiscordSayOptions,
} from './shape.ts';
import type {
  DiscordModal,
  DiscordOptionValue,
  DiscordRole,
  DiscordWaitOptions,
} from './shape-part.ts';
import type {
  ChannelRecord,
  GuildRecord,
  MessageRecord,
  ModalRecord,
  PersonRecord,
  RoleRecord,
  World,
} from './state.ts';
import { erase } from './write.ts';

/** A new person, in no guild, with empty direct messages with the bot. */
export function makePerson(world: World, named?: string): PersonRecord {
  const name = named ?? `Person ${world.people.size + 1}`;
  const person = {
    id: world.newId(),
    name,
    roles: new Set(),
    modals: [],
    hasDmsClosed: false,
    hasApp: false,
  } as unknown as PersonRecord;
  person.dm = makeChannel(world, { name: '', kind: 'dm', person });
  person.view = new Person(world, person);
  world.people.set(person.id, person);
  return person;
}

export function joinGuild(world: World, guild: GuildRecord, person: PersonRecord): void {
  if (guild.members.has(person)) return;
  guild.members.add(person);
  tellMember(world, guild, person, 'ADD');
}

class Person implements DiscordPerson {
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

  get dm(): DiscordChannel {
    return this.#person.dm.view;
  }

  get modals(): readonly DiscordModal[] {
    return this.#person.modals;
  }

  say(text: string, options: DiscordSayOptions = {}): DiscordMessage {
    const { to = this.dm, replyTo, ...rest } = options;
    const answered = replyTo && this.#messageOf(replyTo);
    const said = { text, options: rest, replyTo: answered };
    return say(this.#world, this.#channelOf(to), this.#person, said);
  }

  mention(text: string, options: DiscordSayOptions): DiscordMessage {
    return this.say(`@${this.#world.options.botName} ${text}`, options);
  }

  reply(
    message: DiscordMessage,
    text: string,
    options: Omit<DiscordSayOptions, 'to' | 'replyTo'> = {},
  ): DiscordMessage {
    return this.say(text, { ...options, to: message.channel, replyTo: message });
  }

  edit(message: DiscordMessage, text: string): void {
    sayAnew(this.#world, this.#own(message, 'edits'), text);
  }

  delete(message: DiscordMessage): void {
    erase(this.#world, this.#own(message, 'deletes'));
  }

  react(message: DiscordMessage, emoji: string): void {
    react(this.#world, this.#messageOf(message), emoji, this.#person);
  }

  unreact(message: DiscordMessage, emoji: string): void {
    unreact(this.#world, this.#messageOf(message), emoji, this.#person);
  }

  typing(channel: DiscordChannel): void {
    tellTyping(this.#world, this.#channelOf(channel), this.#person);
  }

  press(message: DiscordMessage, label: string): DiscordInteraction {
    return pressIn(this.#world, this.#person, this.#messageOf(message), label);
  }

  choose(
    message: DiscordMessage,
    options: string | readonly string[],
    customId?: string,
  ): DiscordInteraction {
    const names = typeof options === 'string' ? [options] : options;
    const chosen = { options: names, customId };
    return chooseIn(this.#world, this.#person, this.#messageOf(message), chosen);
  }

  submit(modal: DiscordModal, values: Readonly<Record<string, string>> = {}): DiscordInteraction {
    return submitIn(this.#world, this.#modalOf(modal), values);
  }

  dismiss(modal: DiscordModal): void {
    closeModal(this.#modalOf(modal));
  }

  command(
    name: string,
    options: Readonly<Record<string, DiscordOptionValue>> = {},
    place: { readonly in?: DiscordChannel; readonly target?: DiscordMessage | DiscordPerson } = {},
  ): DiscordInteraction {
    const channel = this.#channelOf(place.in ?? this.dm);
    const target = place.target && this.#targetOf(place.target);
    return runCommand(this.#world, this.#person, channel, { name, options, target });
  }

  openThread(
    from: DiscordMessage | DiscordChannel,
    options: Parameters<DiscordPerson['openThread']>[1] = {},
  ): DiscordChannel {
    const message = 'text' in from ? this.#messageOf(from) : undefined;
    const parent = message?.home ?? this.#channelOf(from as DiscordChannel);
    const thread = threadBy(this.#world, this.#person, parent, { ...options, from: message });
    if (options.text !== undefined) this.say(options.text, { to: thread.view });
    return thread.view;
  }

  post(forum: DiscordChannel, post: Parameters<DiscordPerson['post']>[1]): DiscordChannel {
    return postBy(this.#world, this.#person, this.#channelOf(forum), post).view;
  }

  closeDms(): void {
    this.#person.hasDmsClosed = true;
  }

  openDms(): void {
    this.#person.hasDmsClosed = false;
  }

  join(guild: DiscordGuild): void {
    joinGuild(this.#world, this.#guildOf(guild), this.#person);
  }

  leave(guild: DiscordGuild): void {
    const record = this.#guildOf(guild);
    if (record.members.delete(this.#person))
      tellMember(this.#world, record, this.#person, 'REMOVE');
  }

  give(role: DiscordRole): void {
    this.#person.roles.add(role as RoleRecord);
  }

  take(role: DiscordRole): void {
    this.#person.roles.delete(role as RoleRecord);
  }

  installApp(): void {
    this.#person.hasApp = true;
  }

  waitForModal(
    fits: (modal: DiscordModal) => boolean = () => true,
    { timeoutMs }: DiscordWaitOptions = {},
  ): Promise<DiscordModal> {
    const shown = (): string[] => this.modals.map(({ title }) => title);
    return waitUntil(this.#world, { timeoutMs, shown }, () => this.modals.find(fits));
  }

  #guildOf(guild: DiscordGuild): GuildRecord {
    const record = this.#world.guilds.get(guild.id);
    if (record === undefined) throw new Error('the guild is of another server');
    return record;
  }

  #modalOf(modal: DiscordModal): ModalRecord {
    const record = this.#person.modals.find((one) => one === modal);
    if (record === undefined) throw new Error('the modal is not open');
    return record;
  }

  #channelOf(channel: DiscordChannel): ChannelRecord {
    const record = this.#world.channels.get(channel.id);
    if (record?.view !== channel) throw new Error('the channel is of another server');
    if (!sees(record, this.#person)) throw new Error(`${this.name} does not see ${record.name}`);
    return record;
  }

  #messageOf(message: DiscordMessage): MessageRecord {
    const home = this.#channelOf(message.channel);
    const own = home.ephemerals.find((one) => one === message && one.onlyFor === this);
    const record = own ?? home.messages.get(message.id);
    if (record === undefined) throw new Error('the message is deleted');
    return record;
  }

  #own(message: DiscordMessage, does: string): MessageRecord {
    const record = this.#messageOf(message);
    if (record.author !== this.#person) throw new Error(`only its author ${does} a message`);
    return record;
  }

  #targetOf(target: DiscordMessage | DiscordPerson): MessageRecord | PersonRecord {
    if ('text' in target) return this.#messageOf(target);
    const person = this.#world.people.get(target.id);
    if (person === undefined) throw new Error('the person is of another server');
    return person;
  }
}
