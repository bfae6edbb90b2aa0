import type { StoredFile } from './file-shelf.ts';
import type {
  ChannelRecord,
  Json,
  MessageRecord,
  PersonRecord,
  TeamRecord,
  World,
} from './state.ts';

export const seconds = (ms: number): number => Math.floor(ms / 1_000);

/** A message as events and history carry it. `metadata` only where it was asked for. */
export function messageJson(
  world: World,
  message: MessageRecord,
  options: { readonly metadata?: boolean } = {},
): Json {
  const { home, text, threadTs, metadata, clientMsgId, username, attachments } = message;
  const subtype = message.subtype ?? (message.isBroadcast ? 'thread_broadcast' : undefined);
  return {
    type: 'message',
    ...given({ subtype, username, client_msg_id: clientMsgId }),
    ...authorOf(world, message),
    ts: message.ts,
    text,
    team: home.team.teamId,
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(attachments.length === 0 ? {} : { attachments }),
    ...filesOf(world, message),
    ...editOf(message),
    ...(threadTs === undefined ? {} : replyFields(home, threadTs, message.isBroadcast)),
    ...parentFields(home, message),
    ...reactionsOf(message),
    ...(options.metadata === true ? given({ metadata }) : {}),
  };
}

/** Only what is there. */
function given(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function authorOf(world: World, { home, from, subtype }: MessageRecord): Json {
  if (subtype === 'tombstone') return { user: 'USLACKBOT', hidden: true };
  const { team } = home;
  if (from.kind === 'person') return { user: from.id };
  const profile = { bot_profile: botProfile(world, team) };
  return { user: from.id, bot_id: team.botId, app_id: world.appId, ...profile };
}

function filesOf(world: World, { stored }: MessageRecord): Json {
  if (stored.length === 0) return {};
  return { files: stored.map((file) => fileJson(world, file)), upload: false };
}

function editOf({ editedBy, editedAtMs = 0 }: MessageRecord): Json {
  if (editedBy === undefined) return {};
  return { edited: { user: editedBy, ts: `${seconds(editedAtMs)}.000000` } };
}

function reactionsOf({ reactions }: MessageRecord): Json {
  if (reactions.size === 0) return {};
  const all = [...reactions].map(([name, users]) => ({ name, users, count: users.length }));
  return { reactions: all };
}

function botProfile(world: World, team: TeamRecord): Json {
  return {
    id: team.botId,
    app_id: world.appId,
    user_id: team.botUserId,
    name: team.botName,
    team_id: team.teamId,
    deleted: false,
    updated: seconds(world.nowMs()),
    icons: {},
  };
}

function replyFields(home: ChannelRecord, threadTs: string, isBroadcast: boolean): Json {
  const parent = home.messages.get(threadTs);
  return {
    thread_ts: threadTs,
    ...(parent === undefined ? {} : { parent_user_id: parent.from.id }),
    ...(parent !== undefined && isBroadcast
      ? { root: { type: 'message', user: parent.from.id, ts: threadTs, text: parent.text } }
      : {}),
  };
}

function parentFields(home: ChannelRecord, { ts, threadTs }: MessageRecord): Json {
  const replies = threadTs === undefined ? [...(home.threads.get(ts)?.replies ?? [])] : [];
  const last = replies.at(-1);
  if (last === undefined) return {};
  const users = [...new Set(replies.map(({ from }) => from.id))];
  return {
    thread_ts: ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    latest_reply: last.ts,
    reply_users: users.slice(0, 5),
    is_locked: false,
    subscribed: true,
  };
}

export function fileJson(world: World, file: StoredFile): Json {
  const base = `${world.options.baseUrl()}/files-pri/${file.teamId}-${file.id}`;
  const name = encodeURIComponent(file.name);
  return {
    id: file.id,
    created: seconds(file.createdMs),
    timestamp: seconds(file.createdMs),
    name: file.name,
    title: file.title,
    mimetype: file.mimeType,
    filetype: /\.(\w+)$/.exec(file.name)?.[1] ?? 'binary',
    user: file.userId,
    user_team: file.teamId,
    editable: false,
    size: file.sizeBytes,
    mode: 'hosted',
    is_external: false,
    is_public: false,
    file_access: 'visible',
    url_private: `${base}/${name}`,
    url_private_download: `${base}/download/${name}`,
    permalink: `https://fake.slack.invalid/files/${file.userId}/${file.id}/${name}`,
    channels: file.channelIds.filter((id) => id.startsWith('C')),
    ims: file.channelIds.filter((id) => id.startsWith('D')),
    groups: [],
  };
}

export function channelJson(channel: ChannelRecord): Json {
  const { type, person } = channel;
  const common = {
    id: channel.id,
    created: seconds(channel.createdMs),
    is_archived: channel.isArchived,
    is_im: type === 'im',
    is_org_shared: false,
    context_team_id: channel.team.teamId,
  };
  if (person !== undefined) return { ...common, user: person.id, is_open: true };
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: type === 'channel',
    is_group: type === 'group',
    is_mpim: type === 'mpim',
    is_private: type !== 'channel',
    is_member: channel.hasBot,
    is_general: false,
    is_shared: false,
    is_ext_shared: false,
    num_members: channel.members.size + (channel.hasBot ? 1 : 0),
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

export function personJson(person: PersonRecord): Json {
  const name = handleOf(person.name);
  return {
    id: person.id,
    team_id: person.team.teamId,
    name,
    deleted: false,
    real_name: person.name,
    tz: 'Etc/UTC',
    tz_offset: 0,
    profile: { real_name: person.name, display_name: person.name, team: person.team.teamId },
    is_bot: false,
    is_app_user: false,
    is_admin: false,
    is_restricted: false,
    is_ultra_restricted: false,
  };
}

export function botJson(world: World, team: TeamRecord): Json {
  return {
    id: team.botUserId,
    team_id: team.teamId,
    name: handleOf(team.botName),
    deleted: false,
    real_name: team.botName,
    profile: {
      real_name: team.botName,
      display_name: '',
      api_app_id: world.appId,
      bot_id: team.botId,
      team: team.teamId,
    },
    is_bot: true,
    is_app_user: false,
  };
}

export function handleOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}
