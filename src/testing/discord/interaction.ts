import { randomBytes } from 'node:crypto';
import { actingMemberJson, userJson } from './channel-json.ts';
import { messageJson, ownersOf, partialChannelJson } from './message-json.ts';
import { rightsIn } from './right.ts';
import type { DiscordAck, DiscordInteraction } from './shape.ts';
import {
  type ChannelRecord,
  type InteractionRecord,
  type Json,
  type MessageRecord,
  type PersonRecord,
  remember,
  type World,
} from './state.ts';

/** How long an app may take for its first answer, and how long its token lives. */
const answerMs = 3_000;
const tokenMs = 15 * 60_000;

const types = { command: 2, component: 3, modal: 5 } as const;
const failed: DiscordAck = {
  kind: 'failed',
  isEphemeral: false,
  message: undefined,
  modal: undefined,
};

interface Act {
  readonly type: DiscordInteraction['type'];
  readonly channel: ChannelRecord;
  readonly data: Json;
  readonly message?: MessageRecord | undefined;
  readonly commandName?: string | undefined;
}

/** Tells the app what a person did: once, and it has 3 s. */
export function interact(world: World, person: PersonRecord, act: Act): DiscordInteraction {
  const { type, channel } = act;
  const nowMs = world.nowMs();
  const answer = new AbortController();
  let settle = (_: DiscordAck): void => undefined;
  const answered = new Promise<DiscordAck>((resolve) => {
    settle = resolve;
  });
  const record: InteractionRecord = {
    id: world.newId(),
    token: randomBytes(60).toString('base64url'),
    type,
    person,
    channel,
    message: act.message,
    commandName: act.commandName,
    isUserInstallOnly: channel.guild !== undefined && !channel.guild.hasBot,
    answerUntilMs: nowMs + answerMs,
    tokenUntilMs: nowMs + tokenMs,
    state: 'open',
    original: undefined,
    isDeferred: false,
    followups: 0,
    messages: new Map(),
    settle: (ack) => {
      world.unanswered -= 1;
      answer.abort();
      settle(ack);
      world.tell();
    },
  };
  world.unanswered += 1;
  remember(world.interactions, record.token, record);
  const isHeard = dispatch(world, record, act.data) > 0;
  void expire(world, record, answer.signal);
  if (isHeard) void world.holdBriefly(answered);
  const { id, token, answerUntilMs, tokenUntilMs } = record;
  return { type, id, token, answerUntilMs, tokenUntilMs, answered };
}

async function expire(
  world: World,
  record: InteractionRecord,
  answered: AbortSignal,
): Promise<void> {
  await world.runtime.sleep(answerMs, AbortSignal.any([answered, world.over.signal]));
  if (record.state !== 'open') return;
  record.state = 'late';
  record.settle(failed);
}

function dispatch(world: World, record: InteractionRecord, data: Json): number {
  const { guild } = record.channel;
  const json = interactionJson(world, record, data);
  return world.dispatch({
    type: 'INTERACTION_CREATE',
    data: () => json,
    guild: record.isUserInstallOnly ? undefined : guild,
    intent: undefined,
  });
}

function interactionJson(world: World, record: InteractionRecord, data: Json): Json {
  const { channel, person, message } = record;
  const { guild } = channel;
  const isWithBot = guild === undefined || guild.hasBot;
  const rights = rightsIn(channel, isWithBot ? 'bot' : person).toString();
  const place =
    guild === undefined
      ? { user: userJson(person), context: 1 }
      : {
          guild_id: guild.id,
          guild: { id: guild.id, locale: 'en-US', features: ['COMMUNITY'] },
          guild_locale: 'en-US',
          member: actingMemberJson(world, channel, person),
          context: 0,
        };
  return {
    id: record.id,
    application_id: world.botId,
    type: types[record.type],
    token: record.token,
    version: 1,
    data,
    channel_id: channel.id,
    channel: {
      ...partialChannelJson(world, channel),
      permissions: rightsIn(channel, person).toString(),
    },
    ...place,
    ...(message === undefined ? {} : { message: messageJson(world, message, { mayRead: true }) }),
    app_permissions: rights,
    locale: 'en-US',
    entitlements: [],
    entitlement_sku_ids: [],
    authorizing_integration_owners: ownersOf(record),
    attachment_size_limit: 10 * 1024 * 1024,
  };
}
