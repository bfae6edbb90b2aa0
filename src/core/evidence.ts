import type { EvidenceAnswer } from '../contracts/adapter.ts';
import type { Evidence } from '../contracts/delivery.ts';
import type { ReceiptId } from '../contracts/id.ts';
import type { Receipt, ReceiptPart } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import { type Core, capabilitiesOf, type Work } from './core.ts';
import { readChannel, refresh } from './line.ts';
import { notePart } from './part.ts';
import { proves } from './settle.ts';
import { surface } from './surface.ts';

export interface Sighting {
  readonly receiptId: ReceiptId;
  /** From 1; or the handle; neither: a Receipt of one part. */
  readonly part?: number | undefined;
  readonly handle?: string | undefined;
  readonly evidence: Evidence;
}

/** Something was seen after its outcome. Evidence can only prove, so it needs no fence; only all parts together surface a Receipt. */
export function* takeEvidence(work: Work, core: Core, seen: Sighting): Script<EvidenceAnswer> {
  const receipt = yield* work.receipt(seen.receiptId);
  if (receipt === undefined || receipt.attempts === 0) return 'unknown_receipt';
  if (receipt.state === 'surfaced') return 'known';
  const part = partOf(receipt, seen);
  if (part === undefined) return 'unknown_receipt';
  const channel = yield* readChannel(work, receipt.channel);
  if (!proves(seen.evidence, capabilitiesOf(core, channel).evidence)) return 'known';
  const before = part.shownAtMs;
  const { evidence } = seen;
  const handle = part.handle ?? seen.handle;
  const number = receipt.parts.indexOf(part) + 1;
  notePart(receipt, number, {
    evidence,
    ...(handle === undefined ? {} : { handle }),
    shownAtMs: before ?? work.now,
  });
  if (receipt.parts.some((other) => other.shownAtMs === undefined)) {
    yield* goOn(work, core, receipt, number);
    return before === undefined ? 'taken' : 'known';
  }
  const inLine = receipt.place === 'line';
  yield* surface(work, core, receipt, {
    evidence: seen.evidence,
    surface: receipt.live || receipt.kind === 'amend' ? 'edited' : 'durable',
  });
  const after = yield* readChannel(work, receipt.channel);
  if (inLine && after.leaseUntilMs === undefined) after.headDueAtMs = work.now;
  yield* refresh(work, core, after);
  return 'taken';
}

/** The part whose outcome was open is shown: the next one may go at once. */
function* goOn(work: Work, core: Core, receipt: Receipt, part: number): Script<void> {
  work.putReceipt(receipt);
  if (receipt.state !== 'unknown') return;
  const attempts = yield* work.attempts(receipt.id);
  const sent = attempts.findLast((attempt) => attempt.act !== 'reconcile');
  if (sent?.part !== part) return;
  receipt.state = 'pending';
  receipt.evidenceDueAtMs = undefined;
  if (receipt.place === 'parked') receipt.dueAtMs = work.now;
  work.putReceipt(receipt);
  const channel = yield* readChannel(work, receipt.channel);
  if (receipt.place === 'line') channel.headDueAtMs = work.now;
  yield* refresh(work, core, channel);
}

function partOf(receipt: Receipt, seen: Sighting): ReceiptPart | undefined {
  if (seen.part !== undefined) return receipt.parts[seen.part - 1];
  if (seen.handle !== undefined) {
    const named = receipt.parts.find((part) => part.handle === seen.handle);
    if (named !== undefined) return named;
  }
  return receipt.parts.length === 1 ? receipt.parts[0] : undefined;
}
