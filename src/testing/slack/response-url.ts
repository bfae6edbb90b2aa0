import { type Args, flag, words } from './args.ts';
import { isObject } from './block-check.ts';
import { contentOf } from './methods-chat.ts';
import { Refusal } from './refusal.ts';
import type { ChannelRecord, MessageRecord, PersonRecord, World } from './state.ts';
import { erase, rewrite, write } from './write.ts';

const usesMax = 5;

interface Place {
  readonly channel: ChannelRecord;
  readonly person: PersonRecord;
  readonly message: MessageRecord | undefined;
}

/** Shows an answer to an interaction: to the person alone unless it says otherwise, or in the place of the message. */
export function respond(world: World, { channel, person, message }: Place, args: Args): void {
  if (flag(args, 'delete_original') && message !== undefined) return remove(world, message);
  const content = contentOf(args);
  if (flag(args, 'replace_original') && message !== undefined)
    return rewrite(world, message, { ...content, isMarked: false });
  const threadTs = words(args, 'thread_ts') || undefined;
  const isForAll = words(args, 'response_type') === 'in_channel';
  write(world, channel, { ...content, threadTs, ...(isForAll ? {} : { onlyFor: person }) });
}

function remove(world: World, message: MessageRecord): void {
  const { ephemerals } = message.home;
  const at = ephemerals.indexOf(message);
  if (at < 0) return erase(world, message);
  ephemerals.splice(at, 1);
  message.isDeleted = true;
}

/** What an app answered to a slash command in its ack: words, or a message. */
export function answerCommand(world: World, place: Place, payload: unknown): void {
  if (typeof payload === 'string' && payload.trim() !== '')
    respond(world, place, { text: payload });
  if (isObject(payload) && Object.keys(payload).length > 0) respond(world, place, payload);
}

/** An answer by `response_url`: five within 30 min. */
export function useResponseUrl(world: World, id: string, args: Args): void {
  const url = world.responseUrls.get(id);
  if (url === undefined || url.untilMs < world.nowMs()) throw new Refusal('expired_url');
  if (url.uses >= usesMax) throw new Refusal('used_url');
  respond(world, url, args);
  url.uses += 1;
}
