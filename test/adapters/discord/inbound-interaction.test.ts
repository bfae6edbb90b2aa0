import { describe, expect, test } from 'vitest';
import { customId } from '../../../src/adapters/discord/custom-id.ts';
import { createNoncer } from '../../../src/adapters/discord/nonce.ts';
import { AskId, ReceiptId } from '../../../src/contracts/id.ts';
import { uuidv7 } from '../../../src/core/uuid.ts';
import { createFakeRuntime } from '../../../src/testing/fake-runtime.ts';
import {
  ann,
  attachment,
  base,
  bot,
  command,
  context,
  direct,
  general,
  incoming,
  inThread,
  message,
  taken,
  user,
  withConfig,
} from './inbound-payloads.ts';

const channel = { adapter: 'discord', account: bot, conversation: general };
const marker = createNoncer('t').nonce({ key: 'k', repairs: [] }, channel);
const receiptId = ReceiptId.parse(uuidv7(createFakeRuntime()));
const askId = AskId.parse(uuidv7(createFakeRuntime({ seed: 2 })));
const pressOf = (custom_id: string, more: object = {}) => ({
  ...base,
  type: 3,
  message,
  data: { custom_id, component_type: 2, ...more },
});
const dialog = {
  ...base,
  type: 5,
  message,
  data: {
    custom_id: customId({ kind: 'dialog', askId }),
    components: [
      { type: 18, id: 1, component: { type: 4, id: 2, custom_id: 'rb:d', value: 'as I said' } },
    ],
  },
};

const of = (d: object, where = context) => incoming('INTERACTION_CREATE', d, where);
const inbound = (d: object, where = context) => taken('INTERACTION_CREATE', d, where);
const interaction = {
  id: base.id,
  token: base.token,
  applicationId: bot,
  channelId: general,
  personId: ann,
  reachable: true,
};

describe('commands', () => {
  test('what is asked is a message, whose answer is promised', () => {
    expect(inbound(command)).toEqual({
      kind: 'message',
      id: base.id,
      channel,
      person: { id: ann, name: 'Annie', operator: false },
      sentAtMs: 1_704_583_237_727,
      text: 'what is up to?',
      files: [
        { name: 'plan.pdf', mimeType: 'application/pdf', sizeBytes: 12_345, url: attachment.url },
      ],
      private: false,
      clientId: false,
    });
    expect(of(command)).toMatchObject({
      answer: 'reply',
      interaction: { ...interaction, kind: 'command' },
    });
  });

  test.each([
    ['status', [], '/status'],
    ['cancel', [], '/cancel'],
    ['cancel', [{ name: 'task', type: 3, value: 'ab12' }], '/cancel ab12'],
    ['retry', [{ name: 'task', type: 3, value: 'ab12' }], '/retry ab12'],
    ['help', [{ name: 'task', type: 4, value: 7 }], '/help'],
    ['ask', [], ''],
  ])('/%s %j', (name, options, text) => {
    expect(inbound({ ...command, data: { ...command.data, name, options } })).toMatchObject({
      text,
    });
  });

  test('where it was used: a thread, a direct message, a group without the bot', () => {
    const thread = { id: inThread, type: 11, parent_id: general };
    expect(inbound({ ...command, channel_id: inThread, channel: thread }).channel).toEqual({
      ...channel,
      thread: inThread,
    });
    const { guild_id: _, member: __, ...rest } = command;
    const alone = { ...rest, user, channel_id: direct, channel: { id: direct, type: 1 } };
    expect(inbound(alone)).toMatchObject({ private: true, person: { name: 'Ann Other' } });
    expect(of(alone)).toMatchObject({ interaction: { reachable: true } });
    const group = { ...alone, channel: { id: direct, type: 3 } };
    expect(inbound(group)).toMatchObject({ private: false });
    expect(of(group)).toMatchObject({ interaction: { reachable: false } });
  });

  test('an app that a person installed reaches a server by its token alone', () => {
    const own = { ...command, authorizing_integration_owners: { '1': ann } };
    expect(of(own)).toMatchObject({ interaction: { reachable: false } });
  });

  test('a place that is not told is looked up', () => {
    const { channel: _, ...rest } = command;
    expect(inbound({ ...rest, channel_id: inThread }).channel).toMatchObject({ thread: inThread });
    expect(inbound({ ...rest, channel_id: '99999' }).channel).toEqual({
      ...channel,
      conversation: '99999',
    });
  });

  test.each([
    ['of who may not', command, withConfig({ allow: { users: [] } }), 'by who is not allowed'],
    ['where there are none', command, withConfig({ commands: false }), 'a command of another kind'],
    [
      'on a message',
      { ...command, data: { ...command.data, type: 3 } },
      context,
      'a command of another kind',
    ],
    [
      'of another name',
      { ...command, data: { ...command.data, name: 'dance' } },
      context,
      'a command that is not ours',
    ],
  ])('one %s is refused, and told so', (_, d, where, why) => {
    expect(of(d, where)).toEqual({
      kind: 'refused',
      why,
      interaction: { ...interaction, kind: 'command' },
    });
  });

  test.each([
    ['completes a word', { ...command, type: 4 }, 'an interaction of another kind'],
    ['has no token', { ...command, token: '' }, 'an interaction without a place'],
    ['has no person', { ...command, member: undefined }, 'an interaction without a place'],
  ])('what %s is nothing', (_, d, why) => {
    expect(of(d)).toMatchObject({ kind: 'nothing', why });
  });
});

describe('presses', () => {
  const press = pressOf(customId({ kind: 'press', marker, button: 'x:y' }));

  test('a button, with the id that it was given', () => {
    expect(inbound(press)).toEqual({
      kind: 'press',
      id: base.id,
      channel,
      person: { id: ann, name: 'Annie', operator: false },
      sentAtMs: 1_704_583_237_727,
      button: 'x:y',
      clientId: false,
    });
    expect(of(press)).toMatchObject({
      answer: 'update',
      interaction: { kind: 'component', messageId: message.id },
    });
  });

  test('a choice of a menu', () => {
    const menu = pressOf(customId({ kind: 'choose', marker }), { values: ['b2'] });
    expect(inbound(menu)).toMatchObject({ kind: 'press', button: 'b2' });
    const none = pressOf(customId({ kind: 'choose', marker }), { values: [] });
    expect(of(none)).toMatchObject({ kind: 'refused', why: 'a choice of nothing' });
  });

  test('below a message that stands in for another conversation', () => {
    const thread = { ...channel, thread: inThread };
    const where = {
      ...context,
      standsFor: (id: string) => (id === message.id ? thread : undefined),
    };
    expect(inbound(press, where)).toMatchObject({ channel: thread });
  });

  test('the button that asks for the dialog', () => {
    const found = of(pressOf(customId({ kind: 'answer', marker, askId })));
    expect(found).toMatchObject({
      kind: 'dialog',
      askId,
      channel,
      interaction: { kind: 'component' },
    });
  });

  test('the button that says that it was seen', () => {
    const found = of(pressOf(customId({ kind: 'seen', marker, receiptId, part: 3 })));
    expect(found).toMatchObject({ kind: 'seen', receiptId, part: 3, channel });
  });

  test.each([
    '',
    'other',
    'rb:b:short:x',
    `rb:b:${marker}`,
    `rb:s:${marker}:x`,
    `rb:q:${marker}`,
    `rb:a:${marker}`,
    'rb:d',
    `rb:d:${askId}`,
  ])('what is not ours: %j', (id) => {
    expect(of(pressOf(id))).toMatchObject({ kind: 'refused', why: 'a press of nothing of ours' });
  });
});

describe('an answer in words', () => {
  test('is a press of its question, with the words', () => {
    expect(inbound(dialog)).toMatchObject({
      kind: 'press',
      id: base.id,
      channel,
      button: askId,
      text: 'as I said',
      person: { id: ann },
    });
    expect(of(dialog)).toMatchObject({ answer: 'update', interaction: { kind: 'modal' } });
  });

  test('also when the input stands in a row', () => {
    const row = [{ type: 1, components: [{ type: 4, custom_id: 'rb:d', value: 'so' }] }];
    const old = { ...dialog, data: { ...dialog.data, components: row } };
    expect(inbound(old)).toMatchObject({ text: 'so' });
    expect(
      inbound({ ...dialog, data: { custom_id: customId({ kind: 'dialog', askId }) } }),
    ).toMatchObject({ text: '' });
  });

  test('a dialog of another app is refused', () => {
    const other = { ...dialog, data: { ...dialog.data, custom_id: 'feedback' } };
    expect(of(other)).toMatchObject({ kind: 'refused', why: 'a dialog of another kind' });
  });
});
