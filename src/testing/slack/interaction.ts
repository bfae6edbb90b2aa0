import { randomBytes } from 'node:crypto';
import { channelJson, handleOf, messageJson } from './api-json.ts';
import type { SlackAck, SlackInteraction } from './shape-part.ts';
import {
  type ChannelRecord,
  type Json,
  type MessageRecord,
  type PersonRecord,
  remember,
  type World,
} from './state.ts';

/** How long a `trigger_id` may open a view. */
const triggerMs = 3_000;
const responseUrlMs = 30 * 60_000;

interface Act {
  readonly type: SlackInteraction['type'];
  readonly body: Json;
  /** Where answers to its `response_url` go; absent for what has none. */
  readonly place?: {
    readonly channel: ChannelRecord;
    readonly message: MessageRecord | undefined;
  };
  /** What the person sees of the answer. Throws for what Slack cannot show. */
  readonly after?: (payload: unknown) => void;
}

/** Tells the app what a person did: once, within 3 s. */
export function interact(world: World, person: PersonRecord, act: Act): SlackInteraction {
  const triggerId = newTrigger(world, person);
  const responseUrl = act.place && newResponseUrl(world, person, act.place);
  const body = {
    ...(act.type === 'slash_command' ? {} : common(world, person, act.type)),
    ...act.body,
    trigger_id: triggerId,
    ...(responseUrl === undefined ? {} : { response_url: responseUrl }),
  };
  const kind = act.type === 'slash_command' ? 'slash_commands' : 'interactive';
  return {
    type: act.type,
    triggerId,
    responseUrl,
    answered: world.courier.interact(kind, body).then((ack) => settled(act, ack)),
  };
}

function settled(act: Act, ack: SlackAck): SlackAck {
  if (ack.kind === 'failed') return ack;
  try {
    act.after?.(ack.payload);
    return ack;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', payload: ack.payload, reason };
  }
}

function common(world: World, person: PersonRecord, type: string): Json {
  const { team } = person;
  const name = handleOf(person.name);
  return {
    type,
    user: { id: person.id, username: name, name, team_id: team.teamId },
    api_app_id: world.appId,
    token: world.verificationToken,
    team: { id: team.teamId, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

function newTrigger(world: World, person: PersonRecord): string {
  const id = `${world.newTs()}.${randomBytes(16).toString('hex')}`;
  const trigger = { person, untilMs: world.nowMs() + triggerMs, isUsed: false };
  remember(world.triggers, id, trigger);
  return id;
}

function newResponseUrl(
  world: World,
  person: PersonRecord,
  place: NonNullable<Act['place']>,
): string {
  const id = randomBytes(12).toString('hex');
  const untilMs = world.nowMs() + responseUrlMs;
  remember(world.responseUrls, id, { ...place, person, untilMs, uses: 0 });
  return `${world.options.baseUrl()}/response/${id}`;
}

/** A message and its channel, as interactions carry them. */
export function inMessage(world: World, message: MessageRecord): Json {
  const { home, threadTs } = message;
  return {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: home.id,
      is_ephemeral: message.onlyFor !== undefined,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    },
    channel: { id: home.id, name: channelName(home) },
    message: messageJson(world, message, { metadata: true }),
  };
}

export function channelName(channel: ChannelRecord): string {
  if (channel.type === 'im') return 'directmessage';
  if (channel.type !== 'channel') return 'privategroup';
  return String(channelJson(channel)['name']);
}
