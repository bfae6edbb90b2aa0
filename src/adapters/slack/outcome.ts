import type { DeliveryOutcomeInput, Handle, Repair } from '../../contracts/delivery.ts';
import type { Weight } from '../shared/weight.ts';
import type { Failure } from './failure.ts';
import { outcomeRow } from './outcome-row.ts';

/** A limit that does not say how long. */
const retryAfterDefaultMs = 5_000;
const retryAfterMaxMs = 86_400_000;

export interface OutcomeContext {
  readonly atMs: number;
  /** The method that was called. */
  readonly method: string;
  /** The message that was to be edited. */
  readonly live?: Handle | undefined;
  /** More parts follow this one. */
  readonly more: boolean;
  /** The key that the message carries. */
  readonly key?: string | undefined;
  /** What was suggested before. */
  readonly repairs?: readonly Repair[];
}

/** Pure: Slack answered `ok`. Anything else than one with a `ts` proves nothing. */
export function answerOutcome(answer: unknown, context: OutcomeContext): DeliveryOutcomeInput {
  const { ts, ok } = (answer ?? {}) as { ts?: unknown; ok?: unknown };
  const { atMs, key } = context;
  if (ok === true && context.live !== undefined) return shown(context.live, context);
  if (ok === true && typeof ts === 'string' && ts !== '') return shown(ts, context);
  const cause = 'an answer without a ts';
  return { kind: 'unknown', atMs, phase: 'answered', ...keyed(key), cause };
}

function shown(handle: Handle, { atMs, live, more }: OutcomeContext): DeliveryOutcomeInput {
  return {
    kind: more ? 'partly_surfaced' : 'surfaced',
    atMs,
    handle,
    evidence: 'accepted',
    surface: live === undefined ? 'durable' : 'edited',
  };
}

const keyed = (key: string | undefined): { key?: string } => (key === undefined ? {} : { key });

/** Pure: nothing was sent, since it does not run. */
export function notRunning(atMs: number): DeliveryOutcomeInput {
  const cause = 'slack is not running';
  return { kind: 'deferred', atMs, reason: 'not_connected', scope: 'account', cause };
}

/** Pure: nothing was sent, since its time was over before. */
export function tooLate(atMs: number): DeliveryOutcomeInput {
  const cause = 'aborted before it was sent';
  return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'part', cause };
}

/**
 * Pure: held back here, so that a limit is not met. What only shows work waits by itself: an answer behind it has room.
 */
export function heldBack(
  atMs: number,
  held: { readonly retryAfterMs: number; readonly weight: Weight },
): DeliveryOutcomeInput {
  const { retryAfterMs, weight } = held;
  const scope = weight === 'work' ? 'part' : 'channel';
  const cause = 'the limit of messages of this channel';
  return { kind: 'deferred', atMs, reason: 'rate_limited', scope, retryAfterMs, cause };
}

/** Pure: what a failed call says of what was to be shown. */
export function failureOutcome(failure: Failure, context: OutcomeContext): DeliveryOutcomeInput {
  const { error, status, phase, words: cause } = failure;
  const { atMs, key } = context;
  if (error !== undefined) return refusalOutcome(failure, error, context);
  if (status !== undefined) return statusOutcome(status, context, cause);
  if (phase === 'not_connected') return { kind: 'deferred', atMs, reason: phase, cause };
  return { kind: 'unknown', atMs, phase, ...keyed(key), cause };
}

/** Slack itself answers 200 and 429 alone: every other status is of something in front of it, or of its fall. */
function statusOutcome(
  status: number,
  { atMs, key }: OutcomeContext,
  cause: string,
): DeliveryOutcomeInput {
  if (status === 413)
    return { kind: 'rejected', atMs, reason: 'invalid', code: '413', repair: 'split', cause };
  if (status >= 400 && status < 500 && status !== 408)
    return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'account', cause };
  return { kind: 'unknown', atMs, phase: 'answered', ...keyed(key), cause };
}

function refusalOutcome(
  failure: Failure,
  error: string,
  context: OutcomeContext,
): DeliveryOutcomeInput {
  const { atMs, method, live, key } = context;
  const { words: cause } = failure;
  const row = outcomeRow(error, live !== undefined);
  switch (row.kind) {
    case 'unauthorized':
      return { kind: 'deferred', atMs, reason: 'unauthorized', scope: 'account', cause };
    case 'rate_limited': {
      const retryAfterMs = retryAfterOf(failure);
      // Slack limits each method by itself, new messages by the channel.
      const scope = method === 'chat.postMessage' ? 'channel' : 'part';
      return { kind: 'deferred', atMs, reason: 'rate_limited', scope, retryAfterMs, cause };
    }
    case 'unavailable':
      return { kind: 'deferred', atMs, reason: 'unavailable', cause };
    case 'unknown':
      return { kind: 'unknown', atMs, phase: 'answered', ...keyed(key), cause };
    case 'rejected': {
      const { reason } = row;
      const repair = isOfFile(error, method) ? fileRepair(context) : row.repair;
      const code = error.slice(0, 200);
      return { kind: 'rejected', atMs, reason, code, ...(repair ? { repair } : {}), cause };
    }
  }
}

/** Pure: how long the platform wants nothing. */
export function retryAfterOf({ retryAfterMs = retryAfterDefaultMs }: Failure): number {
  return Math.min(Math.max(retryAfterMs, 1_000), retryAfterMaxMs);
}

/** What Slack says of a file, or of the right to upload one. */
const ofFile =
  /^(?:missing_scope|no_permission|invalid_.*|not_allowed_.*|malware.*|storage_.*|slack_connect_.*)$|file|upload/;

const isOfFile = (error: string, method: string): boolean =>
  method.startsWith('files.') && ofFile.test(error);

/** A text that was to be a file is sent in parts; a file that was given is told of by its name. */
const fileRepair = ({ repairs = [] }: OutcomeContext): Repair =>
  repairs.includes('split') ? 'plain' : 'split';
