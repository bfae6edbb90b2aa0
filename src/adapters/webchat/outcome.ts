import type { DeliveryAttempt, ReconcileAnswer } from '../../contracts/adapter.ts';
import type { Delivery, DeliveryOutcomeInput, Evidence, Handle } from '../../contracts/delivery.ts';

/** Pure: nobody looks at the conversation. */
export function noAudience(atMs: number): DeliveryOutcomeInput {
  return { kind: 'not_surfaced', atMs, reason: 'no_audience', cause: 'no visible connection' };
}

/** Pure: the adapter is not started yet or stopped. */
export function notRunning(atMs: number): DeliveryOutcomeInput {
  return {
    kind: 'deferred',
    atMs,
    reason: 'not_connected',
    scope: 'account',
    cause: 'webchat is not running',
  };
}

export interface Shown {
  readonly handle: Handle;
  /** What the browsers said until now: `accepted` when none has. */
  readonly evidence: Evidence;
  readonly atMs: number;
}

/** Pure: it went to every connection; how far it is known to be shown. */
export function shownOutcome(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  shown: Shown,
): DeliveryOutcomeInput {
  const edits = attempt.live !== undefined || delivery.kind === 'amend';
  const kind = attempt.part < attempt.parts ? 'partly_surfaced' : 'surfaced';
  return { kind, ...shown, surface: edits ? 'edited' : 'durable' };
}

/** Pure: what is known of a part whose outcome was not enough. `absent` means: send it again, a repetition is shown once. */
export function reconcileAnswer(known: {
  readonly shownAs: Handle | undefined;
  readonly present: boolean;
}): ReconcileAnswer {
  if (known.shownAs !== undefined)
    return { kind: 'shown', handle: known.shownAs, evidence: 'rendered' };
  if (known.present) return { kind: 'absent' };
  return { kind: 'cannot_tell', cause: 'no visible connection to ask' };
}
