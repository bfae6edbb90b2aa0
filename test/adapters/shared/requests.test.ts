import { expect, test } from 'vitest';
import { Requests } from '../../../src/adapters/shared/requests.ts';
import { createFakeRuntime } from '../../../src/testing/fake-runtime.ts';

/** Resolves with how it ended when its signal aborts. */
const hanging = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve('ended at once');
    signal.addEventListener('abort', () => resolve('ended'));
  });

test('ends by its signal, by its time, and by a stop', async () => {
  const runtime = createFakeRuntime();
  const requests = new Requests(runtime);
  const caller = new AbortController();
  const bySignal = requests.request({ signal: caller.signal }, hanging);
  const byTime = requests.request({ limitMs: 1_000 }, hanging);
  const byStop = requests.request({}, hanging);
  caller.abort();
  expect(await bySignal).toBe('ended');
  await runtime.advance(1_000);
  expect(await byTime).toBe('ended');
  requests.stop();
  expect(await byStop).toBe('ended');
});

test('begins nothing after a stop, or for who is gone', async () => {
  const requests = new Requests(createFakeRuntime());
  expect(await requests.request({ signal: AbortSignal.abort() }, hanging)).toBe('ended at once');
  requests.stop();
  expect(requests.stopped).toBe(true);
  expect(await requests.request({}, hanging)).toBe('ended at once');
});

test('leaves nothing that sleeps when it is over', async () => {
  const runtime = createFakeRuntime();
  const requests = new Requests(runtime);
  expect(await requests.request({ limitMs: 1_000 }, async () => 'done')).toBe('done');
  await expect(
    requests.request({ limitMs: 1_000 }, () => Promise.reject(new Error('no'))),
  ).rejects.toThrow('no');
  await runtime.settle();
  expect(runtime.pending).toBe(0);
});
