import type { Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import { clip } from './clip.ts';
import type { Work } from './core.ts';
import { limit } from './limit.ts';

export function* supersede(work: Work, receipt: Receipt, by: string): Script<void> {
  settleAs(work, receipt, 'superseded', by);
  yield* work.note({
    name: 'receipt.superseded',
    data: { receiptId: receipt.id, kind: receipt.kind, by },
    taskId: receipt.task,
    channel: receipt.channel,
  });
}

/** Settles the row of a Receipt; nothing else of it is due any more. */
export function settleAs(
  work: Work,
  receipt: Receipt,
  state: 'surfaced' | 'superseded' | 'dead',
  reason?: string,
): void {
  receipt.state = state;
  receipt.place = undefined;
  receipt.dueAtMs = undefined;
  receipt.evidenceDueAtMs = undefined;
  receipt.unseen = false;
  receipt.settledAtMs = work.now;
  receipt.reason = reason === undefined ? undefined : clip(reason, limit.errorChars);
  work.putReceipt(receipt);
}
