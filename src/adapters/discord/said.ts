import { type InboundFile, messageTextMax } from '../../contracts/inbound.ts';
import type { DiscordAttachment, DiscordMessage } from './inbound-shape.ts';

export interface SaidText {
  /** As people read it, without the bot's name where it was mentioned. */
  readonly text: string;
  /** It names the bot. */
  readonly addressed: boolean;
  /** It begins with the name of somebody else. */
  readonly toOther: boolean;
}

/** Who the bot is: its user, and the role that Discord made for it in a server, which people mention by mistake. */
export interface Named {
  readonly userId: string;
  readonly roleIds?: readonly string[];
}

/** Names that a message does not bring along. */
export type NameFinder = (kind: 'user' | 'role' | 'channel', id: string) => string | undefined;

/** Discord's own marks: `<@1>`, `<@&2>`, `<#3>`, `<a:wave:4>`, `<t:1700000000:R>`, `</ask:5>`, `<id:guide>`. */
const token =
  /<(?:@!?(?<user>\d+)|@&(?<role>\d+)|#(?<channel>\d+)|a?:(?<emoji>\w+):\d+|t:(?<time>-?\d{1,13})(?::[tTdDfFRsS])?|\/(?<command>[^:<>\n]+):\d+|id:(?<guide>\w+))>/g;
/** Stands for the bot's name until it is taken out; people cannot send it. */
const ourselves = '\u0000';

type Groups = Readonly<
  Record<'user' | 'role' | 'channel' | 'emoji' | 'time' | 'command' | 'guide', string | undefined>
>;

/** Pure: what a person wrote, with Discord's marks as people read them. What was forwarded stands behind it. */
export function saidText(
  { content, mentions = [], message_snapshots: forwarded = [] }: DiscordMessage,
  us: Named,
  find: NameFinder = () => undefined,
): SaidText {
  const name: NameFinder = (kind, id) => {
    const user = kind === 'user' ? mentions.find((one) => one.id === id) : undefined;
    return user?.member?.nick || user?.global_name || user?.username || find(kind, id);
  };
  const read = (raw: string | undefined): string => decoded(raw ?? '', us, name);
  const own = read(content);
  const behind = forwarded.map(({ message }) => withoutUs(read(message?.content)).trim());
  const text = [withoutUs(own), ...behind].filter((one) => one !== '').join('\n\n');
  return {
    text: text.slice(0, messageTextMax),
    addressed: own.includes(ourselves),
    toOther: /^\s*<@/.test(content ?? '') && !/^\s*\0/.test(own),
  };
}

function decoded(raw: string, us: Named, name: NameFinder): string {
  return raw.replaceAll(ourselves, '').replace(token, (mark: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Groups;
    return mentionText(groups, us, name) ?? otherText(groups) ?? mark;
  });
}

function mentionText(
  { user, role, channel }: Groups,
  us: Named,
  name: NameFinder,
): string | undefined {
  if (user === us.userId) return ourselves;
  if (user !== undefined) return `@${name('user', user) ?? user}`;
  if (role !== undefined && us.roleIds?.includes(role) === true) return ourselves;
  if (role !== undefined) return `@${name('role', role) ?? role}`;
  return channel === undefined ? undefined : `#${name('channel', channel) ?? channel}`;
}

function otherText({ emoji, time, command, guide }: Groups): string | undefined {
  if (emoji !== undefined) return `:${emoji}:`;
  if (time !== undefined) return timeText(Number(time));
  return command === undefined ? `#${guide}` : `/${command}`;
}

/** Seconds, as a date that does not depend on where one is. */
function timeText(seconds: number): string | undefined {
  const date = new Date(seconds * 1_000);
  if (Number.isNaN(date.getTime())) return undefined;
  return date
    .toISOString()
    .replace('T', ' ')
    .replace(/:\d{2}\.\d{3}Z$/, ' UTC');
}

/** The name is taken out with the blank and the comma that set it off. */
function withoutUs(text: string): string {
  if (!text.includes(ourselves)) return text;
  return text
    .replace(/^[\s\0]*\0\s*[,:]?\s*/, '')
    .replace(/(\s)\0[ \t]+/g, '$1')
    .replaceAll(ourselves, '')
    .trim();
}

const filesMax = 20;
const nameMax = 500;
const typeMax = 200;
const urlMax = 4_000;

/** Pure: the files of a message, named and not loaded. Their addresses hold for about a day. */
export function saidFiles(attachments: readonly DiscordAttachment[] = []): InboundFile[] {
  return attachments
    .filter(({ url }) => url !== undefined && url.length <= urlMax && /^https?:\/\//.test(url))
    .slice(0, filesMax)
    .map(({ filename, content_type: type, size, url = '' }) => ({
      name: (filename || 'file').slice(0, nameMax),
      mimeType: (type || 'application/octet-stream').slice(0, typeMax),
      ...(typeof size === 'number' && size >= 0 ? { sizeBytes: size } : {}),
      url,
    }));
}

/** Pure: the files of a message and of what was forwarded by it. */
export function messageFiles({ attachments, message_snapshots: forwarded = [] }: DiscordMessage) {
  const all = [
    ...(attachments ?? []),
    ...forwarded.flatMap(({ message }) => message?.attachments ?? []),
  ];
  return saidFiles(all);
}
