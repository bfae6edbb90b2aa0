import { afterEach, describe, expect, test } from 'vitest';
import { nextPiece, type Stream } from '../../../src/adapters/slack/stream.ts';
import type { SlackMessage } from '../../../src/testing/slack/index.ts';
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
/** Of an answer that took the place of a stream: the placeholder stands above it, finished. */
const noticesOf = (text: string): number => stage.texts.filter((one) => one === text).length;

describe('streamed text', () => {
  test('grows in a message of its own below the placeholder, one call in two seconds; the answer takes its place', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 100));
    const [streamed, ...others] = streams();
    expect(others).toEqual([]);
    expect(stage.ours.indexOf(streamed as SlackMessage)).toBe(1);
    expect(streamed?.stream).toBe('on');
    expect(streamed?.shown).toMatch(/^word0 word1 .*word70/);
    const calls = [...slack.callsOf('chat.startStream'), ...slack.callsOf('chat.appendStream')];
    expect(calls.length).toBeGreaterThanOrEqual(4);
    for (const [at, { atMs }] of calls.entries())
      if (at > 0) expect(atMs - (calls[at - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(2_000);
    stage.work.finish('the whole text');
    await stage.advance(5_000);
    expect(streamed?.shown).toBe('the whole text');
    expect(streamed?.stream).toBe('stopped');
    expect(stage.texts).toEqual([expect.stringMatching(/below/i), 'the whole text']);
    expect(slack.callsOf('chat.delete')).toEqual([]);
    const before = slack.calls.length;
    await stage.advance(10 * 60_000);
    expect(slack.calls.length).toBe(before);
    expect(slack.limitsHit).toBe(0);
  });

  test('mentions nobody', async () => {
    await open();
    await stage.begin();
    await stage.pour([`hi <@${stage.ann.id}> <!channel> @here & more`], 5_000);
    const [streamed] = streams();
    expect(streamed?.mentions).toEqual([]);
    expect(streamed?.shown).toContain('& more');
  });

  test.each(['@', '@chan', '@everyon'])(
    'mentions nobody by a word that comes in two pieces, cut behind %s',
    async (end) => {
      await open();
      await stage.begin();
      const word = end === '@everyon' ? '@everyone' : '@channel';
      await stage.pour([`hey ${end}`, `${word.slice(end.length)} look`, ' here'], 5_000);
      const [streamed] = streams();
      expect(streamed?.text).toMatch(/look here$/);
      expect(streamed?.text).not.toContain(word);
    },
  );

  test('of more Tasks than can be noted does not begin, and nothing noted is forgotten', async () => {
    const { slack, ref, harness } = await open();
    const { conversation, thread } = ref;
    const ts = `${harness.runtime.wallMs() / 1_000}00`;
    const notes = Array.from({ length: 100 }, (_, n) => ({
      ...{ taskId: `task${n}`, conversation, thread },
      ...{ ts: [ts], from: 0, lost: [], rest: [] },
    }));
    await harness.settle(stage.life.host.state.set('main', 'streams', JSON.stringify(notes)));
    await stage.crash();
    await stage.begin();
    await stage.pour(words(0, 60));
    expect(streams()).toEqual([]);
    stage.work.finish('the whole text');
    await stage.advance(5_000);
    expect(stage.texts.at(-1)).toBe('the whole text');
    const noted = await harness.settle(stage.life.host.state.get('main', 'streams'));
    expect(JSON.parse(noted ?? '').map(({ taskId }: { taskId: string }) => taskId)).toEqual(
      notes.map(({ taskId }) => taskId),
    );
    expect(slack.callsOf('chat.startStream')).toEqual([]);
  });

  test('what may become a mention holds up nothing, also where a message is full', () => {
    const current = { ts: '1', chars: 9_998, isOver: false };
    const base = { shown: '', current, text: '@'.repeat(50) };
    expect(nextPiece(base as Stream)).toBe('@'.repeat(19));
    expect(nextPiece({ ...base, text: '@channels are many' } as Stream)).toBe('@channels are many');
    expect(nextPiece({ ...base, text: 'a@b.example' } as Stream)).toBe('a@b.example');
  });

  test('in direct messages needs a thread, and nobody who is shown it', async () => {
    const { slack } = await open({ in: 'assistant' });
    await stage.begin();
    await stage.pour(words(0, 60));
    expect(streams()).toHaveLength(1);
    expect(slack.callsOf('chat.startStream')[0]?.args).not.toHaveProperty('recipient_user_id');
    stage.work.finish('done');
    await stage.advance(5_000);
    expect(noticesOf('done')).toBe(1);
  });

  test('a text that does not go on is not appended; the answer puts it right', async () => {
    await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    const [streamed] = streams();
    const before = streamed?.shown;
    const other = 'quite another text, '.repeat(40);
    stage.work.emit({ kind: 'text_snapshot', partId: 'text', text: other });
    await stage.advance(10_000);
    expect(streamed?.shown).toBe(before);
    stage.work.finish('quite another text');
    await stage.advance(5_000);
    expect(streamed?.shown).toBe('quite another text');
    expect(noticesOf('quite another text')).toBe(1);
  });

  test('is stopped before Slack closes it and goes on in a new message; the answer takes the first, the rest is deleted', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 30));
    await stage.advance(4 * 60_000);
    expect(streams().map(({ stream }) => stream)).toEqual(['stopped']);
    await stage.pour(words(30, 60));
    await stage.advance(5_000);
    const [first, second] = streams();
    expect(second?.stream).toBe('on');
    expect(`${first?.shown} ${second?.shown}`.match(/word\d+/g)).toEqual(
      words(0, 60).map((word) => word.trim()),
    );
    stage.work.finish('the whole text');
    await stage.advance(10_000);
    expect(noticesOf('the whole text')).toBe(1);
    expect(first?.shown).toBe('the whole text');
    expect(second?.isDeleted).toBe(true);
    expect(slack.callsOf('chat.delete')).toHaveLength(1);
  });

  test('is rolled over by its length; an answer of many parts takes all of them', async () => {
    await open();
    await stage.begin();
    const text = Array.from({ length: 2_600 }, (_, at) => `word${at}`).join(' ');
    stage.work.text(text);
    await stage.advance(40_000);
    const all = streams();
    expect(all.length).toBeGreaterThanOrEqual(3);
    for (const { text: said } of all) expect(said.length).toBeLessThanOrEqual(10_000);
    expect(all.map(({ text: said }) => said).join('')).toBe(text);
    stage.work.finish(text);
    await stage.advance(60_000);
    const shown = stage.texts.slice(1).join(' ');
    expect(shown.match(/word\d+/g)).toEqual(text.split(' '));
    expect(all.every(({ isDeleted, stream }) => !isDeleted && stream !== 'on')).toBe(true);
  });

  test('closed by Slack in the middle goes on in a new message', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 40));
    slack.expireStream(streams()[0] as SlackMessage);
    await stage.pour(words(40, 80));
    await stage.advance(5_000);
    const all = streams();
    expect(all.map(({ stream }) => stream)).toEqual(['expired', 'on']);
    expect(all.map(({ text }) => text).join('')).toBe(words(0, 80).join(''));
    stage.work.finish('the whole text');
    await stage.advance(10_000);
    expect(stage.texts.slice(1)).toEqual(['the whole text']);
  });

  test('a worker that fails in the middle leaves no placeholder and no stream', async () => {
    await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    stage.work.fail(new Error('out of order'));
    await stage.advance(10_000);
    expect(streams().map(({ stream }) => stream)).toEqual(['stopped']);
    expect(streams()[0]?.shown).toContain('out of order');
    expect(stage.texts).toHaveLength(2);
    expect(stage.texts.join('\n')).not.toContain('word1');
    expect(stage.ours[0]?.buttons).toEqual([]);
  });

  test('F31 nothing more of a Task is shown after its end, whoever still shows it', async () => {
    const { slack } = await open();
    const { task } = await stage.begin();
    await stage.pour(words(0, 60));
    stage.work.finish('the whole text');
    await stage.advance(5_000);
    const { length } = slack.calls;
    const passing = { channel: stage.ref, taskId: task.id, liveId: task.id as never };
    stage.life.show({ ...passing, kind: 'text', seq: 9_000, text: 'late words' });
    stage.life.show({ ...passing, kind: 'typing', seq: 9_001 });
    await stage.advance(60_000);
    expect(slack.calls).toHaveLength(length);
  });

  test('the answer waits for a stream that is just begun, and takes its place', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.startStream', { kind: 'slow', ms: 3_000 });
    stage.work.text('some words');
    await stage.harness.runtime.runUntil(() => streams().length === 1, 5_000);
    const [streamed] = streams();
    stage.work.finish('the whole text');
    await stage.advance(1_000);
    expect(slack.callsOf('chat.stopStream')).toEqual([]);
    await stage.advance(10_000);
    expect(streamed?.shown).toBe('the whole text');
    expect(stage.texts).toHaveLength(2);
  });

  test('below a question goes on below it, and the answer stands there', async () => {
    await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    await stage.advance(3_000);
    const asked = stage.work.ask({
      kind: 'question',
      text: 'Which one?',
      options: ['A', 'B'].map((label) => ({ id: label, label })),
    });
    asked.catch(() => undefined);
    await stage.advance(10_000);
    expect(streams().map(({ stream }) => stream)).toEqual(['stopped']);
    const question = stage.ours.find(({ shown }) => shown.includes('Which one?'));
    expect(question).toBeDefined();
    stage.work.finish('the answer');
    await stage.advance(10_000);
    expect(stage.texts.at(-1)).toBe('the answer');
    expect(streams()).toEqual([]);
  });

  test('one that somebody deleted is not needed: the answer is posted', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    const [streamed] = streams();
    await fetch(`${slack.apiUrl}chat.delete`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: stage.channel.id, ts: streamed?.ts }),
    });
    stage.work.finish('the answer');
    await stage.advance(10_000);
    expect(stage.texts.slice(1)).toEqual(['the answer']);
  });

  test('nothing is streamed where Slack refuses it, and nothing is tried there again', async () => {
    const { slack } = await open();
    slack.fault('chat.startStream', { kind: 'error', error: 'missing_scope' });
    await stage.begin();
    await stage.pour(words(0, 100));
    expect(slack.callsOf('chat.startStream')).toHaveLength(1);
    stage.work.finish('the answer');
    await stage.advance(5_000);
    expect(stage.texts.slice(1)).toEqual(['the answer']);
    await stage.begin('and again');
    await stage.pour(words(0, 100));
    expect(slack.callsOf('chat.startStream')).toHaveLength(1);
  });

  test('is off where it is switched off', async () => {
    const { slack } = await open({ config: { streams: 'off' } });
    await stage.begin();
    await stage.pour(words(0, 60));
    expect(slack.callsOf('chat.startStream')).toEqual([]);
  });

  test('a limit of Slack pauses it and breaks nothing', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.pour(words(0, 60));
    slack.fault('chat.appendStream', { kind: 'rate_limited', retryAfterS: 10 });
    await stage.pour(words(60, 65), 500);
    const { length } = slack.callsOf('chat.appendStream');
    await stage.advance(7_000);
    expect(slack.callsOf('chat.appendStream')).toHaveLength(length);
    await stage.advance(8_000);
    expect(streams()[0]?.text).toBe(words(0, 65).join(''));
  });
});
