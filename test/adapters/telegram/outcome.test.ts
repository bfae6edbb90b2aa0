import { GrammyError, HttpError } from 'grammy';
import { describe, expect, test } from 'vitest';
import { readFailure } from '../../../src/adapters/telegram/failure.ts';
import {
  answerOutcome,
  failureOutcome,
  heldBack,
  notRunning,
  type OutcomeContext,
  tooLate,
  unsettledEdit,
} from '../../../src/adapters/telegram/outcome.ts';
import { DeliveryOutcome } from '../../../src/contracts/delivery.ts';

const channel = { adapter: 'telegram', account: '1', conversation: '-100', thread: '7' };
const context: OutcomeContext = { atMs: 5, channel, more: false };
const token = '123456:AAFakeFakeFakeFakeFakeFakeFakeFake00';

const refusal = (error_code: number, description: string, parameters = {}): GrammyError =>
  new GrammyError(
    "Call to 'sendMessage' failed!",
    { ok: false, error_code, description, parameters },
    'sendMessage',
    { text: 'a secret text' },
  );
const broken = (inner: unknown): HttpError =>
  new HttpError("Network request for 'sendMessage' failed!", inner);
const system = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`request to https://api/bot${token}/sendMessage failed`), {
    code,
    ...more,
  });
/** As the `fetch` of Node rejects. */
const fetchFailed = (cause: unknown): TypeError => new TypeError('fetch failed', { cause });

const outcome = (error: unknown, more: Partial<OutcomeContext> = {}): DeliveryOutcome =>
  DeliveryOutcome.parse(failureOutcome(readFailure(error), { ...context, ...more }));

describe('refusals of the Bot API', () => {
  test.each<[number, string, object]>([
    [403, 'Forbidden: bot was blocked by the user', { reason: 'blocked', code: '403' }],
    [403, 'Forbidden: user is deactivated', { reason: 'blocked' }],
    [403, 'Forbidden: bot was kicked from the group chat', { reason: 'blocked' }],
    [403, "Forbidden: bot can't initiate conversation with a user", { reason: 'blocked' }],
    [403, 'Forbidden: bot is not a member of the channel chat', { reason: 'blocked' }],
    [400, 'Bad Request: chat not found', { reason: 'gone', code: '400 chat_gone' }],
    [400, 'Bad Request: PEER_ID_INVALID', { reason: 'gone' }],
    [400, 'Bad Request: group chat was deactivated', { reason: 'gone' }],
    [
      400,
      'Bad Request: not enough rights to send text messages to the chat',
      { reason: 'forbidden', code: '400 no_rights' },
    ],
    [400, 'Bad Request: have no rights to send a message', { reason: 'forbidden' }],
    [400, 'Bad Request: CHAT_WRITE_FORBIDDEN', { reason: 'forbidden' }],
    [
      400,
      "Bad Request: can't parse entities: entity beyond the end",
      { reason: 'invalid', repair: 'plain' },
    ],
    [400, 'Bad Request: ENTITY_BOUNDS_INVALID', { reason: 'invalid', repair: 'plain' }],
    [400, 'Bad Request: message is too long', { reason: 'invalid', repair: 'split' }],
    [400, 'Bad Request: message caption is too long', { reason: 'invalid', repair: 'split' }],
    [400, 'Bad Request: MESSAGE_TOO_LONG', { reason: 'invalid', repair: 'split' }],
    [
      400,
      'Bad Request: message to be replied not found',
      { reason: 'gone', repair: 'drop_anchor' },
    ],
    [400, 'Bad Request: replied message not found', { reason: 'gone', repair: 'drop_anchor' }],
    [400, 'Bad Request: message thread not found', { reason: 'gone', repair: 'drop_anchor' }],
    [400, 'Bad Request: TOPIC_CLOSED', { reason: 'gone', repair: 'drop_anchor' }],
    [400, 'Bad Request: message to edit not found', { reason: 'gone', repair: 'repost' }],
    [400, "Bad Request: message can't be edited", { reason: 'gone', repair: 'repost' }],
    [400, 'Bad Request: MESSAGE_ID_INVALID', { reason: 'gone', repair: 'repost' }],
    [
      400,
      'Bad Request: wrong file identifier/HTTP URL specified',
      { reason: 'invalid', repair: 'plain' },
    ],
    [400, 'Bad Request: BUTTON_DATA_INVALID', { reason: 'invalid', code: '400 buttons' }],
    [400, 'Bad Request: message text is empty', { reason: 'invalid', repair: 'plain' }],
    [400, 'Bad Request: something new', { reason: 'invalid', code: '400' }],
    [413, 'Request Entity Too Large', { reason: 'invalid', code: '413' }],
  ])('%i %s', (code, description, expected) => {
    const found = outcome(refusal(code, description));
    expect(found).toMatchObject({ kind: 'rejected', ...expected });
    expect(found).toMatchObject({ cause: `${code} ${description}` });
    expect('confirmAfterMs' in found).toBe(code === 403);
    if (code === 403) expect(found).toMatchObject({ confirmAfterMs: 3_600_000 });
    if (!('repair' in expected)) expect(found).not.toHaveProperty('repair');
  });

  test('a text that is there already is proof, of an edit alone', () => {
    const error = refusal(
      400,
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
    expect(outcome(error, { live: '9' })).toEqual({
      kind: 'surfaced',
      atMs: 5,
      handle: '9',
      evidence: 'accepted',
      surface: 'edited',
    });
    expect(outcome(error, { live: '9', more: true }).kind).toBe('partly_surfaced');
    expect(outcome(error).kind).toBe('rejected');
  });

  test('a group that became a supergroup has a new address', () => {
    const error = refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: -1_001_234_567_890,
    });
    expect(outcome(error)).toMatchObject({
      kind: 'redirected',
      to: { adapter: 'telegram', account: '1', conversation: '-1001234567890' },
    });
    expect(outcome(error)).not.toHaveProperty('to.thread');
  });

  test('a limit pauses the bot for as long as is asked', () => {
    const limited = (parameters: object) => outcome(refusal(429, 'Too Many Requests', parameters));
    expect(limited({ retry_after: 17 })).toMatchObject({
      kind: 'deferred',
      reason: 'rate_limited',
      scope: 'account',
      retryAfterMs: 17_000,
    });
    expect(limited({})).toMatchObject({ retryAfterMs: 5_000 });
    expect(limited({ retry_after: 0 })).toMatchObject({ retryAfterMs: 1_000 });
    expect(limited({ retry_after: 10_000_000 })).toMatchObject({ retryAfterMs: 86_400_000 });
  });

  test.each([
    [401, 'Unauthorized'],
    [404, 'Not Found'],
  ])('%i %s: the token does not hold', (code, description) => {
    const expected = { kind: 'deferred', reason: 'unauthorized', scope: 'account' };
    expect(outcome(refusal(code, description))).toMatchObject(expected);
  });

  test.each([500, 502, 503, 504])('%i tells nothing', (code) => {
    const expected = { kind: 'unknown', phase: 'answered' };
    expect(outcome(refusal(code, 'Internal Server Error'))).toMatchObject(expected);
  });
});

describe('no answer', () => {
  test.each<[string, unknown]>([
    ['refused', broken(fetchFailed(system('ECONNREFUSED', { syscall: 'connect' })))],
    ['refused, by an older fetch', broken(system('ECONNREFUSED'))],
    ['no such name', broken(fetchFailed(system('ENOTFOUND', { syscall: 'getaddrinfo' })))],
    ['names not to be had now', broken(system('EAI_AGAIN'))],
    ['no way to the network', broken(fetchFailed(system('ENETUNREACH', { syscall: 'connect' })))],
    ['no connection in time', broken(fetchFailed(system('UND_ERR_CONNECT_TIMEOUT')))],
    [
      'refused at every address',
      broken(fetchFailed(new AggregateError([system('X', { syscall: 'connect' })]))),
    ],
  ])('%s: certainly not sent', (_, error) => {
    expect(outcome(error)).toMatchObject({ kind: 'deferred', reason: 'not_connected' });
  });

  test.each<[string, unknown]>([
    ['reset', broken(fetchFailed(system('ECONNRESET')))],
    ['reset, by an older fetch', broken(system('ECONNRESET'))],
    ['closed', broken(fetchFailed(system('UND_ERR_SOCKET')))],
    ['too slow', broken(new Error("Request to 'sendMessage' timed out after 10 seconds"))],
    ['aborted', broken(new DOMException('This operation was aborted', 'AbortError'))],
    ['something else', new Error('x')],
    ['nothing at all', undefined],
  ])('%s: it may have been sent', (_, error) => {
    expect(outcome(error)).toMatchObject({ kind: 'unknown', phase: 'written' });
  });

  test.each<[string, unknown]>([
    ['a page of a gateway', broken(new SyntaxError('Unexpected token <'))],
    ['null', new TypeError("Cannot read properties of null (reading 'ok')")],
    [
      'no answer of the Bot API',
      new GrammyError('failed', {} as never, 'sendMessage', { text: 'a secret text' }),
    ],
  ])('%s: it may have been done', (_, error) => {
    expect(outcome(error)).toMatchObject({ kind: 'unknown', phase: 'answered' });
  });

  test('no cause has a token or a text', () => {
    const errors = [
      broken(fetchFailed(system('ECONNRESET'))),
      broken(system('ECONNREFUSED')),
      refusal(400, `Bad Request: no such path /bot${token}/x`),
      new Error(token),
      Object.assign(new Error('x'), { code: token }),
    ];
    for (const error of errors) {
      const text = JSON.stringify(outcome(error));
      expect(text).not.toContain('AAFake');
      expect(text).not.toContain('secret text');
    }
  });

  test('an error that is its own cause comes to an end', () => {
    const error: Error & { cause?: unknown } = new Error('round');
    error.cause = error;
    expect(outcome(error).kind).toBe('unknown');
  });
});

describe('answers', () => {
  const shown = { atMs: 5, evidence: 'accepted' };

  test.each<[string, unknown, Partial<OutcomeContext>, object]>([
    [
      'a message',
      { message_id: 12, date: 1 },
      {},
      { kind: 'surfaced', handle: '12', surface: 'durable', ...shown },
    ],
    [
      'a part of more',
      { message_id: 12 },
      { more: true },
      { kind: 'partly_surfaced', handle: '12', surface: 'durable', ...shown },
    ],
    [
      'an edit',
      { message_id: 12, edit_date: 3 },
      { live: '12' },
      { kind: 'surfaced', handle: '12', surface: 'edited', ...shown },
    ],
    [
      'true for an edit',
      true,
      { live: '12' },
      { kind: 'surfaced', handle: '12', surface: 'edited', ...shown },
    ],
  ])('%s', (_, answer, more, expected) => {
    expect(DeliveryOutcome.parse(answerOutcome(answer, { ...context, ...more }))).toEqual(expected);
  });

  test.each([[true], [null], [{}], [{ message_id: '1' }]])(
    'success without a number proves nothing: %j',
    (answer) => {
      expect(answerOutcome(answer, context)).toMatchObject({ kind: 'unknown', phase: 'answered' });
    },
  );

  test('what was not tried is deferred', () => {
    expect(DeliveryOutcome.parse(notRunning(5))).toMatchObject({ reason: 'not_connected' });
    expect(DeliveryOutcome.parse(tooLate(5))).toMatchObject({ reason: 'unavailable' });
    const held = (weight: 'work' | 'answer') =>
      DeliveryOutcome.parse(heldBack(5, { retryAfterMs: 700, weight }));
    const limited = { reason: 'rate_limited', retryAfterMs: 700 };
    expect(held('answer')).toMatchObject({ ...limited, scope: 'channel' });
    expect(held('work')).toMatchObject({ ...limited, scope: 'part' });
    expect(DeliveryOutcome.parse(unsettledEdit(5))).toMatchObject({ kind: 'unknown' });
  });
});
