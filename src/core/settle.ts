import type { AdapterCapabilities } from '../contracts/adapter.ts';
import {
  type DeliveryKind,
  type DeliveryOutcome,
  Evidence,
  type Repair,
  type Surface,
} from '../contracts/delivery.ts';
import type { ChannelRef } from '../contracts/id.ts';
import type { Attempt, Receipt } from '../contracts/receipt.ts';
import type { SendClocks } from '../contracts/task.ts';
import { backoffMs } from './backoff.ts';
import { limit } from './limit.ts';

/** What an outcome means for its Receipt. `core/apply` writes it; nothing else moves a Receipt that was claimed. */
export type Settlement =
  /** The part is shown; `complete` when all are. */
  | {
      readonly kind: 'shown';
      readonly handle: string;
      readonly evidence: Evidence;
      readonly surface: Surface;
      readonly complete: boolean;
    }
  /** Shown as far as is known, with evidence too weak: waits for more. */
  | {
      readonly kind: 'weak';
      /** It may take its time, and holds nobody up: what waits behind it goes on. */
      readonly provisional: boolean;
      readonly handle: string;
      readonly evidence: Evidence;
      readonly dueAtMs: number;
    }
  | {
      readonly kind: 'retry';
      readonly dueAtMs: number;
      readonly counts: boolean;
      readonly reason: string;
      readonly scope: 'channel' | 'account';
      readonly paused: boolean;
      readonly repeats?: boolean;
      readonly marked?: boolean;
    }
  /** A terminal edit after an edit of unknown outcome: made once more. */
  | { readonly kind: 'again'; readonly dueAtMs: number }
  | { readonly kind: 'unseen' }
  | { readonly kind: 'unauthorized'; readonly cause: string }
  | { readonly kind: 'moved'; readonly to: ChannelRef }
  | { readonly kind: 'confirm'; readonly untilMs: number; readonly reason: string }
  | { readonly kind: 'repair'; readonly repair: Repair; readonly code: string }
  | {
      readonly kind: 'unknown';
      readonly dueAtMs: number;
      readonly cause: string;
      readonly keyValidUntilMs?: number;
    }
  | { readonly kind: 'superseded'; readonly by: string }
  /** This route is used up; `held`: the others are not taken either, since it may be shown here. */
  | { readonly kind: 'exhausted'; readonly reason: string; readonly held?: boolean };

export interface SettleInput {
  readonly receipt: Receipt;
  readonly attempt: Pick<Attempt, 'act' | 'part'>;
  readonly outcome: DeliveryOutcome;
  readonly capabilities: AdapterCapabilities;
  readonly clocks: SendClocks;
  /** The Task has moved past this Receipt (it ended, or something newer was shown). */
  readonly passed: boolean;
  /** An earlier edit of the same message has an unknown outcome. */
  readonly afterUnknownEdit: boolean;
  /** A permanent answer was given before and its pause is over. */
  readonly confirmed: boolean;
  readonly nowMs: number;
  /** In [0, 1). */
  readonly chance: number;
}

const rank = (evidence: Evidence): number => Evidence.options.indexOf(evidence);

/** Whether that evidence is enough for a platform. */
export function proves(evidence: Evidence, needed: Evidence): boolean {
  return rank(evidence) >= rank(needed);
}

/** Whether a kind of Delivery may be shown on such a surface. */
export function fits(kind: DeliveryKind, surface: Surface): boolean {
  switch (kind) {
    case 'ack':
    case 'progress':
    case 'terminal':
      return surface !== 'transient';
    case 'question':
    case 'notice':
      return surface === 'durable';
    case 'amend':
      return surface === 'edited';
  }
}

/** Pure: what an outcome changes. */
export function settle(input: SettleInput): Settlement {
  const { outcome } = input;
  switch (outcome.kind) {
    case 'surfaced':
    case 'partly_surfaced':
      return settleShown(input, outcome);
    case 'not_surfaced':
      if (input.passed) return { kind: 'superseded', by: 'passed' };
      if (outcome.reason === 'no_audience') return settleUnseen(input, outcome.cause);
      return { kind: 'exhausted', reason: `${outcome.reason}: ${outcome.cause}` };
    case 'deferred':
      return settleDeferred(input, outcome);
    case 'redirected':
      return input.passed
        ? { kind: 'superseded', by: 'passed' }
        : { kind: 'moved', to: outcome.to };
    case 'rejected':
      return settleRejected(input, outcome);
    case 'unknown':
      return settleUnknown(input, outcome);
  }
}

type Outcome<Kind extends DeliveryOutcome['kind']> = Extract<DeliveryOutcome, { kind: Kind }>;

/** Where the platform cannot tell when somebody comes, nothing would ever wake it: it is tried again. */
function settleUnseen(input: SettleInput, cause: string): Settlement {
  if (input.capabilities.audience === 'reported') return { kind: 'unseen' };
  return retryOrExhaust(input, {
    waitMs: waitOf(input),
    counts: true,
    reason: `no_audience: ${cause}`,
    scope: 'channel',
    paused: false,
  });
}

function settleShown(
  input: SettleInput,
  outcome: Outcome<'surfaced'> | Outcome<'partly_surfaced'>,
): Settlement {
  const { receipt, attempt, capabilities, clocks, nowMs } = input;
  const { handle, evidence, surface } = outcome;
  // Later parts of an edited terminal are messages of their own: only part 1 is judged by its kind.
  if (!fits(receipt.kind, surface) && !(attempt.part > 1 && surface === 'durable')) {
    if (input.passed) return { kind: 'superseded', by: 'passed' };
    return { kind: 'exhausted', reason: `shown only as ${surface}` };
  }
  const isProvisional = outcome.kind === 'surfaced' && outcome.provisional === true;
  if (isProvisional || !proves(evidence, capabilities.evidence)) {
    if (input.passed) return { kind: 'superseded', by: 'passed' };
    if (nowMs >= receipt.expiresAtMs)
      return { kind: 'exhausted', reason: `expired, shown only with evidence ${evidence}` };
    const waitMs = capabilities.evidenceMs ?? clocks.evidenceMs;
    return { kind: 'weak', handle, evidence, dueAtMs: nowMs + waitMs, provisional: isProvisional };
  }
  if (
    receipt.kind === 'terminal' &&
    attempt.act === 'edit' &&
    input.afterUnknownEdit &&
    !receipt.editedOnce
  ) {
    return { kind: 'again', dueAtMs: nowMs + clocks.sendMs };
  }
  const others = receipt.parts.filter((_, index) => index !== attempt.part - 1);
  const complete = others.every((part) => part.shownAtMs !== undefined);
  return { kind: 'shown', handle, evidence, surface, complete };
}

function settleDeferred(input: SettleInput, outcome: Outcome<'deferred'>): Settlement {
  if (input.passed) return { kind: 'superseded', by: 'passed' };
  if (outcome.reason === 'unauthorized') return { kind: 'unauthorized', cause: outcome.cause };
  const counts = outcome.reason === 'unavailable';
  const paused = outcome.reason === 'rate_limited';
  const jitter =
    outcome.retryAfterMs === undefined ? 0 : Math.floor(limit.retryJitterMs * input.chance);
  const asked = (outcome.retryAfterMs ?? 0) + jitter;
  // What costs no attempt is spaced all the same, or an outage would be hammered for as long as it lasts.
  const spaced = !counts && outcome.retryAfterMs === undefined;
  const { attempts, tries } = input.receipt;
  const wait = Math.max(asked, waitOf(input, spaced ? Math.max(tries, attempts - 1) : tries));
  const scope = outcome.scope === 'account' ? 'account' : 'channel';
  return retryOrExhaust(input, {
    waitMs: wait,
    counts,
    reason: `${outcome.reason}: ${outcome.cause}`,
    scope,
    paused,
  });
}

function settleRejected(input: SettleInput, outcome: Outcome<'rejected'>): Settlement {
  const { receipt, nowMs } = input;
  if (input.passed) return { kind: 'superseded', by: 'passed' };
  if (outcome.confirmAfterMs !== undefined && !input.confirmed) {
    return {
      kind: 'confirm',
      untilMs: nowMs + outcome.confirmAfterMs,
      reason: `${outcome.reason} ${outcome.code}`,
    };
  }
  // What an amend was to finish is gone: that is as good, and says nothing of the live message.
  const senseless = receipt.kind === 'amend' && outcome.repair === 'repost';
  if (outcome.repair !== undefined && !senseless && !receipt.repairs.includes(outcome.repair)) {
    return { kind: 'repair', repair: outcome.repair, code: outcome.code };
  }
  return { kind: 'exhausted', reason: `${outcome.reason} ${outcome.code}: ${outcome.cause}` };
}

function settleUnknown(input: SettleInput, outcome: Outcome<'unknown'>): Settlement {
  const { attempt, nowMs } = input;
  if (attempt.act === 'edit') {
    // Edits repeat without harm: the next edit of the same message overtakes this one.
    if (input.passed) return { kind: 'superseded', by: 'passed' };
    return retryOrExhaust(input, {
      waitMs: waitOf(input),
      counts: true,
      reason: `unknown: ${outcome.cause}`,
      scope: 'channel',
      paused: false,
    });
  }
  const dueAtMs = nowMs + waitOf(input);
  const known = outcome.keyValidUntilMs;
  return {
    kind: 'unknown',
    dueAtMs,
    cause: `${outcome.phase}: ${outcome.cause}`,
    ...(known === undefined ? {} : { keyValidUntilMs: known }),
  };
}

function waitOf(input: SettleInput, tries = input.receipt.tries): number {
  return backoffMs(tries, input.chance, input.clocks);
}

interface Wait {
  readonly waitMs: number;
  readonly counts: boolean;
  readonly reason: string;
  readonly scope: 'channel' | 'account';
  readonly paused: boolean;
}

/** Time is the limit: the last attempt is made when the Receipt expires, not before and not never. */
function retryOrExhaust(input: SettleInput, wait: Wait): Settlement {
  const { receipt, nowMs } = input;
  const expired = nowMs >= receipt.expiresAtMs;
  // An amend lives for minutes, which pass while nobody is here too: what still shows work is finished all the same.
  const tried = receipt.kind !== 'amend' || receipt.attempts >= limit.amendAttempts;
  if (expired && tried) return { kind: 'exhausted', reason: `expired after ${wait.reason}` };
  const again = nowMs + wait.waitMs;
  const dueAtMs = wait.paused || expired ? again : Math.min(again, receipt.expiresAtMs);
  return {
    kind: 'retry',
    dueAtMs,
    counts: wait.counts,
    reason: wait.reason,
    scope: wait.scope,
    paused: wait.paused,
  };
}

export interface ReconcileInput {
  readonly receipt: Receipt;
  readonly capabilities: AdapterCapabilities;
  readonly clocks: SendClocks;
  readonly passed: boolean;
  readonly nowMs: number;
}

/** Pure: it is certainly not there. */
export function settleAbsent(input: ReconcileInput): Settlement {
  if (input.passed) return { kind: 'superseded', by: 'passed' };
  if (input.nowMs >= input.receipt.expiresAtMs)
    return { kind: 'exhausted', reason: 'expired, not shown' };
  return {
    kind: 'retry',
    dueAtMs: input.nowMs,
    counts: false,
    reason: 'absent',
    scope: 'channel',
    paused: false,
  };
}

interface Uncertain {
  readonly cause: string;
  /** Until when the platform knows the key again; default what the outcome said, else for ever. */
  readonly keyValidUntilMs?: number | undefined;
}

/** Pure: nobody can tell whether it is there; the adapter's policy decides. */
export function settleUncertain(
  input: ReconcileInput,
  { cause, keyValidUntilMs = input.receipt.keyValidUntilMs }: Uncertain,
): Settlement {
  const { receipt, capabilities, nowMs } = input;
  if (input.passed) return { kind: 'superseded', by: 'passed' };
  if (nowMs >= receipt.expiresAtMs)
    return { kind: 'exhausted', reason: `expired, outcome unknown: ${cause}` };
  const again = {
    kind: 'retry',
    dueAtMs: nowMs,
    counts: false,
    reason: `uncertain: ${cause}`,
    scope: 'channel',
    paused: false,
    repeats: true,
  } as const;
  const known = keyValidUntilMs === undefined || nowMs < keyValidUntilMs;
  switch (capabilities.unknownPolicy) {
    case 'repeat':
      return { ...again, marked: !known && receipt.kind !== 'ack' };
    case 'mark':
      return { ...again, marked: receipt.kind !== 'ack' };
    case 'hold':
      return { kind: 'exhausted', reason: `outcome unknown and held: ${cause}`, held: true };
  }
}
