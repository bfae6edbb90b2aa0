import {
  botJson,
  channelJson,
  fullMemberJson,
  guildJson,
  roleJson,
  threadMemberJson,
  userJson,
} from './channel-json.ts';
import { guildOf } from './found.ts';
import { applicationFlags } from './gateway-identify.ts';
import type { IdentifyBudget } from './identify-budget.ts';
import { Refusal } from './refusal.ts';
import { sees } from './right.ts';
import type { Answer, Asked, Routes } from './route.ts';
import type { Json, World } from './state.ts';

const membersMax = 1_000;

/** What an app asks about itself, guilds and people. */
export function appRoutes(world: World, budget: IdentifyBudget, shards: number): Routes {
  const gatewayUrl = (): string => world.options.baseUrl().replace(/^http/, 'ws');
  return {
    'GET /gateway': { run: () => ({ body: { url: gatewayUrl() } }), isOpen: true },
    'GET /gateway/bot': {
      run: () => {
        const limit = budget.shown(world.nowMs());
        return { body: { url: gatewayUrl(), shards, session_start_limit: limit } };
      },
    },
    'GET /users/@me': { run: () => ({ body: { ...botJson(world), verified: true, flags: 0 } }) },
    'GET /users/@me/guilds': { run: myGuilds },
    'GET /users/:id': { run: user },
    'GET /applications/@me': { run: application },
    'GET /oauth2/applications/@me': { run: application },
    'GET /guilds/:id': { run: (asked) => ({ body: guildJson(world, guildOf(asked)) }) },
    'GET /guilds/:id/channels': { run: channels },
    'GET /guilds/:id/threads/active': { run: activeThreads },
    'GET /guilds/:id/roles': { run: roles },
    'GET /guilds/:id/members': { run: members },
    'GET /guilds/:id/members/:id': { run: member },
  };
}

function application({ world }: Asked): Answer {
  const { botId: id, options } = world;
  return {
    body: {
      id,
      name: options.botName,
      icon: null,
      description: '',
      bot_public: true,
      bot_require_code_grant: false,
      verify_key: '0'.repeat(64),
      flags: applicationFlags(world),
      bot: botJson(world),
      integration_types_config: { 0: {}, 1: {} },
      interactions_endpoint_url: null,
      team: null,
    },
  };
}

function myGuilds({ world }: Asked): Answer {
  const guilds = [...world.guilds.values()].filter((guild) => guild.hasBot && !guild.isOut);
  const body = guilds.map((guild): Json => {
    const { id, name, features } = guildJson(world, guild);
    return {
      id,
      name,
      features,
      icon: null,
      owner: false,
      permissions: guild.botRole.bits.toString(),
    };
  });
  return { body };
}

function user({ world, params }: Asked): Answer {
  const id = params[0] ?? '';
  if (id === world.botId) return { body: botJson(world) };
  const person = world.people.get(id);
  if (person === undefined) throw new Refusal(10_013);
  return { body: userJson(person) };
}

function channels(asked: Asked): Answer {
  const all = [...guildOf(asked).channels.values()];
  const shown = all.filter((channel) => channel.kind !== 'thread' && sees(channel, 'bot'));
  return { body: shown.map((channel) => channelJson(asked.world, channel)) };
}

function activeThreads(asked: Asked): Answer {
  const { world } = asked;
  const threads = [...guildOf(asked).channels.values()].filter(
    (channel) => channel.kind === 'thread' && !channel.isArchived && sees(channel, 'bot'),
  );
  const mine = threads.filter(({ followers }) => followers.has('bot'));
  return {
    body: {
      threads: threads.toReversed().map((thread) => channelJson(world, thread)),
      members: mine.map((thread) => threadMemberJson(world, thread, 'bot')),
    },
  };
}

function roles(asked: Asked): Answer {
  return { body: [...guildOf(asked).roles.values()].map((role) => roleJson(asked.world, role)) };
}

function members(asked: Asked): Answer {
  const { world, query } = asked;
  const guild = guildOf(asked);
  if (!world.portal.hasMembers) throw new Refusal(50_001);
  const limit = Math.min(Number(query.get('limit') ?? 1), membersMax);
  const after = BigInt(query.get('after') ?? 0);
  const people = [...guild.members].filter(({ id }) => BigInt(id) > after);
  const bot = BigInt(world.botId) > after ? (['bot'] as const) : [];
  const all = [...bot, ...people].slice(0, limit);
  return { body: all.map((who) => fullMemberJson(world, guild, who)) };
}

function member(asked: Asked): Answer {
  const { world, params } = asked;
  const guild = guildOf(asked);
  if (params[1] === world.botId || params[1] === '@me')
    return { body: fullMemberJson(world, guild, 'bot') };
  const person = world.people.get(params[1] ?? '');
  if (person === undefined) throw new Refusal(10_013);
  if (!guild.members.has(person)) throw new Refusal(10_007);
  return { body: fullMemberJson(world, guild, person) };
}
