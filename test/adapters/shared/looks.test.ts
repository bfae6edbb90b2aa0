import { beforeEach, expect, test } from 'vitest';
import { Looks, TooLate } from '../../../src/adapters/shared/looks.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/fake-runtime.ts';

let runtime: FakeRuntime;
let looks: Looks;
let ended: string[];
/** Ends the call that is under way. */
let end: (() => void)[];
beforeEach(() => {
  runtime = createFakeRuntime();
  looks = new Looks({ ms: 10_000, max: 5, waitersMax: 2 });
  ended = [];
  end = [];
});
const going = new AbortController().signal;

function look(name: string, signal: AbortSignal = going): void {
  const call = () => new Promise<void>((resolve) => void end.push(resolve));
  const late = (error: unknown) => (error instanceof TooLate ? `${name} late` : `${name} failed`);
  void looks.run(runtime, signal, call).then(
    () => ended.push(name),
    (error: unknown) => ended.push(late(error)),
  );
}

test('one after the other', async () => {
  look('a');
  look('b');
  await runtime.settle();
  expect([end.length, looks.waiting]).toEqual([1, 1]);
  end.shift()?.();
  await runtime.settle();
  expect([end.length, looks.waiting, ended]).toEqual([1, 0, ['a']]);
});

test('who comes when as many wait as may is too late at once', async () => {
  look('a');
  await runtime.settle();
  for (const name of ['b', 'c', 'd']) look(name);
  await runtime.settle();
  expect([ended, looks.waiting]).toEqual([['d late'], 2]);
});

test('who goes while it waits passes its turn on, and overtakes nobody with it', async () => {
  const gone = new AbortController();
  look('a');
  await runtime.settle();
  look('b', gone.signal);
  look('c');
  gone.abort();
  await runtime.settle();
  expect([ended, end.length]).toEqual([['b late'], 1]);
  end.shift()?.();
  await runtime.settle();
  end.shift()?.();
  await runtime.settle();
  expect(ended).toEqual(['b late', 'a', 'c']);
});

test('a call that fails gives its turn on', async () => {
  const failing = looks.run(runtime, going, () => Promise.reject(new Error('no')));
  look('a');
  await expect(failing).rejects.toThrow('no');
  await runtime.settle();
  expect(end).toHaveLength(1);
});
