import { randomBytes } from 'node:crypto';
import { handleOf } from './api-json.ts';
import { makeChannel } from './channel-view.ts';
import { tellMember } from './event.ts';
import { makePerson } from './person-view.ts';
import type { SlackChannel, SlackPerson, SlackWorkspace } from './shape.ts';
import type { ChannelRecord, PersonRecord, TeamRecord, World } from './state.ts';

/** All that the methods here ask for, but to post where the bot is not. */
const allScopes = [
  'app_mentions:read',
  'assistant:write',
  'channels:history',
  'channels:join',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'mpim:history',
  'mpim:read',
  'mpim:write',
  'reactions:read',
  'reactions:write',
  'users:read',
];

/** Installs the app in a new workspace. */
export function makeTeam(
  world: World,
  { name, botName }: { readonly name: string; readonly botName: string },
): TeamRecord {
  const team = {
    teamId: world.newId('T'),
    name,
    domain: handleOf(name).replaceAll('_', '-'),
    botToken: `xoxb-${randomBytes(6).readUIntBE(0, 6)}-${randomBytes(12).toString('hex')}`,
    botUserId: world.newId('U'),
    botId: world.newId('B'),
    botName,
    people: new Map(),
    channels: new Map(),
    scopes: new Set(allScopes),
    isRevoked: false,
  } as unknown as TeamRecord;
  team.view = new Workspace(world, team);
  world.teams.set(team.teamId, team);
  return team;
}

export function openGroupDm(
  world: World,
  team: TeamRecord,
  members: readonly PersonRecord[],
): ChannelRecord {
  const name = `mpdm-${members.map((one) => handleOf(one.name)).join('--')}-1`;
  return makeChannel(world, team, { name, type: 'mpim', members, hasBot: true });
}

/** What tests see and do in a workspace. */
export class Workspace implements SlackWorkspace {
  readonly #world: World;
  readonly #team: TeamRecord;

  constructor(world: World, team: TeamRecord) {
    this.#world = world;
    this.#team = team;
  }

  get teamId(): string {
    return this.#team.teamId;
  }

  get name(): string {
    return this.#team.name;
  }

  get botToken(): string {
    return this.#team.botToken;
  }

  get botUserId(): string {
    return this.#team.botUserId;
  }

  get botId(): string {
    return this.#team.botId;
  }

  person(options: { readonly name?: string } = {}): SlackPerson {
    return makePerson(this.#world, this.#team, options.name).view;
  }

  channel(options: Parameters<SlackWorkspace['channel']>[0] = {}): SlackChannel {
    const { name = `channel-${this.#team.channels.size + 1}`, bot = true } = options;
    const isTaken = [...this.#team.channels.values()].some((one) => one.name === name);
    if (isTaken) throw new Error(`there is a channel "${name}" already`);
    const channel = makeChannel(this.#world, this.#team, {
      name,
      type: options.isPrivate === true ? 'group' : 'channel',
      members: this.#recordsOf(options.members ?? []),
      hasBot: bot,
    });
    if (bot) tellMember(this.#world, channel, 'member_joined_channel', this.#team.botUserId);
    return channel.view;
  }

  groupDm(members: readonly SlackPerson[]): SlackChannel {
    return openGroupDm(this.#world, this.#team, this.#recordsOf(members)).view;
  }

  setScopes(scopes: readonly string[]): void {
    this.#team.scopes = new Set(scopes);
  }

  revokeToken(): void {
    this.#team.isRevoked = true;
  }

  restoreToken(): void {
    this.#team.isRevoked = false;
  }

  #recordsOf(people: readonly SlackPerson[]): PersonRecord[] {
    return people.map((person) => {
      const record = this.#team.people.get(person.id);
      if (record?.view !== person) throw new Error('the person is of another workspace');
      return record;
    });
  }
}
