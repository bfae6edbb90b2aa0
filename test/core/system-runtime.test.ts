import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createSystemRuntime } from '../../src/core/system-runtime.ts';

const runtime = createSystemRuntime();

test('a sleep is never shorter than asked', async () => {
  for (const ms of [0, 1, 7.3, 20]) {
    const startedMs = runtime.monoMs();
    await runtime.sleep(ms);
    expect(runtime.monoMs() - startedMs).toBeGreaterThanOrEqual(ms);
  }
});

test('an abort ends a sleep at once and leaves no listener', async () => {
  const abort = new AbortController();
  const asleep = runtime.sleep(3_600_000, abort.signal);
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
  abort.abort();
  await asleep;
  await runtime.sleep(3_600_000, abort.signal);
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  const done = new AbortController();
  await runtime.sleep(1, done.signal);
  expect(getEventListeners(done.signal, 'abort')).toHaveLength(0);
});

test('a sleep too long for a timer does not end at once', async () => {
  const abort = new AbortController();
  let ended = false;
  const asleep = runtime.sleep(Number.MAX_SAFE_INTEGER, abort.signal).then(() => {
    ended = true;
  });
  await runtime.sleep(20);
  expect(ended).toBe(false);
  abort.abort();
  await asleep;
});

test('soon comes after promises and before later timers', async () => {
  const order: string[] = [];
  const timer = runtime.sleep(30).then(() => order.push('timer'));
  runtime.soon(() => order.push('soon'));
  void Promise.resolve().then(() => order.push('promise'));
  await timer;
  expect(order).toEqual(['promise', 'soon', 'timer']);
});

test('random gives any number of bytes', () => {
  expect(runtime.random(0)).toHaveLength(0);
  const many = runtime.random(200_000);
  expect(many).toHaveLength(200_000);
  expect(new Set(many.subarray(190_000)).size).toBe(256);
});
