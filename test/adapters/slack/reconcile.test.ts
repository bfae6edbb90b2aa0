import { afterEach, describe, expect, test } from 'vitest';
import type { SlackFault } from '../../../src/testing/slack/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const minute = 60_000;
const faults: readonly SlackFault[] = [
  { kind: 'reset' },
  { kind: 'applied_then_reset' },
  { kind: 'hang' },
  { kind: 'applied_then_hang' },
  { kind: 'server_error', code: 503 },
  { kind: 'applied_then_server_error' },
  { kind: 'html' },
  { kind: 'wrong_json' },
  { kind: 'error', error: 'fatal_error' },
  { kind: 'applied_then_error', error: 'fatal_error' },
  { kind: 'error', error: 'internal_error' },
  { kind: 'applied_then_error', error: 'internal_error' },
];

const answers = (text: string): number => stage.texts.filter((one) => one.includes(text)).length;
const posts = () =>
  stage.slack
    .callsOf('chat.postMessage')
    .filter(({ args }) => String(args['text']).includes('forty-two'));

describe('F13 an answer that was lost', () => {
  test.each(faults)('$kind $error: the message stands there exactly once', async (fault) => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', fault);
    stage.work.finish('forty-two');
    await stage.advance(minute);
    expect(stage.texts.at(-1)).toBe('forty-two');
    expect(answers('forty-two')).toBe(1);
    // Sent again once where it was not there, else not at all.
    expect(posts()).toHaveLength(fault.kind.startsWith('applied') ? 1 : 2);
  });

  test.each(faults)('$kind $error: also the placeholder', async (fault) => {
    const { slack } = await open();
    slack.fault('chat.postMessage', fault);
    await stage.begin();
    await stage.advance(minute);
    expect(stage.ours).toHaveLength(1);
    stage.work.finish('forty-two');
    await stage.advance(minute);
    expect(stage.ours).toHaveLength(2);
    expect(stage.ours.flatMap(({ buttons }) => buttons)).toEqual([]);
  });

  test.each(faults.filter(({ kind }) => kind !== 'html'))(
    '$kind $error: also a file',
    async (fault) => {
      const { slack } = await open();
      await stage.begin();
      await stage.advance(3_000);
      slack.fault('files.completeUploadExternal', fault);
      stage.work.finish(Array.from({ length: 9_000 }, (_, at) => `line${at}`).join('\n'));
      await stage.advance(2 * minute);
      expect(stage.ours.filter(({ files }) => files.length > 0)).toHaveLength(1);
    },
  );

  test.each(['files.getUploadURLExternal', 'upload'])(
    'of %s: nothing was shown',
    async (method) => {
      const { slack } = await open();
      await stage.begin();
      await stage.advance(3_000);
      slack.fault(method, { kind: 'applied_then_reset' });
      stage.work.finish(Array.from({ length: 9_000 }, (_, at) => `line${at}`).join('\n'));
      await stage.advance(2 * minute);
      expect(stage.ours.filter(({ files }) => files.length > 0)).toHaveLength(1);
      expect(slack.callsOf('conversations.replies')).toEqual([]);
    },
  );

  test('edits are repeated, not looked for', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.update', { kind: 'applied_then_reset' });
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(90_000);
    expect(stage.texts[0]).toContain('reading');
    expect(slack.callsOf('conversations.replies')).toEqual([]);
  });

  test('is looked for after five seconds, and not before', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'applied_then_reset' });
    stage.work.finish('forty-two');
    await stage.advance(4_500);
    expect(slack.callsOf('conversations.replies')).toEqual([]);
    await stage.advance(2_000);
    expect(slack.callsOf('conversations.replies')).toHaveLength(1);
  });

  test.each([11_000, 14_000])(
    'a message that Slack makes %i ms after it was asked is not made twice',
    async (lateMs) => {
      const late = { isNext: false };
      const fetch: typeof globalThis.fetch = async (input, init) => {
        const { slack, harness } = stage;
        if (!late.isNext || !String(input).endsWith('/chat.postMessage'))
          return await slack.fetch(input, init);
        late.isNext = false;
        const { signal, ...rest } = init ?? {};
        void harness.runtime.sleep(lateMs).then(() => slack.fetch(input, rest));
        return await new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        });
      };
      await open({ config: { fetch } });
      await stage.begin();
      await stage.advance(3_000);
      late.isNext = true;
      stage.work.finish('forty-two');
      await stage.advance(2 * minute);
      expect(answers('forty-two')).toBe(1);
      expect(stage.texts.at(-1)).toBe('forty-two');
      expect(posts()).toHaveLength(1);
    },
  );

  test('in a channel where much is said meanwhile', async () => {
    const { slack, ann, channel } = await open({ config: { unknownPolicy: 'hold' } });
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'reset' });
    stage.work.finish('forty-two');
    for (let n = 0; n < 200; n += 1) ann.say(`chat ${n}`, { to: channel });
    await stage.advance(minute);
    expect(answers('forty-two')).toBe(1);
    expect(stage.texts.at(-1)).toBe('forty-two');
  });

  test('what was said long after is not looked through, by fifteen a page', async () => {
    const history = { 'conversations.history': 50, 'conversations.replies': 50 };
    const limits = { soldApp: true, perMinute: history };
    const { slack, ann, channel } = await open({
      config: { unknownPolicy: 'hold' },
      fake: { limits },
    });
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'hang' });
    stage.work.finish('forty-two');
    await stage.advance(1_000);
    void stage.harness.runtime.sleep(2 * minute).then(() => {
      for (let n = 0; n < 200; n += 1) ann.say(`chat ${n}`, { to: channel });
    });
    await stage.crash(3 * minute);
    expect(channel.all.length).toBeGreaterThan(200);
    await stage.advance(minute);
    expect(answers('forty-two')).toBe(1);
    expect(stage.texts.at(-1)).toBe('forty-two');
  });

  test('a look that fails is made again; Slack being down makes no second message', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'applied_then_reset' });
    slack.fault('conversations.replies', { kind: 'server_error' }, { times: 3 });
    stage.work.finish('forty-two');
    await stage.advance(minute);
    expect(answers('forty-two')).toBe(1);
    expect(stage.texts.at(-1)).toBe('forty-two');
  });

  test('nobody can look for longer than a claim lasts: it is looked for before it is sent again', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'applied_then_reset' });
    const away = slack.fault('conversations.replies', { kind: 'server_error' }, { times: 1_000 });
    stage.work.finish('forty-two');
    await stage.advance(2 * minute);
    expect(away.hits).toBeGreaterThan(5);
    expect(posts()).toHaveLength(1);
    away.cancel();
    await stage.advance(2 * minute);
    expect(posts()).toHaveLength(1);
    expect(answers('forty-two')).toBe(1);
    const { rows } = await stage.harness.relay.receipts.list({});
    expect(rows.find(({ kind }) => kind === 'terminal')).toMatchObject({ state: 'surfaced' });
  });

  test('history that may not be read: sent again, and it says that it may repeat', async () => {
    const { slack } = await open();
    slack.setScopes(['chat:write', 'assistant:write']);
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'reset' });
    stage.work.finish('forty-two');
    await stage.advance(minute);
    expect(answers('forty-two')).toBe(1);
    expect(stage.texts.at(-1)).toMatch(/repetition/i);
  });

  test('in a thread that is gone: what stands in the channel instead is found there', async () => {
    const { slack } = await open();
    const { channel } = stage;
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'error', error: 'cannot_reply_to_message' });
    slack.fault('chat.postMessage', { kind: 'applied_then_reset' });
    stage.work.finish('forty-two');
    await stage.advance(minute);
    const all = channel.all.filter(({ shown }) => shown === 'forty-two');
    expect(all).toHaveLength(1);
    expect(all[0]?.threadTs).toBeUndefined();
  });

  test('twenty look-ups a minute at most, one after the other', async () => {
    const { slack } = await open();
    const { ref, life, harness } = stage;
    const asked = Array.from({ length: 30 }, (_, at) =>
      life.reconcile({
        receiptId: `r${at}` as never,
        channel: ref,
        key: `k${at}`,
        part: 1,
        content: { text: '' },
        sentAtMs: harness.runtime.wallMs() - minute,
        signal: new AbortController().signal,
      }),
    );
    await stage.advance(50_000);
    expect(
      slack.callsOf('conversations.replies').length + slack.callsOf('conversations.history').length,
    ).toBe(20);
    await stage.advance(4 * minute);
    expect(await Promise.all(asked)).toEqual(asked.map(() => ({ kind: 'absent' })));
    expect(slack.limitsHit).toBe(0);
  });

  test('Retry-After of a look is waited for', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'applied_then_reset' });
    slack.fault('conversations.replies', { kind: 'rate_limited', retryAfterS: 2 });
    stage.work.finish('forty-two');
    await stage.advance(minute);
    const [first, second] = slack.callsOf('conversations.replies');
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(answers('forty-two')).toBe(1);
  });
});

describe('a process that dies over a send', () => {
  test.each(['applied_then_hang', 'hang'] as const)(
    '%s: the answer stands there once',
    async (kind) => {
      const { slack } = await open();
      await stage.begin();
      await stage.advance(3_000);
      slack.fault('chat.postMessage', { kind });
      stage.work.finish('forty-two');
      await stage.advance(1_000);
      await stage.crash(minute);
      await stage.advance(2 * minute);
      expect(answers('forty-two')).toBe(1);
      expect(stage.texts.at(-1)).toBe('forty-two');
    },
  );
});
