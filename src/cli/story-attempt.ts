import type { DeliveryOutcome } from '../contracts/delivery.ts';
import { channelKey } from '../contracts/id.ts';
import type { Attempt, Receipt } from '../contracts/receipt.ts';
import { durationText, sinceText } from './instant.ts';
import { printable } from './printable.ts';

/** What a platform answered, in words. */
export function outcomeText(outcome: DeliveryOutcome): string {
  switch (outcome.kind) {
    case 'surfaced':
      return `shown (${outcome.evidence}, ${outcome.surface})`;
    case 'partly_surfaced':
      return `part shown (${outcome.evidence}, ${outcome.surface}), more follows`;
    case 'not_surfaced':
      return `not shown: ${outcome.reason}${causeText(outcome.cause)}`;
    case 'deferred': {
      const again =
        outcome.retryAfterMs === undefined
          ? ''
          : `, again after ${durationText(outcome.retryAfterMs)}`;
      return `not sent: ${outcome.reason} (${outcome.scope})${again}${causeText(outcome.cause)}`;
    }
    case 'redirected':
      return `moved to ${printable(channelKey(outcome.to))}${causeText(outcome.cause)}`;
    case 'rejected': {
      const repair = outcome.repair === undefined ? '' : `, try ${outcome.repair}`;
      return `refused: ${outcome.reason} [${printable(outcome.code)}]${repair}${causeText(outcome.cause)}`;
    }
    case 'unknown':
      return `unknown, may be shown: ${outcome.phase}${causeText(outcome.cause)}`;
  }
}

function causeText(cause: string): string {
  return cause === '' ? '' : ` (${printable(cause)})`;
}

/** One line per attempt: number, when, what, what came of it and how long it took. */
export function attemptLines(
  receipt: Receipt,
  attempts: readonly Attempt[],
  fromMs: number,
): readonly string[] {
  return attempts.map((attempt) => {
    const { n, act, part, startedAtMs, finishedAtMs, outcome } = attempt;
    const parts = receipt.parts.length > 1 ? ` part ${part}/${receipt.parts.length}` : '';
    const where =
      attempt.channel === receipt.originChannel ? '' : ` to ${printable(attempt.channel)}`;
    const took =
      finishedAtMs === undefined ? '' : ` in ${durationText(finishedAtMs - startedAtMs)}`;
    const underWay = receipt.state === 'claimed' && n === receipt.attempts;
    const silent = underWay ? 'under way' : 'no answer was recorded';
    return `try ${n} ${sinceText(startedAtMs, fromMs)} ${act}${parts}${where}: ${outcome === undefined ? silent : outcomeText(outcome)}${took}`;
  });
}
