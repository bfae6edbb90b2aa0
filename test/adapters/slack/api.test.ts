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
