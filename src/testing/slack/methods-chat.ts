import { messageJson } from './api-json.ts';
import {
  type Args,
  channelOf,
  flag,
  joinedChannelOf,
  messageOf,
  metadataOf,
  needed,
  ownMessageOf,
  threadTsOf,
  words,
} from './args.ts';
import { checkBlocks, isObject } from './block-check.ts';
import { type CallContext, countPost, fixed, type Methods, none } from './call.ts';
import { Refusal } from './refusal.ts';
import type { SlackBlock } from './shape-part.ts';
import type { ChannelRecord, Json, TeamRecord } from './state.ts';
import { erase, rewrite, write } from './write.ts';

/** Characters of `text`: what is longer is cut off without a word. */
const textMax = 40_000;
export const markdownTextMax = 12_000;
const attachmentsMax = 100;

export interface Content {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly attachments: readonly Json[];
}

export const chatMethods: Methods = {
  'chat.postMessage': { run: postMessage, scopes: fixed('chat:write') },
  'chat.postEphemeral': { run: postEphemeral, scopes: fixed('chat:write') },
  'chat.update': { run: update, scopes: fixed('chat:write') },
  'chat.delete': {
    run: (args, { world, team }) => {
      const channel = channelOf(team, args);
      const errors = { missing: 'message_not_found', foreign: 'cant_delete_message' };
      const message = ownMessageOf(channel, args, errors);
      erase(world, message);
      return { channel: channel.id, ts: message.ts };
    },
    scopes: fixed('chat:write'),
  },
  'chat.getPermalink': {
    run: (args, { team }) => {
      const channel = channelOf(team, args);
      const { ts } = messageOf(channel, needed(args, 'message_ts'), 'message_not_found');
      const permalink = `https://${team.domain}.slack.com/archives/${channel.id}/p${ts.replace('.', '')}`;
      return { channel: channel.id, permalink };
    },
    scopes: none,
  },
};

/** Everything is checked before the post is counted, and counted before it is shown. */
function postMessage(args: Args, { world, team }: CallContext): Json {
  const channel = writableChannelOf(team, args);
  const content = contentOf(args);
  const threadTs = threadTsOf(channel, args);
  const metadata = metadataOf(args) ?? undefined;
  const isShown = countPost(world, channel);
  const draft = {
    ...content,
    threadTs,
    metadata,
    isBroadcast: threadTs !== undefined && flag(args, 'reply_broadcast'),
    username: words(args, 'username') || undefined,
    isUnfurled: isUnfurled(args, content),
    linksNames: flag(args, 'link_names') || words(args, 'parse') === 'full',
  };
  if (!isShown) {
    const message = { type: 'message', text: content.text, bot_id: team.botId };
    return { channel: channel.id, ts: world.newTs(), message };
  }
  const message = write(world, channel, draft);
  return {
    channel: channel.id,
    ts: message.ts,
    message: messageJson(world, message, { metadata: true }),
  };
}

function postEphemeral(args: Args, { world, team }: CallContext): Json {
  const channel = writableChannelOf(team, args);
  const person = team.people.get(needed(args, 'user'));
  if (person === undefined || !channel.members.has(person))
    throw new Refusal('user_not_in_channel');
  const content = contentOf(args);
  const threadTs = threadTsOf(channel, args);
  const isShown = countPost(world, channel);
  if (!isShown) return { message_ts: world.newTs() };
  return { message_ts: write(world, channel, { ...content, threadTs, onlyFor: person }).ts };
}

function update(args: Args, { world, team }: CallContext): Json {
  const channel = joinedChannelOf(team, args);
  if (channel.isArchived) throw new Refusal('is_inactive');
  const errors = { missing: 'message_not_found', foreign: 'cant_update_message' };
  const message = ownMessageOf(channel, args, errors);
  if (message.isEditClosed) throw new Refusal('edit_window_closed');
  if (message.stream === 'on') throw new Refusal('streaming_state_conflict');
  const given = contentOf(args, message);
  const metadata = metadataOf(args);
  rewrite(world, message, {
    ...given,
    // an edit of blocks is not marked as one
    isMarked: given.blocks.length === 0,
    metadata: metadata === undefined ? message.metadata : (metadata ?? undefined),
    isBroadcast: message.isBroadcast || flag(args, 'reply_broadcast'),
  });
  const { ts, text } = message;
  return {
    channel: channel.id,
    ts,
    text,
    message: messageJson(world, message, { metadata: true }),
  };
}

/** A channel that the bot may write to. Public ones it must have joined, unless it has the scope to do without. */
export function writableChannelOf(
  team: TeamRecord,
  args: Args,
  { people = true, name = 'channel' }: { readonly people?: boolean; readonly name?: string } = {},
): ChannelRecord {
  const channel = channelOf(team, args, { people, name });
  if (channel.isArchived) throw new Refusal('is_archived');
  if (!channel.hasBot && !team.scopes.has('chat:write.public')) throw new Refusal('not_in_channel');
  return channel;
}

/**
 * What a message is to say. Of an edit: `text` alone takes the blocks away, neither leaves them as they are; attachments
 * stay where none are named.
 */
export function contentOf(args: Args, before?: Content): Content {
  const attachments = attachmentsOf(args) ?? before?.attachments ?? [];
  const markdown = words(args, 'markdown_text');
  if (markdown !== '') return { ...markdownOf(args, markdown), attachments };
  const hasText = args['text'] !== undefined;
  const blocks = blocksOf(args) ?? (hasText ? [] : (before?.blocks ?? []));
  const text = (hasText ? words(args, 'text') : (before?.text ?? '')).slice(0, textMax);
  const isNothing = text.trim() === '' && blocks.length === 0 && attachments.length === 0;
  if (isNothing || (before !== undefined && isUnchanged(args))) throw new Refusal('no_text');
  return { text, blocks, attachments };
}

function markdownOf(args: Args, text: string): Pick<Content, 'text' | 'blocks'> {
  if (words(args, 'text') !== '' || args['blocks'] !== undefined)
    throw new Refusal('markdown_text_conflict');
  if (text.length > markdownTextMax) throw new Refusal('msg_too_long');
  return { text, blocks: [{ type: 'markdown', block_id: 'markdown', text }] };
}

/** Whether an edit names nothing that could change. */
function isUnchanged(args: Args): boolean {
  const named = ['text', 'blocks', 'attachments', 'metadata', 'reply_broadcast'];
  return named.every((name) => args[name] === undefined);
}

export function blocksOf(args: Args): SlackBlock[] | undefined {
  const value = args['blocks'];
  return value === undefined || value === '' ? undefined : checkBlocks(value, 'message');
}

function attachmentsOf(args: Args): Json[] | undefined {
  const value = args['attachments'];
  if (value === undefined || value === '') return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) throw new Refusal('invalid_attachments');
  if (value.length > attachmentsMax) throw new Refusal('too_many_attachments');
  return value;
}

/** Links of text are expanded when it is asked for, media unless it is forbidden. */
function isUnfurled(args: Args, { text, blocks }: Content): boolean {
  const link = /https?:\/\/[^\s<>|"]+/.exec(`${text} ${JSON.stringify(blocks)}`)?.[0];
  if (link === undefined) return false;
  const isMedia = /\.(?:png|jpe?g|gif|mp4|webp)(?:[?#]|$)/i.test(link);
  return isMedia ? flag(args, 'unfurl_media', true) : flag(args, 'unfurl_links');
}
