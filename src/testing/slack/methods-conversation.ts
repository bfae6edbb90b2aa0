import { channelJson, messageJson } from './api-json.ts';
import { type Args, channelOf, count, flag, joinedChannelOf, needed, words } from './args.ts';
import { byChannel, type CallContext, fixed, type Methods } from './call.ts';
import { tellMember } from './event.ts';
import { Refusal } from './refusal.ts';
import type { ChannelRecord, Json, MessageRecord, TeamRecord, World } from './state.ts';
import { openGroupDm } from './workspace-view.ts';

const pageMax = 999;

export const conversationMethods: Methods = {
  'conversations.history': { run: history, scopes: byChannel('history') },
  'conversations.replies': { run: replies, scopes: byChannel('history') },
  'conversations.info': {
    run: (args, { team }) => {
      const channel = channelOf(team, args);
      const members = channel.members.size + (channel.hasBot ? 1 : 0);
      const asked = flag(args, 'include_num_members') ? { num_members: members } : {};
      return { channel: { ...channelJson(channel), ...asked } };
    },
    scopes: byChannel('read'),
  },
  'conversations.join': {
    run: (args, { world, team }) => {
      const channel = channelOf(team, args);
      if (channel.type !== 'channel') throw new Refusal('method_not_supported_for_channel_type');
      if (channel.isArchived) throw new Refusal('is_archived');
      if (channel.hasBot) return { channel: channelJson(channel), warning: 'already_in_channel' };
      channel.hasBot = true;
      tellMember(world, channel, 'member_joined_channel', team.botUserId);
      return { channel: channelJson(channel) };
    },
    scopes: fixed('channels:join'),
  },
  'conversations.list': { run: listed, scopes: fixed() },
  'conversations.members': {
    run: (args, { team }) => {
      const channel = channelOf(team, args);
      const people = [...channel.members].map(({ id }) => id);
      const all = channel.hasBot ? [...people, team.botUserId] : people;
      return paged(args, all, 'members');
    },
    scopes: byChannel('read'),
  },
  'conversations.open': { run: open, scopes: openScopes },
};

function history(args: Args, { world, team }: CallContext): Json {
  const channel = joinedChannelOf(team, args);
  const seen = [...channel.messages.values()].filter(
    (message) => message.threadTs === undefined || message.isBroadcast,
  );
  return messagePage(world, args, seen.toReversed());
}

/** Replies come oldest first, the first message before all on every page. */
function replies(args: Args, { world, team }: CallContext): Json {
  const channel = joinedChannelOf(team, args);
  const asked = channel.messages.get(needed(args, 'ts'));
  if (asked === undefined) throw new Refusal('thread_not_found');
  const ts = asked.threadTs ?? asked.ts;
  const root = channel.messages.get(ts);
  const all = [...(channel.threads.get(ts)?.replies ?? [])];
  const page = messagePage(world, args, all);
  const shown = page['messages'] as Json[];
  const first = root === undefined ? [] : [asJson(world, args, root)];
  return { ...page, messages: [...first, ...shown] };
}

function messagePage(world: World, args: Args, all: readonly MessageRecord[]): Json {
  const [oldest, latest] = [Number(words(args, 'oldest') || 0), words(args, 'latest')];
  const until = latest === '' || latest === 'now' ? Number.POSITIVE_INFINITY : Number(latest);
  if (Number.isNaN(oldest)) throw new Refusal('invalid_ts_oldest');
  if (Number.isNaN(until)) throw new Refusal('invalid_ts_latest');
  const isInclusive = flag(args, 'inclusive');
  const within = all.filter(({ ts }) => {
    const at = Number(ts);
    return isInclusive ? at >= oldest && at <= until : at > oldest && at < until;
  });
  const max = world.limits.historyMax ?? pageMax;
  const page = paged(args, within, 'messages', max);
  const messages = page['messages'] as MessageRecord[];
  const hasMore = (page['response_metadata'] as Json)['next_cursor'] !== '';
  return {
    ...page,
    messages: messages.map((message) => asJson(world, args, message)),
    has_more: hasMore,
    pin_count: 0,
  };
}

function asJson(world: World, args: Args, message: MessageRecord): Json {
  return messageJson(world, message, { metadata: flag(args, 'include_all_metadata') });
}

/** One page of a list. The cursor stands for the place in it, whatever was added meanwhile. */
function paged(args: Args, all: readonly unknown[], name: string, max = pageMax): Json {
  const limit = count(args, 'limit', { byDefault: 100, max });
  const cursor = words(args, 'cursor');
  const start = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64').toString('utf8'));
  if (!Number.isSafeInteger(start) || start < 0) throw new Refusal('invalid_cursor');
  const next = start + limit;
  const nextCursor = next < all.length ? Buffer.from(String(next)).toString('base64') : '';
  return {
    [name]: all.slice(start, next),
    response_metadata: { next_cursor: nextCursor },
  };
}

function listed(args: Args, { team }: CallContext): Json {
  const names = (words(args, 'types') || 'public_channel').split(',').map((name) => name.trim());
  const types: Readonly<Record<string, ChannelRecord['type']>> = {
    public_channel: 'channel',
    private_channel: 'group',
    im: 'im',
    mpim: 'mpim',
  };
  const wanted = names.map((name) => types[name]);
  if (wanted.includes(undefined)) throw new Refusal('invalid_types');
  const seen = [...team.channels.values()]
    .filter(({ type, hasBot }) => wanted.includes(type) && (hasBot || type === 'channel'))
    .filter(({ isArchived }) => !(isArchived && flag(args, 'exclude_archived')));
  return paged(args, seen.map(channelJson), 'channels');
}

function openScopes(args: Args): readonly string[] {
  return words(args, 'users').includes(',') ? ['mpim:write'] : ['im:write'];
}

function open(args: Args, { world, team }: CallContext): Json {
  const { channel, isNew } = opened(world, team, args);
  const full = flag(args, 'return_im');
  const answer = full ? channelJson(channel) : { id: channel.id };
  return isNew ? { channel: answer } : { no_op: true, already_open: true, channel: answer };
}

function opened(
  world: World,
  team: TeamRecord,
  args: Args,
): { readonly channel: ChannelRecord; readonly isNew: boolean } {
  if (words(args, 'channel') !== '') return { channel: channelOf(team, args), isNew: false };
  const ids = words(args, 'users')
    .split(',')
    .filter((id) => id !== '');
  if (ids.length === 0) throw new Refusal('users_list_not_supplied');
  const people = ids.map((id) => {
    const person = team.people.get(id);
    if (person === undefined) throw new Refusal('user_not_found');
    return person;
  });
  if (people.length === 1 && people[0] !== undefined)
    return { channel: people[0].dm, isNew: false };
  const known = [...team.channels.values()].find(
    ({ type, members }) =>
      type === 'mpim' && members.size === people.length && people.every((one) => members.has(one)),
  );
  if (known !== undefined) return { channel: known, isNew: false };
  return { channel: openGroupDm(world, team, people), isNew: true };
}
