import { webApi } from '@slack/bolt';
import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { breakage, clientOptions, server } from './ground.ts';

async function opened(options: Parameters<typeof server>[0] = {}) {
  const runtime = createFakeRuntime();
  const slack = await server({ runtime, ...options });
  const ann = slack.person({ name: 'Ann' });
  const api = new webApi.WebClient(slack.botToken, {
    ...clientOptions(slack),
    fetch: slack.fetch,
    timeout: 0,
  });
  const post = (text: string) => api.chat.postMessage({ channel: ann.dm.id, text });
  return { runtime, slack, ann, post };
}

test('a request takes no virtual time, however long the socket takes', async () => {
  const { runtime, slack, post } = await opened();
  const atMs: number[] = [];
  const send = async (): Promise<void> => {
    for (let n = 0; n < 5; n += 1) {
      // long enough for the socket to need many turns of the event loop
      await post('x'.repeat(2_000_000));
      atMs.push(runtime.elapsedMs);
      await runtime.sleep(100);
    }
  };
  const sending = send();
  await runtime.advance(1_000);
  await sending;
  expect(atMs).toEqual([0, 100, 200, 300, 400]);
  expect(slack.callsOf('chat.postMessage')).toHaveLength(5);
});

test('a server that is slow or hangs lets time go', async () => {
  const { runtime, slack, ann, post } = await opened();
  slack.fault('chat.postMessage', { kind: 'slow', ms: 3_000 });
  const slow = post('slow').then(() => runtime.elapsedMs);
  await runtime.advance(60_000);
  expect(await slow).toBe(3_000);
  slack.fault('chat.postMessage', { kind: 'applied_then_hang' });
  const hanging = breakage(post('hangs'));
  await runtime.advance(60_000);
  expect(ann.dm.texts).toEqual(['slow', 'hangs']);
  await slack.stop();
  await runtime.advance(1);
  expect(await hanging).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
});

test('a refused connection is what Node says, and nothing reaches the server', async () => {
  const { slack, ann, post } = await opened();
  slack.fault('chat.postMessage', { kind: 'refused' }, { channel: ann.dm });
  expect(await breakage(post('x'))).toBe('ECONNREFUSED');
  await slack.down();
  expect(await breakage(post('x'))).toBe('ECONNREFUSED');
  expect(slack.calls).toEqual([]);
});

test('a message of a person is handled within its instant, unless the app waits for time', async () => {
  const runtime = createFakeRuntime();
  const handled: number[] = [];
  const slack = await server({
    runtime,
    requestFetch: async () => {
      if (handled.length > 0) await runtime.sleep(2_000);
      handled.push(runtime.elapsedMs);
      return new Response();
    },
  });
  const ann = slack.person();
  ann.say('one');
  await runtime.advance(1_000);
  ann.say('two');
  await runtime.advance(10_000);
  expect(handled).toEqual([0, 3_000]);
  expect(slack.deliveries.map(({ outcome }) => outcome)).toEqual(['acked', 'acked']);
});

test('ids of messages grow with the clock, and no two are the same', async () => {
  const { runtime, ann } = await opened();
  const stamps = [ann.say('a'), ann.say('b')];
  await runtime.advance(1_500);
  stamps.push(ann.say('c'));
  const start = Date.UTC(2026, 0, 5, 9) / 1_000;
  expect(stamps.map(({ ts }) => ts)).toEqual([
    `${start}.000000`,
    expect.stringMatching(/^\d+\.00000\d$/),
    expect.stringMatching(`^${start + 1}\\.50000\\d$`),
  ]);
});
