import { webApi } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import { type Failure, readFailure } from '../../../src/adapters/slack/failure.ts';

const token = 'xoxb-111-222-abcdefghijkl';

/** What the real client rejects with when its `fetch` does this. */
async function failed(answer: () => Promise<Response>): Promise<Failure> {
  const client = new webApi.WebClient(token, {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: 'error' as webApi.LogLevel,
    logger: silent,
    fetch: answer,
  });
  const error = await client.chat.postMessage({ channel: 'C1', text: 'x' }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return readFailure(error);
}
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => 'error' as webApi.LogLevel,
  setName: () => undefined,
};
const answers = (body: unknown, init: ResponseInit = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return () => Promise.resolve(new Response(text, init));
};
const system = (code: string, syscall = 'read'): Error =>
  Object.assign(new Error(`${syscall} ${code} ${token}`), { code, syscall });
/** As the `fetch` of Node rejects. */
const broken = (cause: unknown) => () => Promise.reject(new TypeError('fetch failed', { cause }));

describe('errors of the real client', () => {
  test('an error that Slack names', async () => {
    expect(await failed(answers({ ok: false, error: 'channel_not_found' }))).toEqual({
      error: 'channel_not_found',
      phase: 'answered',
      words: 'channel_not_found',
    });
  });

  test('the scope that is missing', async () => {
    const body = { ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'im:read' };
    expect(await failed(answers(body))).toMatchObject({
      error: 'missing_scope',
      needed: 'chat:write',
      words: 'missing_scope: needs chat:write',
    });
  });

  test('a limit, with how long', async () => {
    const limited = answers('', { status: 429, headers: { 'retry-after': '17' } });
    expect(await failed(limited)).toEqual({
      error: 'ratelimited',
      phase: 'answered',
      words: 'ratelimited',
      retryAfterMs: 17_000,
    });
  });

  test('a limit that does not say how long is not known for one', async () => {
    const failure = await failed(answers('', { status: 429 }));
    expect(failure).not.toHaveProperty('error');
    expect(failure.phase).toBe('written');
  });

  test.each([500, 502, 503, 404, 413])('HTTP %i', async (status) => {
    expect(await failed(answers('<html>', { status }))).toEqual({
      status,
      phase: 'answered',
      words: `HTTP ${status}`,
    });
  });

  test.each([
    ['a page', '<html>channel_not_found</html>'],
    ['nothing', ''],
    ['a cut answer', '{"ok":true,"ts":"1700000000.0001'],
    ['a text of one line', 'upstream connect error'],
  ])('%s with status 200 is no answer of Slack', async (_, body) => {
    const failure = await failed(answers(body));
    expect(failure).toEqual({ phase: 'answered', words: 'an answer that is not of Slack' });
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])(
    '%s: nothing left',
    async (code) => {
      const failure = await failed(broken(system(code, 'whatever')));
      expect(failure.phase).toBe('not_connected');
      expect(failure.words).toContain(code);
      expect(failure).not.toHaveProperty('status');
    },
  );

  test('no address of several could be reached', async () => {
    const errors = [system('ETIMEDOUT', 'connect'), system('ENETUNREACH', 'connect')];
    expect((await failed(broken(new AggregateError(errors)))).phase).toBe('not_connected');
  });

  test.each([
    ['ECONNRESET', 'read'],
    ['ECONNRESET', 'write'],
    ['EPIPE', 'write'],
    ['UND_ERR_SOCKET', 'read'],
    ['UND_ERR_HEADERS_TIMEOUT', 'read'],
    ['ETIMEDOUT', 'read'],
  ])('%s while it %ss: it may have been done', async (code, syscall) => {
    const failure = await failed(broken(system(code, syscall)));
    expect(failure).toMatchObject({ phase: 'written' });
  });

  test('its own time limit, and an abort', async () => {
    const late = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(await failed(() => Promise.reject(late))).toMatchObject({
      phase: 'written',
      words: expect.stringContaining('TimeoutError'),
    });
    const aborted = new DOMException('This operation was aborted', 'AbortError');
    expect((await failed(() => Promise.reject(aborted))).phase).toBe('written');
  });

  test('an answer that breaks off while it is read', async () => {
    const body = new ReadableStream({
      start: (controller) =>
        controller.error(new TypeError('terminated', { cause: system('UND_ERR_SOCKET') })),
    });
    const failure = await failed(() => Promise.resolve(new Response(body)));
    expect(failure).toMatchObject({ phase: 'written' });
  });

  test('no token in what is kept', async () => {
    for (const cause of [system('ECONNRESET'), { code: `E_${token}` }, { name: 'xapp-1-A-b' }]) {
      const failure = await failed(broken(cause));
      expect(failure.words).not.toMatch(/abcdefghijkl|xapp-1/);
    }
    const odd = await failed(answers({ ok: false, error: `bad ${token}` }));
    expect(odd.words).not.toContain('xoxb');
  });
});

test.each([undefined, null, 'text', 7, {}, { code: 5 }, new Error('channel_not_found')])(
  '%s: unknown, and never thrown for',
  (error) => {
    expect(readFailure(error)).toMatchObject({ phase: 'written' });
    expect(readFailure(error)).not.toHaveProperty('error');
  },
);

test('an error that causes itself ends', () => {
  const error: { cause?: unknown; code: string } = { code: 'ECONNRESET' };
  error.cause = error;
  expect(readFailure(error)).toEqual({ phase: 'written', words: 'ECONNRESET' });
});

/** `@slack/web-api` 7, which comes with Bolt 4, sends by axios. */
test.each([
  ['ECONNREFUSED', 'not_connected'],
  ['ECONNRESET', 'written'],
  ['ECONNABORTED', 'written'],
])('%s as the client before this one rejects', (code, phase) => {
  const original = Object.assign(new Error(code), { name: 'AxiosError', code, isAxiosError: true });
  const error = Object.assign(new Error(`A request error occurred: ${code}`), {
    code: 'slack_webapi_request_error',
    original,
  });
  expect(readFailure(error)).toMatchObject({ phase, words: expect.stringContaining(code) });
});
