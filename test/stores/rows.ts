import { DeliveryKind } from '../../src/contracts/delivery.ts';
import { accountKey } from '../../src/contracts/id.ts';
import { ReceiptState, type Subject } from '../../src/contracts/receipt.ts';
import { TaskState } from '../../src/contracts/task.ts';
import { inboundId, incidentId, t0, taskId } from '../../src/testing/store-conformance-rows.ts';

/* The small world of the histories: how many of each there are, and what follows from a number. */

export const most = {
  channels: 4,
  /** More than Channels: some lead elsewhere, some nowhere. */
  addresses: 6,
  inbounds: 9,
  sessions: 6,
  tasks: 8,
  asks: 6,
  receipts: 16,
  attempts: 3,
  incidents: 6,
  owners: 3,
} as const;

export const deliveryKinds = DeliveryKind.options;
export const receiptStates = ReceiptState.options;
export const taskStates = TaskState.options;

/** An instant of row `n`: two rows of a table never have the same one, so every order by time is whole. */
export const timeOf = (slot: number, n: number): number => t0 + slot * 1_000 + n;

export const accountRefOf = (n: number) => ({
  adapter: n % 2 ? 'slack' : 'webchat',
  account: 'main',
});
export const accountOf = (n: number): string => accountKey(accountRefOf(n));
/** Some rows share their key with another one. */
export const inboundKey = (n: number): string => `key ${n % 7}`;
export const incidentKey = (n: number): string => `key ${n % 4}`;

export function subjectOf(n: number): {
  readonly subject: Subject;
  readonly kind: DeliveryKind;
  readonly revision: number;
} {
  const kind = deliveryKinds[n % 6] ?? 'notice';
  const revision = n > 14 ? 0 : n % 2;
  if (n % 5 === 0) return { subject: { kind: 'inbound', id: inboundId(n / 5) }, kind, revision };
  if (n % 7 === 0) return { subject: { kind: 'incident', id: incidentId(1) }, kind, revision };
  return { subject: { kind: 'task', id: taskId(1 + (n % 3)) }, kind, revision };
}
