import type { DeliveryAttempt, HistoryItem } from '../../contracts/adapter.ts';
import type { Delivery, DeliveryFile, Handle, Part } from '../../contracts/delivery.ts';
import { splitText } from '../shared/split-text.ts';
import type { WireDelivery, WireEvent, WireFile, WireMessage } from './wire.ts';

/** Longest part in UTF-16 units: one event of it fits into an empty queue whatever its characters are. */
export const partMax = 64_000;

/** Pure: almost always one part; files stand on the last. */
export function cutDelivery(delivery: Delivery): readonly Part[] {
  const parts = splitText(delivery.text, { max: partMax, unit: 'utf16' });
  const last = parts.at(-1);
  if (last === undefined || delivery.files.length === 0) return parts;
  return [...parts.slice(0, -1), { ...last, files: delivery.files }];
}

/**
 * Pure: the message that a part makes or edits; its handle is the same. What shows or edits the live message
 * carries the live message's id, anything else the receipt's; parts after the first add `.<part>`.
 */
export function messageId(
  delivery: Delivery,
  at: { readonly part: number; readonly live?: Handle | undefined },
): Handle {
  const target = delivery.kind === 'amend' ? delivery.target : undefined;
  const base = at.live ?? target ?? delivery.liveId ?? delivery.receiptId;
  if (at.part === 1 || base.endsWith(`.${at.part}`)) return base;
  return `${base}.${at.part}`;
}

/** Pure: an attempt as browsers get it. */
export function toWire(delivery: Delivery, attempt: DeliveryAttempt): WireDelivery {
  const { part, parts, seq, content } = attempt;
  return wire(delivery, {
    id: messageId(delivery, attempt),
    part,
    parts,
    seq,
    text: content.text,
    seen: false,
  });
}

/**
 * Pure: one item of the transcript, as it was or will be sent. What may not have arrived is in it as well: who shows
 * it says so, and then it counts as shown.
 */
export function historyToWire(item: HistoryItem): WireEvent[] {
  if (item.kind === 'inbound')
    return item.text === '' ? [] : [{ event: 'message', data: historyMessage(item) }];
  const { delivery, seq, seen, live } = item;
  const parts = item.parts.length;
  return item.parts.map(({ part, text, handle }) => {
    const id = handle ?? messageId(delivery, { part, live });
    return { event: 'delivery', data: wire(delivery, { id, part, parts, seq, text, seen }) };
  });
}

function historyMessage(item: Extract<HistoryItem, { kind: 'inbound' }>): WireMessage {
  const { id, seq, text, sentAtMs, personName } = item;
  return { id, seq, text, atMs: sentAtMs, ...(personName !== undefined && { name: personName }) };
}

type Place = Pick<WireDelivery, 'id' | 'part' | 'parts' | 'seq' | 'text' | 'seen'>;

function wire(delivery: Delivery, place: Place): WireDelivery {
  const isLast = place.part >= place.parts;
  return {
    id: place.id,
    receiptId: delivery.receiptId,
    seq: place.seq,
    part: place.part,
    parts: place.parts,
    kind: delivery.kind,
    text: place.text,
    atMs: madeAtMs(delivery.receiptId),
    ...ofKind(delivery),
    buttons: isLast ? delivery.buttons : [],
    files: isLast ? delivery.files.map(wireFile) : [],
    ...(delivery.anchor !== undefined && { anchor: delivery.anchor }),
    notify: delivery.notify,
    seen: place.seen,
  };
}

/** Every kind is named: a new one does not compile until it has a look. */
function ofKind(
  delivery: Delivery,
): Pick<WireDelivery, 'working' | 'end' | 'question' | 'position'> {
  switch (delivery.kind) {
    case 'ack':
      return delivery.position === undefined
        ? { working: true }
        : { working: true, position: delivery.position };
    case 'progress':
      return { working: true };
    case 'question':
      return {
        working: false,
        question: { freeText: delivery.freeText, untilMs: delivery.untilMs },
      };
    case 'terminal':
      return { working: false, end: delivery.end };
    case 'notice':
      return { working: false };
    case 'amend':
      return { working: false };
  }
}

function wireFile({ name, mimeType, url }: DeliveryFile, index: number): WireFile {
  return url === undefined ? { name, mimeType, index } : { name, mimeType, url };
}

/** When a receipt was made: the first 48 bits of its id, so that a replay says the same as the live event did. */
function madeAtMs(receiptId: string): number {
  return Number.parseInt(receiptId.slice(0, 8) + receiptId.slice(9, 13), 16);
}

const encoder = new TextEncoder();

/** Pure: the bytes of one server-sent event. `position` becomes the place from which a lost connection resumes. */
export function frame(event: WireEvent, position?: string): Uint8Array {
  const id = position === undefined ? '' : `id: ${position}\n`;
  return encoder.encode(`${id}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
}

/** Pure: a delivery, with its position once its last part is out, so that a resume never skips a part. */
export function deliveryFrame(data: WireDelivery, epoch: string): Uint8Array {
  return frame(
    { event: 'delivery', data },
    data.part >= data.parts ? `${epoch}.${data.seq}` : undefined,
  );
}

export const pingFrame = encoder.encode(': ping\n\n');
