import { afterEach, describe, expect, test } from 'vitest';
import type { SlackFault, SlackMessage } from '../../../src/testing/slack/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
  expect(stage.logs.filter((line) => line.includes(' broke'))).toEqual([]);
});

const words = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `word${from + at} `);
const streams = (): SlackMessage[] => stage.ours.filter(({ stream }) => stream !== undefined);
const minute = 60_000;

/** Nothing looks as if work went on, and the answer stands there once. */
function expectOnce(answer: string | RegExp): void {
  expect(stage.texts.filter((text) => text.match(answer))).toHaveLength(1);
  expect(stage.texts.join('\n')).not.toMatch(/word\d/);
  expect(stage.ours.filter(({ stream }) => stream === 'on')).toEqual([]);
  expect(stage.ours.flatMap(({ buttons }) => buttons.map(({ text }) => text))).not.toContain(
    'Cancel',
  );
}

const lost: readonly SlackFault[] = [
  { kind: 'applied_then_reset' },
  { kind: 'applied_then_hang' },
  { kind: 'applied_then_server_error' },
  { kind: 'applied_then_error', error: 'internal_error' },
];
const notDone: readonly SlackFault[] = [
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'server_error' },
  { kind: 'error', error: 'fatal_error' },
];

describe('the answer in the place of a stream', () => {
  test.each([...lost, ...notDone])('$kind $error: stands there once', async (fault) => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    const [streamed] = streams();
    slack.fault('chat.update', fault);
    stage.work.finish('the whole text');
    await stage.advance(2 * minute);
    expectOnce('the whole text');
    expect(streamed?.shown).toBe('the whole text');
    expect(stage.texts).toHaveLength(2);
  });

  test.each([...lost, ...notDone])('$kind $error at its end: stands there once', async (fault) => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    slack.fault('chat.stopStream', fault);
    stage.work.finish('the whole text');
    await stage.advance(2 * minute);
    expectOnce('the whole text');
    expect(stage.texts).toHaveLength(2);
  });

  test('that Slack does not let be changed is posted, and the stream deleted', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    const [streamed] = streams();
    slack.closeEditWindow(streamed as SlackMessage);
    stage.work.finish('the whole text');
    await stage.advance(minute);
    expectOnce('the whole text');
    expect(streamed?.isDeleted).toBe(true);
  });

  test('where the stream does not end the answer is posted, and the stream deleted', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    slack.fault('chat.update', { kind: 'error', error: 'streaming_state_conflict' }, { times: 2 });
    stage.work.finish('the whole text');
    await stage.advance(minute);
    expectOnce('the whole text');
  });

  test('that stands in the channel too is a message of its own', async () => {
    await open({ config: { broadcast: true } });
    await stage.begin();
    await stage.pour(words(0, 60));
    stage.work.finish('the whole text');
    await stage.advance(minute);
    expectOnce('the whole text');
    expect(stage.ours.at(-1)).toMatchObject({ shown: 'the whole text', isBroadcast: true });
    expect(stage.texts).toHaveLength(2);
  });

  test('as a file: it takes no place, also where there is one', async () => {
    await open();
    await stage.begin();
    await stage.pour(words(0, 30));
    await stage.advance(4 * minute);
    await stage.pour(words(30, 60));
    await stage.advance(5_000);
    const [first, second] = streams();
    const text = Array.from({ length: 9_000 }, (_, at) => `line${at}`).join('\n');
    stage.work.finish(text);
    await stage.advance(minute);
    expect(first?.shown).toContain('attached file');
    expect(second?.isDeleted).toBe(true);
    const file = stage.ours.at(-1)?.files[0];
    expect(new TextDecoder().decode(file?.bytes)).toBe(text);
    expect(stage.ours).toHaveLength(3);
  });

  test('as a file: the text beside it takes the place', async () => {
    await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    const [streamed] = streams();
    stage.work.finish(Array.from({ length: 9_000 }, (_, at) => `line${at}`).join('\n'));
    await stage.advance(minute);
    expect(streamed?.shown).toContain('attached file');
    const file = stage.ours.find(({ files }) => files.length > 0);
    expect(file?.files[0]?.name).toBe('answer.md');
    expect(stage.ours).toHaveLength(3);
  });
});

describe('a store that cannot note', () => {
  test('nothing is streamed that would not be found again, and no place is taken', async () => {
    const { slack } = await open();
    const { state } = stage.life.host as { state: { set: unknown } };
    const { set } = state;
    const broken = async (): Promise<void> => {
      throw new Error('read-only');
    };
    await stage.begin();
    state.set = broken;
    await stage.pour(words(0, 60));
    expect(slack.callsOf('chat.startStream')).toEqual([]);
    state.set = set;
    await stage.pour(words(60, 200));
    expect(streams()).toHaveLength(1);
    state.set = broken;
    stage.work.finish('the whole text');
    await stage.advance(5_000);
    expect(streams()).toHaveLength(1);
    expect(slack.callsOf('chat.update').filter(({ args }) => args['metadata'])).toEqual([]);
    state.set = set;
    await stage.advance(minute);
    expectOnce('the whole text');
    expect(stage.texts).toHaveLength(2);
  });
});
