import { z } from 'zod';
import { ChannelKey, InboundId, SessionId, TaskId } from './id.ts';

/** Opaque and versioned; what a Worker needs to find its own session again. No secrets. */
export const ResumeToken = z.strictObject({
  v: z.int().nonnegative(),
  worker: z.string().max(200),
  data: z.json(),
});
export type ResumeToken = z.infer<typeof ResumeToken>;

const at = z.int().nonnegative();

/** A Worker's memory of one Channel (by option of one Person in it). Lives over Tasks and restarts. */
export const Session = z.strictObject({
  id: SessionId,
  worker: z.string(),
  channel: ChannelKey,
  /** Set when every Person of the Channel has a Session of their own. */
  personId: z.string().optional(),
  resume: ResumeToken.optional(),
  /** Grows with every stored end; an older snapshot never overwrites a newer one. */
  version: z.int().nonnegative(),
  /** The one Task that runs in it. */
  busy: TaskId.optional(),
  /** Tasks that wait for it. */
  queued: z.int().nonnegative(),
  /** Free and waited for: since when. The dispatcher takes the oldest. */
  readyAtMs: at.optional(),
  openedAtMs: at,
});
export type Session = z.infer<typeof Session>;

const toolCall = z.strictObject({
  id: z.string(),
  name: z.string(),
  status: z.enum(['pending', 'in_progress', 'completed', 'failed', 'cancelled']),
  input: z.json().optional(),
  output: z.string().optional(),
  error: z.string().optional(),
});

/** One item of a Session's memory, in order. */
export const TranscriptItem = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    text: z.string(),
    taskId: TaskId,
    atMs: at,
    inbound: InboundId.optional(),
  }),
  z.strictObject({ role: z.literal('assistant'), text: z.string(), taskId: TaskId, atMs: at }),
  z.strictObject({ role: z.literal('tool'), call: toolCall, taskId: TaskId, atMs: at }),
]);
export type TranscriptItem = z.infer<typeof TranscriptItem>;
