import { beforeEach, expect, test } from 'vitest';
import { TokenStanding } from '../../../src/adapters/shared/token-standing.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/fake-runtime.ts';

let runtime: FakeRuntime;
let token: TokenStanding;
beforeEach(() => {
  runtime = createFakeRuntime();
  token = new TokenStanding(runtime);
});
const known = (): boolean => token.authorized(runtime.monoMs());

test('a call that began before it was refused proves nothing', async () => {
  const startedMs = runtime.monoMs();
  await runtime.advance(1_000);
  token.refused('401');
  expect([token.authorized(startedMs), token.refusal]).toEqual([false, '401']);
  expect([known(), token.refusal]).toEqual([true, undefined]);
});

test('refused right after it was known: believed for a minute, however often it is said', async () => {
  known();
  token.refused('401');
  await runtime.advance(30_000);
  token.refused('401 again');
  await runtime.advance(29_999);
  expect(known()).toBe(false);
  await runtime.advance(1);
  expect(known()).toBe(true);
});

test('each time twice as long, half an hour at most', async () => {
  for (const minutes of [1, 2, 4, 8, 16, 30, 30]) {
    known();
    token.refused('401');
    await runtime.advance(minutes * 60_000 - 1);
    expect(known(), `after almost ${minutes} minutes`).toBe(false);
    await runtime.advance(1);
    expect(known(), `after ${minutes} minutes`).toBe(true);
  }
});
