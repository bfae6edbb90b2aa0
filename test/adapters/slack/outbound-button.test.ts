import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/adapters/slack/config.ts';
import {
  actionsBlock,
  answerDialog,
  dialogOf,
  dialogText,
  threadOfBlock,
} from '../../../src/adapters/slack/outbound-button.ts';
import type { Button } from '../../../src/contracts/delivery.ts';
import { expectTakenBySlack, type KnownBlock, type ModalView } from './block-rules.ts';

const { words } = parseConfig({ token: 'xoxb-1-2-abcd', appToken: 'xapp-1-abcd' });
const channel = { adapter: 'slack', account: 'T1', conversation: 'C1', thread: '1.2' };
const buttons = (count: number): Button[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `id${at}`,
    label: `Label ${at}`,
    style: 'plain',
  }));
function block(given: readonly Button[], askId?: string) {
  const made = actionsBlock(given, { channel, askId, words });
  if (made.length > 0) expectTakenBySlack(made satisfies KnownBlock[]);
  return made[0];
}

describe('what can be pressed', () => {
  test('nothing is no block', () => {
    expect(actionsBlock([], { channel, words })).toEqual([]);
  });

  test('up to five are buttons, in order', () => {
    const made = block(buttons(5));
    expect(made?.elements.map((one) => one.type)).toEqual(Array(5).fill('button'));
    expect(made?.elements.map((one) => 'value' in one && one.value)).toEqual([
      'id0',
      'id1',
      'id2',
      'id3',
      'id4',
    ]);
  });

  test('more are a menu', () => {
    expect(block(buttons(6))?.elements).toEqual([
      {
        type: 'static_select',
        action_id: 'readback:select',
        placeholder: { type: 'plain_text', text: 'Choose…', emoji: true },
        options: buttons(6).map(({ id, label }) => ({
          text: { type: 'plain_text', text: label, emoji: true },
          value: id,
        })),
      },
    ]);
    expect(block(buttons(25))?.elements.length).toBe(1);
  });

  test('how they look', () => {
    const styled = (['plain', 'primary', 'danger'] as const).map((style) => ({
      id: style,
      label: style,
      style,
    }));
    expect(block(styled)?.elements.map((one) => 'style' in one && one.style)).toEqual([
      false,
      'primary',
      'danger',
    ]);
  });

  test('an answer in words has a button that opens a dialog', () => {
    for (const count of [0, 3, 6])
      expect(block(buttons(count), 'ask')?.elements.at(-1)).toEqual({
        type: 'button',
        action_id: 'readback:answer',
        value: 'ask',
        text: { type: 'plain_text', text: 'Answer in words', emoji: true },
      });
  });

  test.each([
    ['x'.repeat(75), 'x'.repeat(75)],
    ['x'.repeat(80), `${'x'.repeat(37)}…`],
    ['😀'.repeat(40), `${'😀'.repeat(37)}…`],
    ['two\n  lines', 'two lines'],
    [' ', '…'],
  ])('a label %j', (label, expected) => {
    expect(block([{ id: 'a', label, style: 'plain' }])?.elements[0]).toMatchObject({
      text: { text: expected },
    });
  });

  test('the block says where its message belongs', () => {
    expect(threadOfBlock(block(buttons(1))?.block_id)).toBe('1.2');
    const { thread: _, ...top } = channel;
    const [outside] = actionsBlock(buttons(1), { channel: top, words });
    expect(threadOfBlock(outside?.block_id)).toBe('');
    expect(threadOfBlock('b1')).toBeUndefined();
    expect(threadOfBlock(undefined)).toBeUndefined();
  });
});

describe('the dialog of an answer in words', () => {
  test('is what Slack opens', () => {
    const { trigger_id, view } = answerDialog(
      { channel, triggerId: '1.2.abc', askId: 'a1' },
      words,
    );
    const known: ModalView = view;
    expect(trigger_id).toBe('1.2.abc');
    expect(known).toEqual({
      type: 'modal',
      callback_id: 'readback:answer',
      private_metadata: '{"conversation":"C1","thread":"1.2","askId":"a1"}',
      title: { type: 'plain_text', text: 'Your answer', emoji: true },
      submit: { type: 'plain_text', text: 'Send', emoji: true },
      close: { type: 'plain_text', text: 'Close', emoji: true },
      blocks: [
        {
          type: 'input',
          block_id: 'readback:answer',
          label: { type: 'plain_text', text: 'Answer', emoji: true },
          element: {
            type: 'plain_text_input',
            action_id: 'readback:answer',
            multiline: true,
            max_length: 3_000,
          },
        },
      ],
    });
  });

  test('knows its question again', () => {
    const { view } = answerDialog({ channel, triggerId: 't', askId: 'a1' }, words);
    expect(dialogOf(view.callback_id, view.private_metadata)).toEqual({
      conversation: 'C1',
      thread: '1.2',
      askId: 'a1',
    });
    expect(dialogOf('other', view.private_metadata)).toBeUndefined();
    expect(dialogOf(view.callback_id, '{')).toBeUndefined();
    expect(dialogOf(view.callback_id, undefined)).toBeUndefined();
  });

  test('what was written', () => {
    expect(dialogText({ 'readback:answer': { 'readback:answer': { value: 'blue' } } })).toBe(
      'blue',
    );
    expect(dialogText({ 'readback:answer': { 'readback:answer': { value: null } } })).toBe('');
    expect(dialogText(undefined)).toBe('');
  });
});
