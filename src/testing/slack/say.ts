import { tellApp } from './event.ts';
import { typed } from './mrkdwn.ts';
import type { SlackChannel, SlackSayOptions, SlackThread } from './shape.ts';
import type { SlackBlock } from './shape-part.ts';
import type { ChannelRecord, MessageRecord, PersonRecord, World } from './state.ts';
import { rewrite, threadOf, write } from './write.ts';

/** The apps send no more at once. */
const textMax = 12_000;
const filesMax = 10;

interface Place {
  readonly channel: ChannelRecord;
  readonly threadTs: string | undefined;
}

/** A person writes; the app is told if it is in the channel. */
export function say(
  world: World,
  { channel, threadTs }: Place,
  author: PersonRecord,
  words: { readonly text: string; readonly options: SlackSayOptions },
): MessageRecord {
  const { files = [], broadcast = false } = words.options;
  const text = words.text.trim();
  if (channel.isArchived) throw new Error('the channel is archived');
  if (text === '' && files.length === 0) throw new Error('a message needs a text or a file');
  if (text.length > textMax) throw new Error(`say at most ${textMax} characters at once`);
  if (files.length > filesMax) throw new Error(`a message has at most ${filesMax} files`);
  const parent = threadTs === undefined ? undefined : channel.messages.get(threadTs);
  if (threadTs !== undefined && parent === undefined) throw new Error('the thread is deleted');
  const stored = files.map(({ name, mimeType, bytes, sizeBytes }) => {
    const file = world.files.add({
      id: world.newId('F'),
      name,
      mimeType,
      teamId: channel.team.teamId,
      userId: author.id,
      createdMs: world.nowMs(),
      sizeBytes: sizeBytes ?? bytes.byteLength,
    });
    world.files.fill(file, bytes);
    file.stage = 'shared';
    file.channelIds.push(channel.id);
    return file;
  });
  const said = typed(channel.team, text);
  return write(world, channel, {
    author,
    text: said.text,
    blocks: text === '' ? [] : (said.blocks as unknown as SlackBlock[]),
    files: stored,
    threadTs,
    isBroadcast: broadcast && threadTs !== undefined,
  });
}

/** A person changes what they wrote. */
export function sayAnew(world: World, message: MessageRecord, words: string): void {
  const text = words.trim();
  if (text === '' && message.files.length === 0) throw new Error('a message cannot become empty');
  const said = typed(message.home.team, text);
  rewrite(world, message, { text: said.text, blocks: said.blocks as unknown as SlackBlock[] });
}

/** Opens the assistant pane: the app begins a thread in the direct messages, and is told of it. */
export function openAssistant(
  world: World,
  person: PersonRecord,
  from: SlackChannel | undefined,
): SlackThread {
  const { dm, team } = person;
  const root = write(world, dm, {
    text: 'New Assistant Thread',
    subtype: 'assistant_app_thread',
  });
  dm.threads.delete(root.ts);
  threadOf(dm, root.ts, true);
  const context = from === undefined ? {} : { channel_id: from.id, team_id: team.teamId };
  tellApp(world, team, {
    type: 'assistant_thread_started',
    assistant_thread: {
      user_id: person.id,
      context: { ...context, enterprise_id: null },
      channel_id: dm.id,
      thread_ts: root.ts,
    },
    event_ts: world.newTs(),
  });
  return dm.view.thread(root.ts);
}

/** Opens a tab of the app, which is told of it. */
export function openTab(
  world: World,
  { dm, id, team }: PersonRecord,
  tab: 'home' | 'messages',
): void {
  tellApp(world, team, {
    type: 'app_home_opened',
    user: id,
    channel: dm.id,
    tab,
    event_ts: world.newTs(),
  });
}
