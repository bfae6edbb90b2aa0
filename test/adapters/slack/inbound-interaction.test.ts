import { describe, expect, test } from 'vitest';
import type { InboundContext } from '../../../src/adapters/slack/inbound-context.ts';
import { ofInteraction } from '../../../src/adapters/slack/inbound-interaction.ts';
import { answerDialog } from '../../../src/adapters/slack/outbound-button.ts';
import type { Inbound } from '../../../src/contracts/inbound.ts';
import {
  context,
  left,
  press,
  shortcut,
  submission,
  taken,
  withConfig,
} from './inbound-payloads.ts';

const thread = '1595926230.009600';
const of = (payload: object, where: InboundContext = context): Inbound =>
  taken(ofInteraction(payload, where));
const why = (payload: object, where: InboundContext = context): string =>
  left(ofInteraction(payload, where));
const action = (more: object) => ({ ...press, actions: [{ ...press.actions[0], ...more }] });

describe('presses', () => {
  test('a button', () => {
    expect(of(press)).toEqual({
      kind: 'press',
      id: '111.222.valid',
      channel: { adapter: 'slack', account: 'T111', conversation: 'C111', thread },
      person: { id: 'W222', name: 'primary-owner', operator: false },
      sentAtMs: 1_596_530_385_194,
      button: 'cancel:019a',
      clientId: false,
    });
  });

  test('a choice of a menu', () => {
    const chosen = action({
      action_id: 'readback:select',
      type: 'static_select',
      value: undefined,
      selected_option: { text: { type: 'plain_text', text: 'Blue' }, value: 'answer:019b:3' },
    });
    expect(of(chosen)).toMatchObject({ button: 'answer:019b:3' });
    expect(why(action({ value: undefined, selected_option: null }))).toBe(
      'a press of nothing of ours',
    );
  });

  test('belongs where its message does, wherever that stands', () => {
    // Somebody answered the message of the bot in a thread: now it looks like one.
    const answered = { ...press.message, thread_ts: press.message.ts };
    expect(
      of({ ...action({ block_id: 'readback:at:' }), message: answered }).channel,
    ).not.toHaveProperty('thread');
    // The thread did not take it: it stands in the channel.
    const { thread_ts: _, ...inChannel } = press.message;
    expect(of({ ...press, message: inChannel }).channel.thread).toBe(thread);
    // A block of a kind that is not known.
    expect(of(action({ block_id: 'b1' })).channel.thread).toBe(thread);
    expect(of({ ...action({ block_id: 'b1' }), message: answered }).channel).not.toHaveProperty(
      'thread',
    );
    expect(of({ ...action({ block_id: 'b1' }), message: inChannel }).channel).not.toHaveProperty(
      'thread',
    );
  });

  test('the conversation may stand in the container alone', () => {
    expect(of({ ...press, channel: undefined }).channel.conversation).toBe('C111');
  });

  test('the button for an answer in words asks for a dialog', () => {
    const asked = action({ action_id: 'readback:answer', value: 'a1' });
    const channel = { adapter: 'slack', account: 'T111', conversation: 'C111', thread };
    expect(ofInteraction(asked, context)).toEqual({
      kind: 'dialog',
      channel,
      triggerId: '111.222.valid',
      askId: 'a1',
    });
    const unnamed = action({ action_id: 'readback:answer', value: undefined });
    for (const broken of [{ ...asked, trigger_id: undefined }, unnamed])
      expect(why(broken)).toBe('a press without a trigger or a question');
  });

  test('without a trigger the time names it', () => {
    expect(of({ ...press, trigger_id: undefined }).id).toBe('1596530385.194939');
  });

  test.each([
    ['of another app', action({ action_id: 'approve' }), 'a press of nothing of ours'],
    ['of nothing', { ...press, actions: [] }, 'a press of nothing of ours'],
    ['of nobody', { ...press, user: undefined }, 'a press of nothing of ours'],
    [
      'nowhere',
      { ...press, channel: undefined, container: { type: 'view' } },
      'a press of nothing of ours',
    ],
  ])('%s: not taken', (_, payload, expected) => {
    expect(why(payload)).toBe(expected);
  });

  test('of those who are allowed', () => {
    expect(why(press, withConfig({ allow: { users: ['W1'] } }))).toBe(
      'a press by who is not allowed',
    );
    expect(of(press, withConfig({ operators: ['W222'] })).person.operator).toBe(true);
  });
});

describe('dialogs', () => {
  test('an answer in words is for its question alone', () => {
    expect(of(submission)).toEqual({
      kind: 'press',
      id: 'V111',
      channel: { adapter: 'slack', account: 'T111', conversation: 'C111', thread },
      person: { id: 'W222', name: 'primary-owner', operator: false },
      sentAtMs: context.nowMs,
      button: 'a1',
      text: 'blue, *please*',
      clientId: false,
    });
  });

  test('what is opened comes back', () => {
    const words = {
      choose: 'c',
      answer: 'a',
      answerTitle: 't',
      answerLabel: 'l',
      send: 's',
      close: 'x',
    };
    for (const channel of [
      { adapter: 'slack', account: 'T111', conversation: 'D1' },
      { adapter: 'slack', account: 'T111', conversation: 'C1', thread: '1.2' },
    ]) {
      const { view } = answerDialog({ channel, triggerId: 't', askId: 'a1' }, words);
      const back = {
        ...submission.view,
        private_metadata: view.private_metadata,
        callback_id: view.callback_id,
      };
      const inbound = of({ ...submission, view: back });
      expect(inbound.channel).toEqual(channel);
      expect(inbound).toMatchObject({ button: 'a1' });
    }
  });

  test.each([
    ['another dialog', { callback_id: 'other' }],
    ['no metadata', { private_metadata: '' }],
    ['metadata of another kind', { private_metadata: '{"a":1}' }],
    ['an address that is none', { private_metadata: '{"conversation":5}' }],
    ['no id', { id: undefined }],
  ])('%s: not taken', (_, more) => {
    expect(why({ ...submission, view: { ...submission.view, ...more } })).toBe(
      'a dialog of another kind',
    );
  });

  test('an empty one says nothing, and not everybody is allowed', () => {
    const empty = { ...submission.view, state: { values: {} } };
    expect(of({ ...submission, view: empty })).toMatchObject({ text: '' });
    expect(why(submission, withConfig({ allow: { users: [] } }))).toBe(
      'a dialog of who is not allowed',
    );
  });
});

describe('shortcuts', () => {
  test('a message that somebody hands over is answered in its thread', () => {
    expect(of(shortcut)).toEqual({
      kind: 'message',
      id: '111.222.shortcut',
      channel: {
        adapter: 'slack',
        account: 'T111',
        conversation: 'C111',
        thread: '1583636382.000300',
      },
      person: { id: 'W222', name: 'test-test', operator: false },
      sentAtMs: 1_583_637_157_207,
      text: '<test> @W333',
      files: [],
      private: false,
      clientId: false,
    });
  });

  test('belongs where it would if it was said', () => {
    const reply = { ...shortcut, message: { ...shortcut.message, thread_ts: '1583636000.000100' } };
    expect(of(reply).channel.thread).toBe('1583636000.000100');
    expect(of(shortcut, withConfig({ sessions: 'channel' })).channel).not.toHaveProperty('thread');
    const direct = { ...shortcut, channel: { id: 'D111', name: 'directmessage' } };
    expect(of(direct)).toMatchObject({ private: true });
    expect(of(direct).channel).not.toHaveProperty('thread');
  });

  test.each([
    ['without a place', { ...shortcut, channel: undefined }, 'a shortcut without a place'],
    ['global', { ...shortcut, type: 'shortcut' }, 'a shortcut outside of a conversation'],
    ['closed dialog', { ...submission, type: 'view_closed' }, 'an interaction of another kind'],
    ['nothing', {}, 'an interaction of another kind'],
  ])('%s: not taken', (_, payload, expected) => {
    expect(why(payload)).toBe(expected);
  });

  test('of those who are allowed', () => {
    expect(why(shortcut, withConfig({ allow: { users: [] } }))).toBe(
      'a shortcut of who is not allowed',
    );
  });
});
