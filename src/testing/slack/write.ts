import { randomUUID } from 'node:crypto';
import { messageJson } from './api-json.ts';
import { blockMentions, buttonsIn, selectsIn, shownBlocks } from './block-view.ts';
import { tellChanged, tellDeleted, tellMessage } from './event.ts';
import type { StoredFile } from './file-shelf.ts';
import { mentionsIn, readable } from './mrkdwn.ts';
import type { SlackMessage } from './shape.ts';
import type { SlackAuthor, SlackBlock } from './shape-part.ts';
import {
  type ChannelRecord,
  type Json,
  type MessageRecord,
  messagesMax,
  type PersonRecord,
  type ThreadRecord,
  type World,
} from './state.ts';

const historyMax = 1_000;
const ephemeralsMax = 1_000;
/** What `history` keeps in all: a long stream repeats itself with each append. */
const historyCharactersMax = 1_000_000;

export interface Draft {
  /** Undefined for the bot. */
  readonly author?: PersonRecord | undefined;
  readonly text: string;
  readonly blocks?: readonly SlackBlock[];
  readonly attachments?: readonly Json[];
  readonly files?: readonly StoredFile[];
  readonly threadTs?: string | undefined;
  readonly isBroadcast?: boolean;
  readonly onlyFor?: PersonRecord;
  readonly metadata?: SlackMessage['metadata'];
  readonly subtype?: string;
  readonly username?: string | undefined;
  readonly streamUntilMs?: number;
  readonly isUnfurled?: boolean;
  /** Makes mentions also of what only looks like one. */
  readonly linksNames?: boolean;
}

/** Puts a message into a channel and tells those who hear of it. Who may write is checked by the callers. */
export function write(world: World, home: ChannelRecord, draft: Draft): MessageRecord {
  const shown = { ...visible(world, home, draft) };
  const hidden = unlisted(unseen(home, draft));
  const message = Object.defineProperties(shown, hidden) as unknown as MessageRecord;
  look(message);
  if (draft.onlyFor !== undefined) {
    home.ephemerals.push(message);
    if (home.ephemerals.length > ephemeralsMax) home.ephemerals.shift();
    world.tell(message);
    return message;
  }
  place(home, message);
  if (message.from.kind === 'bot') world.tell(message);
  tellMessage(world, message);
  return message;
}

function visible(world: World, { team }: ChannelRecord, draft: Draft): Json {
  const { author, files = [] } = draft;
  const from: SlackAuthor = author
    ? { kind: 'person', id: author.id, name: author.name }
    : { kind: 'bot', id: team.botUserId, name: draft.username ?? team.botName };
  return {
    ts: world.newTs(),
    from,
    text: draft.text,
    blocks: draft.blocks ?? [],
    shown: '',
    mentions: [],
    buttons: [],
    selects: [],
    files,
    threadTs: draft.threadTs,
    isBroadcast: draft.isBroadcast ?? false,
    sentAtMs: world.nowMs(),
    editedAtMs: undefined,
    notified: [],
    history: [],
    reactions: new Map(),
    metadata: draft.metadata,
    stream: draft.streamUntilMs === undefined ? undefined : 'on',
    isUnfurled: draft.isUnfurled ?? false,
    isDeleted: false,
  };
}

function unseen(home: ChannelRecord, draft: Draft): Json {
  const { author, files = [] } = draft;
  return {
    channel: home.view,
    onlyFor: draft.onlyFor?.view,
    home,
    author,
    stored: files,
    attachments: draft.attachments ?? [],
    subtype: draft.subtype ?? (files.length > 0 ? 'file_share' : undefined),
    username: draft.username,
    clientMsgId: author && randomUUID(),
    editedBy: undefined,
    streamUntilMs: draft.streamUntilMs ?? 0,
    isEditClosed: false,
    linksNames: draft.linksNames ?? false,
  };
}

/** What a person would not look at stays out of prints and comparisons. */
function unlisted(values: Readonly<Record<string, unknown>>): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { value, writable: true, configurable: true, enumerable: false },
    ]),
  );
}

function place(home: ChannelRecord, message: MessageRecord): void {
  home.messages.set(message.ts, message);
  if (home.messages.size > messagesMax) forgetOldest(home);
  const thread = threadOf(home, message.threadTs ?? message.ts);
  if (message.threadTs !== undefined) thread.replies.add(message);
  message.notified = notifiedBy(home, message, thread);
  thread.followers.add(message.from.id);
  for (const user of message.mentions) if (/^[UW]/.test(user)) thread.followers.add(user);
  if (message.from.kind === 'bot') thread.status = undefined;
}

function forgetOldest(home: ChannelRecord): void {
  for (const oldest of home.messages.values()) {
    remove(oldest);
    return;
  }
}

function remove(message: MessageRecord): void {
  const { home, threadTs, ts } = message;
  home.messages.delete(ts);
  if (threadTs !== undefined) home.threads.get(threadTs)?.replies.delete(message);
}

/** A thread begins with each message: nobody answered yet. */
export function threadOf(home: ChannelRecord, ts: string, isAssistant = false): ThreadRecord {
  const known = home.threads.get(ts);
  if (known !== undefined) return known;
  const thread: ThreadRecord = {
    ts,
    replies: new Set(),
    followers: new Set(),
    isAssistant,
    status: undefined,
    title: undefined,
    prompts: [],
  };
  home.threads.set(ts, thread);
  if (home.threads.size > messagesMax) {
    for (const oldest of home.threads.keys()) {
      home.threads.delete(oldest);
      break;
    }
  }
  return thread;
}

/** Direct messages notify always; in channels mentions, and replies those who follow the thread. */
function notifiedBy(home: ChannelRecord, message: MessageRecord, thread: ThreadRecord): string[] {
  const all = message.mentions.some((one) => !/^[UW]/.test(one));
  return [...home.members]
    .map(({ id }) => id)
    .filter((id) => id !== message.from.id)
    .filter(
      (id) =>
        home.type === 'im' ||
        home.type === 'mpim' ||
        all ||
        message.mentions.includes(id) ||
        (message.threadTs !== undefined && thread.followers.has(id)),
    );
}

/** Takes down what a person sees now. */
export function look(message: MessageRecord): void {
  const { blocks, home, text, attachments } = message;
  const hasBlocks = blocks.length > 0;
  message.shown = hasBlocks ? shownBlocks(home.team, blocks) : readable(home.team, text);
  const more = attachments.map((one) => readable(home.team, String(one['text'] ?? '')));
  message.shown = [message.shown, ...more].filter((part) => part !== '').join('\n');
  const inText = mentionsIn(text, message.linksNames);
  message.mentions = hasBlocks ? blockMentions(blocks) : [...new Set(inText)];
  message.buttons = buttonsIn(blocks);
  message.selects = selectsIn(blocks);
  if (message.history.at(-1) === message.shown) return;
  const history = [...message.history, message.shown].slice(-historyMax);
  let size = history.reduce((sum, one) => sum + one.length, 0);
  while (size > historyCharactersMax && history.length > 1) size -= (history.shift() ?? '').length;
  message.history = history;
}

type Change = Partial<
  Pick<MessageRecord, 'text' | 'blocks' | 'attachments' | 'metadata' | 'stream' | 'isBroadcast'>
> & {
  /** Whether people see that it was edited; default true. */
  readonly isMarked?: boolean;
  /** Default the author of the message. */
  readonly by?: string;
};

/** Changes what a message says; the app is told unless it is quiet. */
export function rewrite(
  world: World,
  message: MessageRecord,
  { isMarked = true, by = message.from.id, ...change }: Change,
): void {
  const previous = messageJson(world, message);
  Object.assign(message, change);
  if (change.text !== undefined || change.blocks !== undefined) message.editedAtMs = world.nowMs();
  if (isMarked) message.editedBy = by;
  look(message);
  if (message.from.kind === 'bot') {
    const { stream } = message;
    if (stream === 'on') threadOf(message.home, message.threadTs ?? message.ts).status = undefined;
    world.tell(message);
  }
  if (message.stream !== 'on') tellChanged(world, message, previous);
}

/** Deletes. The first message of a thread with replies stays as a tombstone, as in Slack. */
export function erase(world: World, message: MessageRecord): void {
  const { home } = message;
  const previous = messageJson(world, message);
  message.isDeleted = true;
  const replies = home.threads.get(message.ts)?.replies.size ?? 0;
  if (replies === 0) {
    remove(message);
    tellDeleted(world, message, previous);
    return;
  }
  message.subtype = 'tombstone';
  Object.assign(message, { text: 'This message was deleted.', blocks: [], attachments: [] });
  message.metadata = undefined;
  look(message);
  tellChanged(world, message, previous);
}
