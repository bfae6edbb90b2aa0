import { beforeAll, describe, expect, test } from 'vitest';
import { storyLines } from '../../src/cli/story.ts';
import { outcomeText } from '../../src/cli/story-attempt.ts';
import { DeliveryOutcome } from '../../src/contracts/delivery.ts';
import type { JournalRow } from '../../src/contracts/event.ts';
import type { TaskStory } from '../../src/contracts/relay.ts';
import { fakeCli } from './fake-context.ts';
import { anAsk, anAttempt, aReceipt, aTask, atMs, id } from './fake-rows.ts';

beforeAll(() => {
  process.env['TZ'] = 'UTC';
});

const journal = [
  { seq: 1, atMs, name: 'task.accepted', data: { worker: 'demo' } },
  {
    seq: 2,
    atMs: atMs + 20_012,
    name: 'task.ended',
    data: { end: 'completed', reason: 'done', workMs: 20_000 },
  },
] as unknown as JournalRow[];

const story: TaskStory = {
  task: aTask('a1b2'),
  shortId: 'a1b2',
  inbound: undefined,
  asks: [anAsk()],
  invalid: [],
  receipts: [
    {
      receipt: aReceipt('4e'),
      attempts: [
        anAttempt(1, {
          outcome: {
            kind: 'deferred',
            atMs,
            reason: 'rate_limited',
            scope: 'channel',
            retryAfterMs: 200,
            cause: '429',
          },
        }),
        anAttempt(2, {
          outcome: {
            kind: 'surfaced',
            atMs,
            handle: 'h-secret',
            evidence: 'accepted',
            surface: 'edited',
          },
        }),
      ],
    },
  ],
  journal,
};

describe('readback inspect', () => {
  test('tells the whole story of an ended Task', async () => {
    const { code, out } = await fakeCli({ tasks: [story.task], story }).run('inspect', 'a1b2');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Task a1b2 · completed · slow 20

      Asked    2026-11-20 23:20:00 UTC, 1 min 00 s ago
      By       Ann (v-1)
      In       webchat/main/c1
      Worker   demo, attempt 1
      Work     began +12 ms, took 20 s
      End      completed (done) +20 s, at 2026-11-20 23:20:20, 39.9 s ago
      Promise  terminal_acked: the end was seen
      Id       01990000-0000-7000-8000-00000000a1b2

      Message
        slow 20

      Result
        Done after 20 s. … (and 1 more line: --text)

      Questions
        +1 s Deploy to production? [yes] [no]
          seen +1.2 s; answered “yes” by Ann +4 s

      Shown
        +20 s terminal: surfaced (rendered) +20.3 s
          in webchat/main/c1 #4, receipt 01990000-0000-7000-8000-00000000004e
          try 1 +20 s send: not sent: rate_limited (channel), again after 200 ms (429) in 30 ms
          try 2 +20 s send: shown (accepted, edited) in 30 ms
          | Done after 20 s. … (and 1 more line: --text)

      Timeline
        AT                   SINCE  WHAT           DATA
        2026-11-20 23:20:00  +0 ms  task.accepted  worker=demo
        2026-11-20 23:20:20  +20 s  task.ended     end=completed reason=done workMs=20000
      "
    `);
  });

  test('--text gives the texts in full', async () => {
    const { out } = await fakeCli({ tasks: [story.task], story }).run('inspect', 'A1B2', '--text');
    expect(out).toContain('Result\n  Done after 20 s.\n  Second line.\n');
    expect(out).not.toContain('--text)');
  });

  test('--json is the story without handles', async () => {
    const { out } = await fakeCli({ tasks: [story.task], story }).run(
      'inspect',
      id('a1b2'),
      '--json',
    );
    expect(out).not.toContain('h-secret');
    const told = JSON.parse(out) as Record<string, unknown>;
    expect(Object.keys(told)).toEqual(['task', 'asks', 'receipts', 'invalid', 'journal']);
    expect(told).toMatchObject({
      task: {
        shortId: 'a1b2',
        text: 'slow 20',
        result: 'Done after 20 s.\nSecond line.',
        promise: { state: 'terminal_acked' },
      },
      receipts: [
        {
          kind: 'terminal',
          text: 'Done after 20 s.\nSecond line.',
          attempted: [{ n: 1 }, { n: 2, outcome: { kind: 'surfaced', evidence: 'accepted' } }],
        },
      ],
    });
  });

  test('a Task that is not there', async () => {
    const cli = fakeCli({ tasks: [aTask('a1b2'), aTask('1a1b2')] });
    expect(await cli.run('inspect', 'ffff')).toEqual({
      code: 1,
      out: '',
      err: 'readback: no task ends in ffff\n',
    });
    expect((await cli.run('inspect', 'a1b2')).err).toBe(
      'readback: more than one task ends in a1b2\n',
    );
  });
});

describe('storyLines', () => {
  const lines = (task: TaskStory['task'], over: Partial<TaskStory> = {}): string =>
    storyLines(
      { ...story, asks: [], receipts: [], journal: [], task, ...over },
      { nowMs: atMs + 60_000, texts: false },
    ).join('\n');

  test('one that runs says what comes next', () => {
    const running = aTask('a1b2', {
      state: 'running',
      cause: undefined,
      result: undefined,
      endedAtMs: undefined,
      contract: {
        state: 'acked',
        terminalDueAtMs: atMs + 1_800_000,
        heartbeatDueAtMs: atMs + 62_000,
        lastSurfacedAtMs: atMs + 30_000,
      },
    });
    const told = lines(running);
    expect(told).toContain('Work     began +12 ms, going on for 59.9 s');
    expect(told).toContain('Promise  acked: it was seen that the work was taken on');
    expect(told).toContain('Next     heartbeat in 2 s, terminal in 29 min 00 s');
    expect(told).not.toContain('End ');
  });

  test('one that waits, one that is being cancelled, one that never began', () => {
    const queued = aTask('a1b2', {
      state: 'queued',
      cause: undefined,
      startedAtMs: undefined,
      endedAtMs: undefined,
      contract: { state: 'created' },
    });
    expect(lines(queued)).toContain('Work     waits for its turn since 1 min 00 s');
    const aborting = aTask('a1b2', {
      state: 'aborting',
      endedAtMs: undefined,
      cause: { end: 'cancelled', reason: 'enough', by: 'ann' },
    });
    expect(lines(aborting)).toContain('End      will be cancelled (enough, by ann)');
    expect(lines(aTask('a1b2', { startedAtMs: undefined }))).toContain('Work     never began');
  });

  test('what is hostile stays text', () => {
    const told = lines(
      aTask('a1b2', {
        title: 'x\u001B[2J',
        text: 'first\u202E\n\u001B]0;',
        personName: 'A\nB',
        error: 'e\u0007',
      }),
      {
        asks: [anAsk({ text: 'q\u001B', state: 'open' })],
        receipts: [
          {
            receipt: aReceipt('4e', { reason: 'r\u001B', state: 'dead' }),
            attempts: [anAttempt(1)],
          },
        ],
      },
    );
    expect(told.replaceAll('\n', '')).not.toMatch(/[\p{Control}\u202E]/u);
    expect(told).toContain('By       A↵B (v-1)');
    expect(told).toContain('no answer was recorded');
  });
});

describe('outcomeText', () => {
  test.each([
    [
      { kind: 'surfaced', handle: 'h', evidence: 'rendered', surface: 'durable' },
      'shown (rendered, durable)',
    ],
    [
      { kind: 'partly_surfaced', handle: 'h', evidence: 'accepted', surface: 'durable' },
      'part shown (accepted, durable), more follows',
    ],
    [
      { kind: 'not_surfaced', reason: 'no_audience', cause: 'no tab' },
      'not shown: no_audience (no tab)',
    ],
    [{ kind: 'deferred', reason: 'not_connected', cause: '' }, 'not sent: not_connected (channel)'],
    [
      { kind: 'redirected', to: { adapter: 'a', account: 'b', conversation: 'c d' }, cause: '' },
      'moved to a/b/c%20d',
    ],
    [
      { kind: 'rejected', reason: 'invalid', code: '400', repair: 'split', cause: 'too long' },
      'refused: invalid [400], try split (too long)',
    ],
    [
      { kind: 'unknown', phase: 'written', cause: 'reset' },
      'unknown, may be shown: written (reset)',
    ],
  ])('%j', (outcome, text) => {
    expect(outcomeText(DeliveryOutcome.parse({ atMs, ...outcome }))).toBe(text);
  });
});
