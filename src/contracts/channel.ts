import { z } from 'zod';
import { ChannelKey, ChannelRef, OwnerId } from './id.ts';

const at = z.int().nonnegative();

/**
 * One conversation of one Account: the place where the order, the lease and the due time of what leaves live.
 * One in flight; whoever holds the lease names (channel, fence) in every write.
 */
export const Channel = z.strictObject({
  key: ChannelKey,
  /** Where it is now; older addresses are aliases of the key. */
  address: ChannelRef,
  account: z.string(),
  /** Only one Person reads it. */
  private: z.boolean(),
  /** The last number given to an Inbound or a Receipt of it. */
  seq: z.int().nonnegative(),
  /** Earliest time for the head of the line: backoff, rate limit and pauses move this, never a Receipt's place. */
  headDueAtMs: at,
  /** Earliest of the line, the parked and the unripe; absent when nothing can leave. */
  dueAtMs: at.optional(),
  /** Of its head, for the order of Channels of one Account that are due. */
  priority: z.int().nonnegative(),
  fence: z.int().nonnegative(),
  owner: OwnerId.optional(),
  leaseUntilMs: at.optional(),
  /** A permanent answer that is not believed yet: until when nothing is tried. */
  confirmUntilMs: at.optional(),
  audience: z.enum(['always', 'present', 'absent']),
  /** The process that the audience is connected to. */
  audienceOwner: OwnerId.optional(),
  /** Since when nobody is there: that time does not count towards a Receipt's expiry. */
  absentSinceMs: at.optional(),
  lastSentAtMs: at.optional(),
  openedAtMs: at,
});
export type Channel = z.infer<typeof Channel>;

/** One bot identity on one platform: pauses that concern all of it. */
export const Account = z.strictObject({
  key: z.string(),
  adapter: z.string(),
  account: z.string(),
  pausedUntilMs: at.optional(),
  /** False: everything is held until the adapter reports it connected. */
  authorized: z.boolean(),
});
export type Account = z.infer<typeof Account>;
