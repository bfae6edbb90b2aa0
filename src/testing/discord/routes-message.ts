import { channelOf, demandWrite, messageIn, textChannelOf } from './found.ts';
import { isObject, words } from './json-value.ts';
import { messageJson } from './message-json.ts';
import { changeOf, demandFor, draftOf } from './payload.ts';
import { emojiOf, react, unreact } from './reaction.ts';
import { invalid, Refusal } from './refusal.ts';
import { demand, may } from './right.ts';
import type { Answer, Asked, Routes } from './route.ts';
import { type ChannelRecord, type Json, type MessageRecord, remember } from './state.ts';
import { erase, flags, rewrite, write } from './write.ts';

const hourMs = 3_600_000;
/** How long a bot is seen typing. */
const typingMs = 10_000;
const pageMax = 100;
const pageDefault = 50;
const idPattern = /^\d{1,20}$/;

export const messageRoutes: Routes = {
  'POST /channels/:id/messages': { run: create, limit: [5, 5_000] },
  'GET /channels/:id/messages': { run: history, limit: [5, 1_000] },
  'GET /channels/:id/messages/:id': { run: one, limit: [5, 1_000] },
  'PATCH /channels/:id/messages/:id': { run: edit, limit: [5, 5_000] },
  'DELETE /channels/:id/messages/:id': { run: remove, limit: [5, 1_000] },
  'POST /channels/:id/typing': { run: typing, limit: [5, 5_000] },
  'PUT /channels/:id/messages/:id/reactions/:emoji/@me': {
    run: addReaction,
    bucket: 'reactions',
    limit: [1, 250],
  },
  'DELETE /channels/:id/messages/:id/reactions/:emoji/@me': {
    run: removeReaction,
    bucket: 'reactions',
    limit: [1, 250],
  },
};

function create(asked: Asked): Answer {
  const { world, body } = asked;
  const channel = textOrForum(asked);
  demandWrite(world, channel);
  const given = draftOf(world, channel, asked);
  demandFor(channel, given);
  const known = knownBy(asked, given.nonce);
  if (known !== undefined) return { body: created(asked, known, given.nonce) };
  // only an answer to an interaction can be for one person alone
  const bits = (given.flags ?? 0) & ~flags.ephemeral;
  const draft = { ...given, flags: bits, replyTo: repliedTo(channel, body) };
  const message = write(world, channel, draft);
  channel.wroteMs.set('bot', world.nowMs());
  if (given.nonce !== undefined) {
    const untilMs = world.nowMs() + world.options.nonceMs;
    remember(world.nonces, String(given.nonce), { message, untilMs });
  }
  return { body: created(asked, message, given.nonce) };
}

/** A forum says so itself, before anything else. */
function textOrForum(asked: Asked): ChannelRecord {
  const channel = channelOf(asked);
  if (channel.kind === 'forum') throw new Refusal(40_058);
  return channel;
}

/** The message that was made with the same nonce a moment ago, where it is to be enforced. */
function knownBy(
  { world, body }: Asked,
  nonce: string | number | undefined,
): MessageRecord | undefined {
  if (nonce === undefined || body['enforce_nonce'] !== true) return undefined;
  const known = world.nonces.get(String(nonce));
  if (known === undefined || known.untilMs <= world.nowMs()) return undefined;
  if (known.message.isDeleted) throw new Refusal(10_008);
  return known.message;
}

function created({ world }: Asked, message: MessageRecord, nonce: unknown): Json {
  const json = messageJson(world, message, { mayRead: true });
  return nonce === undefined ? json : { ...json, nonce };
}

function repliedTo(channel: ChannelRecord, body: Json): MessageRecord | undefined {
  const reference = body['message_reference'];
  if (!isObject(reference)) return undefined;
  if (channel.guild !== undefined && !may(channel, 'bot', 'ReadMessageHistory'))
    throw new Refusal(160_002);
  const message = channel.messages.get(words(reference['message_id']));
  if (message !== undefined && message.from.kind !== 'system') return message;
  if (message === undefined && reference['fail_if_not_exists'] === false) return undefined;
  const what = message === undefined ? 'Unknown message' : 'Cannot reply to a system message';
  const code = message === undefined ? 'UNKNOWN_MESSAGE' : 'REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE';
  throw invalid('message_reference', `MESSAGE_REFERENCE_${code}`, what);
}

function history(asked: Asked): Answer {
  const { world, query } = asked;
  const channel = textChannelOf(asked);
  const limit = limitOf(query.get('limit'));
  if (channel.guild !== undefined && !may(channel, 'bot', 'ReadMessageHistory'))
    return { body: [] };
  const all = [...channel.messages.values()];
  const mayRead = world.portal.hasContent;
  const page = pageOf(all, query, limit);
  return { body: page.toReversed().map((message) => messageJson(world, message, { mayRead })) };
}

function limitOf(given: string | null): number {
  if (given === null) return pageDefault;
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > pageMax)
    throw invalid('limit', 'NUMBER_TYPE_MAX', 'int value should be between 1 and 100.');
  return limit;
}

/** Oldest first. `after` brings those right after, not the newest. */
function pageOf(all: MessageRecord[], query: URLSearchParams, limit: number): MessageRecord[] {
  const idIn = (name: string): bigint | undefined => {
    const id = query.get(name);
    if (id === null) return undefined;
    if (!idPattern.test(id))
      throw invalid(name, 'NUMBER_TYPE_COERCE', `Value "${id}" is not snowflake.`);
    return BigInt(id);
  };
  const [around, before, after] = [idIn('around'), idIn('before'), idIn('after')];
  if (around !== undefined) {
    const older = all.filter(({ id }) => BigInt(id) <= around).slice(-Math.ceil(limit / 2));
    const newer = all.filter(({ id }) => BigInt(id) > around).slice(0, limit - older.length);
    return [...older, ...newer];
  }
  if (before !== undefined) return all.filter(({ id }) => BigInt(id) < before).slice(-limit);
  if (after !== undefined) return all.filter(({ id }) => BigInt(id) > after).slice(0, limit);
  return all.slice(-limit);
}

function one(asked: Asked): Answer {
  const channel = textChannelOf(asked);
  if (channel.guild !== undefined) demand(channel, 'ReadMessageHistory');
  const message = messageIn(channel, asked.params[1]);
  const mayRead = asked.world.portal.hasContent;
  return { body: messageJson(asked.world, message, { mayRead }) };
}

function edit(asked: Asked): Answer {
  const { world } = asked;
  const channel = textChannelOf(asked);
  const message = messageIn(channel, asked.params[1]);
  if (message.author !== undefined || message.from.kind === 'system') throw new Refusal(50_005);
  if (channel.isArchived) throw new Refusal(50_083);
  if (channel.isLocked && !may(channel, 'bot', 'ManageThreads')) throw new Refusal(160_005);
  demandEdits(asked, message);
  const change = changeOf(world, message, asked);
  rewrite(world, message, change);
  return { body: messageJson(world, message, { mayRead: true }) };
}

/** Messages of more than an hour are edited seldom: Discord says no number, three in 20 s were seen. */
function demandEdits({ world }: Asked, message: MessageRecord): void {
  const nowMs = world.nowMs();
  if (message.isEditClosed) throw new Refusal(30_046, { retryAfterS: 60 });
  if (nowMs - message.sentAtMs < hourMs) return;
  message.oldEditsMs = message.oldEditsMs.filter((atMs) => atMs > nowMs - 20_000);
  const oldest = message.oldEditsMs[0];
  if (message.oldEditsMs.length >= 3 && oldest !== undefined)
    throw new Refusal(30_046, { retryAfterS: (oldest + 20_000 - nowMs) / 1_000 });
  message.oldEditsMs.push(nowMs);
}

function remove(asked: Asked): Answer {
  const channel = textChannelOf(asked);
  const message = messageIn(channel, asked.params[1]);
  if (channel.isArchived) throw new Refusal(50_083);
  if (message.author !== undefined) {
    if (channel.person !== undefined) throw new Refusal(50_003);
    demand(channel, 'ManageMessages');
  }
  erase(asked.world, message);
  return {};
}

function typing(asked: Asked): Answer {
  const channel = textChannelOf(asked);
  if (channel.isArchived) throw new Refusal(50_083);
  if (channel.guild !== undefined)
    demand(channel, channel.kind === 'thread' ? 'SendMessagesInThreads' : 'SendMessages');
  channel.typingUntilMs = asked.world.nowMs() + typingMs;
  asked.world.tell();
  return {};
}

function addReaction(asked: Asked): Answer {
  const channel = textChannelOf(asked);
  const emoji = emojiOf(asked.params[2] ?? '');
  const message = messageIn(channel, asked.params[1]);
  if (channel.isArchived) throw new Refusal(50_083);
  if (channel.guild !== undefined) {
    demand(channel, 'ReadMessageHistory');
    if (!message.reactions.has(emoji)) demand(channel, 'AddReactions');
  }
  react(asked.world, message, emoji);
  return {};
}

function removeReaction(asked: Asked): Answer {
  const channel = textChannelOf(asked);
  const emoji = emojiOf(asked.params[2] ?? '');
  const message = messageIn(channel, asked.params[1]);
  if (channel.isArchived) throw new Refusal(50_083);
  unreact(asked.world, message, emoji);
  return {};
}
