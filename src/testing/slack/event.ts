import { messageJson } from './api-json.ts';
import type { ChannelRecord, Json, MessageRecord, TeamRecord, World } from './state.ts';

const kinds = { channel: 'channels', group: 'groups', im: 'im', mpim: 'mpim' } as const;

/** Which subscription an event comes by. */
function subscriptionOf(event: Json): string {
  const type = String(event['type']);
  if (type !== 'message') return type;
  return `message.${kinds[event['channel_type'] as keyof typeof kinds] ?? 'channels'}`;
}

/** Tells the app, if it subscribed. */
export function tellApp(world: World, team: TeamRecord, event: Json): void {
  const { subscriptions } = world.options;
  if (subscriptions?.includes(subscriptionOf(event)) === false) return;
  world.courier.event(team, event);
}

/** A message that the app may see: it is in the channel. A mention comes a second time, as `app_mention`. */
export function tellMessage(world: World, message: MessageRecord): void {
  const { home } = message;
  if (!home.hasBot) return;
  const json = messageJson(world, message);
  const place = { channel: home.id, event_ts: message.ts };
  tellApp(world, home.team, { ...json, ...place, channel_type: home.type });
  const isMention = message.mentions.includes(home.team.botUserId);
  if (home.type === 'im' || !isMention || message.from.kind === 'bot') return;
  const { subtype: _, ...rest } = json;
  tellApp(world, home.team, { ...rest, type: 'app_mention', ...place });
}

export function tellChanged(world: World, message: MessageRecord, previous: Json): void {
  const now = messageJson(world, message);
  tellHidden(world, message.home, {
    subtype: 'message_changed',
    message: now,
    previous_message: previous,
  });
}

export function tellDeleted(world: World, message: MessageRecord, previous: Json): void {
  tellHidden(world, message.home, {
    subtype: 'message_deleted',
    deleted_ts: message.ts,
    previous_message: previous,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
  });
}

function tellHidden(world: World, home: ChannelRecord, what: Json): void {
  if (!home.hasBot) return;
  const ts = world.newTs();
  const place = { channel: home.id, ts, event_ts: ts, channel_type: home.type };
  tellApp(world, home.team, { type: 'message', hidden: true, ...what, ...place });
}

export function tellReaction(
  world: World,
  message: MessageRecord,
  change: { readonly type: 'reaction_added' | 'reaction_removed'; user: string; reaction: string },
): void {
  const { home, ts } = message;
  if (!home.hasBot) return;
  tellApp(world, home.team, {
    ...change,
    item: { type: 'message', channel: home.id, ts },
    item_user: message.from.id,
    event_ts: world.newTs(),
  });
}

/** Somebody came or went; the bot hears of itself too. */
export function tellMember(
  world: World,
  channel: ChannelRecord,
  type: 'member_joined_channel' | 'member_left_channel',
  user: string,
): void {
  if (channel.type === 'im') return;
  if (!channel.hasBot && user !== channel.team.botUserId) return;
  tellApp(world, channel.team, {
    type,
    user,
    channel: channel.id,
    channel_type: channel.type === 'channel' ? 'C' : 'G',
    team: channel.team.teamId,
    event_ts: world.newTs(),
  });
}
