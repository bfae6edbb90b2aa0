import { fileJson } from './api-json.ts';
import { type Args, needed, threadTsOf, words } from './args.ts';
import { isObject } from './block-check.ts';
import { type CallContext, countPost, fixed, type Methods } from './call.ts';
import { type StoredFile, uploadMax } from './file-shelf.ts';
import { blocksOf, writableChannelOf } from './methods-chat.ts';
import { invalidArguments, Refusal } from './refusal.ts';
import type { Json } from './state.ts';
import { write } from './write.ts';

const filesMax = 10;

export const fileMethods: Methods = {
  'files.getUploadURLExternal': {
    run: (args, { world, team }) => {
      const name = needed(args, 'filename');
      const size = Number(needed(args, 'length'));
      if (!Number.isSafeInteger(size) || size < 1)
        throw invalidArguments('length must be greater than 0');
      if (size > uploadMax) throw new Refusal('file_upload_size_restricted');
      const file = world.files.add({
        id: world.newId('F'),
        name,
        teamId: team.teamId,
        userId: team.botUserId,
        createdMs: world.nowMs(),
        sizeBytes: size,
      });
      const url = `${world.options.baseUrl()}/upload/v1/${file.uploadKey}`;
      return { upload_url: url, file_id: file.id };
    },
    scopes: fixed('files:write'),
  },
  'files.completeUploadExternal': { run: complete, scopes: fixed('files:write') },
  'files.info': {
    run: (args, { world, team }) => {
      const file = world.files.byId(needed(args, 'file'));
      if (file === undefined || file.teamId !== team.teamId || file.stage !== 'shared')
        throw new Refusal('file_not_found');
      return { file: { ...fileJson(world, file), shares: sharesOf(file) }, comments: [] };
    },
    scopes: fixed('files:read'),
  },
};

/** Shares what was uploaded: one message with all files. Without a channel the files stay private. */
function complete(args: Args, { world, team }: CallContext): Json {
  const given = args['files'];
  if (!Array.isArray(given) || given.length === 0 || !given.every(isObject))
    throw invalidArguments('missing required field: files');
  if (given.length > filesMax) throw invalidArguments(`no more than ${filesMax} files`);
  const files = given.map(({ id, title }): [StoredFile, string] => {
    const file = world.files.byId(String(id));
    if (file?.teamId !== team.teamId || file.stage !== 'here') throw new Refusal('file_not_found');
    return [file, typeof title === 'string' && title !== '' ? title : file.name];
  });
  const isShared = words(args, 'channel_id') !== '';
  const channel = isShared
    ? writableChannelOf(team, args, { people: false, name: 'channel_id' })
    : undefined;
  const threadTs = channel && threadTsOf(channel, args);
  const blocks = blocksOf(args) ?? [];
  const isShown = channel !== undefined && countPost(world, channel);
  for (const [file, title] of files) {
    file.title = title;
    file.stage = 'shared';
    if (channel !== undefined) file.channelIds.push(channel.id);
  }
  const stored = files.map(([file]) => file);
  if (channel !== undefined && isShown) {
    const text = words(args, 'initial_comment');
    const { ts } = write(world, channel, { text, blocks, files: stored, threadTs });
    for (const file of stored) file.shares.push({ channelId: channel.id, ts, threadTs });
  }
  return { files: stored.map((file) => fileJson(world, file)) };
}

/** Where a file that was uploaded stands, by kind and id of the channel. */
function sharesOf({ shares }: StoredFile): Json {
  const places = new Map<string, Json[]>();
  for (const { channelId, ts, threadTs } of shares) {
    const share = threadTs === undefined ? { ts } : { ts, thread_ts: threadTs };
    places.set(channelId, [...(places.get(channelId) ?? []), share]);
  }
  const isPublic = ([id]: readonly [string, unknown]): boolean => id.startsWith('C');
  const all = [...places];
  return {
    public: Object.fromEntries(all.filter(isPublic)),
    private: Object.fromEntries(all.filter((one) => !isPublic(one))),
  };
}
