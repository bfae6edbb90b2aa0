import { describe, expect, test } from 'vitest';
import {
  answerDialog,
  componentRows,
  type Pressable,
} from '../../../src/adapters/discord/component.ts';
import { parseConfig } from '../../../src/adapters/discord/config.ts';
import { customId, readCustomId } from '../../../src/adapters/discord/custom-id.ts';
import type { Interaction } from '../../../src/adapters/discord/inbound.ts';
import {
  deferCall,
  dialogCall,
  failCall,
  readOriginalCall,
  tellCall,
  updateCall,
} from '../../../src/adapters/discord/interaction-call.ts';
import {
  openThreadCall,
  threadCall,
  typingCall,
} from '../../../src/adapters/discord/thread-call.ts';
import { Button } from '../../../src/contracts/delivery.ts';
import { AskId, ReceiptId } from '../../../src/contracts/id.ts';
import { uuidv7 } from '../../../src/core/uuid.ts';
import { createFakeRuntime } from '../../../src/testing/fake-runtime.ts';
import fc from '../../support/fast-check.ts';

const token = [Buffer.from('123456789012345678').toString('base64'), 'FakeFk', 'f'.repeat(38)].join(
  '.',
);
const config = parseConfig({ token });
const { words } = config;
const marker = 'abcdefghijklmnopqrstuvwx';
const receiptId = ReceiptId.parse(uuidv7(createFakeRuntime()));
const askId = AskId.parse(uuidv7(createFakeRuntime({ seed: 2 })));
const buttons = (count: number): Button[] =>
  Array.from({ length: count }, (_, at) => Button.parse({ id: `b${at}`, label: `Option ${at}` }));
const rows = (given: Partial<Pressable>) => componentRows({ buttons: [], ...given }, marker, words);

describe('what can be pressed', () => {
  test('nothing is no row', () => {
    expect(rows({})).toEqual([]);
  });

  test('buttons, each of which names its message', () => {
    const styled: Button[] = [
      { id: 'ok', label: 'OK', style: 'primary' },
      { id: 'no', label: 'Stop', style: 'danger' },
      { id: 'x', label: ' \n ', style: 'plain' },
    ];
    expect(rows({ buttons: styled })).toEqual([
      {
        type: 1,
        components: [
          { type: 2, style: 1, label: 'OK', custom_id: `rb:b:${marker}:ok` },
          { type: 2, style: 4, label: 'Stop', custom_id: `rb:b:${marker}:no` },
          { type: 2, style: 2, label: '…', custom_id: `rb:b:${marker}:x` },
        ],
      },
    ]);
  });

  test('more than five are a menu, with the answer in words below', () => {
    const [menu, other, ...none] = rows({ buttons: buttons(25), askId });
    expect(none).toEqual([]);
    expect(menu?.components).toMatchObject([
      { type: 3, custom_id: `rb:c:${marker}`, placeholder: 'Choose…' },
    ]);
    const [select] = menu?.components ?? [];
    expect(select?.type === 3 && select.options).toHaveLength(25);
    expect(other?.components).toMatchObject([
      { label: 'Answer in words', custom_id: `rb:a:${marker}:${askId}` },
    ]);
  });

  test('a sixth button begins another row', () => {
    const found = rows({ buttons: buttons(5), askId, seen: { receiptId, part: 2 } });
    expect(found.map(({ components }) => components.length)).toEqual([5, 2]);
  });

  test('a label is never longer than Discord takes it, nor cut in two', () => {
    const long = [{ id: 'a', label: '😀'.repeat(40), style: 'plain' as const }];
    const [row] = rows({ buttons: long });
    expect(row?.components).toMatchObject([{ label: '😀'.repeat(40) }]);
    const menu = rows({ buttons: [...long, ...buttons(6)] });
    expect(JSON.stringify(menu)).not.toMatch(/\\ud83d(?!\\ude00)/i);
  });

  test('property: every id is read as it was written, and short enough', () => {
    const id = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(id, (button) => {
        const text = customId({ kind: 'press', marker, button });
        expect(text.length).toBeLessThanOrEqual(100);
        expect(readCustomId(text)).toEqual({ kind: 'press', marker, button });
      }),
    );
    for (const given of [
      { kind: 'choose', marker },
      { kind: 'answer', marker, askId },
      { kind: 'dialog', askId },
      { kind: 'seen', marker, receiptId, part: 2 },
    ] as const)
      expect(readCustomId(customId(given))).toEqual(given);
  });
});

describe('first answers', () => {
  const interaction: Interaction = {
    id: '1',
    token: 'tok',
    applicationId: '9',
    kind: 'command',
    channelId: '2',
    personId: '88888',
    reachable: true,
  };
  const answer = { method: 'POST', route: '/interactions/1/tok/callback', authorized: false };

  test('promise a message, to all or to one', () => {
    expect(deferCall(interaction, { ephemeral: false })).toEqual({ ...answer, body: { type: 5 } });
    expect(deferCall(interaction, { ephemeral: true })).toEqual({
      ...answer,
      body: { type: 5, data: { flags: 64 } },
    });
  });

  test('leave the message, or open the dialog', () => {
    expect(updateCall(interaction)).toEqual({ ...answer, body: { type: 6 } });
    expect(dialogCall(interaction, askId, words)).toEqual({
      ...answer,
      body: { type: 9, data: answerDialog(askId, words) },
    });
    expect(answerDialog(askId, words)).toMatchObject({
      custom_id: `rb:d:${askId}`,
      title: 'Your answer',
      components: [{ type: 18, component: { type: 4, style: 2, custom_id: 'rb:d' } }],
    });
  });

  test('tell something to one person, and in the place of a promise to who sees it', () => {
    expect(tellCall(interaction, 'no *way*')).toEqual({
      ...answer,
      body: {
        type: 4,
        data: { content: 'no \\*way\\*', flags: 64, allowed_mentions: { parse: [] } },
      },
    });
    const life = { applicationId: '9', token: 'tok' };
    expect(failCall(life, 'sorry')).toMatchObject({
      method: 'PATCH',
      route: '/webhooks/9/tok/messages/@original',
      authorized: false,
      body: { content: 'sorry' },
    });
    expect(readOriginalCall(life)).toMatchObject({ method: 'GET', authorized: false });
  });
});

describe('threads and signs', () => {
  const channel = { adapter: 'discord', account: '1', conversation: '22222', thread: '33333' };
  const name = (question: string): unknown =>
    (threadCall(channel, question, config).body as { name: unknown }).name;

  test('a thread is made of the message whose id it has', () => {
    expect(threadCall(channel, 'What\n is up?', config)).toEqual({
      method: 'POST',
      route: '/channels/22222/messages/33333/threads',
      body: { name: 'What is up?', auto_archive_duration: 1_440 },
    });
    expect(name(' \n')).toBe('Question');
    expect(name('😀'.repeat(150))).toBe(`${'😀'.repeat(99)}…`);
  });

  test('a thread is opened again, and a sign of typing shown', () => {
    expect(openThreadCall('3')).toEqual({
      method: 'PATCH',
      route: '/channels/3',
      body: { archived: false },
    });
    expect(typingCall('3')).toEqual({ method: 'POST', route: '/channels/3/typing' });
  });
});
