import type { Channel } from '../contracts/channel.ts';
import type { DeliveryKind } from '../contracts/delivery.ts';
import { accountKey, type ChannelKey, type ChannelRef, channelKey } from '../contracts/id.ts';
import type { Receipt } from '../contracts/receipt.ts';
import type { ChannelLine, Script } from '../contracts/store.ts';
import { nearest } from './contract.ts';
import type { Core, Work } from './core.ts';
import { limit } from './limit.ts';
import { present } from './present.ts';
import { nextRoute } from './route.ts';

const priorities: Readonly<Record<DeliveryKind, number>> = {
  terminal: 6,
  question: 5,
  ack: 4,
  notice: 3,
  progress: 2,
  amend: 1,
};
/** A Channel whose ack is late is served before all others of its Account. */
export const priorityMax = 7;

/** The Channel at an address, made when it is new. */
export function* channelFor(
  work: Work,
  core: Core,
  ref: ChannelRef,
  isPrivate?: boolean,
): Script<Channel> {
  const found = yield* work.channelAt(channelKey(ref));
  if (found !== undefined) {
    if (isPrivate !== undefined && found.private !== isPrivate) {
      found.private = isPrivate;
      work.putChannel(found);
    }
    return found;
  }
  const key = channelKey(ref);
  const reported = core.adapters.get(ref.adapter)?.capabilities.audience === 'reported';
  const channel: Channel = {
    key,
    address: ref,
    account: accountKey(ref),
    // Until a message says otherwise nobody else may read what is said there.
    private: isPrivate ?? true,
    seq: 0,
    headDueAtMs: work.now,
    priority: 0,
    fence: 0,
    audience: reported ? 'absent' : 'always',
    ...(reported ? { absentSinceMs: work.now } : {}),
    openedAtMs: work.now,
  };
  work.putChannel(channel);
  work.putAlias(key, key);
  return yield* readChannel(work, key);
}

export function* readChannel(work: Work, key: ChannelKey): Script<Channel> {
  return present(yield* work.channel(key), 'channel', key);
}

/** Takes the next number of a Channel. The caller puts it. */
export function nextNumber(channel: Channel): number {
  channel.seq += 1;
  return channel.seq;
}

/** Works out when something may leave the Channel and how urgent it is, and puts it. Call after every change of its Receipts. */
export function* refresh(work: Work, core: Core, channel: Channel): Script<void> {
  yield* refreshBy(work, core, channel, yield* work.line(channel.key));
}

/** The same for a line that was just read. */
export function* refreshBy(
  work: Work,
  core: Core,
  channel: Channel,
  line: ChannelLine,
): Script<void> {
  channel.priority = priorityOf(channel, line);
  channel.dueAtMs = yield* dueOf(work, core, channel, line);
  work.putChannel(channel);
}

function priorityOf(channel: Channel, line: ChannelLine): number {
  const { parked, head } = line;
  const parkedFirst = head === undefined || (parked?.dueAtMs ?? 0) <= channel.headDueAtMs;
  const next = (parkedFirst ? (parked ?? head) : head) ?? line.unripe;
  if (next === undefined) return 0;
  return channel.priority === priorityMax && next.kind === 'ack'
    ? priorityMax
    : priorities[next.kind];
}

function* dueOf(
  work: Work,
  core: Core,
  channel: Channel,
  line: ChannelLine,
): Script<number | undefined> {
  if (channel.leaseUntilMs !== undefined) return channel.leaseUntilMs;
  if (channel.audience === 'absent') return yield* unseenDue(work, core, channel);
  const due = nearest(
    line.head === undefined ? undefined : channel.headDueAtMs,
    line.parked?.dueAtMs,
    line.unripe?.dueAtMs,
  );
  return due === undefined ? undefined : Math.max(due, channel.confirmUntilMs ?? 0);
}

/** Nobody is there: a terminal takes its next route after `terminalMs`, everything else dies of age. */
function* unseenDue(work: Work, core: Core, channel: Channel): Script<number | undefined> {
  let due: number | undefined;
  for (const receipt of yield* work.receiptsOpenIn(channel.key, limit.batch)) {
    due = nearest(due, yield* unseenUntil(work, core, channel, receipt));
  }
  return due;
}

function* originOf(work: Work, receipt: Receipt): Script<Channel> {
  return yield* readChannel(work, receipt.originChannel);
}

export function* unseenUntil(
  work: Work,
  core: Core,
  channel: Channel,
  receipt: Receipt,
): Script<number> {
  const dies = receipt.openedAtMs + core.clocks.retainMs;
  if (receipt.kind !== 'terminal' || receipt.task === undefined) return dies;
  const task = yield* work.task(receipt.task);
  if (task === undefined) return dies;
  const asked = receipt.originChannel === channel.key ? channel : yield* originOf(work, receipt);
  const routes = core.routes(asked.address, task.personId);
  const origin = channelKey(asked.address);
  const from = { kind: receipt.kind, route: receipt.route, private: asked.private, origin };
  return nextRoute(routes, from) === undefined
    ? dies
    : receipt.openedAtMs + task.deadlines.terminalMs;
}
