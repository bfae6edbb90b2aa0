import { type InSite, store } from './dispatch.ts';
import { historyCall, inOrder, nextAfter } from './history.ts';
import type { DiscordMessage } from './inbound-shape.ts';
import type { Visit } from './missed-visit.ts';
import { snowflakeAt } from './snowflake.ts';

const callMs = 10_000;
const pagesMax = 25;

interface ReadingParts {
  readonly signal: AbortSignal;
  /** Resolves when the next call may leave. */
  turn(): Promise<void>;
}

/**
 * Reads a channel from then on, the oldest first, and takes each message as if it came now; what is taken stays taken when
 * a later page fails. Answers how many there were. Rejects where Discord does not give it, and while it cannot be stored.
 */
export async function readMissed(
  site: InSite,
  visit: Visit,
  { signal, turn }: ReadingParts,
): Promise<{ readonly messages: number }> {
  const { channelId, fromMs } = visit;
  let messages = 0;
  for (let n = 0; n < pagesMax; n += 1) {
    await turn();
    signal.throwIfAborted();
    const call = historyCall(channelId, visit.afterId ?? snowflakeAt(fromMs));
    const answer = await site.rest.call(call, { signal, limitMs: callMs });
    const page = (Array.isArray(answer) ? answer : []) as readonly DiscordMessage[];
    for (const message of inOrder([page])) {
      await takeMissed(site, { ...message, channel_id: channelId });
      if (message.id !== undefined) visit.afterId = message.id;
      messages += 1;
    }
    if (nextAfter(page) === undefined) return { messages };
  }
  site.host.log('warn', 'more was missed in a place than is looked at', { channelId });
  return { messages };
}

/** The history does not tell of which server it is. */
async function takeMissed(site: InSite, message: DiscordMessage): Promise<void> {
  const { us, places, host } = site;
  const who = us();
  if (who === undefined) throw new NotStored();
  const { guildId, kind } = places.placeOf(message.channel_id ?? '') ?? {};
  const guild = kind === 'direct' || guildId === undefined ? {} : { guild_id: guildId };
  const dispatch = { t: 'MESSAGE_CREATE', d: { ...message, ...guild } };
  if (!(await store(site, { us: who, dispatch, atMs: host.runtime.monoMs() })))
    throw new NotStored();
}

/** The store could not take it. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}
