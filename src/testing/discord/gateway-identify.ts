import { botJson } from './channel-json.ts';
import { intents } from './event.ts';
import type { Session } from './gateway-session.ts';
import { isObject, list } from './json-value.ts';
import type { GuildRecord, Json, World } from './state.ts';

/** All bits that the gateway knows. */
const intentsAll = 0b11_0011_1111_1111_1111_1111_1111;

/** What an IDENTIFY asks for. */
export interface Asked {
  readonly shard: readonly [number, number];
  readonly intents: number;
}

/** Reads an IDENTIFY; a number is the code to close with. */
export function askedBy(world: World, data: unknown): Asked | number {
  if (!isObject(data)) return 4002;
  if (data['token'] !== world.token) return 4004;
  const asked = Number(data['intents']);
  if (!Number.isInteger(asked) || asked < 0 || (asked & ~intentsAll) !== 0) return 4013;
  const [number, count] = data['shard'] === undefined ? [0, 1] : list(data['shard']).map(Number);
  if (number === undefined || count === undefined || !(number >= 0 && number < count)) return 4010;
  const { hasContent, hasMembers, hasPresences } = world.portal;
  const isDisallowed =
    (!hasContent && (asked & intents.content) !== 0) ||
    (!hasMembers && (asked & intents.members) !== 0) ||
    (!hasPresences && (asked & intents.presences) !== 0);
  if (isDisallowed) return 4014;
  return { shard: [number, count], intents: asked };
}

export function guildsOf(world: World, session: Session): GuildRecord[] {
  return [...world.guilds.values()].filter((guild) => guild.hasBot && session.serves(guild));
}

export function readyJson(world: World, session: Session): Json {
  return {
    v: 10,
    user: { ...botJson(world), verified: true, mfa_enabled: false, flags: 0, email: null },
    user_settings: {},
    guilds: guildsOf(world, session).map(({ id }) => ({ id, unavailable: true })),
    session_id: session.id,
    session_type: 'normal',
    resume_gateway_url: `${world.options.baseUrl().replace(/^http/, 'ws')}/resume`,
    shard: session.shard,
    application: { id: world.botId, flags: applicationFlags(world) },
    private_channels: [],
    relationships: [],
    presences: [],
    guild_join_requests: [],
    geo_ordered_rtc_regions: [],
    _trace: ['["gateway-fake"]'],
  };
}

/** Which privileged intents the portal gives, as an unverified app has them. */
export function applicationFlags({ portal }: World): number {
  return (
    (portal.hasPresences ? 1 << 13 : 0) |
    (portal.hasMembers ? 1 << 15 : 0) |
    (portal.hasContent ? 1 << 19 : 0)
  );
}
