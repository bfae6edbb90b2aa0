import { afterEach, describe, expect, test, vi } from 'vitest';
import type { SlackFault, SlackPlace } from '../../../src/testing/slack/index.ts';
import {
  type Asked,
  answerAtOnce,
  ask,
  close,
  crash,
  minute,
  openStage,
  receiptsOf,
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

const error = (name: string): SlackFault => ({ kind: 'error', error: name });

describe('F18 Slack: what is refused for good', () => {
  /** All that Slack is asked for the answer, the state that it ends in, and what is told of it. */
  async function refused(place: SlackPlace): Promise<void> {
    await stage.advance(5 * minute);
    const tries = sent(stage, 'forty-two').length;
    await crash(stage, minute);
    await stage.advance(10 * minute);
    expect(sent(stage, 'forty-two')).toHaveLength(tries);
    expect(place.texts).toEqual([]);
    const [terminal] = await receiptsOf(stage);
    expect(terminal?.receipt).toMatchObject({ state: 'dead', attempts: tries });
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_failed');
    expect(await stage.incidents()).toHaveLength(1);
  }

  test.each([
    'channel_not_found',
    'is_archived',
    'restricted_action',
    'restricted_action_seen_never_before',
    'missing_scope',
    'cannot_dm_bot',
    'messages_tab_disabled',
    'user_not_found',
    'invalid_arguments',
    'invalid_seen_never_before',
  ])('F18 Slack: %s: one attempt, then it is told, and never tried again', async (name) => {
    await open();
    stage.slack.fault('chat.postMessage', error(name), { times: 1_000 });
    const { thread } = await answerAtOnce(stage);
    await refused(thread);
    expect(sent(stage)).toHaveLength(1);
    expect((await stage.incidents())[0]).toContain(name);
  });

  test.each([
    'invalid_blocks',
    'msg_too_long',
    'no_text',
    'thread_not_found',
    'cannot_reply_to_message',
  ])('F18 Slack: %s: repaired once, then believed', async (name) => {
    await open();
    stage.slack.fault('chat.postMessage', error(name), { times: 1_000 });
    const { thread } = await answerAtOnce(stage);
    await refused(thread);
    expect(sent(stage)).toHaveLength(2);
    expect((await receiptsOf(stage))[0]?.outcomes).toMatchObject([
      { kind: 'rejected', code: name },
      { kind: 'rejected', code: name },
    ]);
  });

  test('F18 Slack: an archived channel: other channels do not wait for it', async () => {
    await open();
    const gone = await ask(stage);
    gone.channel.archive();
    gone.call.finish('forty-two');
    const here = await ask(stage, 'and here?');
    here.call.finish('here I am');
    await stage.advance(5_000);
    expect(here.thread.texts).toEqual(['here I am']);
    await refused(gone.thread);
    expect(sent(stage, 'forty-two')).toHaveLength(1);
  });

  const threw = (kick: (asked: Asked) => void) => async (): Promise<Asked> => {
    const asked = await ask(stage);
    kick(asked);
    asked.call.finish('forty-two');
    await stage.advance(minute);
    return asked;
  };

  test('F18 Slack: thrown out of a public channel: it joins once and answers', async () => {
    await open();
    const { thread } = await threw(({ channel }) => channel.kickBot())();
    expect(thread.texts).toEqual(['forty-two']);
    expect(stage.slack.callsOf('conversations.join')).toHaveLength(1);
    expect(await stage.incidents()).toEqual([]);
  });

  test.each([
    ['it is not to join', { join: false }, 0],
    ['it may not join', {}, 1],
  ])('F18 Slack: thrown out of a public channel, and %s: told, not tried again', async (...row) => {
    const [, config, joins] = row;
    await open({ config });
    if (joins > 0)
      stage.slack.fault('conversations.join', error('missing_scope'), { times: 1_000 });
    const { thread } = await threw(({ channel }) => channel.kickBot())();
    await refused(thread);
    expect(stage.slack.callsOf('conversations.join')).toHaveLength(joins);
    expect((await stage.incidents())[0]).toContain('not_in_channel');
  });
});
