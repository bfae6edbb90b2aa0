import type { DeliveryOutcomeInput, Repair } from '../../contracts/delivery.ts';
import type { Weight } from '../shared/weight.ts';
import type { Failure } from './failure.ts';
import { type MessageHandle, writeHandle } from './handle.ts';
import { nonceValidUntilMs } from './nonce.ts';
import { type OutcomeRow, outcomeRow } from './outcome-row.ts';

/** A limit that does not say how long. */
const retryAfterDefaultMs = 5_000;
const retryAfterLeastMs = 100;
const retryAfterMaxMs = 86_400_000;

export interface OutcomeContext {
  readonly atMs: number;
  /** When the call was begun, by the wall clock. */
  readonly sentAtMs: number;
  /** The message that was to be edited. */
  readonly live?: MessageHandle | undefined;
  /** The interaction through whose token it went. */
  readonly interactionId?: string | undefined;
  /** Only reached by that token. */
  readonly isHidden?: boolean;
  /** Where a new message stands, when that is not the channel of its conversation. */
  readonly channelId?: string | undefined;
  /** More parts follow this one. */
  readonly more: boolean;
  /** Of a message of a channel; a message through a token has none. */
  readonly nonce?: string | undefined;
  /** A file went along. */
  readonly hasFile?: boolean;
  /** What was suggested before. */
  readonly repairs?: readonly Repair[];
}

/** Pure: Discord answered with the message. Anything else than one with an id proves nothing. */
export function answerOutcome(answer: unknown, context: OutcomeContext): DeliveryOutcomeInput {
  const { id } = (answer ?? {}) as { id?: unknown };
  const { live } = context;
  if (live !== undefined) return shown(live, context);
  if (typeof id !== 'string' || id === '')
    return unknown('answered', 'an answer without an id', context);
  const { interactionId, isHidden = false, channelId } = context;
  const hidden = isHidden && interactionId !== undefined ? { interactionId } : {};
  const elsewhere = channelId === undefined ? {} : { channelId };
  return shown({ messageId: id, ...hidden, ...elsewhere }, context);
}

function shown(handle: MessageHandle, { atMs, live, more }: OutcomeContext): DeliveryOutcomeInput {
  return {
    kind: more ? 'partly_surfaced' : 'surfaced',
    atMs,
    handle: writeHandle(handle),
    evidence: 'accepted',
    surface: live === undefined ? 'durable' : 'edited',
  };
}

/** Without a nonce a resend makes a second message: its key is over before it began. */
function unknown(
  phase: 'written' | 'answered',
  cause: string,
  { atMs, sentAtMs, nonce, live }: OutcomeContext,
): DeliveryOutcomeInput {
  if (live !== undefined) return { kind: 'unknown', atMs, phase, cause };
  const keyed =
    nonce === undefined
      ? { keyValidUntilMs: atMs }
      : { key: nonce, keyValidUntilMs: nonceValidUntilMs(sentAtMs) };
  return { kind: 'unknown', atMs, phase, ...keyed, cause };
}

/** Pure: nothing was sent, since it does not run. */
export function notRunning(atMs: number): DeliveryOutcomeInput {
  const cause = 'discord is not running';
  return { kind: 'deferred', atMs, reason: 'not_connected', scope: 'account', cause };
}

/** Pure: nothing was sent, since its time was over before. */
export function tooLate(atMs: number): DeliveryOutcomeInput {
  const cause = 'aborted before it was sent';
  return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'part', cause };
}

/** Pure: the token is over, and the bot cannot write there by itself; an edit leaves the message as it is. */
export function unreachable(atMs: number, isEdit: boolean): DeliveryOutcomeInput {
  const cause = 'the interaction is over, and the bot is not in that channel';
  const repair = isEdit ? { repair: 'repost' as const } : {};
  return { kind: 'rejected', atMs, reason: 'gone', code: 'interaction', ...repair, cause };
}

/** Pure: held back here, so that a limit is not met. What only shows work waits by itself: an answer behind it has room. */
export function heldBack(
  atMs: number,
  held: { readonly retryAfterMs: number; readonly weight: Weight; readonly whole?: boolean },
): DeliveryOutcomeInput {
  const { retryAfterMs, weight, whole = false } = held;
  const own = weight === 'work' ? 'part' : 'channel';
  const scope = whole ? 'account' : own;
  const cause = whole ? 'the budget of refused requests' : 'the limit of this channel';
  return { kind: 'deferred', atMs, reason: 'rate_limited', scope, retryAfterMs, cause };
}

/** Pure: what a failed call says of what was to be shown. */
export function failureOutcome(failure: Failure, context: OutcomeContext): DeliveryOutcomeInput {
  const { code, status, limit, phase, words: cause } = failure;
  const { atMs } = context;
  if (limit !== undefined) {
    const scope = limit.scope === 'global' ? 'account' : 'channel';
    const retryAfterMs = retryAfterOf(limit.retryAfterMs);
    return { kind: 'deferred', atMs, reason: 'rate_limited', scope, retryAfterMs, cause };
  }
  if (code !== undefined) {
    const row = outcomeRow({ code, status }, context.live !== undefined);
    return rowOutcome(row, { code, cause, context });
  }
  if (status !== undefined) return statusOutcome(status, cause, context);
  if (phase === 'not_connected') return { kind: 'deferred', atMs, reason: phase, cause };
  return unknown(phase, cause, context);
}

/** No number: something in front of Discord answered, or what is left of it after a fall. */
function statusOutcome(
  status: number,
  cause: string,
  context: OutcomeContext,
): DeliveryOutcomeInput {
  const { atMs } = context;
  if (status === 413)
    return { kind: 'rejected', atMs, reason: 'invalid', code: '413', repair: 'split', cause };
  if (status === 401)
    return { kind: 'deferred', atMs, reason: 'unauthorized', scope: 'account', cause };
  if (status >= 400 && status < 500 && status !== 408)
    return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'account', cause };
  return unknown('answered', cause, context);
}

function rowOutcome(
  row: OutcomeRow,
  {
    code,
    cause,
    context,
  }: { readonly code: number; readonly cause: string; readonly context: OutcomeContext },
): DeliveryOutcomeInput {
  const { atMs, interactionId } = context;
  switch (row.kind) {
    case 'unauthorized':
      return { kind: 'deferred', atMs, reason: row.kind, scope: 'account', cause };
    case 'rate_limited': {
      const retryAfterMs = retryAfterDefaultMs;
      return { kind: 'deferred', atMs, reason: row.kind, scope: row.scope, retryAfterMs, cause };
    }
    case 'unavailable':
      return { kind: 'deferred', atMs, reason: row.kind, scope: row.scope, cause };
    case 'done':
      return unknown('answered', cause, context);
    case 'token': {
      // Through a token it is said another way; elsewhere it says that the place is not there.
      const repair = interactionId === undefined ? {} : { repair: 'repost' as const };
      return { kind: 'rejected', atMs, reason: 'gone', code: String(code), ...repair, cause };
    }
    case 'rejected': {
      const repair = repairOf(row, code, context);
      const repaired = repair === undefined ? {} : { repair };
      return { kind: 'rejected', atMs, reason: row.reason, code: String(code), ...repaired, cause };
    }
  }
}

const missingPermissions = 50013;
const invalidForm = 50035;

/** A text that was to be a file is sent in parts; a file that was given is told of by its name. */
function repairOf(
  row: Extract<OutcomeRow, { kind: 'rejected' }>,
  code: number,
  { repairs = [], hasFile = false }: OutcomeContext,
): Repair | undefined {
  const isOfForm = row.repair === 'split' || (hasFile && code === missingPermissions);
  if (isOfForm && repairs.includes('split'))
    return hasFile || code === invalidForm ? 'plain' : undefined;
  return isOfForm ? 'split' : row.repair;
}

/** Pure: how long the platform wants nothing. */
export function retryAfterOf(ms: number): number {
  if (ms <= 0) return retryAfterDefaultMs;
  return Math.min(Math.max(ms, retryAfterLeastMs), retryAfterMaxMs);
}
