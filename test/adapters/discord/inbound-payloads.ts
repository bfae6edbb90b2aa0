import type {
  APIAttachment,
  APIInteraction,
  APIPingInteraction,
  APIUser,
  GatewayMessageCreateDispatchData,
  GatewayMessageUpdateDispatchData,
  GatewayThreadCreateDispatchData,
  GuildMemberFlags,
} from 'discord.js';
import {
  type InboundContext,
  type Incoming,
  toIncoming,
} from '../../../src/adapters/discord/inbound.ts';
import type {
  DiscordChannel,
  DiscordInteraction,
  DiscordMessage,
} from '../../../src/adapters/discord/inbound-shape.ts';
import type { Place } from '../../../src/adapters/discord/place.ts';
import { Inbound } from '../../../src/contracts/inbound.ts';

export const bot = '1180000000000000001';
export const ann = '80351110224678912';
export const general = '290926798626357999';
export const guild = '290926798626357250';
export const inThread = '1190000000000000007';
export const direct = '319674150115610528';

export const user: APIUser = {
  id: ann,
  username: 'ann',
  discriminator: '0',
  global_name: 'Ann Other',
  avatar: null,
};
export const botUser: APIUser = { ...user, id: bot, username: 'readback', bot: true };

/** As Discord's gateway brings a message of a server. */
export const message: GatewayMessageCreateDispatchData = {
  id: '1191111111111111111',
  type: 0,
  channel_id: general,
  guild_id: guild,
  channel_type: 0,
  author: user,
  member: {
    roles: [],
    joined_at: '2024-01-01T00:00:00.000000+00:00',
    deaf: false,
    mute: false,
    flags: 0 as GuildMemberFlags,
    nick: 'Annie',
  },
  content: `<@${bot}> what is the weather?`,
  timestamp: '2024-01-01T00:00:00.000000+00:00',
  edited_timestamp: null,
  tts: false,
  mention_everyone: false,
  mentions: [botUser],
  mention_roles: [],
  attachments: [],
  embeds: [],
  pinned: false,
  components: [],
};

export const inDirect: GatewayMessageCreateDispatchData = (() => {
  const { guild_id: _, member: __, ...rest } = message;
  return { ...rest, channel_id: direct, channel_type: 1, content: 'hello', mentions: [] };
})();

export const edited: GatewayMessageUpdateDispatchData = {
  ...message,
  content: `<@${bot}> and tomorrow?`,
  edited_timestamp: '2024-01-01T00:01:00.000000+00:00',
};

export const attachment: APIAttachment = {
  id: '1192222222222222222',
  filename: 'plan.pdf',
  size: 12_345,
  url: 'https://cdn.discordapp.com/attachments/1/2/plan.pdf?ex=1&is=2&hm=3',
  proxy_url: 'https://media.discordapp.net/attachments/1/2/plan.pdf',
  content_type: 'application/pdf',
};

/** What every interaction of a server brings along. */
export const base = {
  id: '1193333333333333333',
  application_id: bot,
  token: 'aW50ZXJhY3Rpb24-token',
  version: 1 as const,
  guild_id: guild,
  channel_id: general,
  channel: { id: general, type: 0 as const, name: 'general', guild_id: guild },
  member: { ...message.member, user, permissions: '0' },
  app_permissions: '0',
  locale: 'de' as const,
  entitlements: [],
  authorizing_integration_owners: { '0': guild },
  attachment_size_limit: 10_000_000,
};
/** As Discord's gateway brings it. */
export const command = {
  ...base,
  type: 2,
  context: 0,
  data: {
    id: '1194444444444444444',
    name: 'ask',
    type: 1,
    options: [
      { name: 'text', type: 3, value: `what is <@${bot}> up to?` },
      { name: 'file', type: 11, value: attachment.id },
    ],
    resolved: { attachments: { [attachment.id]: attachment } },
  },
};

const places: Readonly<Record<string, Place>> = {
  [general]: { kind: 'channel', guildId: guild, threads: true },
  [inThread]: { kind: 'thread', parentId: general, guildId: guild },
};

export const context: InboundContext = {
  account: bot,
  us: { userId: bot, roleIds: ['1180000000000000055'] },
  config: {
    sessions: 'channel',
    channels: 'mentioned',
    allow: {},
    operators: [],
    messageContent: true,
    commands: {
      in: 'global',
      userInstall: false,
      ask: 'ask',
      status: 'status',
      cancel: 'cancel',
      retry: 'retry',
      help: 'help',
    },
  },
  placeOf: (channelId) => places[channelId],
  takesPart: () => false,
  taken: () => undefined,
  nowMs: 1_704_067_300_000,
};

export function withConfig(config: Partial<InboundContext['config']>): InboundContext {
  return { ...context, config: { ...context.config, ...config } };
}

/** The one thing that a dispatch means. */
export function incoming(t: string, d: unknown, where: InboundContext = context): Incoming {
  const [first, second] = toIncoming({ t, d }, where);
  if (first === undefined || second !== undefined) throw new Error('not one thing');
  return first;
}

/** What the relay would take of it, parsed as it does. */
export function taken(t: string, d: unknown, where: InboundContext = context): Inbound {
  const found = incoming(t, d, where);
  if (found.kind !== 'inbound') throw new Error(JSON.stringify(found));
  return Inbound.parse(found.inbound);
}

export function left(t: string, d: unknown, where: InboundContext = context): string {
  const found = incoming(t, d, where);
  if (found.kind !== 'nothing') throw new Error(JSON.stringify(found));
  return found.why;
}

type Brought =
  | Exclude<APIInteraction, APIPingInteraction>
  | GatewayMessageCreateDispatchData
  | GatewayMessageUpdateDispatchData
  | GatewayThreadCreateDispatchData;
/** Compiles as long as Discord's own types have what is read of them. */
export const asRead = (d: Brought): DiscordInteraction | DiscordMessage | DiscordChannel => d;
