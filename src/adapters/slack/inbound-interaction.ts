import type { ChannelRef } from '../../contracts/id.ts';
import { messageTextMax } from '../../contracts/inbound.ts';
import {
  type InboundContext,
  type Incoming,
  isAllowed,
  isDirectId,
  nothing,
  timeOf,
  toPerson,
} from './inbound-context.ts';
import type { SlackCommand, SlackInteraction } from './inbound-shape.ts';
import { answerActionId, dialogOf, dialogText, threadOfBlock } from './outbound-button.ts';
import { saidFiles, saidText } from './said.ts';

const commandWords = ['status', 'cancel', 'retry', 'help'];

/** Pure: a press, a choice, a submitted dialog or a shortcut. May throw for what has not Slack's shape. */
export function ofInteraction(payload: SlackInteraction, context: InboundContext): Incoming {
  switch (payload.type) {
    case 'block_actions':
      return ofPress(payload, context);
    case 'view_submission':
      return ofDialog(payload, context);
    case 'message_action':
      return ofShortcut(payload, context);
    case 'shortcut':
      return nothing('a shortcut outside of a conversation', 'info');
    default:
      return nothing('an interaction of another kind');
  }
}

/**
 * Pure: a slash command. `/bot cancel ab12` is what `/cancel ab12` is elsewhere, `/bot` alone asks for help, and
 * everything else is said to the bot. Nobody else saw it; the answer stands in the channel itself.
 */
export function ofCommand(command: SlackCommand, context: InboundContext): Incoming {
  const { user_id: user, user_name: name, channel_id: conversation, trigger_id: id } = command;
  if (user === undefined || conversation === undefined || id === undefined)
    return nothing('a command without a place');
  if (!isAllowed(user, conversation, context)) return nothing('a command of who is not allowed');
  const { text } = saidText(command.text, context.us.userId);
  const [first = ''] = text.trim().split(/\s/);
  const isCommand = commandWords.includes(first.toLowerCase());
  return {
    kind: 'inbound',
    inbound: {
      kind: 'message',
      id,
      channel: place(conversation, undefined, context),
      person: toPerson(user, name, context),
      sentAtMs: context.nowMs,
      text: first === '' ? '/help' : isCommand ? `/${text.trim()}` : text,
      private: isDirectId(conversation),
    },
  };
}

function ofPress(payload: SlackInteraction, context: InboundContext): Incoming {
  const { user, channel, container, trigger_id: triggerId } = payload;
  const action = payload.actions?.find(({ action_id }) => action_id?.startsWith('readback:'));
  const conversation = channel?.id ?? container?.channel_id;
  if (action === undefined || user === undefined || conversation === undefined)
    return nothing('a press of nothing of ours');
  if (!isAllowed(user.id, conversation, context)) return nothing('a press by who is not allowed');
  const where = place(conversation, pressedThread(payload, action.block_id), context);
  if (action.action_id === answerActionId) {
    const { value: askId } = action;
    if (triggerId === undefined || askId === undefined)
      return nothing('a press without a trigger or a question');
    return { kind: 'dialog', channel: where, triggerId, askId };
  }
  const button = action.selected_option?.value ?? action.value;
  const id = triggerId ?? action.action_ts;
  if (button === undefined || id === undefined) return nothing('a press of nothing of ours');
  return {
    kind: 'inbound',
    inbound: {
      kind: 'press',
      id,
      channel: where,
      person: toPerson(user.id, user.name ?? user.username, context),
      sentAtMs: action.action_ts === undefined ? context.nowMs : timeOf(action.action_ts),
      button,
    },
  };
}

/** The block says where its message belongs. Of one that does not, the thread that it stands in counts. */
function pressedThread(
  { message }: SlackInteraction,
  blockId: string | undefined,
): string | undefined {
  const named = threadOfBlock(blockId);
  if (named !== undefined) return named === '' ? undefined : named;
  return message?.thread_ts === message?.ts ? undefined : message?.thread_ts;
}

/** An answer in words to one question: when that is closed it is too late, and no message of its own. */
function ofDialog({ user, view }: SlackInteraction, context: InboundContext): Incoming {
  const at = dialogOf(view?.callback_id, view?.private_metadata);
  if (at === undefined || user === undefined || view?.id === undefined)
    return nothing('a dialog of another kind');
  if (!isAllowed(user.id, at.conversation, context))
    return nothing('a dialog of who is not allowed');
  return {
    kind: 'inbound',
    inbound: {
      kind: 'press',
      id: view.id,
      channel: place(at.conversation, at.thread, context),
      person: toPerson(user.id, user.name ?? user.username, context),
      sentAtMs: context.nowMs,
      button: at.askId,
      text: dialogText(view.state?.values).slice(0, messageTextMax),
    },
  };
}

/** A message that somebody hands to the bot, whoever wrote it: answered in its thread. */
function ofShortcut(payload: SlackInteraction, context: InboundContext): Incoming {
  const { user, channel, message, trigger_id: id, action_ts: at } = payload;
  const conversation = channel?.id;
  if (user === undefined || conversation === undefined || id === undefined)
    return nothing('a shortcut without a place');
  if (!isAllowed(user.id, conversation, context))
    return nothing('a shortcut of who is not allowed');
  const isDirect = isDirectId(conversation);
  const { ts, thread_ts: inThread } = message ?? {};
  const begins = isDirect || context.config.sessions === 'channel' ? undefined : ts;
  const thread = inThread !== undefined && inThread !== ts ? inThread : begins;
  return {
    kind: 'inbound',
    inbound: {
      kind: 'message',
      id,
      channel: place(conversation, thread, context),
      person: toPerson(user.id, user.name ?? user.username, context),
      sentAtMs: at === undefined ? context.nowMs : timeOf(at),
      text: saidText(message?.text, context.us.userId).text,
      files: saidFiles(message?.files),
      private: isDirect,
    },
  };
}

function place(
  conversation: string,
  thread: string | undefined,
  { account }: InboundContext,
): ChannelRef {
  const channel = { adapter: 'slack', account, conversation };
  return thread === undefined ? channel : { ...channel, thread };
}
