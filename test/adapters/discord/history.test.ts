import { describe, expect, test } from 'vitest';
import {
  type HistoryMessage,
  historyCall,
  inOrder,
  judgeHistory,
  nextAfter,
  pageMax,
  type Sought,
  settlesInMs,
  sinceId,
} from '../../../src/adapters/discord/history.ts';
import { createNoncer, isNonce, nonceValidUntilMs } from '../../../src/adapters/discord/nonce.ts';
import { snowflakeAt, snowflakeMs } from '../../../src/adapters/discord/snowflake.ts';
import type { Repair } from '../../../src/contracts/delivery.ts';

const sentAtMs = 1_704_067_200_000;
const channel = { adapter: 'discord', account: '1', conversation: '22222' };
const noncer = createNoncer('secret');
const nonce = noncer.nonce({ key: 'k1', repairs: [] }, channel);
const other = noncer.nonce({ key: 'k2', repairs: [] }, channel);
const us = '100000';
const idAt = (afterMs: number): string => String(BigInt(snowflakeAt(sentAtMs + afterMs)) + 7n);
const said = (afterMs: number, more: HistoryMessage = {}): HistoryMessage => ({
  id: idAt(afterMs),
  author: { id: us },
  content: 'On it.',
  ...more,
});
const button = (marker: string): HistoryMessage => ({
  components: [{ components: [{ custom_id: `rb:b:${marker}:cancel` }] }],
});
const sought: Sought = {
  nonce,
  hasButtons: false,
  text: 'On it.',
  fileNames: [],
  sentAtMs,
  us: { userId: us },
  offsetMs: 0,
  isOther: () => false,
  settled: true,
};
const judge = (messages: readonly HistoryMessage[], more: Partial<Sought> = {}) =>
  judgeHistory([messages], { ...sought, ...more });
const shownAt = (afterMs: number) => ({
  kind: 'shown',
  handle: idAt(afterMs),
  evidence: 'observed',
});

describe('nonces', () => {
  const of = (key: string, where: object = {}, repairs: readonly Repair[] = []): string =>
    noncer.nonce({ key, repairs }, { ...channel, ...where });
  test('are the same for every attempt, and others for all else', () => {
    expect(of('k1', {}, ['split', 'plain'])).toBe(nonce);
    const all = [
      of('k1'),
      of('k2'),
      of('k1', { thread: '3' }),
      of('k1', { conversation: '3' }),
      of('k1', { account: '2' }),
      of('k1', {}, ['repost']),
      createNoncer('other').nonce({ key: 'k1', repairs: [] }, channel),
    ];
    expect(new Set(all).size).toBe(all.length);
    for (const one of all) expect(isNonce(one) && one.length <= 25).toBe(true);
  });
  test('hold for less than two minutes', () => {
    expect(nonceValidUntilMs(1_000)).toBe(101_000);
  });
});

describe('the history', () => {
  test('is listed from well before the send', () => {
    expect(snowflakeMs(sinceId({ sentAtMs }))).toBe(sentAtMs - 60_000);
    expect(historyCall('22222', '5')).toEqual({
      method: 'GET',
      route: '/channels/22222/messages',
      query: { after: '5', limit: '100' },
    });
  });

  test('is in order, each message once; a full page is followed by another', () => {
    const page = [{ id: '10' }, { id: '9' }, { id: '100' }];
    expect(inOrder([page, [{ id: '9' }, {}]]).map(({ id }) => id)).toEqual(['9', '10', '100']);
    expect(nextAfter(page)).toBeUndefined();
    const full = Array.from({ length: pageMax }, (_, at) => ({ id: String(1_000 - at * 9) }));
    expect(nextAfter(full)).toBe('1000');
  });

  test('a while after the send it shows what was taken', () => {
    expect(settlesInMs({ sentAtMs }, sentAtMs + 1_000)).toBe(4_000);
    expect(settlesInMs({ sentAtMs }, sentAtMs + 9_000)).toBe(0);
    expect(settlesInMs({ sentAtMs }, sentAtMs - 90_000)).toBe(5_000);
  });
});

describe('a message with buttons', () => {
  test('is known by them, whatever else is there', () => {
    const messages = [said(500), said(900, button(other)), said(700, button(nonce))];
    expect(judge(messages, { hasButtons: true })).toEqual(shownAt(700));
    expect(judge([said(700, { ...button(nonce), content: 'edited' })])).toEqual(shownAt(700));
  });
  test('of somebody else proves nothing', () => {
    const forged = said(700, { ...button(nonce), author: { id: '200000' } });
    expect(judge([forged], { hasButtons: true })).toEqual({ kind: 'absent' });
  });
  test('is not one that has none', () => {
    expect(judge([said(500)], { hasButtons: true })).toEqual({ kind: 'absent' });
  });
});

describe('a message without', () => {
  test('is known by its words, its time and what it answers', () => {
    expect(judge([said(500)])).toEqual(shownAt(500));
    expect(judge([said(500, { content: ' On  it. ' })])).toEqual(shownAt(500));
    const reply = { message_reference: { message_id: '55555' } };
    expect(judge([said(500, reply)], { reference: '55555' })).toEqual(shownAt(500));
    expect(judge([said(500)], { reference: '55555' })).toEqual(shownAt(500));
    expect(judge([said(500, reply)])).toEqual({ kind: 'absent' });
    const embed = said(500, { content: '', embeds: [{ description: 'On it.' }] });
    expect(judge([embed])).toEqual(shownAt(500));
  });

  test.each<[string, HistoryMessage]>([
    ['other words', said(500, { content: 'Done.' })],
    ['another author', said(500, { author: { id: '200000' } })],
    ['a file', said(500, { attachments: [{ filename: 'a.md' }] })],
    ['buttons of another', said(500, button(other))],
    ['long before', said(-61_000)],
    ['long after', said(90_000)],
  ])('not by %s', (_, message) => {
    expect(judge([message])).toEqual({ kind: 'absent' });
  });

  test('by its words and its time alone, where no more is known of it', () => {
    const more = { message_reference: { message_id: '55555' }, attachments: [{ filename: 'a' }] };
    expect(judge([said(500, more)], { isPartial: true })).toEqual(shownAt(500));
    expect(judge([said(500, { ...more, content: 'Done.' })], { isPartial: true })).toEqual({
      kind: 'absent',
    });
  });

  test('with a file by the name of it', () => {
    const file = said(500, { content: '', attachments: [{ filename: 'answer.md' }] });
    const more = { text: '', fileNames: ['answer.md'] };
    expect(judge([file], more)).toEqual(shownAt(500));
    expect(judge([file], { ...more, fileNames: ['other.md'] })).toEqual({ kind: 'absent' });
  });

  test('several tell nothing, but for those that are known to be others', () => {
    const two = [said(500), said(900)];
    expect(judge(two)).toMatchObject({ kind: 'cannot_tell' });
    expect(judge(two, { isOther: (id) => id === idAt(900) })).toEqual(shownAt(500));
  });

  test('nor does one that only fits when the clocks differ', () => {
    expect(judge([said(-30_000)])).toMatchObject({ kind: 'cannot_tell' });
    expect(judge([said(500)], { offsetMs: undefined })).toMatchObject({ kind: 'cannot_tell' });
    // Discord's clock is known to be half a minute behind.
    expect(judge([said(-30_000)], { offsetMs: -30_000 })).toEqual(shownAt(-30_000));
  });
});

describe('when it is not there', () => {
  test('too early nobody knows; without a page neither', () => {
    expect(judge([], { settled: false })).toMatchObject({ kind: 'cannot_tell' });
    expect(judgeHistory([], sought)).toMatchObject({ kind: 'cannot_tell' });
    expect(judge([])).toEqual({ kind: 'absent' });
  });

  test('after a full page the next one is asked for, unless it is found', () => {
    const full = Array.from({ length: pageMax }, (_, at) => said(100 + at, { content: `${at}` }));
    expect(judge(full)).toEqual({ kind: 'more', after: idAt(199) });
    expect(judge([...full.slice(1), said(700, button(nonce))])).toEqual(shownAt(700));
    expect(judgeHistory([full, [said(800)]], sought)).toEqual(shownAt(800));
  });
});
