import { describe, expect, test } from 'vitest';
import {
  answerOutcome,
  heldBack,
  notRunning,
  type OutcomeContext,
  tooLate,
} from '../../../src/adapters/slack/outcome.ts';
import { DeliveryOutcome } from '../../../src/contracts/delivery.ts';

const context: OutcomeContext = { atMs: 5, method: 'chat.postMessage', more: false, key: 'k1' };
const edit: Partial<OutcomeContext> = { method: 'chat.update', live: '1700000000.000100' };

describe('answers', () => {
  /** As the reference shows it. */
  const posted = {
    ok: true,
    channel: 'C123ABC456',
    ts: '1503435956.000247',
    message: { text: 'Here', username: 'ecto1', bot_id: 'B123ABC456', ts: '1503435956.000247' },
  };
  const shown = { kind: 'surfaced', atMs: 5, evidence: 'accepted' };

  test('a new message', () => {
    const expected = { ...shown, handle: '1503435956.000247', surface: 'durable' };
    expect(answerOutcome(posted, context)).toEqual(expected);
    expect(answerOutcome(posted, { ...context, more: true }).kind).toBe('partly_surfaced');
  });

  test('an edit keeps its message', () => {
    const answer = { ok: true, channel: 'C1', ts: '9.9', text: 'x' };
    const expected = { ...shown, handle: '1700000000.000100', surface: 'edited' };
    expect(answerOutcome(answer, { ...context, ...edit })).toEqual(expected);
  });

  test.each([
    undefined,
    null,
    {},
    { ok: true },
    { ok: true, ts: '' },
    { ok: true, ts: 5 },
    { ts: '1.1' },
  ])('%j proves nothing', (answer) => {
    const expected = { kind: 'unknown', phase: 'answered', key: 'k1' };
    expect(DeliveryOutcome.parse(answerOutcome(answer, context))).toMatchObject(expected);
  });

  test('an edit without ok proves nothing', () => {
    expect(answerOutcome({ ts: '1.1' }, { ...context, ...edit }).kind).toBe('unknown');
  });
});

test('what was held back, came too late or found nothing running', () => {
  const held = (weight: 'answer' | 'work') =>
    DeliveryOutcome.parse(heldBack(5, { retryAfterMs: 900, weight }));
  expect(held('answer')).toMatchObject({
    reason: 'rate_limited',
    scope: 'channel',
    retryAfterMs: 900,
  });
  expect(held('work')).toMatchObject({ scope: 'part' });
  expect(DeliveryOutcome.parse(tooLate(5))).toMatchObject({ kind: 'deferred', scope: 'part' });
  expect(DeliveryOutcome.parse(notRunning(5))).toMatchObject({
    reason: 'not_connected',
    scope: 'account',
  });
});
