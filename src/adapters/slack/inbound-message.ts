import type { ChannelRef } from '../../contracts/id.ts';
import type { Person } from '../../contracts/inbound.ts';
import {
  type InboundContext,
  type Incoming,
  isAllowed,
  isDirectId,
  nothing,
  timeOf,
  toPerson,
} from './inbound-context.ts';
import type { SlackEvent, SlackMessage } from './inbound-shape.ts';
import { type SaidText, saidFiles, saidText } from './said.ts';

/** Subtypes of messages that people wrote; the others tell who joined, what was renamed and the like. */
const written: readonly (string | undefined)[] = [
  undefined,
  'file_share',
  'thread_broadcast',
  'me_message',
];

/** Pure: a message that came in, was changed or was deleted. `id` is the event's. */
export function ofMessageEvent(event: SlackEvent, id: string, context: InboundContext): Incoming {
  if (event.subtype === 'message_changed') return ofChange(event, id, context);
  if (event.subtype === 'message_deleted') return ofDeletion(event, event.deleted_ts, id, context);
  const { channel: conversation, ts } = event;
  if (conversation === undefined || ts === undefined) return nothing('a message without a place');
  const person = personOf(event, context);
  if (person === undefined) return nothing('said by a bot');
  if (!written.includes(event.subtype)) return nothing(`a service message (${event.subtype})`);
  const said = saidText(event.text, context.us.userId);
  const addressed = said.addressed || event.type === 'app_mention';
  const why = whyNot({ event, message: event, said: { ...said, addressed } }, context);
  if (why !== undefined) return nothing(why);
  const files = saidFiles(event.files);
  const { text } = said;
  if (text.trim() === '' && files.length === 0 && !addressed && !isDirect(event))
    return nothing('nothing to read');
  return {
    kind: 'inbound',
    inbound: {
      kind: 'message',
      id: ts,
      channel: channelOf(event, event, context),
      person,
      sentAtMs: timeOf(ts),
      text,
      files,
      private: isDirect(event),
    },
  };
}

/** Slack tells of a change also when it shows a link, when a thread grows, and when its first message is deleted. */
function ofChange(event: SlackEvent, id: string, context: InboundContext): Incoming {
  const { message, previous_message: before } = event;
  if (message?.ts === undefined) return nothing('a change without a message');
  if (message.subtype === 'tombstone') return ofDeletion(event, message.ts, id, context);
  const person = personOf(message, context);
  if (person === undefined) return nothing('edited by a bot');
  if (!written.includes(message.subtype)) return nothing(`a change of a ${message.subtype}`);
  if (message.text === before?.text) return nothing('the words did not change');
  const said = eitherText(message, before, context);
  const why = whyNot({ event, message, said }, context);
  if (why !== undefined) return nothing(why);
  return {
    kind: 'inbound',
    inbound: {
      kind: 'edited',
      id,
      channel: channelOf(event, message, context),
      person,
      sentAtMs: timeOf(event.event_ts ?? event.ts),
      messageId: message.ts,
      text: said.text,
    },
  };
}

function ofDeletion(
  event: SlackEvent,
  ts: string | undefined,
  id: string,
  context: InboundContext,
): Incoming {
  const before = event.previous_message;
  if (ts === undefined || before === undefined) return nothing('a deletion of something unknown');
  const person = personOf(before, context);
  if (person === undefined) return nothing('a message of a bot was deleted');
  const message = { ...before, ts };
  const said = saidText(before.text, context.us.userId);
  const why = whyNot({ event, message, said }, context);
  if (why !== undefined) return nothing(why);
  return {
    kind: 'inbound',
    inbound: {
      kind: 'deleted',
      id,
      channel: channelOf(event, message, context),
      person,
      sentAtMs: timeOf(event.event_ts ?? event.ts),
      messageId: ts,
    },
  };
}

/** What was said is addressed when it was before: an edit may take the name out. */
function eitherText(
  message: SlackMessage,
  before: SlackMessage | undefined,
  { us }: InboundContext,
): SaidText {
  const said = saidText(message.text, us.userId);
  return { ...said, addressed: said.addressed || saidText(before?.text, us.userId).addressed };
}

/** Messages of people alone: what has a bot's id is said by an app, also in the name of a person. */
function personOf(message: SlackMessage, context: InboundContext): Person | undefined {
  const { user, bot_id: bot, user_profile: profile } = message;
  if (user === undefined || bot !== undefined) return undefined;
  if (user === context.us.userId || user === 'USLACKBOT') return undefined;
  return toPerson(user, profile?.display_name || profile?.real_name, context);
}

interface Said {
  readonly event: SlackEvent;
  readonly message: SlackMessage;
  readonly said: SaidText;
}

/** Why it is not taken; undefined when it is. */
function whyNot({ event, message, said }: Said, context: InboundContext): string | undefined {
  const conversation = event.channel ?? '';
  if (!isAllowed(message.user ?? '', conversation, context)) return 'said by who is not allowed';
  if (isDirect(event)) return undefined;
  const { channels } = context.config;
  if (channels === 'off') return 'said in a channel';
  if (channels === 'all' || said.addressed) return undefined;
  const thread = message.thread_ts ?? message.ts;
  if (thread === undefined || !context.takesPart(conversation, thread))
    return 'not addressed to the bot';
  return said.toOther ? 'addressed to somebody else' : undefined;
}

/** A conversation of one person with the bot. */
function isDirect({ channel = '', channel_type: type }: SlackEvent): boolean {
  return type === 'im' || isDirectId(channel);
}

/**
 * Where a message belongs, and its answer goes: to the thread that it stands in. One that stands in no thread begins
 * one in a channel, by `sessions`; its own `ts` as thread means no more than that somebody answered it.
 */
function channelOf(
  event: SlackEvent,
  { ts, thread_ts: thread }: SlackMessage,
  { account, config }: InboundContext,
): ChannelRef {
  const channel = { adapter: 'slack', account, conversation: event.channel ?? '' };
  if (thread !== undefined && thread !== ts) return { ...channel, thread };
  const begins = !isDirect(event) && config.sessions === 'thread' && ts !== undefined;
  return begins ? { ...channel, thread: ts } : channel;
}
