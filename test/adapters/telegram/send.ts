import type { DeliveryAttempt } from '../../../src/contracts/adapter.ts';
import {
  type Button,
  Delivery,
  DeliveryOutcome,
  type Part,
} from '../../../src/contracts/delivery.ts';
import { type ChannelRef, ReceiptId, TaskId } from '../../../src/contracts/id.ts';
import type { Runtime } from '../../../src/contracts/runtime.ts';
import { uuidv7 } from '../../../src/core/uuid.ts';

/** What a test says of a Delivery and its attempt; the rest follows. */
export interface Said extends Partial<Omit<DeliveryAttempt, 'content'>> {
  readonly kind?: Delivery['kind'];
  readonly end?: Extract<Delivery, { kind: 'terminal' }>['end'];
  readonly text?: string;
  readonly buttons?: readonly string[];
  readonly files?: Delivery['files'];
  readonly anchor?: string;
  readonly notify?: boolean;
  readonly receiptId?: ReceiptId;
  readonly liveId?: ReceiptId;
  readonly taskId?: TaskId;
  readonly content?: Part;
}

export const newReceipt = (runtime: Runtime): ReceiptId => ReceiptId.parse(uuidv7(runtime));
export const newTask = (runtime: Runtime): TaskId => TaskId.parse(uuidv7(runtime));

export function compose(
  runtime: Runtime,
  channel: ChannelRef,
  said: Said,
): { delivery: Delivery; attempt: DeliveryAttempt } {
  const { kind = 'notice', text = 'hello', buttons = [], files = [], notify = false } = said;
  const receiptId = said.receiptId ?? newReceipt(runtime);
  const delivery = Delivery.parse({
    kind,
    receiptId,
    channel,
    text,
    buttons: buttons.map((id): Button => ({ id, label: id, style: 'plain' })),
    files,
    notify,
    ...(said.anchor === undefined ? {} : { anchor: said.anchor }),
    ...(said.liveId === undefined ? {} : { liveId: said.liveId }),
    ...(said.taskId === undefined ? {} : { taskId: said.taskId }),
    ...(kind === 'amend' ? { target: said.live ?? 'none' } : {}),
    ...(kind === 'terminal' ? { end: said.end ?? 'completed' } : {}),
  });
  const attempt: DeliveryAttempt = {
    n: said.n ?? 1,
    part: said.part ?? 1,
    parts: said.parts ?? 1,
    content: said.content ?? { text },
    key: `${receiptId}.0.1`,
    ...(said.live === undefined ? {} : { live: said.live }),
    repairs: said.repairs ?? [],
    seq: said.seq ?? 1,
    signal: said.signal ?? new AbortController().signal,
  };
  return { delivery, attempt };
}

export const outcomeOf = (outcome: unknown): DeliveryOutcome => DeliveryOutcome.parse(outcome);
