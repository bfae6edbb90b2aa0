import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Api } from 'grammy';
import { expect, test } from 'vitest';
import { Holds } from '../../../src/testing/hold.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import type { FakeTelegram } from '../../../src/testing/telegram/index.ts';
import { failure, server } from './ground.ts';

function held(telegram: FakeTelegram): Api {
  const { apiRoot, token, fetch } = telegram;
  return new Api(token, { apiRoot, fetch: fetch as never, timeoutSeconds: 500 });
}

async function opened() {
  const runtime = createFakeRuntime();
  const telegram = await server({ runtime });
  const ann = telegram.person({ name: 'Ann' });
  ann.say('hello');
  return { runtime, telegram, ann, api: held(telegram) };
}

test('a request takes no virtual time, however long the socket takes', async () => {
  const { runtime, telegram, ann, api } = await opened();
  const atMs: number[] = [];
  const send = async (): Promise<void> => {
    for (let n = 0; n < 5; n += 1) {
      await api.sendMessage(ann.id, `m${n}`);
      atMs.push(runtime.elapsedMs);
      await runtime.sleep(100);
    }
  };
  const sending = send();
  await runtime.advance(1_000);
  await sending;
  expect(atMs).toEqual([0, 100, 200, 300, 400]);
  expect(telegram.callsOf('sendMessage')).toHaveLength(5);
});

test('a long poll lets time go, ends by it, and is held again when something comes', async () => {
  const { runtime, telegram, ann, api } = await opened();
  const seen: [atMs: number, texts: (string | undefined)[]][] = [];
  const over = new AbortController();
  const poll = async (): Promise<void> => {
    let offset = 0;
    while (!over.signal.aborted) {
      const found = await api.getUpdates({ offset, timeout: 25 }, over.signal as never);
      offset = (found.at(-1)?.update_id ?? offset - 1) + 1;
      seen.push([runtime.elapsedMs, found.map(({ message }) => message?.text)]);
    }
  };
  const polling = failure(poll());
  await runtime.advance(10_000);
  ann.say('again');
  await runtime.advance(60_000);
  expect(seen).toEqual([
    [0, ['hello']],
    [10_000, ['again']],
    [35_000, []],
    [60_000, []],
  ]);
  over.abort();
  await telegram.stop();
  expect(await polling).toHaveProperty('name', 'HttpError');
  await runtime.settle();
  expect(runtime.pending).toBe(0);
});

test('time stands still again when what only time could end is over', async () => {
  const runtime = createFakeRuntime();
  const holds = new Holds(runtime);
  const wake = new AbortController();
  const request = holds.around(async (id) => {
    await holds.idle(id, runtime.sleep(25_000, wake.signal));
    await promisify(scrypt)('real', 'work', 64);
    return runtime.elapsedMs;
  });
  await runtime.advance(10_000);
  wake.abort();
  await runtime.advance(60_000);
  expect(await request).toBe(10_000);
  expect(runtime.pending).toBe(0);
});

test.each([
  ['hang', []],
  ['applied_then_hang', ['one']],
] as const)('a server that does %s, or is slow, lets time go', async (kind, shown) => {
  const { runtime, telegram, ann, api } = await opened();
  telegram.fault('sendMessage', { kind });
  telegram.fault('sendMessage', { kind: 'slow', ms: 3_000 });
  const giveUp = new AbortController();
  const hanging = failure(api.sendMessage(ann.id, 'one', {}, giveUp.signal as never));
  await runtime.advance(10_000);
  giveUp.abort();
  expect(await hanging).toHaveProperty('name', 'HttpError');
  const slow = api.sendMessage(ann.id, 'two').then(() => runtime.elapsedMs);
  await runtime.advance(60_000);
  expect(await slow).toBe(13_000);
  expect(ann.chat.texts).toEqual([...shown, 'two']);
});

test('a refused connection is what Node says, and nothing reaches the server', async () => {
  const { telegram, ann, api } = await opened();
  telegram.fault('sendMessage', { kind: 'refused' }, { chat: ann.chat });
  const error = (await failure(api.sendMessage(ann.id, 'x'))) as { error: Error };
  expect(error.error.cause).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
  await telegram.down();
  const real = (await failure(api.sendMessage(ann.id, 'x'))) as { error: Error };
  expect(real.error.message).toBe(error.error.message);
  expect(real.error.cause).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
  expect(telegram.callsOf('sendMessage')).toEqual([]);
});

test.each(['reset', 'applied_then_reset'] as const)(
  '%s is a broken socket for it too',
  async (kind) => {
    const { runtime, telegram, ann, api } = await opened();
    telegram.fault('sendMessage', { kind });
    const sent = failure(api.sendMessage(ann.id, 'x'));
    await runtime.advance(1);
    const { error } = (await sent) as { error: Error };
    expect(error.cause).toHaveProperty(
      'code',
      expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/),
    );
  },
);

test('a webhook is held while it works, and let go where it waits for time', async () => {
  const runtime = createFakeRuntime();
  const handled: number[] = [];
  const telegram = await server({
    runtime,
    webhookFetch: async () => {
      if (handled.length > 0) await runtime.sleep(5_000);
      handled.push(runtime.elapsedMs);
      return new Response();
    },
  });
  await held(telegram).setWebhook('https://bot.example/');
  const ann = telegram.person();
  ann.say('one');
  await runtime.advance(1_000);
  ann.say('two');
  await runtime.advance(10_000);
  expect(handled).toEqual([0, 6_000]);
});
