import type { Receipt, ReceiptPart } from '../contracts/receipt.ts';

/** Adds what is known of one part, from 1; of a part that is not there nothing. What a store gave out is replaced, never changed. */
export function notePart(receipt: Receipt, number: number, known: Partial<ReceiptPart>): void {
  receipt.parts = receipt.parts.map((part, at) =>
    at === number - 1 ? { ...part, ...known } : part,
  );
}
