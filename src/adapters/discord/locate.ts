import { breaksChannel } from './budget.ts';
import { readFailure } from './failure.ts';
import type { DiscordChannel, DiscordMessage } from './inbound-shape.ts';
import { isThreadType, placeFrom } from './place.ts';
import type { Site } from './site.ts';

const callMs = 5_000;

/** `nowhere`: Discord does not show it, and is not asked again for a minute. `later`: Discord could not be asked. */
export type Located = 'there' | 'nowhere' | 'later';

/** Learns what a channel is, of which Discord has not told by itself. Never rejects. */
export async function locate(
  { rest, places, us, host }: Pick<Site, 'rest' | 'places' | 'us' | 'host'>,
  channelId: string,
  { channel_type: type, guild_id: guildId }: DiscordMessage,
): Promise<Located> {
  const userId = us()?.userId ?? '';
  const guild = guildId === undefined ? {} : { guild_id: guildId };
  // A thread's channel is not told with a message.
  if (type !== undefined && !isThreadType(type)) {
    places.learn(channelId, placeFrom({ type, ...guild }, { userId }));
    return 'there';
  }
  if (places.isMissing(channelId)) return 'nowhere';
  try {
    const call = { method: 'GET', route: `/channels/${channelId}` } as const;
    const channel = ((await rest.call(call, { limitMs: callMs })) ?? {}) as DiscordChannel;
    places.learn(channelId, placeFrom({ ...guild, ...channel }, { userId }));
    return 'there';
  } catch (error) {
    const failure = readFailure(error);
    host.log('info', 'a channel was not found', { channelId, cause: failure.words });
    if (!breaksChannel(failure)) return 'later';
    places.miss(channelId);
    return 'nowhere';
  }
}
