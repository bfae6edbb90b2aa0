import { tellBotMember, tellChannel, tellGuildCreate, tellGuildDelete } from './event.ts';
import { makeChannel } from './make-channel.ts';
import {
  allBits,
  bitsOf,
  type DiscordPermission,
  everyoneBits,
  permissionBits,
} from './permission.ts';
import { joinGuild, makePerson } from './person-view.ts';
import type { DiscordChannel, DiscordGuild, DiscordPerson } from './shape.ts';
import type { DiscordRole } from './shape-part.ts';
import type { GuildRecord, RoleRecord, World } from './state.ts';

/** A new guild, with the bot in it or not. */
export function makeGuild(
  world: World,
  { name, bot }: { readonly name: string; readonly bot: boolean },
): GuildRecord {
  const guild = {
    id: world.newGuildId(),
    name,
    members: new Set(),
    roles: new Map(),
    commands: new Map(),
    channels: new Map(),
    words: [],
    hasBot: bot,
    isOut: false,
    createdMs: world.nowMs(),
  } as unknown as { -readonly [K in keyof GuildRecord]: GuildRecord[K] };
  const role = { guild, isMentionable: false };
  guild.everyone = {
    ...role,
    id: guild.id,
    name: '@everyone',
    bits: everyoneBits,
    isManaged: false,
  };
  const bits = allBits & ~permissionBits.Administrator;
  guild.botRole = {
    ...role,
    id: world.newId(),
    name: world.options.botName,
    bits,
    isManaged: true,
  };
  for (const one of [guild.everyone, guild.botRole]) guild.roles.set(one.id, one);
  guild.view = new Guild(world, guild);
  world.guilds.set(guild.id, guild);
  return guild;
}

class Guild implements DiscordGuild {
  readonly #world: World;
  readonly #guild: GuildRecord;

  constructor(world: World, guild: GuildRecord) {
    this.#world = world;
    this.#guild = guild;
  }

  get id(): string {
    return this.#guild.id;
  }

  get name(): string {
    return this.#guild.name;
  }

  get hasBot(): boolean {
    return this.#guild.hasBot;
  }

  get botRole(): DiscordRole {
    return this.#guild.botRole;
  }

  get channels(): readonly DiscordChannel[] {
    return [...this.#guild.channels.values()]
      .filter(({ kind, isDeleted }) => kind !== 'thread' && !isDeleted)
      .map(({ view }) => view);
  }

  person(options: { readonly name?: string } = {}): DiscordPerson {
    const person = makePerson(this.#world, options.name);
    joinGuild(this.#world, this.#guild, person);
    return person.view;
  }

  channel(options: Parameters<DiscordGuild['channel']>[0] = {}): DiscordChannel {
    const { kind = 'text', name = `${kind}-${this.#guild.channels.size + 1}`, onlyFor } = options;
    const channel = makeChannel(this.#world, {
      name,
      kind,
      guild: this.#guild,
      tags: options.tags ?? [],
      needsTag: options.needsTag ?? false,
    });
    if (onlyFor !== undefined) {
      const allow = bitsOf(['ViewChannel']);
      channel.overwrites.set(this.#guild.id, { kind: 'role', allow: 0n, deny: allow });
      for (const id of ['bot', ...onlyFor.map((person) => person.id)])
        channel.overwrites.set(id, { kind: 'member', allow, deny: 0n });
    }
    tellChannel(this.#world, channel, 'CREATE');
    return channel.view;
  }

  role(options: Parameters<DiscordGuild['role']>[0] = {}): DiscordRole {
    const role: RoleRecord = {
      id: this.#world.newId(),
      name: options.name ?? `Role ${this.#guild.roles.size}`,
      guild: this.#guild,
      bits: bitsOf(options.permissions ?? []),
      isMentionable: options.isMentionable ?? true,
      isManaged: false,
    };
    this.#guild.roles.set(role.id, role);
    return role;
  }

  setBotPermissions(permissions: readonly DiscordPermission[]): void {
    this.#guild.botRole.bits = bitsOf(permissions);
    tellBotMember(this.#world, this.#guild);
  }

  autoModerate(words: readonly string[]): void {
    this.#guild.words = words;
  }

  addBot(): void {
    if (this.#guild.hasBot) return;
    this.#guild.hasBot = true;
    tellGuildCreate(this.#world, this.#guild);
  }

  kickBot(): void {
    if (!this.#guild.hasBot) return;
    this.#guild.hasBot = false;
    this.#guild.commands.clear();
    tellGuildDelete(this.#world, this.#guild, false);
  }

  outage(isOut: boolean): void {
    if (this.#guild.isOut === isOut) return;
    this.#guild.isOut = isOut;
    if (!this.#guild.hasBot) return;
    if (isOut) tellGuildDelete(this.#world, this.#guild, true);
    else tellGuildCreate(this.#world, this.#guild);
  }
}
