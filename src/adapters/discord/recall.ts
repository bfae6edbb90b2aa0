import type { AdapterHost, HistoryItem } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import type { DiscordConfig } from './config.ts';
import type { DiscordDeletion } from './inbound-shape.ts';
import { refOf } from './place.ts';
import type { Places } from './places.ts';

/** What still waits is among the newest of its conversation. */
const itemsMax = 100;
/** Looks for the end of a long conversation. */
const looksMax = 64;
const idsMax = 100;

interface RecallParts {
  readonly host: Pick<AdapterHost, 'history'>;
  readonly account: string;
  readonly places: Places;
  readonly config: Pick<DiscordConfig, 'sessions'>;
}

/**
 * Of a deleted message Discord tells nothing but its id, and who wrote it is in memory alone: after a restart it is looked
 * for in the newest of its conversation, where the bot takes part. Rejects while the store cannot be read.
 */
export async function recallDeleted(
  { host, account, places, config }: RecallParts,
  { id, ids = id === undefined ? [] : [id], channel_id: channelId }: DiscordDeletion,
): Promise<void> {
  const unknown = ids.filter((one) => places.taken(one) === undefined).slice(0, idsMax);
  if (channelId === undefined || unknown.length === 0) return;
  const place = places.placeOf(channelId) ?? { kind: 'channel' };
  const channel = refOf(channelId, place, account);
  const isPart = places.takesPart(channelId);
  if (isPart) recall(places, { channel, unknown, items: await newest(host, channel) });
  if (config.sessions !== 'thread' || place.kind !== 'channel') return;
  // A thread that was made of a message has its id.
  for (const one of unknown.filter((thread) => places.takesPart(thread))) {
    const thread = { ...channel, thread: one };
    const { items } = await host.history(thread, 0, 1);
    recall(places, { channel: thread, unknown, items });
  }
}

function recall(
  places: Places,
  {
    channel,
    unknown,
    items,
  }: {
    readonly channel: ChannelRef;
    readonly unknown: readonly string[];
    readonly items: readonly HistoryItem[];
  },
): void {
  for (const item of items) {
    if (item.kind !== 'inbound' || !unknown.includes(item.id)) continue;
    const { personId, personName } = item;
    const person = { id: personId, ...(personName === undefined ? {} : { name: personName }) };
    places.recall(item.id, { channel, person });
  }
}

/** A conversation is read from its beginning on: its end is looked for in growing steps, then in halves. */
async function newest(
  host: RecallParts['host'],
  channel: ChannelRef,
): Promise<readonly HistoryItem[]> {
  let after = 0;
  let step = itemsMax;
  let isPast = false;
  let { items, more } = await host.history(channel, after, itemsMax);
  for (let n = 0; n < looksMax && more && step >= 1; n += 1) {
    const next = await host.history(channel, after + step, itemsMax);
    if (next.items.length > 0) {
      after += step;
      ({ items, more } = next);
    } else isPast = true;
    step = isPast ? Math.floor(step / 2) : step * 2;
  }
  if (after === 0) return items;
  // Numbers have gaps: so many before it are no more than so many.
  const last = await host.history(channel, Math.max(0, after - itemsMax), 2 * itemsMax);
  return last.items;
}
