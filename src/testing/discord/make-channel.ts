import { tellChannel, tellMessage, tellThreadMember } from './event.ts';
import type { DiscordChannel } from './shape.ts';
import type { ChannelRecord, GuildRecord, MessageRecord, PersonRecord, World } from './state.ts';
import { flags, write } from './write.ts';

interface ChannelInit {
  readonly id?: string;
  readonly name: string;
  readonly kind: DiscordChannel['kind'];
  readonly guild?: GuildRecord | undefined;
  readonly person?: PersonRecord;
  readonly parent?: ChannelRecord;
  readonly isPrivate?: boolean;
  readonly tags?: readonly string[];
  readonly needsTag?: boolean;
  readonly appliedTags?: readonly string[];
  /** Who opened a thread; undefined for the bot. */
  readonly owner?: PersonRecord | undefined;
  readonly archiveMinutes?: number;
}

/** A channel of which nobody is told yet. Its view is given by `showChannel`. */
export function makeChannel(world: World, init: ChannelInit): ChannelRecord {
  const isThread = init.kind === 'thread';
  const owner = init.owner?.id ?? 'bot';
  const channel = {
    id: init.id ?? world.newId(),
    name: init.name,
    topic: null,
    kind: init.kind,
    isPrivate: init.isPrivate ?? false,
    guild: init.guild,
    person: init.person,
    parent: init.parent,
    threads: [],
    messages: new Map(),
    ephemerals: [],
    overwrites: new Map(),
    tags: (init.tags ?? []).map((name) => ({ id: world.newId(), name })),
    needsTag: init.needsTag ?? false,
    appliedTags: init.appliedTags ?? [],
    followers: new Set(isThread ? [owner] : []),
    ownerId: isThread ? (init.owner?.id ?? world.botId) : undefined,
    createdMs: world.nowMs(),
    archiveMinutes: init.archiveMinutes ?? 1_440,
    archiveChangedMs: world.nowMs(),
    isArchived: false,
    isLocked: false,
    isDeleted: false,
    slowSeconds: 0,
    isSlowForBots: false,
    wroteMs: new Map(),
    congestedUntilMs: 0,
    typingUntilMs: 0,
    sent: 0,
  } as unknown as ChannelRecord;
  world.show(channel);
  world.addChannel(channel);
  return channel;
}

interface ThreadInit {
  readonly name: string;
  readonly owner?: PersonRecord | undefined;
  readonly from?: MessageRecord | undefined;
  readonly isPrivate?: boolean;
  readonly appliedTags?: readonly string[];
  readonly archiveMinutes?: number;
}

/** Opens a thread: from a message, of its own, or as the post of a forum. Who may is checked by the callers. */
export function openThread(world: World, parent: ChannelRecord, init: ThreadInit): ChannelRecord {
  const { from, ...rest } = init;
  const thread = makeChannel(world, {
    ...rest,
    kind: 'thread',
    guild: parent.guild,
    parent,
    ...(from === undefined ? {} : { id: from.id }),
  });
  parent.threads.push(thread);
  tellChannel(world, thread, 'CREATE');
  if (init.owner === undefined) tellThreadMember(world, thread);
  if (from !== undefined) begin(world, thread, from);
  else if (parent.kind !== 'forum' && init.isPrivate !== true) announce(world, thread, init.owner);
  return thread;
}

/** The message stands above its thread: as one of Discord's own, without words. */
function begin(world: World, thread: ChannelRecord, from: MessageRecord): void {
  from.thread = thread.view;
  from.flags |= flags.hasThread;
  tellMessage(world, 'MESSAGE_UPDATE', from);
  write(world, thread, {
    author: from.author,
    isSystem: true,
    text: '',
    replyTo: from,
    type: 21,
    allowed: nobody,
  });
}

/** The channel says that somebody opened a thread. */
function announce(world: World, thread: ChannelRecord, owner: PersonRecord | undefined): void {
  const { parent } = thread;
  if (parent === undefined) return;
  const draft = { author: owner, isSystem: true, text: thread.name, type: 18, allowed: nobody };
  write(world, parent, draft);
}

export const nobody = {
  parse: new Set<string>(),
  users: new Set<string>(),
  roles: new Set<string>(),
  repliedUser: false,
};
