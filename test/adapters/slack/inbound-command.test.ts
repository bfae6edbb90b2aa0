import { describe, expect, test } from 'vitest';
import { ofCommand } from '../../../src/adapters/slack/inbound-interaction.ts';
import type { Inbound } from '../../../src/contracts/inbound.ts';
import { command, context, left, taken, withConfig } from './inbound-payloads.ts';

describe('slash commands', () => {
  const said = (text: string | undefined, more: object = {}): Inbound =>
    taken(ofCommand({ ...command, ...more, ...(text === undefined ? {} : { text }) }, context));

  test('a request', () => {
    expect(said(undefined)).toEqual({
      kind: 'message',
      id: '111.222.command',
      channel: { adapter: 'slack', account: 'T111', conversation: 'C111' },
      person: { id: 'W222', name: 'primary-owner', operator: false },
      sentAtMs: context.nowMs,
      text: 'summarise & send #dev',
      files: [],
      private: false,
      clientId: false,
    });
  });

  test.each([
    ['', '/help'],
    ['  ', '/help'],
    ['help', '/help'],
    ['status', '/status'],
    [' Cancel ab12 wrong file ', '/Cancel ab12 wrong file'],
    ['retry', '/retry'],
    ['cancelled orders of today', 'cancelled orders of today'],
    ['/status', '/status'],
  ])('%j', (text, expected) => {
    expect(said(text)).toMatchObject({ text: expected });
  });

  test('in a direct message it is private', () => {
    expect(said('x', { channel_id: 'D111' })).toMatchObject({ private: true });
  });

  test.each([{ user_id: undefined }, { channel_id: undefined }, { trigger_id: undefined }])(
    '%j: not taken',
    (more) => {
      expect(left(ofCommand({ ...command, ...more } as never, context))).toBe(
        'a command without a place',
      );
    },
  );

  test('of those who are allowed', () => {
    expect(left(ofCommand(command, withConfig({ allow: { users: [] } })))).toBe(
      'a command of who is not allowed',
    );
  });
});
