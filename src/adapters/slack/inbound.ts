import {
  type InboundContext,
  type Incoming,
  isAllowed,
  nothing,
  timeOf,
} from './inbound-context.ts';
import { ofMessageEvent } from './inbound-message.ts';
import type { SlackBody, SlackEvent } from './inbound-shape.ts';

export type { InboundContext, Incoming } from './inbound-context.ts';

/** Pure: what one event means (`event_callback`, `app_rate_limited`). May throw for what has not Slack's shape. */
export function toIncoming(body: SlackBody, context: InboundContext): Incoming {
  const { type, event, event_id: id } = body;
  if (type === 'app_rate_limited')
    return trouble(
      'misconfigured',
      'Slack drops events: more than 30,000 an hour (app_rate_limited)',
    );
  if (type !== 'event_callback' || event === undefined || id === undefined)
    return nothing('a body of another kind');
  switch (event.type) {
    case 'app_mention':
    case 'message':
      return ofMessageEvent(event, id, context);
    case 'assistant_thread_started':
      return ofAssistant(event, context);
    case 'app_home_opened':
      return ofHome(event, context);
    case 'channel_id_changed':
      return ofMove(event, id, context);
    case 'tokens_revoked':
      if (event.tokens?.bot?.includes(context.us.userId) !== true)
        return nothing('a token of somebody else was revoked');
      return trouble('unauthorized', 'the bot token was revoked (tokens_revoked)');
    case 'app_uninstalled':
      return trouble('unauthorized', 'the app was taken out of the workspace (app_uninstalled)');
    default:
      return nothing('an event of another kind');
  }
}

const trouble = (state: 'unauthorized' | 'misconfigured', cause: string): Incoming => ({
  kind: 'trouble',
  state,
  cause,
});

function ofAssistant({ assistant_thread: opened }: SlackEvent, context: InboundContext): Incoming {
  const { user_id: userId, channel_id: conversation, thread_ts: thread } = opened ?? {};
  if (userId === undefined || conversation === undefined || thread === undefined)
    return nothing('an assistant thread without a place');
  if (!isAllowed(userId, conversation, context)) return nothing('opened by who is not allowed');
  const { account } = context;
  return { kind: 'opened', channel: { adapter: 'slack', account, conversation, thread }, userId };
}

/** Apps of the newer kind talk in the tab of their messages: it comes whenever somebody looks there. */
function ofHome(
  { user, channel: conversation, tab }: SlackEvent,
  context: InboundContext,
): Incoming {
  if (tab !== 'messages' || user === undefined || conversation === undefined)
    return nothing('a tab without messages');
  if (!isAllowed(user, conversation, context)) return nothing('opened by who is not allowed');
  const { account } = context;
  return { kind: 'opened', channel: { adapter: 'slack', account, conversation }, userId: user };
}

/** The channel got another id. Its threads are conversations of their own. */
function ofMove(event: SlackEvent, id: string, { account, us }: InboundContext): Incoming {
  const { old_channel_id: from, new_channel_id: to, event_ts: ts } = event;
  if (from === undefined || to === undefined) return nothing('a move from nowhere');
  const base = { adapter: 'slack', account };
  return {
    kind: 'inbound',
    inbound: {
      kind: 'moved',
      id,
      channel: { ...base, conversation: from },
      person: { id: us.userId },
      sentAtMs: timeOf(ts),
      to: { ...base, conversation: to },
    },
  };
}
