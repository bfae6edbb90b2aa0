import { openThread } from './make-channel.ts';
import { may } from './right.ts';
import { say } from './say.ts';
import type { DiscordPerson } from './shape.ts';
import type { ChannelRecord, MessageRecord, PersonRecord, World } from './state.ts';

const nameMax = 100;

/** A person opens a thread: from a message, or of its own. */
export function threadBy(
  world: World,
  owner: PersonRecord,
  parent: ChannelRecord,
  options: {
    readonly name?: string;
    readonly isPrivate?: boolean;
    readonly from: MessageRecord | undefined;
  },
): ChannelRecord {
  const { from, isPrivate = false } = options;
  const right = isPrivate ? 'CreatePrivateThreads' : 'CreatePublicThreads';
  if (!may(parent, owner, right)) throw new Error(`${owner.name} may not open threads here`);
  if (!['text', 'announcement'].includes(parent.kind))
    throw new Error('no threads are opened here');
  if (from?.thread !== undefined) throw new Error('the message has a thread');
  const name = options.name ?? (from?.shown.slice(0, nameMax) || 'thread');
  return openThread(world, parent, { name, owner, from, isPrivate });
}

/** A person opens a post in a forum. */
export function postBy(
  world: World,
  owner: PersonRecord,
  forum: ChannelRecord,
  post: Parameters<DiscordPerson['post']>[1],
): ChannelRecord {
  if (forum.kind !== 'forum') throw new Error('it is no forum');
  if (!may(forum, owner, 'SendMessages')) throw new Error(`${owner.name} may not post here`);
  const appliedTags = (post.tags ?? []).map((name) => {
    const tag = forum.tags.find((one) => one.name === name);
    if (tag === undefined) throw new Error(`the forum has no tag "${name}"`);
    return tag.id;
  });
  if (forum.needsTag && appliedTags.length === 0) throw new Error('a post here needs a tag');
  const thread = openThread(world, forum, { name: post.title, owner, appliedTags });
  say(world, thread, owner, { text: post.text, options: {}, id: thread.id });
  return thread;
}
