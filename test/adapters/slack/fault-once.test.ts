import { afterEach, describe, expect, test, vi } from 'vitest';
import type { SlackFault } from '../../../src/testing/slack/index.ts';
import { labels, ours } from '../../support/slack.ts';
import {
  type Asked,
  answerAtOnce,
  ask,
  begin,
  close,
  crash,
  day,
  minute,
  openStage,
  receiptsOf,
  repeated,
  repetitions,
  sent,
  tasks,
} from './fault-ground.ts';
import type { Stage, StageOptions } from './stage.ts';

// Hours of virtual time, with a real request every few seconds of it.
vi.setConfig({ testTimeout: 60_000 });

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await openStage(options);
  return stage;
}
afterEach(async () => {
  await close(stage);
});

const answers = ({ thread }: Asked): readonly string[] =>
  thread.texts.filter((text) => text.includes('forty-two'));

describe('F09 Slack: what was delivered long ago', () => {
  test('F09 Slack: shown, and dead before it was stored: after a week it is found and not sent again', async () => {
    await open();
    const planned = stage.slack.fault('chat.postMessage', { kind: 'applied_then_hang' });
    const { thread } = await answerAtOnce(stage);
    await stage.advance(1_000);
    expect(planned.hits).toBe(1);
    await crash(stage, 7 * day);
    for (let n = 0; n < 3; n += 1) {
      await stage.advance(5 * minute);
      await crash(stage, minute);
    }
    expect(sent(stage)).toHaveLength(1);
    expect(thread.texts).toEqual(['forty-two']);
    expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
    expect(await stage.incidents()).toEqual([]);
  });

  test('F09 Slack: what is stored as shown is not sent again by any restart, nor what a person said answered again', async () => {
    await open();
    const { thread } = await answerAtOnce(stage);
    await stage.advance(minute);
    const events = stage.slack.deliveries.flatMap(({ eventId }) => eventId ?? []);
    for (let n = 0; n < 4; n += 1) {
      await crash(stage, n === 3 ? 7 * day : minute);
      for (const event of events) expect(stage.slack.redeliver(event)).toBe(true);
      await stage.advance(minute);
    }
    expect(thread.texts).toEqual(['forty-two']);
    expect(sent(stage)).toHaveLength(1);
    expect(await tasks(stage)).toHaveLength(1);
    expect(stage.slack.pendingEvents).toBe(0);
  });
});

describe('F11 Slack: an answer of several messages', () => {
  const words = Array.from({ length: 1_300 }, (_, n) => `w${String(n).padStart(6, '0')}`);
  const wordsIn = (texts: readonly string[]): readonly string[] =>
    texts.join(' ').match(/w\d{6}/g) ?? [];

  test.each<[string, SlackFault]>([
    ['refused', { kind: 'refused' }],
    ['429', { kind: 'rate_limited', retryAfterS: 5 }],
    ['502', { kind: 'html' }],
    ['shown, and then 500', { kind: 'applied_then_server_error' }],
    ['hung', { kind: 'hang' }],
    ['shown, its answer lost', { kind: 'applied_then_reset' }],
    ['shown, called an internal error', { kind: 'applied_then_error', error: 'internal_error' }],
  ])('F11 Slack: part 2 is %s: it goes on there, nothing is seen twice', async (_, fault) => {
    await open();
    const { thread, call } = await ask(stage);
    call.finish(words.join(' '));
    await stage.advance(0);
    const planned = stage.slack.fault('chat.postMessage', fault);
    await stage.advance(2 * minute);
    expect(planned.hits).toBe(1);
    expect(wordsIn(thread.texts)).toEqual(words);
    expect(sent(stage, words[0])).toHaveLength(1);
    expect(await repetitions(stage)).toEqual([]);
  });

  test.each<SlackFault>([{ kind: 'hang' }, { kind: 'applied_then_hang' }])(
    'F11 Slack: dead at part 2 ($kind): it goes on there, nothing is seen twice',
    async (fault) => {
      await open();
      const { thread, call } = await ask(stage);
      call.finish(words.join(' '));
      await stage.advance(0);
      const planned = stage.slack.fault('chat.postMessage', fault);
      await stage.advance(2_000);
      expect(planned.hits).toBe(1);
      await crash(stage, minute);
      await stage.advance(2 * minute);
      expect(wordsIn(thread.texts)).toEqual(words);
      expect(sent(stage, words[0])).toHaveLength(1);
      expect(await repetitions(stage)).toEqual([]);
      expect(stage.calls).toHaveLength(1);
    },
  );
});

const lost: readonly SlackFault[] = [
  { kind: 'applied_then_reset' },
  { kind: 'applied_then_hang' },
  { kind: 'applied_then_server_error' },
  { kind: 'applied_then_error', error: 'fatal_error' },
];

describe('F13 Slack: it took it and its answer is lost', () => {
  test.each(lost)('F13 Slack: a message ($kind): found by its key, seen once', async (fault) => {
    await open();
    stage.slack.fault('chat.postMessage', fault);
    const asked = await answerAtOnce(stage);
    await stage.advance(2 * minute);
    expect(asked.thread.texts).toEqual(['forty-two']);
    expect(sent(stage)).toHaveLength(1);
    expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
    expect(await repetitions(stage)).toEqual([]);
  });

  test.each(lost)('F13 Slack: a file ($kind): found by its key, seen once', async (fault) => {
    await open({ config: { partsMax: 1 } });
    const planned = stage.slack.fault('files.completeUploadExternal', fault);
    const { thread } = await answerAtOnce(stage, `${'long '.repeat(1_500)}forty-two`);
    await stage.advance(2 * minute);
    expect(planned.hits).toBe(1);
    expect(ours(thread).flatMap(({ files }) => files)).toHaveLength(1);
    expect(await repetitions(stage)).toEqual([]);
  });

  test.each(lost)('F13 Slack: an edit ($kind): repeated without harm', async (fault) => {
    await open();
    const asked = await begin(stage);
    const planned = stage.slack.fault('chat.update', fault);
    asked.call.emit({ kind: 'progress', message: 'half of it' });
    await stage.advance(minute);
    expect(planned.hits).toBe(1);
    expect(asked.thread.texts).toEqual([expect.stringContaining('half of it')]);
    asked.call.finish('forty-two');
    await stage.advance(minute);
    expect(answers(asked)).toEqual(['forty-two']);
    expect(await repetitions(stage)).toEqual([]);
  });

  test.each([
    ['mark', ['forty-two', expect.stringMatching(repeated)]],
    ['hold', ['forty-two']],
  ] as const)(
    'F13 Slack: where the history may not be read, as it is wanted: %s',
    async (unknownPolicy, texts) => {
      await open({ config: { unknownPolicy } });
      stage.slack.setScopes(['app_mentions:read', 'chat:write', 'channels:join', 'channels:read']);
      stage.slack.fault('chat.postMessage', { kind: 'applied_then_reset' });
      const { thread } = await answerAtOnce(stage);
      await stage.advance(2 * minute);
      expect(thread.texts).toEqual(texts);
      expect(await repetitions(stage)).toHaveLength(unknownPolicy === 'mark' ? 1 : 0);
      const [held] = await stage.incidents();
      if (unknownPolicy === 'hold') expect(held).toContain('missing_scope');
    },
  );
});

describe('H12 Slack: dead after it accepted and before its answer was read', () => {
  async function dieAt(method: string, act: () => void, withinMs = 3_000): Promise<void> {
    const planned = stage.slack.fault(method, { kind: 'applied_then_hang' });
    act();
    await stage.advance(withinMs);
    expect(planned.hits).toBe(1);
    await crash(stage, minute);
    await stage.advance(2 * minute);
    expect(stage.calls).toHaveLength(1);
    expect(await repetitions(stage)).toEqual([]);
  }
  const counted = ({ thread }: Asked, text: string): number =>
    thread.texts.filter((one) => one.includes(text)).length;
  const atWork = ({ thread }: Asked): number =>
    ours(thread).filter(
      (one) => labels(one).includes('Cancel') || one.stream === 'on' || one.shown.includes('On it'),
    ).length;

  test('H12 Slack: at the placeholder: it is found and finished, the end is told once', async () => {
    await open();
    const asked = await ask(stage);
    await dieAt('chat.postMessage', () => undefined);
    expect([counted(asked, 'Interrupted'), atWork(asked)]).toEqual([1, 0]);
    expect(ours(asked.thread)).toHaveLength(2);
  });

  test('H12 Slack: at a progress: the end is told once, nothing stays at work', async () => {
    await open();
    const asked = await begin(stage);
    const { call } = asked;
    await dieAt('chat.update', () => call.emit({ kind: 'progress', message: 'half of it' }));
    expect([counted(asked, 'Interrupted'), counted(asked, 'half of it')]).toEqual([1, 0]);
    expect([ours(asked.thread).length, atWork(asked)]).toEqual([2, 0]);
  });

  test('H12 Slack: at the answer: seen once', async () => {
    await open();
    const asked = await begin(stage);
    await dieAt('chat.postMessage', () => void asked.call.finish('forty-two'));
    expect([answers(asked), atWork(asked)]).toEqual([['forty-two'], 0]);
  });

  test.each([
    ['chat.startStream', 5_000],
    ['chat.appendStream', 8_000],
  ] as const)('H12 Slack: at %s: nothing of it stays, the end is told once', async (method, ms) => {
    await open();
    const asked = await begin(stage);
    const { call } = asked;
    await dieAt(
      method,
      () => {
        call.text('Once upon a time ');
        void stage.harness.runtime.sleep(4_000).then(() => call.text('there was a bot.'));
      },
      ms,
    );
    expect([counted(asked, 'Interrupted'), counted(asked, 'Once upon')]).toEqual([1, 0]);
    expect(atWork(asked)).toBe(0);
  });

  test.each(['chat.stopStream', 'chat.update'])(
    'H12 Slack: at the answer that takes the place of a stream, by %s: told once',
    async (method) => {
      await open();
      const asked = await begin(stage);
      const { call } = asked;
      call.text('forty-');
      await stage.advance(4_000);
      expect(counted(asked, 'forty-')).toBe(1);
      await dieAt(method, () => void call.finish('forty-two'));
      expect([counted(asked, 'forty-'), answers(asked), atWork(asked)]).toEqual([
        1,
        ['forty-two'],
        0,
      ]);
    },
  );

  test('H12 Slack: at a question: it is found, its buttons go, the end is told once', async () => {
    await open();
    const asked = await begin(stage);
    const options = [
      { id: 'yes', label: 'Yes' },
      { id: 'no', label: 'No', refuses: true },
    ];
    const question = { kind: 'permission', text: 'Go on?', options } as const;
    await dieAt('chat.postMessage', () => void asked.call.ask(question));
    const shown = ours(asked.thread).filter(({ history }) => history[0]?.includes('Go on?'));
    expect(shown.map(labels)).toEqual([[]]);
    expect([counted(asked, 'Interrupted'), atWork(asked)]).toEqual([1, 0]);
  });
});
