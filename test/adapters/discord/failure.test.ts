import { REST } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { type Failure, readFailure } from '../../../src/adapters/discord/failure.ts';

const secret = 'aW50ZXJhY3Rpb246dG9rZW4';

type Answer = (url: string, init: { signal?: AbortSignal }) => Promise<Response>;

/** What the real client rejects with when what makes its requests does this. */
async function failed(makeRequest: Answer, times = 1): Promise<Failure> {
  const rest = new REST({
    retries: 0,
    rejectOnRateLimit: () => true,
    timeout: 10_000,
    makeRequest: makeRequest as unknown as NonNullable<
      ConstructorParameters<typeof REST>[0]
    >['makeRequest'] &
      object,
  }).setToken('token');
  let error: unknown;
  for (let n = 0; n < times; n += 1)
    error = await rest.patch(`/webhooks/1/${secret}/messages/@original`, { body: {} }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
  rest.clearHashSweeper();
  rest.clearHandlerSweeper();
  expect(error).toBeInstanceOf(Error);
  const failure = readFailure(error);
  expect(JSON.stringify(failure)).not.toContain(secret);
  return failure;
}

const answers = (body: unknown, init: ResponseInit & { json?: boolean } = {}): Answer => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = init.json === false ? 'text/html' : 'application/json';
  const headers = { 'content-type': type, ...(init.headers as Record<string, string>) };
  return () => Promise.resolve(new Response(text, { ...init, headers }));
};
const system = (code: string, syscall = 'read'): Error =>
  Object.assign(new Error(`${syscall} ${code} ${secret}`), { code, syscall });
/** As the `fetch` of Node rejects. */
const broken =
  (cause: unknown): Answer =>
  () =>
    Promise.reject(new TypeError('fetch failed', { cause }));

describe('errors of the real client', () => {
  test('an error that Discord numbers', async () => {
    const body = { message: 'Unknown Channel', code: 10_003 };
    expect(await failed(answers(body, { status: 404 }))).toEqual({
      code: 10_003,
      status: 404,
      phase: 'answered',
      words: '10003 (HTTP 404)',
    });
  });

  test('one without a number of its own', async () => {
    const body = { message: '401: Unauthorized', code: 0 };
    expect(await failed(answers(body, { status: 401 }))).toMatchObject({ code: 0, status: 401 });
  });

  test('a form that is wrong', async () => {
    const errors = { content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: secret }] } };
    const body = { message: 'Invalid Form Body', code: 50_035, errors };
    expect(await failed(answers(body, { status: 400 }))).toMatchObject({
      code: 50_035,
      status: 400,
    });
  });

  test.each([400, 403, 404, 413])('a page with status %i is none of Discord', async (status) => {
    const failure = await failed(answers('<html>10003</html>', { status, json: false }));
    expect(failure).toEqual({ status, phase: 'answered', words: `HTTP ${status}` });
  });

  test.each([500, 502, 503, 504])('HTTP %i, whatever it says', async (status) => {
    const body = { message: 'overloaded', code: 130_000 };
    expect(await failed(answers(body, { status }))).toEqual({
      status,
      phase: 'answered',
      words: `HTTP ${status}`,
    });
  });

  test.each([
    [{ 'retry-after': '17' }, { retryAfterMs: 17_050, scope: 'user' }],
    [
      { 'retry-after': '17', 'x-ratelimit-scope': 'shared' },
      { retryAfterMs: 17_050, scope: 'shared' },
    ],
    [{ 'retry-after': '2', 'x-ratelimit-global': 'true' }, { scope: 'global' }],
    [{}, { retryAfterMs: 0, scope: 'user' }],
  ])('a limit with %j', async (headers, limit) => {
    const body = { message: 'slow down', retry_after: 17, global: false };
    const failure = await failed(answers(body, { status: 429, headers }));
    expect(failure).toMatchObject({ limit, phase: 'answered', words: `a limit (${limit.scope})` });
  });

  test('a limit that the client knows before it sends', async () => {
    let calls = 0;
    const headers = {
      'x-ratelimit-limit': '1',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset-after': '30',
      'x-ratelimit-bucket': 'b',
    };
    const body = { message: 'no', code: 10_008 };
    const answer = answers(body, { status: 404, headers });
    const failure = await failed((...given) => {
      calls += 1;
      return answer(...given);
      // The first answer tells it the name of the bucket, the second how full it is.
    }, 3);
    expect(calls).toBe(2);
    expect(failure.limit?.scope).toBe('user');
    expect(failure.limit?.retryAfterMs).toBeGreaterThan(25_000);
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])(
    '%s: nothing left',
    async (code) => {
      const failure = await failed(broken(system(code, 'whatever')));
      expect(failure).toMatchObject({ phase: 'not_connected' });
      expect(failure.words).toContain(code);
    },
  );

  test.each([
    [system('ETIMEDOUT', 'connect')],
    [new AggregateError([system('EHOSTUNREACH', 'connect'), system('ENETUNREACH', 'connect')])],
  ])('no connection came to be: %s', async (cause) => {
    expect(await failed(broken(cause))).toMatchObject({ phase: 'not_connected' });
  });

  test.each([
    'ECONNRESET',
    'EPIPE',
    'UND_ERR_SOCKET',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
  ])('%s: it may have arrived', async (code) => {
    const failure = await failed(broken(system(code)));
    expect(failure).toMatchObject({ phase: 'written' });
    expect(failure.words).toContain(code);
    expect(failure).not.toHaveProperty('status');
  });

  test('aborted while it was on its way', async () => {
    const failure = await failed(() => Promise.reject(new DOMException('aborted', 'AbortError')));
    expect(failure).toEqual({ phase: 'written', words: 'AbortError' });
  });

  test('an answer that was cut', () => {
    const error = new SyntaxError('Unexpected end of JSON input');
    expect(readFailure(error)).toEqual({
      phase: 'answered',
      words: 'an answer that cannot be read',
    });
  });

  test.each([undefined, null, 'x', {}, { cause: {} }])(
    '%j is not understood, and may have arrived',
    (error) => {
      expect(readFailure(error)).toMatchObject({ phase: 'written' });
    },
  );

  test('errors that cause each other come to an end', () => {
    const one: { cause?: unknown; name: string } = { name: 'One' };
    one.cause = { name: 'Two', cause: one };
    expect(readFailure(one)).toEqual({ phase: 'written', words: 'One ← Two' });
  });
});
