import { afterEach, describe, expect, test } from 'vitest';
import type { SlackCall, SlackChannel } from '../../../src/testing/slack/index.ts';
import { Stage, type StageOptions } from './stage.ts';

const minute = 60_000;
const hour = 60 * minute;

let stage: Stage;
afterEach(async () => {
  await stage.close();
});
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
const texts = (): string[] => stage.calls.map(({ task }) => task.text);
const looks = (): SlackCall[] =>
  stage.slack.calls.filter(({ method }) => /conversations\.(history|replies)/.test(method));

/** The process is down for so long; `act` happens in the middle, and Slack gives up bringing what comes of it. */
async function down(ms: number, act: () => void): Promise<void> {
  await stage.adapter.stop();
  void stage.harness.runtime.sleep(ms / 2).then(act);
  await stage.harness.crash(ms);
}

/** Asked in a channel of Ann's, and answered. */
async function talk(text: string): Promise<SlackChannel> {
  const channel = stage.slack.channel({ members: [stage.ann] });
  stage.ann.mention(text, { to: channel });
  await stage.brought();
  stage.work.finish(`done: ${text}`);
  await stage.advance(3_000);
  return channel;
}

describe('after a time in which nobody heard', () => {
  test('what was said in channels, threads and direct messages is taken, each once and in order', async () => {
    await open();
    const channel = await talk('before');
    await stage.say('hello');
    stage.work.finish('hello Ann');
    await stage.advance(2 * minute);
    const [asked] = channel.messages;
    await down(2 * hour, () => {
      stage.ann.say('one');
      stage.ann.say('two');
      stage.ann.mention('three', { to: channel });
      if (asked !== undefined) stage.ann.reply(asked, 'four');
      stage.ann.say('among ourselves', { to: channel });
    });
    for (let n = 0; n < 8; n += 1) {
      for (const call of stage.calls) call.finish('done');
      await stage.advance(5_000);
    }
    const [, , ...missed] = texts();
    expect(missed.slice().sort()).toEqual(['four', 'one', 'three', 'two']);
    expect(missed.indexOf('one')).toBeLessThan(missed.indexOf('two'));
    // What was taken before is known.
    expect((await stage.harness.relay.tasks.list()).rows).toHaveLength(6);
  });

  test('threads that began meanwhile are looked into', async () => {
    await open();
    const { slack, ann } = stage;
    const channel = await talk('before');
    await stage.advance(2 * minute);
    await down(2 * hour, () => {
      const asked = ann.mention('one', { to: channel });
      ann.reply(asked, 'two');
      const other = ann.say('lunch?', { to: channel });
      ann.reply(other, 'among ourselves');
      ann.mention('three', { to: channel.thread(other) });
    });
    for (let n = 0; n < 6; n += 1) {
      for (const call of stage.calls) call.finish('done');
      await stage.advance(5_000);
    }
    expect(texts().slice(1).sort()).toEqual(['one', 'three', 'two']);
    expect(texts().indexOf('one')).toBeLessThan(texts().indexOf('two'));
    expect(slack.limitsHit).toBe(0);
  });

  test('a place that is gone keeps nothing back', async () => {
    await open();
    const channel = await talk('before');
    await talk('another');
    await stage.advance(2 * minute);
    stage.slack.fault('conversations.history', { kind: 'error', error: 'channel_not_found' });
    await down(hour, () => stage.ann.mention('in between', { to: channel }));
    await stage.advance(10_000);
    expect(texts()).toContain('in between');
  });

  test('a first start looks at nothing', async () => {
    await open();
    await stage.advance(2 * minute);
    expect(looks()).toEqual([]);
  });
});

describe('a socket that was away', () => {
  test.each([
    [2 * minute, false],
    [10 * minute, true],
  ])('for %i ms looks back: %s', async (awayMs, isLooked) => {
    await open({ mode: 'socket' });
    await stage.say('before');
    stage.work.finish('done');
    await stage.advance(2 * minute);
    const { sockets } = stage.slack;
    const next = sockets.made + 1;
    sockets.refuse();
    sockets.drop();
    await until(() => sockets.open === 0);
    await stage.advance(1_000);
    stage.ann.say('into the gap');
    const endMs = stage.harness.runtime.monoMs() + awayMs;
    await until(() => stage.harness.runtime.monoMs() >= endMs);
    sockets.refuse(false);
    await until(() => sockets.made >= next && sockets.open > 0);
    await stage.connected();
    await stage.advance(6 * minute);
    expect(texts()).toEqual(['before', 'into the gap']);
    expect(looks().length > 0).toBe(isLooked);
  });

  test('from the start on looks back when it comes', async () => {
    await open({ mode: 'socket' });
    await stage.say('before');
    stage.work.finish('done');
    await stage.advance(2 * minute);
    const { sockets } = stage.slack;
    await stage.adapter.stop();
    sockets.refuse();
    await stage.harness.crash(1_000);
    await stage.advance(2 * minute);
    stage.ann.say('into the gap');
    const endMs = stage.harness.runtime.monoMs() + 20 * minute;
    await until(() => stage.harness.runtime.monoMs() >= endMs);
    const next = sockets.made + 1;
    sockets.refuse(false);
    await until(() => sockets.made >= next && sockets.open > 0);
    await stage.connected();
    await stage.advance(minute);
    expect(texts()).toEqual(['before', 'into the gap']);
  });

  /** Time goes on until it is so. */
  async function until(isSo: () => boolean): Promise<void> {
    for (let n = 0; n < 5_000 && !isSo(); n += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await stage.advance(500);
    }
    expect(isSo()).toBe(true);
  }
});
