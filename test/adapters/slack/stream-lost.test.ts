import { afterEach, describe, expect, test } from 'vitest';
import { Passing } from '../../../src/adapters/slack/passing.ts';
import { createFakeWorker } from '../../../src/testing/fake-worker.ts';
import type { SlackFault, SlackMessage } from '../../../src/testing/slack/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';
import { compose } from './send.ts';

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

describe('a stream that was begun and whose answer was lost', () => {
  test.each(lost)(
    '$kind $error: is found, goes on, and gives its place to the answer',
    async (fault) => {
      const { slack } = await open();
      slack.fault('chat.startStream', fault);
      await stage.begin();
      await stage.pour(words(0, 60));
      await stage.advance(20_000);
      expect(streams().map(({ text }) => text)).toEqual([words(0, 60).join('')]);
      expect(slack.callsOf('chat.startStream')).toHaveLength(1);
      stage.work.finish('the whole text');
      await stage.advance(minute);
      expectOnce('the whole text');
    },
  );

  test.each(lost)(
    '$kind $error: the answer does not wait for it, and it is deleted',
    async (fault) => {
      const { slack } = await open();
      slack.fault('chat.startStream', fault);
      await stage.begin();
      await stage.pour(words(0, 30));
      expect(streams()).toHaveLength(1);
      stage.work.finish('the whole text');
      await stage.advance(8_000);
      expect(stage.texts.at(-1)).toBe('the whole text');
      await stage.advance(minute);
      expectOnce('the whole text');
      expect(stage.texts).toHaveLength(2);
    },
  );

  test.each(notDone)(
    '$kind $error: is begun again when it is certainly not there',
    async (fault) => {
      const { slack } = await open();
      slack.fault('chat.startStream', fault);
      await stage.begin();
      await stage.pour(words(0, 60));
      await stage.advance(30_000);
      expect(slack.callsOf('chat.startStream')).toHaveLength(2);
      expect(streams().map(({ text }) => text)).toEqual([words(0, 60).join('')]);
      stage.work.finish('the whole text');
      await stage.advance(minute);
      expectOnce('the whole text');
    },
  );

  test('is told from what the bot says there by other code', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.startStream', { kind: 'reset' });
    stage.work.text('word0 ');
    await slack.nextCall('chat.startStream', { timeoutMs: 10 }).catch(() => undefined);
    await stage.advance(5_000);
    await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        channel: stage.channel.id,
        thread_ts: stage.thread.ts,
        text: 'something of another program',
      }),
    });
    await stage.advance(20_000);
    stage.work.finish('the whole text');
    await stage.advance(minute);
    expect(stage.texts).toContain('something of another program');
    expectOnce('the whole text');
  });
});

describe('a process that dies', () => {
  test('in the middle of a stream: the end takes its place, nothing looks alive', async () => {
    await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    expect(streams().map(({ stream }) => stream)).toEqual(['on']);
    await stage.crash(30_000);
    await stage.advance(minute);
    expect(stage.texts).toHaveLength(2);
    expectOnce(/was restarted/);
    expect(streams().map(({ stream }) => stream)).toEqual(['stopped']);
  });

  test('when its stream was begun and before the answer was read: it is found and deleted', async () => {
    const { slack } = await open();
    slack.fault('chat.startStream', { kind: 'applied_then_hang' });
    await stage.begin();
    await stage.pour(words(0, 35));
    expect(streams()).toHaveLength(1);
    await stage.crash(minute);
    await stage.advance(2 * minute);
    expect(stage.texts).toHaveLength(2);
    expectOnce(/was restarted/);
  });

  test('after many messages of a stream: all that is left of them goes', async () => {
    await open();
    await stage.begin();
    await stage.pour(words(0, 30));
    await stage.advance(4 * minute);
    await stage.pour(words(30, 60));
    await stage.advance(5_000);
    expect(streams()).toHaveLength(2);
    await stage.crash();
    await stage.advance(2 * minute);
    expect(stage.texts).toHaveLength(2);
    expectOnce(/was restarted/);
  });

  test('when the answer had taken the place of a stream, before that was stored: it is found there', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 30));
    // The place is older than what is looked for after a send.
    await stage.advance(3 * minute);
    slack.fault('chat.update', { kind: 'applied_then_hang' });
    stage.work.finish('the whole text');
    await stage.advance(1_500);
    expect(stage.texts).toContain('the whole text');
    await stage.crash(minute);
    await stage.advance(2 * minute);
    expectOnce('the whole text');
    expect(stage.texts.join('\n')).not.toMatch(/repetition/);
    expect(slack.callsOf('chat.update').filter(({ args }) => args['metadata'])).toHaveLength(1);
  });

  test('and whose work goes on: the old message looks finished, the new text stands below it', async () => {
    await open({ worker: createFakeWorker({ capabilities: { reattach: true } }) });
    await stage.begin();
    await stage.pour(words(0, 60));
    await stage.crash(5_000);
    await stage.advance(10_000);
    expect(streams().map(({ stream }) => stream)).toEqual(['stopped']);
    expect(stage.work.kind).toBe('attach');
    await stage.pour(['and more ', 'and the end'], 5_000);
    expect(streams()[1]?.text).toBe('and more and the end');
    stage.work.finish('the whole text');
    await stage.advance(minute);
    expectOnce('the whole text');
    expect(stage.texts).toHaveLength(2);
  });

  test('when what the answer does not need was not deleted yet: it goes with the next start', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 30));
    await stage.advance(4 * minute);
    await stage.pour(words(30, 60));
    await stage.advance(5_000);
    slack.fault('chat.delete', { kind: 'hang' });
    stage.work.finish('the whole text');
    await stage.advance(3_000);
    expect(streams()).toHaveLength(2);
    await stage.crash();
    await stage.advance(minute);
    expectOnce('the whole text');
    expect(stage.texts).toHaveLength(2);
  });
});

test('a send waits until what an earlier life noted is read, and until that can be read', async () => {
  await open();
  const { site, life } = stage;
  const reads: ((stored: string | Error) => void)[] = [];
  const get = (): Promise<string> =>
    new Promise((resolve, reject) => {
      reads.push((stored) => (typeof stored === 'string' ? resolve(stored) : reject(stored)));
    });
  const host = { ...life.host, state: { ...life.host.state, get } };
  const passing = new Passing({ ...site, host });
  const { delivery, attempt } = compose(stage.ref, { kind: 'terminal' });
  for (const stored of [new Error('busy'), '[]']) {
    let isHeld = false;
    void passing.hold(delivery, attempt.signal).then(() => {
      isHeld = true;
    });
    await stage.advance(1_000);
    expect(isHeld).toBe(false);
    reads.at(-1)?.(stored);
    await stage.advance(0);
    expect(isHeld).toBe(true);
  }
  expect(reads).toHaveLength(2);
  await passing.stop();
});

test('what an earlier life noted is not overwritten while it cannot be read', async () => {
  const { slack } = await open();
  const { site, life } = stage;
  await stage.begin();
  await stage.advance(3_000);
  let writes = 0;
  const state = {
    get: async (): Promise<undefined> => {
      throw new Error('busy');
    },
    set: async (): Promise<void> => {
      writes += 1;
    },
  };
  const passing = new Passing({ ...site, host: { ...life.host, state } });
  const { id } = stage.work.task;
  passing.show({
    kind: 'text',
    channel: stage.ref,
    taskId: id,
    liveId: id as never,
    seq: 1,
    text: 'some words',
  });
  await stage.advance(10_000);
  expect(writes).toBe(0);
  expect(slack.callsOf('chat.startStream')).toEqual([]);
  await passing.stop();
});

describe('an append', () => {
  test.each([...lost, ...notDone])('$kind $error: does not end the stream', async (fault) => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 40));
    slack.fault('chat.appendStream', fault);
    await stage.pour(words(40, 60), 500);
    await stage.advance(20_000);
    const said = streams()
      .map(({ text }) => text)
      .join('');
    expect(said).toContain('word59');
    for (const word of words(0, 60)) expect(said).toContain(word);
    stage.work.finish('the whole text');
    await stage.advance(minute);
    expectOnce('the whole text');
  });
});
