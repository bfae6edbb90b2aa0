import { ReceiptId } from '../../contracts/id.ts';
import { isNonce } from './nonce.ts';

/** What stands in a component of ours: at most 100 characters. */
export type CustomId =
  /** A button, or a menu whose values are the ids of buttons. `marker` is the nonce of the message. */
  | { readonly kind: 'press'; readonly marker: string; readonly button: string }
  | { readonly kind: 'choose'; readonly marker: string }
  /** Asks for the dialog of an answer in words. */
  | { readonly kind: 'answer'; readonly marker: string }
  /** That dialog. */
  | { readonly kind: 'dialog' }
  | { readonly kind: 'seen'; readonly marker: string; readonly receiptId: ReceiptId };

const prefix = 'rb';
const letters = { press: 'b', choose: 'c', answer: 'a', dialog: 'd', seen: 's' } as const;

/** Pure. */
export function customId(id: CustomId): string {
  const parts: string[] = [prefix, letters[id.kind]];
  if (id.kind !== 'dialog') parts.push(id.marker);
  if (id.kind === 'press') parts.push(id.button);
  if (id.kind === 'seen') parts.push(id.receiptId);
  return parts.join(':');
}

/** Pure: what a component says; undefined when it is not ours. */
export function readCustomId(text: string | undefined): CustomId | undefined {
  const [, letter, marker = '', rest] =
    /^rb:([a-z])(?::([^:]*)(?::(.*))?)?$/s.exec(text ?? '') ?? [];
  if (letter === letters.dialog) return { kind: 'dialog' };
  if (letter === undefined || !isNonce(marker)) return undefined;
  switch (letter) {
    case letters.press:
      return rest ? { kind: 'press', marker, button: rest } : undefined;
    case letters.choose:
      return { kind: 'choose', marker };
    case letters.answer:
      return { kind: 'answer', marker };
    case letters.seen: {
      const receiptId = ReceiptId.safeParse(rest);
      return receiptId.success ? { kind: 'seen', marker, receiptId: receiptId.data } : undefined;
    }
    default:
      return undefined;
  }
}
