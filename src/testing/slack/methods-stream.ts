import { messageJson } from './api-json.ts';
import {
  type Args,
  joinedChannelOf,
  metadataOf,
  needed,
  ownMessageOf,
  threadTsOf,
  words,
} from './args.ts';
import { isObject } from './block-check.ts';
import { type CallContext, countPost, fixed, type Methods } from './call.ts';
import { blocksOf, markdownTextMax, writableChannelOf } from './methods-chat.ts';
import { Refusal } from './refusal.ts';
import type { SlackBlock } from './shape-part.ts';
import type { Json, MessageRecord } from './state.ts';
import { keepAlive, letGo } from './stream-life.ts';
import { rewrite, write } from './write.ts';

/** Characters that one stream may have: Slack names no number, this one is ours. */
const streamMax = 100_000;

export const streamMethods: Methods = {
  'chat.startStream': { run: start, scopes: fixed('chat:write') },
  'chat.appendStream': { run: appendTo, scopes: fixed('chat:write') },
  'chat.stopStream': { run: stop, scopes: fixed('chat:write') },
};

function start(args: Args, { world, team }: CallContext): Json {
  const channel = writableChannelOf(team, args, { people: false });
  needed(args, 'thread_ts');
  const threadTs = threadTsOf(channel, args);
  if (channel.type !== 'im') {
    const user = words(args, 'recipient_user_id');
    if (words(args, 'recipient_team_id') === '') throw new Refusal('missing_recipient_team_id');
    if (user === '') throw new Refusal('missing_recipient_user_id');
    if (!team.people.has(user)) throw new Refusal('user_not_found');
  }
  const said = saidIn(args);
  if (!countPost(world, channel)) return { channel: channel.id, ts: world.newTs() };
  const message = write(world, channel, {
    text: said.text,
    blocks: shownAs(said.text, said.blocks),
    threadTs,
    streamUntilMs: world.nowMs() + world.options.streamMs,
  });
  keepAlive(world, message);
  return { channel: channel.id, ts: message.ts };
}

function appendTo(args: Args, { world, team }: CallContext): Json {
  const message = streamOf(joinedChannelOf(team, args), args);
  const more = saidIn(args);
  if (more.text === '' && more.blocks.length === 0) throw new Refusal('no_text');
  rewrite(world, message, { ...grown(message, more), isMarked: false });
  keepAlive(world, message);
  return { channel: message.home.id, ts: message.ts };
}

function stop(args: Args, { world, team }: CallContext): Json {
  const message = streamOf(joinedChannelOf(team, args), args);
  const { text, blocks } = saidIn(args);
  const metadata = metadataOf(args) ?? undefined;
  const more = grown(message, { text, blocks: [...blocks, ...(blocksOf(args) ?? [])] });
  letGo(message);
  rewrite(world, message, { ...more, metadata, stream: 'stopped', isMarked: false });
  const { ts, home } = message;
  const shown = messageJson(world, message, { metadata: true });
  return { channel: home.id, ts, message: shown };
}

/** A stream of the bot that is on. */
function streamOf(channel: MessageRecord['home'], args: Args): MessageRecord {
  const errors = { missing: 'message_not_found', foreign: 'message_not_owned_by_app' };
  const message = ownMessageOf(channel, args, errors);
  if (message.stream !== 'on') throw new Refusal('message_not_in_streaming_state');
  return message;
}

interface Said {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/** The words come as `markdown_text` or as `chunks`. */
function saidIn(args: Args): Said {
  const { chunks } = args;
  const hasChunks = chunks !== undefined && chunks !== '';
  const parts = hasChunks ? partsOf(chunks) : [{ text: words(args, 'markdown_text'), blocks: [] }];
  const text = parts.map((part) => part.text).join('');
  if (text.length > markdownTextMax) throw new Refusal('msg_too_long');
  return { text, blocks: parts.flatMap(({ blocks }) => blocks) };
}

function partsOf(chunks: unknown): Said[] {
  if (!Array.isArray(chunks) || !chunks.every(isObject)) throw new Refusal('invalid_chunks');
  return chunks.map((chunk) => {
    const { type, text, id } = chunk;
    if (type === 'markdown_text' && typeof text === 'string') return { text, blocks: [] };
    if (type === 'blocks') return { text: '', blocks: blocksOf(chunk) ?? [] };
    if (type === 'task_update' && typeof id === 'string')
      return { text: '', blocks: [taskBlock(chunk)] };
    if (type === 'plan_update') return { text: '', blocks: [] };
    throw new Refusal('invalid_chunks');
  });
}

/** A task of a stream is one card, whatever becomes of it. */
function taskBlock(chunk: Json): SlackBlock {
  const { id, title, status } = chunk;
  const text = { type: 'plain_text', text: `${String(title)} (${String(status)})` };
  return { type: 'task_card', block_id: `task_${String(id)}`, title: text };
}

/** The message with more at its end. A card of a task takes the place of the one before. */
function grown(message: MessageRecord, more: Said): Said {
  const text = message.text + more.text;
  if (text.length > streamMax) throw new Refusal('msg_too_long');
  const tasks = new Set(more.blocks.map(({ block_id: id }) => String(id)).filter(isTask));
  const kept = message.blocks.filter(
    ({ block_id: id }) => id !== 'stream' && !tasks.has(String(id)),
  );
  return { text, blocks: shownAs(text, [...kept, ...more.blocks]) };
}

function isTask(blockId: string): boolean {
  return blockId.startsWith('task_');
}

function shownAs(text: string, more: readonly SlackBlock[]): SlackBlock[] {
  const said = { type: 'markdown', block_id: 'stream', text };
  return text === '' ? [...more] : [said, ...more];
}
