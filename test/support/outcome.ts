import type { DeliveryOutcomeInput, Repair } from '../../src/contracts/delivery.ts';
import type { Scripted } from '../../src/testing/fake-platform.ts';

/** What a platform answers, short to write. `atMs` is not looked at by any test. */
const at = { atMs: 0, cause: 'because' };

export const rateLimited = (
  retryAfterMs: number,
  scope: 'part' | 'channel' | 'account' = 'channel',
): DeliveryOutcomeInput => ({
  kind: 'deferred',
  reason: 'rate_limited',
  scope,
  retryAfterMs,
  ...at,
});
export const deferred = (
  reason: 'rate_limited' | 'not_connected' | 'unauthorized' | 'unavailable',
): DeliveryOutcomeInput => ({ kind: 'deferred', reason, ...at });
export const unavailable = deferred('unavailable');
export const unauthorized: DeliveryOutcomeInput = {
  kind: 'deferred',
  reason: 'unauthorized',
  scope: 'account',
  ...at,
};
export const rejected = (
  more: { repair?: Repair; confirmAfterMs?: number } = {},
): DeliveryOutcomeInput => ({
  kind: 'rejected',
  reason: 'forbidden',
  code: '403',
  ...at,
  ...more,
});
export const unknown = (
  more: { key?: string; keyValidUntilMs?: number } = {},
): DeliveryOutcomeInput => ({ kind: 'unknown', phase: 'written', ...at, ...more });
export const noAudience: DeliveryOutcomeInput = {
  kind: 'not_surfaced',
  reason: 'no_audience',
  ...at,
};
export const unsupported: DeliveryOutcomeInput = {
  kind: 'not_surfaced',
  reason: 'unsupported',
  ...at,
};
export const redirected = (conversation: string): DeliveryOutcomeInput => ({
  kind: 'redirected',
  to: { adapter: 'fake', account: 'bot', conversation },
  ...at,
});
export const transient: DeliveryOutcomeInput = {
  kind: 'surfaced',
  atMs: 0,
  handle: 'status',
  evidence: 'accepted',
  surface: 'transient',
};
/** Shown, but the answer was lost. */
export const lost = (more: Parameters<typeof unknown>[0] = {}): Scripted => ({
  kind: 'apply',
  answer: unknown(more),
});
