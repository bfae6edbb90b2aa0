import type { DeliveryAttempt } from '../../../src/contracts/adapter.ts';
import {
  Delivery,
  type DeliveryKind,
  type Part,
  type Repair,
} from '../../../src/contracts/delivery.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import { uuidv7 } from '../../../src/core/uuid.ts';
import { createFakeRuntime } from '../../../src/testing/fake-runtime.ts';

const runtime = createFakeRuntime();

export interface Said {
  readonly kind?: DeliveryKind;
  readonly text?: string;
  readonly content?: Part;
  readonly files?: Delivery['files'];
  /** Ids; the labels are the same. */
  readonly buttons?: readonly string[];
  readonly freeText?: boolean;
  readonly live?: string;
  readonly anchor?: string;
  readonly answers?: string;
  readonly notify?: boolean;
  readonly part?: number;
  readonly parts?: number;
  readonly repairs?: readonly Repair[];
}

/** A Delivery and an attempt of it, as the relay would make them. */
export function compose(
  channel: ChannelRef,
  said: Said,
): { delivery: Delivery; attempt: DeliveryAttempt } {
  const { kind = 'notice', text = 'hello', buttons = [], files = [], part = 1, parts = 1 } = said;
  const kinds: Record<DeliveryKind, object> = {
    ack: {},
    progress: {},
    notice: {},
    question: { askId: uuidv7(runtime), freeText: said.freeText ?? false, untilMs: 1 },
    terminal: { end: 'completed' },
    amend: { target: '1199999999999999999' },
  };
  const delivery = Delivery.parse({
    kind,
    receiptId: uuidv7(runtime),
    channel,
    text,
    buttons: buttons.map((id) => ({ id, label: id })),
    files,
    notify: said.notify ?? true,
    ...(said.anchor === undefined ? {} : { anchor: said.anchor }),
    ...(said.answers === undefined ? {} : { answers: said.answers }),
    ...kinds[kind],
  });
  const attempt: DeliveryAttempt = {
    n: 1,
    part,
    parts,
    content: said.content ?? { text },
    key: 'key',
    repairs: said.repairs ?? [],
    seq: 1,
    signal: new AbortController().signal,
    ...(said.live === undefined ? {} : { live: said.live }),
  };
  return { delivery, attempt };
}
