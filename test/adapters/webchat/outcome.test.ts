import { describe, expect, test } from 'vitest';
import {
  noAudience,
  notRunning,
  reconcileAnswer,
  shownOutcome,
} from '../../../src/adapters/webchat/outcome.ts';
import type { DeliveryAttempt } from '../../../src/contracts/adapter.ts';
import { type Delivery, DeliveryOutcome } from '../../../src/contracts/delivery.ts';

const shown = { handle: 'h', evidence: 'rendered', atMs: 5 } as const;
const outcome = (kind: Delivery['kind'], attempt: Partial<DeliveryAttempt>) =>
  shownOutcome({ kind } as Delivery, { part: 1, parts: 1, ...attempt } as DeliveryAttempt, shown);

describe('outcomes', () => {
  test.each([
    ['a new message', outcome('notice', {}), { kind: 'surfaced', surface: 'durable', ...shown }],
    [
      'an edit',
      outcome('progress', { live: 'h' }),
      { kind: 'surfaced', surface: 'edited', ...shown },
    ],
    ['an amend', outcome('amend', {}), { kind: 'surfaced', surface: 'edited', ...shown }],
    [
      'a part of more',
      outcome('terminal', { parts: 2 }),
      { kind: 'partly_surfaced', surface: 'durable', ...shown },
    ],
    [
      'the last part',
      outcome('terminal', { part: 2, parts: 2 }),
      { kind: 'surfaced', surface: 'durable', ...shown },
    ],
    [
      'nobody there',
      noAudience(5),
      { kind: 'not_surfaced', atMs: 5, reason: 'no_audience', cause: 'no visible connection' },
    ],
    [
      'not running',
      notRunning(5),
      {
        kind: 'deferred',
        atMs: 5,
        reason: 'not_connected',
        scope: 'account',
        cause: 'webchat is not running',
      },
    ],
  ])('%s', (_, found, expected) => {
    expect(DeliveryOutcome.parse(found)).toEqual(expected);
  });

  test('reconciling', () => {
    expect(reconcileAnswer({ shownAs: 'h', present: false })).toEqual({
      kind: 'shown',
      handle: 'h',
      evidence: 'rendered',
    });
    expect(reconcileAnswer({ shownAs: undefined, present: true })).toEqual({ kind: 'absent' });
    expect(reconcileAnswer({ shownAs: undefined, present: false })).toMatchObject({
      kind: 'cannot_tell',
    });
  });
});
