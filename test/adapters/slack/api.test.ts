import * as bolt from '@slack/bolt';
import { expect, test } from 'vitest';
import { createApi } from '../../../src/adapters/slack/api.ts';
import { readFailure } from '../../../src/adapters/slack/failure.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';

test.each<[Record<string, string>, number]>([
  [{}, 5_000],
  [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, 5_000],
  [{ 'retry-after': '7' }, 7_000],
])('a 429 with %o is a limit for a time', async (headers, retryAfterMs) => {
  const api = createApi(bolt, {
    token: 'xoxb-1-2-fake',
    apiUrl: 'https://slack.example/api/',
    fetch: async () => new Response('slow down', { status: 429, headers }),
    runtime: createFakeRuntime(),
  });
  const error: unknown = await api.call({ method: 'chat.postMessage', payload: {} }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(readFailure(error)).toMatchObject({ error: 'ratelimited', retryAfterMs });
});

const open = (fetch: typeof globalThis.fetch) =>
  createApi(bolt, {
    token: 'xoxb-1-2-fake',
    apiUrl: 'https://slack.example/api/',
    fetch,
    runtime: createFakeRuntime(),
  });
const post = { method: 'chat.postMessage', payload: {} };

test('a request ends with its signal, on the way as well', async () => {
  const over = new AbortController();
  let asked: Promise<unknown> = Promise.resolve();
  const signal = await new Promise<AbortSignal>((begun) => {
    const api = open((_, init) => {
      begun(init?.signal as AbortSignal);
      return new Promise(() => undefined);
    });
    asked = api.call(post, { signal: over.signal });
    asked.catch(() => undefined);
  });
  expect(signal.aborted).toBe(false);
  over.abort();
  expect(signal.aborted).toBe(true);
  // Also where what is below it does not heed that.
  await expect(asked).rejects.toThrow();
});

test.each<[string, () => Promise<Response>]>([
  ['a server error', async () => new Response('oops', { status: 500 })],
  ['a connection that breaks', async () => Promise.reject(new TypeError('fetch failed'))],
])('%s is told at once, and nothing is sent again', async (_, answer) => {
  let requests = 0;
  const api = open(async () => {
    requests += 1;
    return await answer();
  });
  await expect(api.call(post)).rejects.toThrow();
  expect(requests).toBe(1);
});
