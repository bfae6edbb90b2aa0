import { z } from 'zod';
import { IncidentId } from './id.ts';

const at = z.int().nonnegative();

/** Something an operator should know: a row, a log line, health. One open row per key. */
export const Incident = z.strictObject({
  id: IncidentId,
  seq: z.int().nonnegative(),
  /** `receipt:<id>`, `channel:<key>`, `account:<key>`, `adapter:<account key>`, `row:<table>:<id>` … */
  key: z.string().max(3_000),
  kind: z.enum([
    'receipt_dead',
    'progress_dead',
    'unauthorized',
    'row_invalid',
    'adapter',
    'worker',
    'loop',
  ]),
  /** Ids and reason, not the text of a message. */
  reason: z.string().max(2_000),
  count: z.int().positive(),
  openedAtMs: at,
  lastAtMs: at,
  closedAtMs: at.optional(),
});
export type Incident = z.infer<typeof Incident>;
