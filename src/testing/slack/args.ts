import { isObject } from './block-check.ts';
import { invalidArguments, Refusal } from './refusal.ts';
import type { SlackMessage } from './shape.ts';
import type { ChannelRecord, Json, MessageRecord, TeamRecord, ThreadRecord } from './state.ts';
import { threadOf } from './write.ts';

export type Args = Readonly<Json>;

/** Arguments that are JSON in a form. */
const jsonFields = new Set([
  'attachments',
  'blocks',
  'chunks',
  'files',
  'loading_messages',
  'metadata',
  'prompts',
  'view',
]);
const truths: Readonly<Record<string, boolean>> = { true: true, 1: true, false: false, 0: false };

/** Forms know only strings, and JSON bodies may carry JSON in strings: what they mean is put back. */
export function readable(fields: Readonly<Json>): Args {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      jsonFields.has(name) ? read(value) : value,
    ]),
  );
}

function read(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** An argument as words; '' when it is not there. */
export function words(args: Args, name: string): string {
  const value = args[name];
  return value === undefined || value === null ? '' : String(value);
}

export function needed(args: Args, name: string): string {
  const value = words(args, name);
  if (value === '') throw invalidArguments(`missing required field: ${name}`);
  return value;
}

export function flag(args: Args, name: string, byDefault = false): boolean {
  return truths[words(args, name)] ?? byDefault;
}

/** A whole number within bounds, or the default. */
export function count(
  args: Args,
  name: string,
  { byDefault, max }: { readonly byDefault: number; readonly max: number },
): number {
  const value = words(args, name);
  if (value === '') return Math.min(byDefault, max);
  if (!/^\d{1,6}$/.test(value) || Number(value) < 1) throw new Refusal('invalid_limit');
  return Math.min(Number(value), max);
}

/** The channel that is named by its id, or, with `people`, by a person's. Not told apart from one that the bot must not see. */
export function channelOf(
  team: TeamRecord,
  args: Args,
  { name = 'channel', people = false }: { readonly name?: string; readonly people?: boolean } = {},
): ChannelRecord {
  const id = words(args, name);
  const person = people ? team.people.get(id) : undefined;
  const byName = people
    ? [...team.channels.values()].find((one) => `#${one.name}` === id && one.type !== 'im')
    : undefined;
  const channel = team.channels.get(id) ?? person?.dm ?? byName;
  if (channel === undefined) throw new Refusal('channel_not_found');
  if (!channel.hasBot && channel.type !== 'channel') throw new Refusal('channel_not_found');
  return channel;
}

/** The same, where the bot may read. */
export function joinedChannelOf(team: TeamRecord, args: Args, name = 'channel'): ChannelRecord {
  const channel = channelOf(team, args, { name });
  if (!channel.hasBot) throw new Refusal('not_in_channel');
  return channel;
}

/** A message of the channel, tombstones and ephemerals left out. */
export function messageOf(channel: ChannelRecord, ts: string, error: string): MessageRecord {
  const message = channel.messages.get(ts);
  if (message === undefined || message.isDeleted) throw new Refusal(error);
  return message;
}

/** A message of the bot. */
export function ownMessageOf(
  channel: ChannelRecord,
  args: Args,
  errors: { readonly missing: string; readonly foreign: string },
): MessageRecord {
  const message = messageOf(channel, needed(args, 'ts'), errors.missing);
  if (message.from.kind !== 'bot') throw new Refusal(errors.foreign);
  return message;
}

/** Where a reply goes: a reply to a reply stands in the same thread. */
export function threadTsOf(channel: ChannelRecord, args: Args): string | undefined {
  const ts = words(args, 'thread_ts');
  if (ts === '') return undefined;
  const parent = channel.messages.get(ts);
  if (parent === undefined) throw new Refusal('cannot_reply_to_message');
  return parent.threadTs ?? ts;
}

/** A thread for its status and title. */
export function threadIn(channel: ChannelRecord, args: Args): ThreadRecord {
  const ts = needed(args, 'thread_ts');
  const parent = channel.messages.get(ts);
  if (parent === undefined) throw new Refusal('invalid_thread_ts');
  return threadOf(channel, parent.threadTs ?? ts);
}

/** Bytes of metadata that are taken: Slack names no number, this one is ours. */
const metadataMax = 16 * 1024;

/** Undefined where none came; null where an empty object takes away what was there. */
export function metadataOf(args: Args): SlackMessage['metadata'] | null {
  const value = args['metadata'];
  if (value === undefined || value === '') return undefined;
  if (!isObject(value)) throw new Refusal('invalid_metadata_format');
  if (Object.keys(value).length === 0) return null;
  const { event_type: type, event_payload: payload } = value;
  if (typeof type !== 'string' || type === '' || !isObject(payload))
    throw new Refusal('invalid_metadata_schema');
  if (Buffer.byteLength(JSON.stringify(value)) > metadataMax)
    throw new Refusal('metadata_too_large');
  return { event_type: type, event_payload: payload };
}
