import type { Args } from './args.ts';
import { TooMany } from './refusal.ts';
import type { ChannelRecord, Json, TeamRecord, World } from './state.ts';

/** What a method is given beside its arguments. */
export interface CallContext {
  readonly world: World;
  readonly team: TeamRecord;
}

export type Method = (args: Args, context: CallContext) => Json;

export interface MethodEntry {
  readonly run: Method;
  /** What its token must be allowed, all of it. By channel where the scope depends on its type. */
  readonly scopes: (args: Args, team: TeamRecord) => readonly string[];
}

export type Methods = Readonly<Record<string, MethodEntry>>;

export const none = (): readonly string[] => [];

export function fixed(...scopes: string[]): MethodEntry['scopes'] {
  return () => scopes;
}

const kinds = { channel: 'channels', group: 'groups', im: 'im', mpim: 'mpim' } as const;

/** `channels:history`, `im:read`, …: by the type of the channel that is named. */
export function byChannel(right: 'history' | 'read' | 'write'): MethodEntry['scopes'] {
  return (args, team) => {
    const type = team.channels.get(String(args['channel']))?.type ?? 'channel';
    return [`${kinds[type]}:${right}`];
  };
}

/** Counts a post to a channel. False: it is to be answered `ok`, and nobody will see it. */
export function countPost(world: World, channel: ChannelRecord): boolean {
  const waitMs = world.limits.usePost(channel.id, world.nowMs());
  if (waitMs === 0) return true;
  if (world.limits.swallows) return false;
  throw new TooMany(waitMs);
}
