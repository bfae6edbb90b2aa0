import { describe, expect, test } from 'vitest';
import { ConfigError, WorkerError } from '../../src/contracts/error.ts';
import type { TranscriptItem } from '../../src/contracts/session.ts';
import type { TaskResult } from '../../src/contracts/worker.ts';
import { defineWorker, type WorkerFunction } from '../../src/workers/function.ts';
import { createIO, type FakeIO, sessionSpec, taskInput } from './task-io.ts';

const open = { signal: new AbortController().signal };

async function run(fn: WorkerFunction, io: FakeIO = createIO()): Promise<TaskResult> {
  const session = await defineWorker(fn).ensureSession(sessionSpec, open);
  return session.prompt(taskInput('do it'), io);
}

const streamed = (io: FakeIO): string[] =>
  io.events.flatMap((event) => (event.kind === 'text' ? [event.delta] : []));

describe('the result', () => {
  test('is the returned text, also of a plain function', async () => {
    expect(await run(async (task) => `done: ${task.text}`)).toEqual({
      status: 'completed',
      text: 'done: do it',
    });
    expect(await run(() => 'at once')).toEqual({ status: 'completed', text: 'at once' });
  });

  test('is what was streamed when nothing is returned', async () => {
    const io = createIO();
    const result = await run(async (_task, { text }) => {
      text('Hel');
      text('');
      text('lo');
    }, io);
    expect(result).toEqual({ status: 'completed', text: 'Hello' });
    expect(streamed(io)).toEqual(['Hel', 'lo']);
  });

  test('is the returned text when there is also a streamed one', async () => {
    const result = await run(async (_task, { text }) => {
      text('draft');
      return 'final';
    });
    expect(result.text).toBe('final');
  });

  test('is all that a generator yields, or what it returns', async () => {
    const io = createIO();
    const result = await run(async function* () {
      yield 'a';
      yield 'b';
    }, io);
    expect([result.text, streamed(io)]).toEqual(['ab', ['a', 'b']]);
    const returned = await run(async function* () {
      yield 'draft';
      return 'final';
    });
    expect(returned).toEqual({ status: 'completed', text: 'final' });
  });

  test.each([
    ['nothing', async () => {}],
    ['an empty text', async () => ''],
    ['white space', async () => ' \n'],
    ['a generator that yields nothing', async function* () {}],
  ] as [string, WorkerFunction][])('%s is failed, no_result', async (_name, fn) => {
    expect(await run(fn)).toEqual({ status: 'failed', text: '', reason: 'no_result' });
  });
});

describe('what goes wrong', () => {
  test('a throw is failed with its code, and keeps what was streamed', async () => {
    const result = await run((_task, { text }) => {
      text('half');
      throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    });
    const error = { code: 'ENOSPC', message: 'disk full', retryable: false };
    expect(result).toEqual({ status: 'failed', text: 'half', reason: 'error', error });
  });

  test.each([
    [new TypeError('bad'), { code: 'TypeError', message: 'bad', retryable: false }],
    [
      new WorkerError('unavailable', 'later', { retryable: true }),
      { code: 'unavailable', message: 'later', retryable: true },
    ],
    ['a word', { code: 'Error', message: 'a word', retryable: false }],
    [{ secret: 'x' }, { code: 'Error', message: 'a object was thrown', retryable: false }],
  ])('%s', async (thrown, error) => {
    expect((await run(() => Promise.reject(thrown))).error).toEqual(error);
  });

  test('a generator that throws is failed with what it yielded', async () => {
    const result = await run(async function* () {
      yield 'half';
      throw new Error('broken');
    });
    expect([result.status, result.text, result.error?.message]).toEqual([
      'failed',
      'half',
      'broken',
    ]);
  });

  test('what is not a text is an error, not a message', async () => {
    const wrong = [
      async () => 42,
      async (_task: unknown, { text }: { text: (delta: unknown) => void }) => text(7),
      async function* () {
        yield { text: 'x' };
      },
    ] as unknown as WorkerFunction[];
    for (const fn of wrong) expect((await run(fn)).error?.code).toBe('not_text');
  });

  test('a stream without end is stopped', async () => {
    let closed = false;
    const result = await run(async function* () {
      try {
        for (;;) yield 'x'.repeat(100_000);
      } finally {
        closed = true;
      }
    });
    expect([result.error?.code, closed]).toEqual(['text_too_long', true]);
  });
});

describe('after an abort', () => {
  const stop = (io: FakeIO): void => io.abort.abort({ end: 'timed_out', reason: 'terminal' });

  test('a throw and an end without a text are what the abort says', async () => {
    for (const end of [() => Promise.reject(new Error('aborted')), async () => {}]) {
      const io = createIO();
      const result = await run((_task, { text }) => {
        text('half');
        stop(io);
        return end();
      }, io);
      expect(result).toEqual({ status: 'timed_out', text: 'half', reason: 'terminal' });
    }
  });

  test('a returned text still counts', async () => {
    const io = createIO();
    const result = await run(async () => {
      stop(io);
      return 'just in time';
    }, io);
    expect(result).toEqual({ status: 'completed', text: 'just in time' });
  });

  test('a generator is closed and yields no more', async () => {
    const io = createIO();
    let closed = false;
    const result = await run(async function* () {
      try {
        yield 'a';
        stop(io);
        yield 'b';
        yield 'c';
      } finally {
        closed = true;
      }
    }, io);
    expect([result.status, streamed(io), closed]).toEqual(['timed_out', ['a', 'b'], true]);
  });

  test('without a cause it is cancelled', async () => {
    const io = createIO();
    io.abort.abort();
    expect(await run(async () => {}, io)).toEqual({
      status: 'cancelled',
      text: '',
      reason: 'aborted',
    });
  });
});

describe('a question', () => {
  test('with choices gives the chosen label', async () => {
    const io = createIO();
    io.reply = { outcome: 'selected', optionId: '1' };
    const result = await run(
      async (_task, { ask }) => `said ${await ask('Deploy?', ['yes', 'no'])}`,
      io,
    );
    expect(result.text).toBe('said no');
    const options = [
      { id: '0', label: 'yes' },
      { id: '1', label: 'no' },
    ];
    expect(io.asked).toEqual([{ kind: 'question', text: 'Deploy?', options, freeText: false }]);
  });

  test('without choices gives the words, and undefined when nobody answers', async () => {
    const io = createIO();
    io.reply = { outcome: 'answered', text: 'blue' };
    expect((await run(async (_task, { ask }) => ask('Colour?'), io)).text).toBe('blue');
    expect(io.asked[0]).toEqual({ kind: 'question', text: 'Colour?', options: [], freeText: true });
    expect((await run(async (_task, { ask }) => String(await ask('Colour?')))).text).toBe(
      'undefined',
    );
  });

  test('in full goes through as it is', async () => {
    const io = createIO();
    const request = {
      kind: 'permission',
      text: 'rm?',
      options: [{ id: 'n', label: 'No', refuses: true }],
    } as const;
    await run(async (_task, { ask }) => (await ask(request)).outcome, io);
    expect(io.asked).toEqual([request]);
  });
});

test('progress, signs of life and other events go through', async () => {
  const io = createIO();
  await run(async (_task, { progress, emit, touch }) => {
    progress('building');
    progress('testing', 0.5);
    emit({ kind: 'warning', code: 'w', message: 'm' });
    touch();
    return 'x';
  }, io);
  expect(io.events).toEqual([
    { kind: 'progress', message: 'building' },
    { kind: 'progress', message: 'testing', fraction: 0.5 },
    { kind: 'warning', code: 'w', message: 'm' },
  ]);
  expect(io.touched).toBe(1);
});

describe('a session', () => {
  const before: TranscriptItem = {
    role: 'user',
    text: 'before',
    taskId: taskInput('').id,
    atMs: 1,
  };

  test('remembers what was asked and answered, bounded', async () => {
    const seen: string[][] = [];
    const worker = defineWorker(async (task) => {
      seen.push(
        task.history.map((item) => ('text' in item ? `${item.role}: ${item.text}` : item.role)),
      );
      if (task.text === 'fail') throw new Error('x');
      return `re ${task.text}`;
    });
    const session = await worker.ensureSession({ ...sessionSpec, transcript: [before] }, open);
    for (const text of ['one', 'fail', 'two']) await session.prompt(taskInput(text), createIO());
    expect(seen).toEqual([
      ['user: before'],
      ['user: before', 'user: one', 'assistant: re one'],
      ['user: before', 'user: one', 'assistant: re one', 'user: fail'],
    ]);
    for (let task = 0; task < 120; task += 1) await session.prompt(taskInput('more'), createIO());
    expect(seen.at(-1)).toHaveLength(200);
    await session.close();
    await session.close({ forget: true });
    await worker.dispose();
  });
});

describe('defineWorker', () => {
  test('takes a name and clocks', () => {
    expect(defineWorker(async () => 'x').name).toBe('function');
    const worker = defineWorker(
      { name: 'build', deadlines: { terminalMs: 5_000 } },
      async () => 'x',
    );
    expect([worker.name, worker.deadlines]).toEqual(['build', { terminalMs: 5_000 }]);
  });

  test('refuses what is no worker', () => {
    const wrong = [{ name: '' }, { name: 'x'.repeat(201) }, { name: 7 }, { nmae: 'build' }];
    for (const options of wrong) {
      expect(() => defineWorker(options as object, async () => 'x')).toThrow(ConfigError);
    }
    expect(() => defineWorker({} as WorkerFunction)).toThrow(ConfigError);
  });
});
