import { AskId, ReceiptId } from '../../contracts/id.ts';
import { isNonce } from './nonce.ts';

/** What stands in a component of ours: at most 100 characters. */
export type CustomId =
  /** A button, or a menu whose values are the ids of buttons. `marker` is the nonce of the message. */
  | { readonly kind: 'press'; readonly marker: string; readonly button: string }
  | { readonly kind: 'choose'; readonly marker: string }
  /** Asks for the dialog of an answer in words to that question. */
  | { readonly kind: 'answer'; readonly marker: string; readonly askId: AskId }
  /** That dialog. */
  | { readonly kind: 'dialog'; readonly askId: AskId }
  | {
      readonly kind: 'seen';
      readonly marker: string;
      readonly receiptId: ReceiptId;
      readonly part: number;
    };

const prefix = 'rb';
const letters = { press: 'b', choose: 'c', answer: 'a', dialog: 'd', seen: 's' } as const;

/** Pure. */
export function customId(id: CustomId): string {
  const parts: string[] = [prefix, letters[id.kind]];
  if (id.kind !== 'dialog') parts.push(id.marker);
  if (id.kind === 'press') parts.push(id.button);
  if (id.kind === 'answer' || id.kind === 'dialog') parts.push(id.askId);
  if (id.kind === 'seen') parts.push(id.receiptId, String(id.part));
  return parts.join(':');
}

/** Pure: what a component says; undefined when it is not ours. */
export function readCustomId(text: string | undefined): CustomId | undefined {
  const [, letter, marker = '', rest] =
    /^rb:([a-z])(?::([^:]*)(?::(.*))?)?$/s.exec(text ?? '') ?? [];
  if (letter === letters.dialog) {
    const askId = AskId.safeParse(marker);
    return askId.success && rest === undefined ? { kind: 'dialog', askId: askId.data } : undefined;
  }
  if (letter === undefined || !isNonce(marker)) return undefined;
  switch (letter) {
    case letters.press:
      return rest ? { kind: 'press', marker, button: rest } : undefined;
    case letters.choose:
      return { kind: 'choose', marker };
    case letters.answer: {
      const askId = AskId.safeParse(rest);
      return askId.success ? { kind: 'answer', marker, askId: askId.data } : undefined;
    }
    case letters.seen:
      return readSeen(marker, rest);
    default:
      return undefined;
  }
}

function readSeen(marker: string, text = ''): CustomId | undefined {
  const [id, part = ''] = text.split(':');
  const receiptId = ReceiptId.safeParse(id);
  if (!receiptId.success || !/^[1-9]\d{0,3}$/.test(part)) return undefined;
  return { kind: 'seen', marker, receiptId: receiptId.data, part: Number(part) };
}
