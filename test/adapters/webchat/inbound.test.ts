import { describe, expect, test } from 'vitest';
import {
  parsePosition,
  toMessage,
  toPress,
  wellFormed,
} from '../../../src/adapters/webchat/inbound.ts';
import { Inbound } from '../../../src/contracts/inbound.ts';

const channel = { adapter: 'webchat', account: 'main', conversation: 'c_1' };
const arrival = {
  channel,
  visitor: { personId: 'p_1', conversation: 'c_1', name: 'Ann' },
  atMs: 5,
};

describe('what comes in', () => {
  test('a message: private, its id unique per person', () => {
    const person = { id: 'p_1', name: 'Ann' };
    const message = toMessage({ id: 'm1', text: 'hi' }, arrival);
    expect(message).toEqual({
      kind: 'message',
      id: 'm1',
      channel,
      person,
      sentAtMs: 5,
      text: 'hi',
      private: true,
      clientId: true,
    });
    expect(Inbound.parse(message).kind).toBe('message');
  });

  test('a press, with words or without', () => {
    const nameless = { ...arrival, visitor: { personId: 'p_1', conversation: 'c_1' } };
    const press = toPress({ id: 'p1', button: 'b' }, nameless);
    expect(press).toEqual({
      kind: 'press',
      id: 'p1',
      channel,
      person: { id: 'p_1' },
      sentAtMs: 5,
      button: 'b',
      clientId: true,
    });
    expect(toPress({ id: 'p1', button: 'b', text: 'why' }, nameless)).toMatchObject({
      text: 'why',
    });
    expect(Inbound.parse(press).kind).toBe('press');
  });

  test('halves of surrogate pairs cannot be stored', () => {
    expect(wellFormed('a\ud800b\udc00c😀')).toBe('a\ufffdb\ufffdc😀');
  });

  test.each([
    ['e.5', { epoch: 'e', seq: 5 }],
    ['0190-ab.cd.0', { epoch: '0190-ab.cd', seq: 0 }],
    ['e', undefined],
    ['.5', undefined],
    ['e.', undefined],
    ['e.-1', undefined],
    ['e.1e9', undefined],
    ['e.9999999999999999', undefined],
  ])('position %j', (text, expected) => {
    expect(parsePosition(text)).toEqual(expected);
  });
});
