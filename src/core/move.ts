import type { Channel } from '../contracts/channel.ts';
import { type ChannelKey, type ChannelRef, channelKey } from '../contracts/id.ts';
import type { Script } from '../contracts/store.ts';
import type { Core, Work } from './core.ts';
import { readChannel, refresh } from './line.ts';

/** The conversation moved: the Channel keeps its key, order and Sessions and gets the new address; both addresses lead to it. */
export function* moveChannel(
  work: Work,
  core: Core,
  key: ChannelKey,
  to: ChannelRef,
): Script<void> {
  const channel = yield* readChannel(work, key);
  const there = yield* work.channelAt(channelKey(to));
  const from = channelKey(channel.address);
  if (there === undefined) {
    channel.address = to;
    channel.headDueAtMs = work.now;
    work.putChannel(channel);
    work.putAlias(channelKey(to), channel.key);
    work.forgetHandles(channel.key);
  } else if (there.key !== channel.key) {
    yield* merge(work, core, { a: channel, b: there, to });
  }
  yield* work.note({
    name: 'channel.moved',
    data: { from, to: channelKey(to) },
    channel: channel.key,
  });
}

/** Both addresses have a row: the older stays, all of the younger follows behind its own, both addresses lead to it. */
function* merge(
  work: Work,
  core: Core,
  moved: { a: Channel; b: Channel; to: ChannelRef },
): Script<void> {
  const { a, b, to } = moved;
  const [older, younger] = a.openedAtMs <= b.openedAtMs ? [a, b] : [b, a];
  yield* work.mergeChannel(younger.key, older.key);
  work.forgetHandles(older.key);
  const stays = yield* readChannel(work, older.key);
  stays.address = to;
  stays.headDueAtMs = work.now;
  work.putChannel(stays);
  yield* refresh(work, core, yield* readChannel(work, stays.key));
}
