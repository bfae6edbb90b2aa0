import { expect, test } from 'vitest';
import { WorkerError } from '../../src/contracts/error.ts';
import type { WorkerSession } from '../../src/contracts/worker.ts';
import { createFakeWorker, type FakeWorker } from '../../src/testing/index.ts';
import { createIO, sessionSpec, taskInput } from '../workers/task-io.ts';

const open = (worker: FakeWorker): Promise<WorkerSession> =>
  worker.ensureSession(sessionSpec, { signal: new AbortController().signal });

test('each call is in the hands of the test, in order, whoever waits first', async () => {
  const worker = createFakeWorker();
  const session = await open(worker);
  const early = worker.next();
  const io = createIO();
  const results = [
    session.prompt(taskInput('one'), io),
    session.prompt(taskInput('two'), createIO()),
  ];
  const [first, second] = [await early, await worker.next()];
  expect([first.kind, first.task.text, second.task.text]).toEqual(['prompt', 'one', 'two']);
  first.text('a');
  expect(first.finish('done')).toBe(true);
  expect([first.settled, first.finish('again'), first.fail(new Error('x'))]).toEqual([
    true,
    false,
    false,
  ]);
  first.emit({ kind: 'progress', message: 'late' });
  second.fail(new Error('broken'));
  expect(await results[0]).toEqual({ status: 'completed', text: 'done' });
  await expect(results[1]).rejects.toThrow('broken');
  expect(io.events.map(({ kind }) => kind)).toEqual(['text', 'progress']);
});

test('an abort ends a call as its cause says, unless it is ignored', async () => {
  const worker = createFakeWorker();
  const session = await open(worker);
  const [obeys, ignores] = [createIO(), createIO()];
  const results = [
    session.prompt(taskInput('one'), obeys),
    session.prompt(taskInput('two'), ignores),
  ];
  await worker.next();
  const stubborn = await worker.next();
  stubborn.ignoreAbort();
  obeys.abort.abort({ end: 'cancelled', reason: 'asked' });
  ignores.abort.abort({ end: 'cancelled', reason: 'asked' });
  expect(await results[0]).toEqual({ status: 'cancelled', text: '', reason: 'asked' });
  expect(stubborn.settled).toBe(false);
  stubborn.finish({ status: 'completed', text: 'late' });
  expect(await results[1]).toEqual({ status: 'completed', text: 'late' });
});

test('attach is there when it is said to be, a question is passed on', async () => {
  const worker = createFakeWorker({ capabilities: { reattach: true, resume: 'native' } });
  const session = await open(worker);
  const io = createIO();
  const result = session.attach?.(taskInput('one'), io);
  const call = await worker.next();
  expect(call.kind).toBe('attach');
  await call.ask({ kind: 'question', text: 'Sure?', options: [] });
  expect(io.asked).toHaveLength(1);
  call.finish('back');
  expect((await result)?.text).toBe('back');
  expect(session.resumeToken).toEqual({ v: 1, worker: 'fake', data: 1 });
  expect((await open(createFakeWorker())).attach).toBeUndefined();
});

test('sessions can fail and show how they were closed', async () => {
  const worker = createFakeWorker({ name: 'other' });
  worker.failSession(new WorkerError('session_lost', 'gone'));
  await expect(open(worker)).rejects.toThrow('gone');
  await (await open(worker)).close({ forget: true });
  expect(worker.sessions).toEqual([{ spec: sessionSpec, closed: true, forgotten: true }]);
  await worker.dispose();
  expect(worker.disposed).toBe(true);
});
