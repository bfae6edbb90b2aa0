import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TaskResult } from '../../../src/contracts/worker.ts';
import type { SlackCall, SlackFault } from '../../../src/testing/slack/index.ts';
import { ours } from '../../support/slack.ts';
import {
  type Asked,
  ask,
  begin,
  close,
  crash,
  hour,
  minute,
  openStage,
  receiptsOf,
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

const setStatus = 'assistant.threads.setStatus';
const passing = [setStatus, 'chat.startStream', 'chat.appendStream'];
/** What says that the bot is at work; an empty status takes it away. */
const isShow = ({ method, args }: SlackCall): boolean =>
  passing.includes(method) && args['status'] !== '';
const statuses = (): readonly SlackCall[] => stage.slack.callsOf(setStatus).filter(isShow);

/** How many signs of work come in that time. */
async function passedIn(ms: number): Promise<number> {
  const before = stage.slack.calls.filter(isShow).length;
  await stage.advance(ms);
  return stage.slack.calls.filter(isShow).length - before;
}

/** Nothing there looks alive. */
const isQuiet = ({ thread }: Asked): boolean =>
  thread.status === undefined && ours(thread).every(({ stream }) => stream !== 'on');

describe('F31 Slack: status and streams end with the work', () => {
  test.each<[string, TaskResult | string | undefined]>([
    ['completed', 'forty-two'],
    ['completed without a word', { status: 'completed', text: '' }],
    ['failed', { status: 'failed', text: '', reason: 'no_oven' }],
    ['gave nothing', undefined],
  ])('F31 Slack: a task that %s: from its end on not one more call', async (_, result) => {
    await open();
    expect(await passedIn(minute)).toBe(0);
    const asked = await ask(stage);
    asked.call.text('on the way');
    expect(await passedIn(20_000)).toBeGreaterThan(1);
    expect(stage.slack.callsOf('chat.startStream')).toHaveLength(1);
    asked.call.finish(result as never);
    expect(await passedIn(5 * minute)).toBe(0);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
    expect(isQuiet(asked)).toBe(true);
  });

  test('F31 Slack: none while an answer waits for Slack', async () => {
    await open();
    const asked = await begin(stage);
    const down = { kind: 'refused' } as const;
    const fault = stage.slack.fault('chat.postMessage', down, { times: 10_000 });
    asked.call.finish('forty-two');
    expect(await passedIn(5 * minute)).toBe(0);
    fault.cancel();
    await stage.advance(2 * minute);
    expect(asked.thread.texts.at(-1)).toBe('forty-two');
  });

  test('F31 Slack: what the worker says after its end makes no call', async () => {
    await open();
    const asked = await begin(stage);
    asked.call.finish('forty-two');
    await stage.advance(2_000);
    asked.call.text('one more thing');
    expect(await passedIn(minute)).toBe(0);
    expect(asked.thread.texts.at(-1)).toBe('forty-two');
  });

  test('F31 Slack: a late word of the core about a task that ended makes no call', async () => {
    await open();
    const asked = await begin(stage);
    const [task] = await tasks(stage);
    asked.call.finish('forty-two');
    await stage.advance(2_000);
    const [receipt] = await receiptsOf(stage);
    if (task === undefined || receipt === undefined) expect.unreachable();
    const [account = ''] = stage.adapter.accounts;
    const { channel, thread } = asked;
    const address = { adapter: 'slack', account, conversation: channel.id, thread: thread.ts };
    const late = { channel: address, taskId: task.id, liveId: receipt.receipt.id };
    stage.adapter.show?.({ kind: 'typing', ...late, seq: 98 });
    stage.adapter.show?.({ kind: 'text', ...late, seq: 99, text: 'late' });
    expect(await passedIn(minute)).toBe(0);
    expect(isQuiet(asked)).toBe(true);
  });

  test('F31 Slack: a status above a stream goes with the answer that takes the place of the stream', async () => {
    await open();
    const asked = await ask(stage);
    asked.call.text('forty-');
    await stage.advance(2 * minute);
    expect(asked.thread.status).toBeDefined();
    asked.call.finish('forty-two');
    await stage.advance(4_000);
    expect(asked.thread.texts).toContain('forty-two');
    expect(isQuiet(asked)).toBe(true);
  });

  test('F31 Slack: a stop that waits for nothing leaves none', async () => {
    await open();
    const asked = await begin(stage);
    expect(asked.thread.status).toBeDefined();
    const stopped = stage.harness.relay.stop({ now: true });
    await stage.advance(4_000);
    await stopped;
    expect(asked.thread.status).toBeUndefined();
    await stage.harness.start();
    await stage.advance(minute);
  });

  test('F31 Slack: a status that is still on its way when the answer comes leaves none behind', async () => {
    stage = await openStage({}, async (send, method, { harness }, payload) => {
      if (method === setStatus && payload.get('status') !== '') await harness.runtime.sleep(3_000);
      return await send();
    });
    const asked = await ask(stage);
    asked.call.finish('forty-two');
    await stage.advance(1_500);
    expect(asked.thread.texts).toEqual(['forty-two']);
    await stage.advance(10_000);
    expect(isQuiet(asked)).toBe(true);
  });

  test('F31 Slack: none after a stop, whatever the worker still does', async () => {
    await open();
    const asked = await begin(stage);
    asked.call.ignoreAbort();
    expect(asked.thread.status).toBeDefined();
    const stopped = stage.harness.relay.stop();
    await stage.advance(30_000);
    await stopped;
    asked.call.text('still here');
    expect(await passedIn(hour)).toBe(0);
    expect(asked.thread.status).toBeUndefined();
    await stage.harness.start();
    await stage.advance(minute);
    expect(ours(asked.thread).flatMap(({ buttons }) => buttons)).toHaveLength(1);
  });
});

describe('F43 Slack: a status lasts as long as the work, not longer and not shorter', () => {
  test('F43 Slack: over a long silence it is always seen', async () => {
    await open({ relay: { deadlines: { terminalMs: 2 * hour } } });
    const asked = await begin(stage);
    for (let n = 0; n < 60; n += 1) {
      await stage.advance(10_000);
      expect(asked.thread.status?.text).toBeTruthy();
    }
    expect(statuses().length).toBeLessThan(40);
    expect(stage.slack.limitsHit).toBe(0);
    asked.call.finish('forty-two');
    expect(await passedIn(10 * minute)).toBe(0);
    expect(isQuiet(asked)).toBe(true);
  });

  test.each<SlackFault>([
    { kind: 'hang' },
    { kind: 'reset' },
    { kind: 'server_error' },
    { kind: 'slow', ms: 9_000 },
  ])(
    'F43 Slack: a status that meets $kind again and again: the answer comes in time',
    async (fault) => {
      await open();
      stage.slack.fault(setStatus, fault, { times: 1_000 });
      const asked = await begin(stage);
      await stage.advance(4 * minute);
      expect(statuses().length).toBeGreaterThan(2);
      asked.call.finish('forty-two');
      await stage.advance(2_000);
      expect(asked.thread.texts.at(-1)).toBe('forty-two');
      expect(await passedIn(4 * minute)).toBe(0);
      expect(stage.logs.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
    },
  );

  test('F43 Slack: a single one that hangs does not end it: the next is seen within two lives', async () => {
    await open();
    stage.slack.fault(setStatus, { kind: 'hang' });
    const asked = await begin(stage);
    await stage.advance(4 * minute);
    expect(asked.thread.status).toBeDefined();
    asked.call.finish('forty-two');
    await stage.advance(5_000);
  });

  test('F43 Slack: where it is refused it is not tried again and again', async () => {
    await open();
    const refused = { kind: 'error', error: 'channel_not_supported' } as const;
    stage.slack.fault(setStatus, refused, { times: 1_000 });
    const asked = await begin(stage);
    await stage.advance(10 * minute);
    expect(statuses().length).toBeLessThanOrEqual(2);
    asked.call.finish('forty-two');
    await stage.advance(5_000);
    expect(asked.thread.texts.at(-1)).toBe('forty-two');
    expect(stage.logs.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });

  test('F43 Slack: a limit on it is kept, and holds up no answer', async () => {
    await open();
    stage.slack.fault(setStatus, { kind: 'rate_limited', retryAfterS: 60 });
    const asked = await begin(stage);
    await stage.advance(40_000);
    expect(statuses()).toHaveLength(1);
    asked.call.finish('forty-two');
    await stage.advance(2_000);
    expect(asked.thread.texts.at(-1)).toBe('forty-two');
  });

  test('F43 Slack: a worker that never ends is not shown at work for ever', async () => {
    await open({ relay: { deadlines: { terminalMs: 5 * minute, answerMs: minute } } });
    const asked = await begin(stage);
    asked.call.ignoreAbort();
    expect(await passedIn(5 * minute)).toBeGreaterThan(2);
    expect(await passedIn(10 * minute)).toBe(0);
    expect(isQuiet(asked)).toBe(true);
  });

  test('F43 Slack: what was streamed when the process died is not seen at work any more', async () => {
    await open();
    const asked = await begin(stage);
    asked.call.text('on the way');
    await stage.advance(5_000);
    expect(ours(asked.thread).map(({ stream }) => stream)).toContain('on');
    await crash(stage, 1_000);
    await stage.advance(20_000);
    expect(isQuiet(asked)).toBe(true);
    expect(asked.thread.texts.join()).not.toContain('on the way');
  });
});

describe('H09 Slack: what passes settles nothing', () => {
  test('H09 Slack: a status is no answer: the answer is posted for good', async () => {
    await open();
    const asked = await begin(stage);
    const before = statuses().length;
    expect(before).toBeGreaterThan(0);
    const down = { kind: 'error', error: 'service_unavailable' } as const;
    const fault = stage.slack.fault('chat.postMessage', down, { times: 10_000 });
    asked.call.finish('forty-two');
    await stage.advance(5 * minute);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_pending');
    expect((await receiptsOf(stage))[0]?.receipt.state).not.toBe('surfaced');
    fault.cancel();
    await stage.advance(2 * minute);
    const answer = ours(asked.thread).at(-1);
    expect(answer).toMatchObject({ shown: 'forty-two', onlyFor: undefined });
    const [terminal] = await receiptsOf(stage);
    expect(terminal?.receipt.parts.map(({ handle }) => handle)).toEqual([answer?.ts]);
    expect(terminal?.outcomes.at(-1)).toMatchObject({ kind: 'surfaced', surface: 'durable' });
  });

  test('H09 Slack: the whole text was streamed: it is no answer before it stands in a message for good', async () => {
    await open();
    const asked = await ask(stage);
    asked.call.text('forty-two');
    await stage.advance(5_000);
    expect(ours(asked.thread).filter(({ shown }) => shown === 'forty-two')).toHaveLength(1);
    const down = { kind: 'error', error: 'service_unavailable' } as const;
    const plans = ['chat.update', 'chat.postMessage'].map((method) =>
      stage.slack.fault(method, down, { times: 10_000 }),
    );
    asked.call.finish('forty-two');
    await stage.advance(5 * minute);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_pending');
    for (const plan of plans) plan.cancel();
    await stage.advance(2 * minute);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
    const [answer, ...more] = ours(asked.thread).filter(({ shown }) => shown === 'forty-two');
    expect([more, answer?.stream === 'on']).toEqual([[], false]);
    expect(answer?.metadata?.event_type).toBe('readback');
  });
});
