import { isObject, list } from './json-value.ts';
import { invalid } from './refusal.ts';
import { may, sees } from './right.ts';
import type {
  ChannelRecord,
  GuildRecord,
  MessageRecord,
  PersonRecord,
  RoleRecord,
  World,
} from './state.ts';

/** What a message may mention, as `allowed_mentions` says. */
export interface AllowedMentions {
  readonly parse: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly repliedUser: boolean;
}

const kinds = ['users', 'roles', 'everyone'];
const idsMax = 100;
const everything: AllowedMentions = {
  parse: new Set(kinds),
  users: new Set(),
  roles: new Set(),
  repliedUser: true,
};

/** Without the field everything is mentioned; with it, only what it names, and nobody who is answered unless it says so. */
export function allowedMentions(value: unknown): AllowedMentions {
  if (value === undefined || value === null) return everything;
  const path = 'allowed_mentions';
  if (!isObject(value)) throw invalid(path, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used');
  const parse = list(value['parse']).map(String);
  const unknown = parse.findIndex((kind) => !kinds.includes(kind));
  if (unknown >= 0)
    throw invalid(`${path}.parse.${unknown}`, 'BASE_TYPE_CHOICES', 'Value is not known');
  const named = (kind: 'users' | 'roles'): Set<string> => {
    const ids = list(value[kind]).map(String);
    if (ids.length > idsMax)
      throw invalid(`${path}.${kind}`, 'BASE_TYPE_MAX_LENGTH', 'Must be 100 or fewer in length.');
    if (ids.length > 0 && parse.includes(kind))
      throw invalid(path, 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', `parse and ${kind} exclude`);
    return new Set(ids);
  };
  const [users, roles] = [named('users'), named('roles')];
  return { parse: new Set(parse), users, roles, repliedUser: value['replied_user'] === true };
}

interface Said {
  readonly home: ChannelRecord;
  readonly text: string;
  readonly author: PersonRecord | undefined;
  readonly replyTo: MessageRecord | undefined;
  readonly allowed: AllowedMentions;
}

/** Whom a text really mentions: ids of people (the bot too) and roles, `everyone`, `here`. */
export function mentionsIn(world: World, said: Said): string[] {
  const { home, text, author, replyTo, allowed } = said;
  const mayMentionAll = may(home, author ?? 'bot', 'MentionEveryone');
  const users = idsIn(text, /<@!?(\d{17,20})>/g)
    .filter((id) => id === world.botId || world.people.has(id))
    .filter((id) => allowed.parse.has('users') || allowed.users.has(id));
  const roles = idsIn(text, /<@&(\d{17,20})>/g)
    .filter((id) => isMentioned(home.guild?.roles.get(id), mayMentionAll))
    .filter((id) => allowed.parse.has('roles') || allowed.roles.has(id));
  const isForAll = home.guild !== undefined && mayMentionAll && allowed.parse.has('everyone');
  const all = isForAll ? idsIn(text, /@(everyone|here)\b/g) : [];
  const self = author?.id ?? world.botId;
  const isReply =
    allowed.repliedUser && replyTo?.from.kind !== 'system' && replyTo?.from.id !== self;
  return [
    ...new Set([
      ...users,
      ...roles,
      ...all,
      ...(isReply && replyTo !== undefined ? [replyTo.from.id] : []),
    ]),
  ];
}

function isMentioned(role: RoleRecord | undefined, mayMentionAll: boolean): boolean {
  return role !== undefined && (role.isMentionable || mayMentionAll);
}

function idsIn(text: string, sign: RegExp): string[] {
  return [...text.matchAll(sign)].map(([, id]) => id as string);
}

/** Ids of the people whom a new message notifies: in direct messages the other one, else whom it mentions. */
export function notifiedBy(
  home: ChannelRecord,
  mentions: readonly string[],
  author: PersonRecord | undefined,
): string[] {
  if (home.person !== undefined) return author === undefined ? [home.person.id] : [];
  const all = mentions.includes('everyone') || mentions.includes('here');
  return [...(home.guild?.members ?? [])]
    .filter((person) => person !== author && sees(home, person))
    .filter(
      (person) =>
        all ||
        mentions.includes(person.id) ||
        [...person.roles].some((role) => mentions.includes(role.id)),
    )
    .map(({ id }) => id);
}

/** What a person reads of a text: mentions by their names. Markdown stays as it is. */
export function readable(world: World, guild: GuildRecord | undefined, text: string): string {
  return text
    .replace(/<@!?(\d{17,20})>/g, (sign, id: string) => {
      const name = id === world.botId ? world.options.botName : world.people.get(id)?.name;
      return name === undefined ? sign : `@${name}`;
    })
    .replace(
      /<@&(\d{17,20})>/g,
      (_, id: string) => `@${guild?.roles.get(id)?.name ?? 'unknown-role'}`,
    )
    .replace(/<#(\d{17,20})>/g, (_, id: string) => `#${world.channels.get(id)?.name ?? 'unknown'}`);
}

/** What a person typed, as the apps send it. Longer names first, so that `@Ann Lee` is not `@Ann`. */
export function typed(world: World, home: ChannelRecord, text: string): string {
  const people = home.guild === undefined ? (home.person ? [home.person] : []) : home.guild.members;
  const names = new Map<string, string>();
  for (const role of home.guild?.roles.values() ?? []) names.set(`@${role.name}`, `<@&${role.id}>`);
  for (const person of people) names.set(`@${person.name}`, `<@${person.id}>`);
  names.set(`@${world.options.botName}`, `<@${world.botId}>`);
  for (const channel of home.guild?.channels.values() ?? [])
    names.set(`#${channel.name}`, `<#${channel.id}>`);
  names.delete('@@everyone');
  const signs = [...names.keys()].toSorted((a, b) => b.length - a.length).map(literal);
  if (signs.length === 0) return text;
  const all = new RegExp(`(?:${signs.join('|')})(?![\\w-])`, 'g');
  return text.replace(all, (sign) => names.get(sign) ?? sign);
}

function literal(sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
