import type { Adapter } from '../contracts/adapter.ts';
import type { Channel } from '../contracts/channel.ts';
import { Delivery, type DeliveryMark, Part } from '../contracts/delivery.ts';
import { ContractError } from '../contracts/error.ts';
import type { Receipt, ReceiptPart } from '../contracts/receipt.ts';
import { clip } from './clip.ts';
import type { Words } from './words.ts';

/** The Delivery of a Receipt as adapters get it, with another text where parts of it are meant. */
export function deliveryOf(
  receipt: Receipt,
  channel: Pick<Channel, 'address'>,
  text: string,
): Delivery {
  const { content } = receipt;
  const anchored = content.anchor !== undefined && !receipt.repairs.includes('drop_anchor');
  const answers = content.answers ?? content.anchor;
  const common = {
    receiptId: receipt.id,
    channel: channel.address,
    ...(receipt.task === undefined ? {} : { taskId: receipt.task }),
    text,
    buttons: content.buttons,
    files: content.files,
    ...(anchored ? { anchor: content.anchor } : {}),
    ...(answers === undefined ? {} : { answers }),
    notify: content.notify,
    ...(content.liveId === undefined ? {} : { liveId: content.liveId }),
  };
  switch (receipt.kind) {
    case 'ack':
      return Delivery.parse({ kind: 'ack', ...common, position: content.position });
    case 'question':
      return Delivery.parse({
        kind: 'question',
        ...common,
        askId: content.askId,
        freeText: content.freeText,
        untilMs: content.untilMs,
      });
    case 'terminal':
      return Delivery.parse({ kind: 'terminal', ...common, end: content.end });
    case 'amend':
      return Delivery.parse({ kind: 'amend', ...common, target: content.target });
    case 'progress':
    case 'notice':
      return Delivery.parse({ kind: receipt.kind, ...common });
  }
}

/** The whole text of a Receipt as it goes out: why it is late or elsewhere, which Task it is of, what it says. */
export function fullText(receipt: Receipt, words: Words): string {
  const { content, marks } = receipt;
  const labelled = content.labelled || marks.length > 0;
  const head = [
    ...marksText(marks, words),
    ...(labelled && content.label !== undefined ? [content.label] : []),
  ];
  return [...head, content.text].join('\n\n');
}

function marksText(marks: readonly DeliveryMark[], words: Words): string[] {
  return marks.map((mark) => words.marks[mark]);
}

export interface Cutting {
  readonly adapter: Adapter;
  readonly channel: Pick<Channel, 'address'>;
  readonly words: Words;
}

/** Cuts the parts of a Receipt that were not shown; shown ones stay as they are. `added`: marks that the shown text does not carry. */
export function cutParts(
  receipt: Receipt,
  cutting: Cutting,
  added: readonly DeliveryMark[] = [],
): ReceiptPart[] {
  const shown = receipt.parts.filter((part) => part.shownAtMs !== undefined);
  const text =
    shown.length === 0 ? fullText(receipt, cutting.words) : restText(receipt, added, cutting.words);
  const delivery = deliveryOf(receipt, cutting.channel, text);
  const cut = cutting.adapter.cut(delivery, receipt.repairs);
  if (cut.length === 0) {
    throw new ContractError('no_parts', `${cutting.adapter.name}.cut made no part`, {
      ids: { receipt: receipt.id },
    });
  }
  if (receipt.kind === 'progress' || receipt.kind === 'ack')
    return [fitOne(receipt, cutting, text)];
  return [...shown, ...cut.map((part) => Part.parse(part))];
}

function restText(receipt: Receipt, added: readonly DeliveryMark[], words: Words): string {
  const rest = receipt.parts.filter((part) => part.shownAtMs === undefined);
  return [...marksText(added, words), rest.map((part) => part.source ?? part.text).join('')].join(
    '\n\n',
  );
}

/** What is edited in place is one message: its text is clipped until it fits. */
function fitOne(receipt: Receipt, cutting: Cutting, text: string): ReceiptPart {
  let fitted = text;
  for (;;) {
    const [first, second] = cutting.adapter.cut(
      deliveryOf(receipt, cutting.channel, fitted),
      receipt.repairs,
    );
    if (first !== undefined && (second === undefined || fitted.length < 2))
      return Part.parse(first);
    fitted = clip(
      fitted,
      Math.max(
        1,
        Math.floor(Math.min(fitted.length * 0.7, cutting.adapter.capabilities.lengthMax)),
      ),
    );
  }
}
