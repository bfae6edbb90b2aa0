import type { Handle } from '../../contracts/delivery.ts';
import type { WireDelivery, WireEvidence } from './wire.ts';

const receiptsMax = 200;
const buttonsMax = 400;

interface SentPart {
  readonly handle: Handle;
  evidence?: WireEvidence;
  /** Set while a send waits for this part. */
  wake?: (() => void) | undefined;
}

/**
 * What one conversation was sent lately and what its browsers said of it; bounded, newest kept. The transcript
 * is the truth about what is older.
 */
export class Ledger {
  readonly #receipts = new Map<string, Map<number, SentPart>>();
  readonly #buttons = new Set<string>();

  /** Notes a part as sent to this conversation. Evidence that is there stays. */
  note(sent: Pick<WireDelivery, 'receiptId' | 'part' | 'id' | 'buttons'>): void {
    const parts = this.#receipts.get(sent.receiptId) ?? new Map<number, SentPart>();
    this.#receipts.delete(sent.receiptId);
    this.#receipts.set(sent.receiptId, parts);
    if (!parts.has(sent.part)) parts.set(sent.part, { handle: sent.id });
    for (const button of sent.buttons) {
      this.#buttons.delete(button.id);
      this.#buttons.add(button.id);
    }
    forgetOldest(this.#receipts, receiptsMax);
    forgetOldest(this.#buttons, buttonsMax);
  }

  knows(receiptId: string): boolean {
    return this.#receipts.has(receiptId);
  }

  knowsButton(id: string): boolean {
    return this.#buttons.has(id);
  }

  /** Takes an acknowledgement. True when a send waits for it and tells of it, so that nobody else must. */
  take(receiptId: string, part: number, evidence: WireEvidence): boolean {
    const sent = this.#receipts.get(receiptId)?.get(part);
    if (sent === undefined) return false;
    if (sent.evidence !== 'rendered') sent.evidence = evidence;
    const waited = sent.wake !== undefined && evidence === 'rendered';
    if (waited) sent.wake?.();
    return waited;
  }

  evidence(receiptId: string, part: number): WireEvidence | undefined {
    return this.#receipts.get(receiptId)?.get(part)?.evidence;
  }

  /** The message that a part makes or edits. */
  handle(receiptId: string, part: number): Handle | undefined {
    return this.#receipts.get(receiptId)?.get(part)?.handle;
  }

  /** The message that a part was rendered as. */
  renderedAs(receiptId: string, part: number): Handle | undefined {
    const sent = this.#receipts.get(receiptId)?.get(part);
    return sent?.evidence === 'rendered' ? sent.handle : undefined;
  }

  /** Resolves when the part is acknowledged as rendered; at once when it was. `stop` ends the wait. */
  rendered(receiptId: string, part: number, stop: AbortSignal): Promise<void> {
    const sent = this.#receipts.get(receiptId)?.get(part);
    if (sent === undefined || sent.evidence === 'rendered' || stop.aborted)
      return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        sent.wake = undefined;
        stop.removeEventListener('abort', done);
        resolve();
      };
      sent.wake = done;
      stop.addEventListener('abort', done, { once: true });
    });
  }
}

function forgetOldest(kept: Map<string, unknown> | Set<string>, max: number): void {
  for (const key of kept.keys()) {
    if (kept.size <= max) return;
    kept.delete(key);
  }
}
