import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TaskResult } from '../../../src/contracts/worker.ts';
import type { TelegramFault } from '../../../src/testing/telegram/index.ts';
import {
  answerAtOnce,
  close,
  crash,
  hour,
  minute,
  openStage,
  ours,
  sent,
  tasks,
} from './fault-ground.ts';
import { newTask } from './send.ts';
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

const typingCalls = () => stage.telegram.callsOf('sendChatAction');
const passingCalls = (): number =>
  typingCalls().length + stage.telegram.callsOf('sendMessageDraft').length;

/** How many signs of typing and drafts come in that time. */
async function passedIn(ms: number): Promise<number> {
  const before = passingCalls();
  await stage.advance(ms);
  return passingCalls() - before;
}

describe('F31 typing and drafts end with the work', () => {
  test.each<[string, TaskResult | string | undefined]>([
    ['completed', 'forty-two'],
    ['completed without a word', { status: 'completed', text: '' }],
    ['failed', { status: 'failed', text: '', reason: 'no_oven' }],
    ['gave nothing', undefined],
  ])('F31 a task that %s: from its end on not one more call', async (_, result) => {
    await open({ config: { streams: 'draft' } });
    expect(await passedIn(minute)).toBe(0);
    const call = await stage.begin();
    call.text('on the way');
    expect(await passedIn(20_000)).toBeGreaterThan(4);
    expect(stage.telegram.callsOf('sendMessageDraft').length).toBeGreaterThan(0);
    call.finish(result as never);
    expect(await passedIn(10 * minute)).toBe(0);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
    expect(stage.ann.chat.typing).toBeUndefined();
    expect(stage.ann.chat.draft).toBeUndefined();
  });

  test('F31 none while an answer waits for Telegram, and none for what waits in the queue', async () => {
    await open();
    const call = await stage.begin();
    const gone = { kind: 'refused' } as const;
    const fault = stage.telegram.fault('editMessageText', gone, { times: 1_000 });
    call.finish('forty-two');
    expect(await passedIn(5 * minute)).toBe(0);
    fault.cancel();
    await stage.advance(minute);
    expect(stage.ann.chat.texts[0]).toBe('forty-two');
  });

  test('F31 what the worker says after its end, or a late word of the core, makes no call', async () => {
    await open({ config: { streams: 'draft' } });
    const call = await stage.begin();
    const [task] = await tasks(stage);
    const [placeholder] = ours(stage.ann.chat);
    call.finish('forty-two');
    await stage.advance(2_000);
    call.text('one more thing');
    if (task === undefined) expect.unreachable();
    const { conversation, account } = {
      conversation: String(stage.ann.id),
      account: String(stage.telegram.botId),
    };
    const channel = { adapter: 'telegram', account, conversation };
    const liveId = newTask(stage.harness.runtime) as never;
    stage.adapter.show?.({ kind: 'typing', channel, taskId: task.id, liveId, seq: 98 });
    stage.adapter.show?.({ kind: 'text', channel, taskId: task.id, liveId, seq: 99, text: 'late' });
    expect(await passedIn(minute)).toBe(0);
    expect(placeholder?.text).toBe('forty-two');
  });

  test('F31 a sign that is still on its way when the answer comes is called back', async () => {
    const lateMs = 3_000;
    stage = await openStage({}, async (send, method, { harness }) => {
      if (method === 'sendChatAction') await harness.runtime.sleep(lateMs);
      return await send();
    });
    await answerAtOnce(stage);
    await stage.advance(1_000);
    expect(stage.ann.chat.texts).toEqual(['forty-two']);
    await stage.advance(lateMs);
    expect(typingCalls()).toEqual([]);
    expect(stage.ann.chat.typing).toBeUndefined();
    expect(await passedIn(minute)).toBe(0);
  });

  test('F31 none after a stop, whatever the worker still does', async () => {
    await open();
    const call = await stage.begin();
    call.ignoreAbort();
    expect(await passedIn(10_000)).toBeGreaterThan(1);
    const stopped = stage.harness.relay.stop();
    await stage.advance(30_000);
    await stopped;
    call.text('still here');
    expect(await passedIn(hour)).toBe(0);
  });
});

describe('F43 typing lasts as long as the work, not longer and not shorter', () => {
  test('F43 over a long silence no gap is longer than Telegram shows it', async () => {
    await open({ relay: { deadlines: { terminalMs: 2 * hour } } });
    const call = await stage.begin();
    const fromMs = stage.harness.runtime.wallMs();
    await stage.advance(10 * minute);
    const times = [
      fromMs,
      ...typingCalls().map(({ atMs }) => atMs),
      stage.harness.runtime.wallMs(),
    ];
    const gaps = times.slice(1).map((atMs, n) => atMs - (times[n] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(5_000);
    expect(stage.telegram.limitsHit).toBe(0);
    call.finish('forty-two');
    expect(await passedIn(10 * minute)).toBe(0);
  });

  test.each<TelegramFault>([
    { kind: 'hang' },
    { kind: 'reset' },
    { kind: 'server_error' },
    { kind: 'slow', ms: 9_000 },
  ])(
    'F43 typing that meets $kind again and again: the answer comes in time, typing ends',
    async (fault) => {
      await open();
      stage.telegram.fault('sendChatAction', fault, { times: 1_000 });
      const call = await stage.begin();
      await stage.advance(minute);
      expect(typingCalls().length).toBeGreaterThan(5);
      call.finish('forty-two');
      await stage.advance(2_000);
      expect(stage.ann.chat.texts[0]).toBe('forty-two');
      expect(await passedIn(10 * minute)).toBe(0);
      expect(stage.logs.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
    },
  );

  test('F43 a sign that is refused is left for ten minutes', async () => {
    const { ann } = await open();
    await stage.say('go');
    ann.block();
    await stage.advance(10_000);
    const refused = typingCalls().length;
    await stage.advance(9 * minute);
    expect(typingCalls()).toHaveLength(refused);
    ann.unblock();
    await stage.advance(minute);
    expect(typingCalls().length).toBeGreaterThan(refused);
    stage.work.finish('forty-two');
    await stage.advance(hour);
    expect(ours(ann.chat).at(-1)?.text).toBe('forty-two');
  });

  test('F43 a sign that is refused comes again where something is shown', async () => {
    await open();
    const description = 'Bad Request: CHAT_ACTION_FORBIDDEN';
    stage.telegram.fault('sendChatAction', { kind: 'status', code: 400, description });
    const call = await stage.begin();
    await stage.advance(15_000);
    expect(typingCalls()[0]?.applied).toBe(false);
    expect(stage.ann.chat.typing?.action).toBe('typing');
    call.finish('forty-two');
    await stage.advance(5_000);
  });

  test('F43 a single sign that hangs does not end typing: the next comes within two lives of it', async () => {
    await open();
    stage.telegram.fault('sendChatAction', { kind: 'hang' });
    await stage.begin();
    await stage.advance(30_000);
    const [hung, next] = typingCalls();
    expect(hung?.fault).toBe('hang');
    expect(next?.applied).toBe(true);
    expect((next?.atMs ?? 0) - (hung?.atMs ?? 0)).toBeLessThanOrEqual(10_000);
    expect(stage.ann.chat.typing?.action).toBe('typing');
    stage.work.finish('forty-two');
    await stage.advance(5_000);
  });

  test('F43 a limit on typing is kept, and holds up no answer', async () => {
    await open();
    stage.telegram.fault('sendChatAction', { kind: 'rate_limited', retryAfterS: 20 });
    const call = await stage.begin();
    await stage.advance(17_000);
    expect(typingCalls()).toHaveLength(1);
    call.finish('forty-two');
    await stage.advance(2_000);
    expect(stage.ann.chat.texts[0]).toBe('forty-two');
  });

  test('F43 a worker that never ends does not type for ever: the deadline of its task ends it', async () => {
    await open({ relay: { deadlines: { terminalMs: 5 * minute, answerMs: minute } } });
    const call = await stage.begin();
    call.ignoreAbort();
    expect(await passedIn(5 * minute)).toBeGreaterThan(60);
    expect(await passedIn(10 * minute)).toBe(0);
  });
});

describe('F39 made and shown are two things', () => {
  const story = 'Once upon a time there was a bot. It always answered. The end.';
  const whole = (chat = stage.ann.chat): void => {
    const texts = chat.texts.filter((text) => text !== 'Done, see above.');
    expect(texts).toEqual([story]);
    expect(stage.calls).toHaveLength(1);
  };

  test.each([
    ['drafts, and then edits', 'draft', false],
    ['drafts, and then edits', 'draft', true],
    ['edits', 'edit', false],
    ['edits', 'edit', true],
  ] as const)(
    'F39 its stream by %s fails (%s), and its send; dead between: %s',
    async (_, streams, dead) => {
      await open({ config: { streams } });
      const { telegram } = stage;
      const bad = { kind: 'server_error' } as const;
      const plans = ['sendMessageDraft', 'editMessageText'].map((method) =>
        telegram.fault(method, bad, { times: 1_000 }),
      );
      await stage.say('tell me a story');
      const call = stage.work;
      call.text(story.slice(0, 20));
      await stage.advance(3_000);
      call.text(story.slice(20));
      await stage.advance(3_000);
      call.finish(story);
      await stage.advance(minute);
      const [task] = await tasks(stage);
      expect([task?.state, task?.result, task?.contract.state]).toEqual([
        'ended',
        story,
        'terminal_pending',
      ]);
      if (dead) await crash(stage, minute);
      for (const plan of plans) plan.cancel();
      await stage.advance(3 * minute);
      whole();
      expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
    },
  );

  test('F39 a tail that failed is sent by itself: nothing of it stands there twice', async () => {
    await open({ config: { streams: 'draft' } });
    const words = Array.from({ length: 1_000 }, (_, n) => `w${String(n).padStart(6, '0')}`);
    await stage.say('tell me a story');
    const call = stage.work;
    call.text(words.slice(0, 400).join(' '));
    await stage.advance(3_000);
    call.text(` ${words.slice(400).join(' ')}`);
    await stage.advance(1_500);
    stage.telegram.fault('sendMessage', { kind: 'refused' }, { times: 3 });
    call.finish(words.join(' '));
    await stage.advance(3 * minute);
    const seen = stage.ann.chat.texts.join(' ').match(/w\d{6}/g);
    expect(seen).toEqual(words);
    const tails = sent(stage, words.at(-1)).filter(({ method }) => method === 'sendMessage');
    expect(tails).toHaveLength(1);
    expect(stage.ann.chat.draft).toBeUndefined();
    expect(stage.calls).toHaveLength(1);
  });

  test('F39 an edit of its stream that was given up arrives after the answer: the answer stands over it', async () => {
    await open({ config: { streams: 'edit' } });
    await stage.begin('tell me a story');
    stage.telegram.fault('editMessageText', { kind: 'hang' });
    stage.work.text(story.slice(0, 20));
    await stage.advance(5_000);
    stage.work.finish(story);
    await stage.advance(2_000);
    whole();
    const [lost] = stage.telegram.callsOf('editMessageText');
    expect(lost).toMatchObject({ fault: 'hang', payload: { text: story.slice(0, 20) } });
    const { apiRoot, token, fetch } = stage.telegram;
    const late = fetch(`${apiRoot}/bot${token}/editMessageText`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(lost?.payload),
    });
    expect((await stage.harness.settle(late)).status).toBe(200);
    expect(stage.ann.chat.texts).toEqual([story.slice(0, 20)]);
    await stage.advance(2 * minute);
    whole();
  });
});
