import type { AdapterHost, ReconcileQuestion } from '../../contracts/adapter.ts';
import { writeHandle } from './handle.ts';
import { settlesInMs } from './history.ts';
import { type Found, findInHistory } from './lookup.ts';
import { offsetOf } from './offset.ts';
import type { Send } from './sent.ts';
import type { Site } from './site.ts';

/** So long after a send of which nobody could tell it is not sent again before somebody looked. */
const doubtMs = 10 * 60_000;

/** What is looked for: from memory, or, after a restart, what the relay's question says of it. */
export interface Lost extends Send {
  /** Nothing is known of the send but its words and when it began. */
  readonly isPartial: boolean;
}

/** Whether it may still be found out, and the next send waits for that. */
export function isLater(
  { runtime }: Pick<AdapterHost, 'runtime'>,
  { transient }: Found,
  { sentAtMs }: Pick<Lost, 'sentAtMs'>,
): boolean {
  return transient === true && runtime.wallMs() < sentAtMs + doubtMs;
}

/** Looks into the history of where it was sent, when Discord has had its time. `isOnce`: at once, and what fails is not tried again. */
export async function findInChannel(
  site: Site,
  { channel, key, signal }: Pick<ReconcileQuestion, 'channel' | 'key' | 'signal'>,
  lost: Lost,
  isOnce = false,
): Promise<Found> {
  const { host, sent } = site;
  const waitMs = settlesInMs(lost, host.runtime.wallMs());
  // After a restart nobody hurries.
  if (waitMs > 0 && (lost.isPartial || !isOnce)) await host.runtime.sleep(waitMs, signal);
  const offsetMs = await offsetOf(site);
  const isOther = (messageId: string): boolean => sent.isOther({ channel, key }, messageId);
  const found = await findInHistory(site, { ...lost, offsetMs, isOther, isOnce }, signal);
  if (found.kind !== 'shown' || !lost.isElsewhere) return found;
  const { channelId } = lost;
  await site.places.stands(found.handle, channel);
  return { ...found, handle: writeHandle({ messageId: found.handle, channelId }) };
}
