import { channelJson, threadMemberJson } from './channel-json.ts';
import { tellChannel, tellThreadMember } from './event.ts';
import { channelOf, messageIn, textChannelOf } from './found.ts';
import { isObject, lengthOf, list, words } from './json-value.ts';
import { openThread } from './make-channel.ts';
import { messageJson } from './message-json.ts';
import { autoModerate, demandFor, draftOf } from './payload.ts';
import { invalid, Refusal, required, tooLong } from './refusal.ts';
import { demand, may, sees } from './right.ts';
import type { Answer, Asked, Routes } from './route.ts';
import type { ChannelRecord, Json, World } from './state.ts';
import { write } from './write.ts';

const nameMax = 100;
const archiveMinutes = [60, 1_440, 4_320, 10_080];

export const channelRoutes: Routes = {
  'POST /users/@me/channels': { run: openDm },
  'GET /channels/:id': { run: show },
  'PATCH /channels/:id': { run: change, limit: [5, 5_000] },
  'DELETE /channels/:id': { run: remove, limit: [5, 5_000] },
  'POST /channels/:id/threads': { run: threadOfItsOwn, bucket: 'threads', limit: [5, 5_000] },
  'POST /channels/:id/messages/:id/threads': {
    run: threadFromMessage,
    bucket: 'threads',
    limit: [5, 5_000],
  },
  'PUT /channels/:id/thread-members/@me': { run: join },
  'DELETE /channels/:id/thread-members/@me': { run: leave },
  'GET /channels/:id/thread-members/@me': { run: membership },
  'GET /channels/:id/threads/archived/public': { run: archived },
};

function openDm({ world, body }: Asked): Answer {
  const id = words(body['recipient_id']);
  if (id === '') throw required('recipient_id');
  const person = world.people.get(id);
  if (person === undefined) throw new Refusal(50_033);
  return { body: channelJson(world, person.dm) };
}

function show(asked: Asked): Answer {
  return { body: channelJson(asked.world, channelOf(asked)) };
}

function change(asked: Asked): Answer {
  const { world, body } = asked;
  const channel = channelOf(asked);
  if (channel.person !== undefined) throw new Refusal(50_024);
  if (channel.kind === 'thread') return changeThread(asked, channel);
  demand(channel, 'ManageChannels');
  if (body['name'] !== undefined) channel.name = nameIn(body);
  if (body['topic'] !== undefined) channel.topic = body['topic'] as string | null;
  if (body['rate_limit_per_user'] !== undefined)
    channel.slowSeconds = Number(body['rate_limit_per_user']);
  tellChannel(world, channel, 'UPDATE');
  return { body: channelJson(world, channel) };
}

function changeThread({ world, body }: Asked, thread: ChannelRecord): Answer {
  demandChange(world, body, thread);
  if (body['name'] !== undefined) thread.name = nameIn(body);
  if (body['locked'] !== undefined) thread.isLocked = body['locked'] === true;
  if (body['rate_limit_per_user'] !== undefined)
    thread.slowSeconds = Number(body['rate_limit_per_user']);
  if (body['applied_tags'] !== undefined)
    thread.appliedTags = tagsIn(thread.parent ?? thread, body);
  if (body['archived'] !== undefined && thread.isArchived !== (body['archived'] === true)) {
    thread.isArchived = body['archived'] === true;
    thread.archiveChangedMs = world.nowMs();
  }
  tellChannel(world, thread, 'UPDATE');
  return { body: channelJson(world, thread) };
}

/** Who opened a thread may rename, archive and wake it; the rest, and what is locked, is for moderators. */
function demandChange(world: World, body: Json, thread: ChannelRecord): void {
  const isModerator = may(thread, 'bot', 'ManageThreads');
  const wakes = body['archived'] === false;
  if (thread.isLocked && !isModerator) throw new Refusal(thread.isArchived ? 50_083 : 160_005);
  if (thread.isArchived && !wakes) throw new Refusal(50_083);
  const isWakeOnly = wakes && Object.keys(body).length === 1;
  if (!isModerator && thread.ownerId !== world.botId && !isWakeOnly) throw new Refusal(50_013);
  if (body['locked'] !== undefined && !isModerator) throw new Refusal(50_013);
}

function remove(asked: Asked): Answer {
  const { world } = asked;
  const channel = channelOf(asked);
  if (channel.person === undefined) {
    demand(channel, channel.kind === 'thread' ? 'ManageThreads' : 'ManageChannels');
    channel.isDeleted = true;
    tellChannel(world, channel, 'DELETE');
  }
  return { body: channelJson(world, channel) };
}

function threadFromMessage(asked: Asked): Answer {
  const { world, body } = asked;
  const channel = textChannelOf(asked);
  if (channel.guild === undefined || channel.kind === 'thread') throw new Refusal(50_024);
  demand(channel, 'CreatePublicThreads', 'ReadMessageHistory');
  const from = messageIn(channel, asked.params[1]);
  if (from.from.kind === 'system') throw new Refusal(50_068);
  if (from.thread !== undefined) throw new Refusal(160_004);
  const thread = openThread(world, channel, { ...named(channel, body), from });
  return { status: 201, body: channelJson(world, thread) };
}

function threadOfItsOwn(asked: Asked): Answer {
  const { world, body } = asked;
  const parent = channelOf(asked);
  if (parent.guild === undefined || parent.kind === 'thread') throw new Refusal(50_024);
  if (parent.kind === 'forum') return post(asked, parent);
  // Discord takes 12 where nothing is said
  const isPrivate = Number(body['type'] ?? 12) === 12;
  demand(parent, isPrivate ? 'CreatePrivateThreads' : 'CreatePublicThreads');
  const thread = openThread(world, parent, { ...named(parent, body), isPrivate });
  return { status: 201, body: channelJson(world, thread) };
}

/** A post in a forum: its first message has the id of the thread, and no nonce. */
function post(asked: Asked, forum: ChannelRecord): Answer {
  const { world, body, files } = asked;
  demand(forum, 'SendMessages');
  const message = body['message'];
  if (!isObject(message)) throw required('message');
  const appliedTags = tagsIn(forum, body);
  if (forum.needsTag && appliedTags.length === 0) throw new Refusal(40_067);
  const draft = draftOf(world, forum, { body: message, files });
  demandFor(forum, draft);
  const thread = openThread(world, forum, { ...named(forum, body), appliedTags });
  const first = write(world, thread, { ...draft, nonce: undefined, id: thread.id });
  const json = messageJson(world, first, { mayRead: true });
  return { status: 201, body: { ...channelJson(world, thread), message: json } };
}

function named(channel: ChannelRecord, body: Json): { name: string; archiveMinutes: number } {
  const name = nameIn(body);
  autoModerate(channel, name, { code: 200_001 });
  const minutes = Number(body['auto_archive_duration'] ?? 1_440);
  if (!archiveMinutes.includes(minutes))
    throw invalid('auto_archive_duration', 'BASE_TYPE_CHOICES', 'Value must be one of (60, …).');
  return { name, archiveMinutes: minutes };
}

function nameIn(body: Json): string {
  const name = words(body['name']);
  if (name === '') throw required('name');
  if (lengthOf(name) > nameMax) throw tooLong('name', nameMax);
  return name;
}

function tagsIn(forum: ChannelRecord, body: Json): string[] {
  const tags = list(body['applied_tags']).map(String);
  const known = new Set(forum.tags.map(({ id }) => id));
  if (tags.length > 5) throw tooLong('applied_tags', 5);
  if (tags.some((tag) => !known.has(tag)))
    throw invalid('applied_tags', 'BASE_TYPE_CHOICES', 'A tag is not known.');
  return tags;
}

function threadIn(asked: Asked): ChannelRecord {
  const thread = channelOf(asked);
  if (thread.kind !== 'thread') throw new Refusal(50_024);
  if (thread.isArchived) throw new Refusal(50_083);
  return thread;
}

function join(asked: Asked): Answer {
  const thread = threadIn(asked);
  const isNew = !thread.followers.has('bot');
  thread.followers.add('bot');
  if (isNew) tellThreadMember(asked.world, thread);
  return {};
}

function leave(asked: Asked): Answer {
  threadIn(asked).followers.delete('bot');
  return {};
}

function membership(asked: Asked): Answer {
  const thread = channelOf(asked);
  if (!thread.followers.has('bot')) throw new Refusal(10_007);
  return { body: threadMemberJson(asked.world, thread, 'bot') };
}

function archived(asked: Asked): Answer {
  const { world } = asked;
  const channel = channelOf(asked);
  demand(channel, 'ReadMessageHistory');
  const threads = channel.threads
    .filter((thread) => thread.isArchived && !thread.isPrivate && sees(thread, 'bot'))
    .toSorted((a, b) => b.archiveChangedMs - a.archiveChangedMs)
    .map((thread) => channelJson(world, thread));
  return { body: { threads, members: [], has_more: false } };
}
