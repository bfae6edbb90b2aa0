import { z } from 'zod';
import { AskId, ChannelKey, ReceiptId, TaskId } from './id.ts';

const at = z.int().nonnegative();

/** A question of a Worker to a person: opened with its Receipt, closed by an answer, by time or by the Task's end. */
export const Ask = z.strictObject({
  id: AskId,
  task: TaskId,
  channel: ChannelKey,
  receipt: ReceiptId,
  /** Who may answer, besides operators. */
  personId: z.string(),
  kind: z.enum(['permission', 'question']),
  text: z.string(),
  options: z.array(
    z.strictObject({
      id: z.string().max(200),
      label: z.string().max(200),
      refuses: z.boolean().optional(),
    }),
  ),
  freeText: z.boolean(),
  state: z.enum(['open', 'answered', 'closed']),
  openedAtMs: at,
  surfacedAtMs: at.optional(),
  /** May be answered until then; never surfaced, the Task's terminal time less its grace. */
  untilMs: at,
  /** One reminder at half time; absent when made or not due. */
  remindAtMs: at.optional(),
  /** The option taken (index) or the text given. */
  answer: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('option'), index: z.int().nonnegative() }),
      z.strictObject({ kind: z.literal('text'), text: z.string() }),
    ])
    .optional(),
  answeredBy: z.string().optional(),
  /** Why it was closed without one. */
  reason: z.enum(['aborted', 'timed_out', 'superseded', 'undeliverable']).optional(),
  closedAtMs: at.optional(),
});
export type Ask = z.infer<typeof Ask>;
