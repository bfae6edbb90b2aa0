import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/adapters/discord/failure.ts';
import {
  answerOutcome,
  failureOutcome,
  heldBack,
  notRunning,
  type OutcomeContext,
  retryAfterOf,
  tooLate,
  unreachable,
} from '../../../src/adapters/discord/outcome.ts';
import { DeliveryOutcome } from '../../../src/contracts/delivery.ts';

const context: OutcomeContext = { atMs: 9_000, sentAtMs: 5_000, more: false, nonce: 'n1' };
const edit: Partial<OutcomeContext> = { live: { messageId: '77777' }, nonce: undefined };
const byToken: Partial<OutcomeContext> = { interactionId: '44444', nonce: undefined };

function outcome(failure: Partial<Failure>, more: Partial<OutcomeContext> = {}): DeliveryOutcome {
  const whole: Failure = { phase: 'answered', words: 'words', ...failure };
  return DeliveryOutcome.parse(failureOutcome(whole, { ...context, ...more }));
}
const refused = (code: number, more: Partial<OutcomeContext> = {}, status = 400): DeliveryOutcome =>
  outcome({ code, status }, more);

describe('numbers that Discord answers', () => {
  test.each<[number, string, object]>([
    [10_003, 'unknown channel', { reason: 'gone' }],
    [10_004, 'unknown server', { reason: 'gone' }],
    [10_007, 'unknown member', { reason: 'gone' }],
    [10_013, 'unknown user', { reason: 'gone' }],
    [10_015, 'unknown webhook', { reason: 'gone' }],
    [10_062, 'unknown interaction', { reason: 'gone' }],
    [50_027, 'a token of an interaction', { reason: 'gone' }],
    [40_094, 'the most messages of an interaction', { reason: 'gone' }],
    [10_008, 'a message that had this nonce and was deleted', { reason: 'gone', repair: 'repost' }],
    [40_007, 'banned', { reason: 'blocked' }],
    [50_007, 'takes no direct messages', { reason: 'blocked' }],
    [50_033, 'wrong recipients', { reason: 'blocked' }],
    [50_278, 'no server in common', { reason: 'blocked' }],
    [20_009, 'explicit content', { reason: 'blocked' }],
    [200_000, 'automod', { reason: 'blocked' }],
    [200_001, 'automod, of a title', { reason: 'blocked' }],
    [50_001, 'missing access', { reason: 'forbidden' }],
    [50_013, 'missing permission', { reason: 'forbidden' }],
    [50_008, 'no text channel', { reason: 'forbidden' }],
    [50_009, 'verification', { reason: 'forbidden' }],
    [50_083, 'thread put away', { reason: 'forbidden' }],
    [160_005, 'thread locked', { reason: 'forbidden' }],
    [160_002, 'no reply without history', { reason: 'forbidden', repair: 'drop_anchor' }],
    [50_035, 'form body', { reason: 'invalid', repair: 'split' }],
    [40_005, 'too large', { reason: 'invalid', repair: 'split' }],
    [50_045, 'file too large', { reason: 'invalid', repair: 'split' }],
    [50_006, 'empty', { reason: 'invalid' }],
    [30_015, 'too many attachments', { reason: 'invalid', repair: 'plain' }],
    [50_046, 'a file that is none', { reason: 'invalid', repair: 'plain' }],
    [99_999, 'one that is in no list', { reason: 'invalid' }],
  ])('%i %s', (code, _, expected) => {
    const found = refused(code);
    expect(found).toMatchObject({ kind: 'rejected', code: String(code), ...expected });
    if (!('repair' in expected)) expect(found).not.toHaveProperty('repair');
  });

  test.each([40_001, 40_002, 50_014, 50_025])('%i: nothing of the bot leaves', (code) => {
    expect(refused(code)).toMatchObject({ reason: 'unauthorized', scope: 'account' });
  });

  test.each([
    [20_016, 'channel'],
    [20_022, 'channel'],
    [20_028, 'channel'],
    [20_029, 'channel'],
    [40_062, 'channel'],
    [40_003, 'account'],
  ])('%i is a limit of the %s', (code, scope) => {
    expect(refused(code)).toMatchObject({
      kind: 'deferred',
      reason: 'rate_limited',
      scope,
      retryAfterMs: 5_000,
    });
  });

  test.each([130_000, 40_004, 40_006, 40_333])('%i: later', (code) => {
    expect(refused(code)).toMatchObject({
      kind: 'deferred',
      reason: 'unavailable',
      scope: 'account',
    });
  });

  test.each([
    [401, { kind: 'deferred', reason: 'unauthorized' }],
    [403, { kind: 'rejected', reason: 'forbidden' }],
    [404, { kind: 'rejected', reason: 'gone' }],
    [405, { kind: 'rejected', reason: 'invalid' }],
    [429, { kind: 'deferred', reason: 'rate_limited' }],
  ])('without a number of its own the status says it: %i', (status, expected) => {
    expect(refused(0, {}, status)).toMatchObject(expected);
  });

  test('acknowledged before: it may have been done', () => {
    expect(refused(40_060, byToken)).toMatchObject({ kind: 'unknown', keyValidUntilMs: 9_000 });
  });
});

describe('edits', () => {
  test.each([10_008, 50_005, 50_021, 30_046, 50_083])('%i: a new message', (code) => {
    expect(refused(code, edit)).toMatchObject({
      reason: 'gone',
      repair: 'repost',
      code: String(code),
    });
  });
  test.each([10_003, 50_001, 50_035])('%i is what it is for a new message', (code) => {
    expect(refused(code, edit)).toEqual(refused(code));
  });
});

describe('through the token of an interaction', () => {
  test.each([10_015, 10_062, 50_027, 40_094])('%i: said another way', (code) => {
    expect(refused(code, byToken)).toMatchObject({
      kind: 'rejected',
      reason: 'gone',
      repair: 'repost',
    });
    expect(refused(code, { ...byToken, ...edit })).toMatchObject({ repair: 'repost' });
  });

  test('without a nonce a resend is marked at once', () => {
    expect(outcome({ phase: 'written' }, byToken)).toEqual({
      kind: 'unknown',
      atMs: 9_000,
      phase: 'written',
      keyValidUntilMs: 9_000,
      cause: 'words',
    });
  });
});

describe('forms and files', () => {
  test('what is too long is split once; then it goes out with nothing but its words', () => {
    expect(refused(50_035, { repairs: ['split'] })).toMatchObject({ repair: 'plain' });
    expect(refused(40_005, { repairs: ['split'] })).not.toHaveProperty('repair');
  });
  test.each([50_013, 50_045, 40_005])('%i of a file: its text in parts, then its name', (code) => {
    expect(refused(code, { hasFile: true })).toMatchObject({ repair: 'split' });
    expect(refused(code, { hasFile: true, repairs: ['split'] })).toMatchObject({ repair: 'plain' });
  });
});

describe('limits', () => {
  const limit = (scope: 'user' | 'global' | 'shared', retryAfterMs = 700) =>
    outcome({ limit: { scope, retryAfterMs } });
  test('of a channel, or of the whole bot', () => {
    const expected = { kind: 'deferred', reason: 'rate_limited', retryAfterMs: 700 };
    expect(limit('user')).toMatchObject({ ...expected, scope: 'channel' });
    expect(limit('shared')).toMatchObject({ ...expected, scope: 'channel' });
    expect(limit('global')).toMatchObject({ ...expected, scope: 'account' });
  });
  test('how long they last', () => {
    expect(retryAfterOf(0)).toBe(5_000);
    expect(retryAfterOf(3)).toBe(100);
    expect(retryAfterOf(999_999_999)).toBe(86_400_000);
  });
});

describe('answers that are not of Discord, and none', () => {
  test.each([500, 502, 503, 504, 408, 301])('HTTP %i: it may have been done', (status) => {
    expect(outcome({ status })).toMatchObject({
      kind: 'unknown',
      phase: 'answered',
      key: 'n1',
      keyValidUntilMs: 105_000,
    });
  });
  test.each([400, 403, 404, 407])('HTTP %i: something before Discord refused it', (status) => {
    expect(outcome({ status })).toMatchObject({ reason: 'unavailable', scope: 'account' });
  });
  test('HTTP 413 and 401', () => {
    expect(outcome({ status: 413 })).toMatchObject({ kind: 'rejected', repair: 'split' });
    expect(outcome({ status: 401 })).toMatchObject({ reason: 'unauthorized', scope: 'account' });
  });
  test('no connection', () => {
    expect(outcome({ phase: 'not_connected' })).toMatchObject({
      kind: 'deferred',
      reason: 'not_connected',
      scope: 'channel',
    });
  });
  test('a connection that broke: the nonce holds for a while; an edit needs none', () => {
    expect(outcome({ phase: 'written' })).toMatchObject({ key: 'n1', keyValidUntilMs: 105_000 });
    const found = outcome({ phase: 'written' }, edit);
    expect(found).not.toHaveProperty('key');
    expect(found).not.toHaveProperty('keyValidUntilMs');
  });
});

describe('answers', () => {
  const of = (answer: unknown, more: Partial<OutcomeContext> = {}) =>
    DeliveryOutcome.parse(answerOutcome(answer, { ...context, ...more }));
  test('with an id it is shown', () => {
    expect(of({ id: '123456' })).toEqual({
      kind: 'surfaced',
      atMs: 9_000,
      handle: '123456',
      evidence: 'accepted',
      surface: 'durable',
    });
    expect(of({ id: '123456' }, { more: true })).toMatchObject({ kind: 'partly_surfaced' });
    expect(of({}, edit)).toMatchObject({ handle: '77777', surface: 'edited' });
  });
  test('one that only its token reaches says so', () => {
    expect(of({ id: '123456' }, { ...byToken, isHidden: true })).toMatchObject({
      handle: '44444@123456',
    });
    expect(of({ id: '123456' }, byToken)).toMatchObject({ handle: '123456' });
  });
  test.each([undefined, {}, { id: '' }, { id: 7 }])('%j proves nothing', (answer) => {
    expect(of(answer)).toMatchObject({ kind: 'unknown', phase: 'answered', key: 'n1' });
  });
});

describe('what was not sent', () => {
  test.each([
    [notRunning(1), { reason: 'not_connected', scope: 'account' }],
    [tooLate(1), { reason: 'unavailable', scope: 'part' }],
    [
      heldBack(1, { retryAfterMs: 7, weight: 'work' }),
      { reason: 'rate_limited', scope: 'part', retryAfterMs: 7 },
    ],
    [heldBack(1, { retryAfterMs: 7, weight: 'answer' }), { scope: 'channel' }],
    [heldBack(1, { retryAfterMs: 7, weight: 'answer', whole: true }), { scope: 'account' }],
    [unreachable(1, false), { kind: 'rejected', reason: 'gone' }],
    [unreachable(1, true), { kind: 'rejected', repair: 'repost' }],
  ])('%j', (given, expected) => {
    expect(DeliveryOutcome.parse(given)).toMatchObject(expected);
  });
});
