import { Refusal } from './refusal.ts';
import { demand, may, sees } from './right.ts';
import type { Asked } from './route.ts';
import type { ChannelRecord, GuildRecord, MessageRecord, World } from './state.ts';

/** A channel that the bot sees. */
export function channelOf({ world, params }: Asked): ChannelRecord {
  const channel = world.channels.get(params[0] ?? '');
  if (channel === undefined || channel.isDeleted) throw new Refusal(10_003);
  if (!sees(channel, 'bot')) throw new Refusal(50_001);
  return channel;
}

/** The same, where messages stand. */
export function textChannelOf(asked: Asked): ChannelRecord {
  const channel = channelOf(asked);
  if (channel.kind === 'forum') throw new Refusal(50_008);
  return channel;
}

export function messageIn(channel: ChannelRecord, id: string | undefined): MessageRecord {
  const message = channel.messages.get(id ?? '');
  if (message === undefined) throw new Refusal(10_008);
  return message;
}

export function guildOf({ world, params }: Asked): GuildRecord {
  const guild = world.guilds.get(params[0] ?? '');
  if (guild === undefined || !guild.hasBot || guild.isOut) throw new Refusal(10_004);
  return guild;
}

/** Refuses a new message where the bot may not write; also for reasons that pass. */
export function demandWrite(world: World, channel: ChannelRecord): void {
  const { person, guild, kind } = channel;
  const nowMs = world.nowMs();
  if (kind === 'forum') throw new Refusal(40_058);
  if (person !== undefined) {
    const isMutual =
      person.hasApp ||
      [...world.guilds.values()].some((one) => one.hasBot && one.members.has(person));
    if (!isMutual) throw new Refusal(50_278);
    if (person.hasDmsClosed) throw new Refusal(50_007);
  }
  if (guild !== undefined)
    demand(channel, kind === 'thread' ? 'SendMessagesInThreads' : 'SendMessages');
  if (channel.isLocked && !may(channel, 'bot', 'ManageThreads')) throw new Refusal(160_005);
  if (channel.congestedUntilMs > nowMs) throw new Congested(channel.congestedUntilMs - nowMs);
  demandPause(world, channel);
}

/** Slow mode. Bots are spared unless the test says otherwise. */
function demandPause(world: World, channel: ChannelRecord): void {
  if (!channel.isSlowForBots || may(channel, 'bot', 'BypassSlowmode')) return;
  const freeMs = (channel.wroteMs.get('bot') ?? 0) + channel.slowSeconds * 1_000;
  const leftMs = freeMs - world.nowMs();
  if (leftMs > 0) throw new Refusal(20_016, { retryAfterS: leftMs / 1_000 });
}

/** 429 with scope `shared`: the channel is busy with what others write. */
export class Congested extends Error {
  override readonly name = 'Congested';
  readonly waitMs: number;

  constructor(waitMs: number) {
    super('The resource is being rate limited.');
    this.waitMs = waitMs;
  }
}
