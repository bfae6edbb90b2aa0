import { describe, expect, test } from 'vitest';
import {
  createSigner,
  type HistoryMessage,
  type HistoryPage,
  historyCall,
  judgeHistory,
  keyBlockId,
  metadataOf,
  settleMs,
  settlesInMs,
} from '../../../src/adapters/slack/metadata.ts';

const token = 'xoxb-111-222-abcdefghijkl';
const channel = {
  adapter: 'slack',
  account: '111',
  conversation: 'C1',
  thread: '1700000000.000100',
};
const attempt = { key: '019a-receipt/0/1' };
const signer = createSigner(token);
const key = signer.key(attempt, channel);
const us = { userId: 'UBOT', botId: 'BBOT' };
const sought = { key, us, settled: true };

/** As `conversations.history` answers it with `include_all_metadata`. */
const message = (more: object = {}): HistoryMessage => ({
  ts: '1700000001.000200',
  user: 'UBOT',
  bot_id: 'BBOT',
  metadata: metadataOf(key),
  ...more,
});
const page = (...messages: HistoryMessage[]): HistoryPage => ({ messages, has_more: false });

describe('the key of a message', () => {
  test('is the same after a restart, and another for every part, conversation and token', () => {
    expect(createSigner(token).key(attempt, channel)).toBe(key);
    const { thread: _, ...top } = channel;
    const others = [
      signer.key({ key: '019a-receipt/0/2' }, channel),
      signer.key(attempt, { ...channel, conversation: 'C2' }),
      signer.key(attempt, { ...channel, thread: '1700000000.000101' }),
      signer.key(attempt, top),
      signer.key(attempt, { ...channel, account: '112' }),
      createSigner(`${token}x`).key(attempt, channel),
    ];
    expect(new Set([key, ...others]).size).toBe(7);
  });

  test('no two places run into each other', () => {
    const one = signer.key({ key: 'k' }, { ...channel, conversation: 'C1', thread: '"],["' });
    const other = signer.key({ key: 'k' }, { ...channel, conversation: 'C1"],["', thread: '' });
    expect(one).not.toBe(other);
  });

  test('tells nothing and is short', () => {
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(metadataOf(key))).not.toMatch(/receipt|xoxb|C1|111/);
    expect(metadataOf(key)).toEqual({ event_type: 'readback', event_payload: { key } });
    expect(keyBlockId(key).length).toBeLessThanOrEqual(255);
  });
});

describe('the call that lists what was said', () => {
  test('of a thread, from a minute before the send on', () => {
    expect(historyCall({ channel, sentAtMs: 1_700_000_060_123 })).toEqual({
      method: 'conversations.replies',
      payload: {
        channel: 'C1',
        ts: '1700000000.000100',
        oldest: '1700000000.123000',
        inclusive: true,
        include_all_metadata: true,
        latest: '1700000135.123000',
        limit: 200,
      },
    });
  });

  test('until what was lost must be there, or until now', () => {
    const send = { channel, sentAtMs: 1_700_000_000_000, lostAtMs: 1_700_000_040_000 };
    expect(historyCall(send).payload).toMatchObject({ latest: '1700000105.000000' });
    expect(historyCall({ ...send, isOpen: true }).payload).not.toHaveProperty('latest');
  });

  test('of a channel, and its next page', () => {
    const { thread: _, ...top } = channel;
    const { method, payload } = historyCall({ channel: top, sentAtMs: 30_000 }, 'next==');
    expect(method).toBe('conversations.history');
    expect(payload).toMatchObject({ oldest: '0.000000', cursor: 'next==' });
    expect(payload).not.toHaveProperty('ts');
  });
});

describe('what the history says', () => {
  test('ours with the key is shown, wherever it stands', () => {
    const shown = { kind: 'shown', handle: '1700000001.000200', evidence: 'observed' };
    expect(judgeHistory([page(message())], sought)).toEqual(shown);
    expect(judgeHistory([page({ ts: '1' }), page({}, message())], sought)).toEqual(shown);
    expect(judgeHistory([{ ...page(message()), has_more: true }], sought)).toEqual(shown);
    expect(judgeHistory([page(message())], { ...sought, settled: false })).toEqual(shown);
    expect(judgeHistory([page(message({ user: undefined }))], sought)).toEqual(shown);
  });

  test('a file carries it in its first block', () => {
    const { metadata: _, ...file } = message({
      subtype: 'file_share',
      blocks: [{ type: 'rich_text', block_id: keyBlockId(key) }, { block_id: 'x' }, {}],
    });
    expect(judgeHistory([page(file)], sought)).toMatchObject({ kind: 'shown' });
    const other = { ...file, blocks: [{ block_id: key }] };
    expect(judgeHistory([page(other)], sought)).toEqual({ kind: 'absent' });
  });

  test.each([
    ['somebody else says so', { user: 'U1', bot_id: 'B1' }],
    ['somebody without a name', { user: undefined, bot_id: undefined }],
    ['another key', { metadata: metadataOf(`${key.slice(0, -1)}~`) }],
    ['the beginning of the key', { metadata: metadataOf(key.slice(0, 10)) }],
    ['no metadata', { metadata: undefined }],
    ['an empty payload', { metadata: { event_type: 'readback', event_payload: {} } }],
    [
      'a payload of another kind',
      { metadata: { event_type: 'readback', event_payload: { key: 1 } } },
    ],
    ['of another event', { metadata: { event_type: 'task', event_payload: { key } } }],
  ])('%s: not ours', (_, more) => {
    expect(judgeHistory([page(message(more))], sought)).toEqual({ kind: 'absent' });
  });

  test('without a bot id of ours nobody without a user counts', () => {
    const unknown = { ...sought, us: { userId: 'UBOT' } };
    const nameless = message({ user: undefined, bot_id: undefined });
    expect(judgeHistory([page(nameless)], unknown)).toEqual({ kind: 'absent' });
  });

  test('the next page is asked for as long as there is one', () => {
    const first = { messages: [], has_more: true, response_metadata: { next_cursor: 'c2' } };
    expect(judgeHistory([first], sought)).toEqual({ kind: 'more', cursor: 'c2' });
    expect(judgeHistory([first, page()], sought)).toEqual({ kind: 'absent' });
    const empty = { ...page(), response_metadata: { next_cursor: '' } };
    expect(judgeHistory([empty], sought)).toEqual({ kind: 'absent' });
  });

  test('guesses nothing', () => {
    expect(judgeHistory([], sought).kind).toBe('cannot_tell');
    expect(judgeHistory([{}], sought).kind).toBe('cannot_tell');
    expect(judgeHistory([{ messages: [], has_more: true }], sought).kind).toBe('cannot_tell');
    expect(judgeHistory([page()], { ...sought, settled: false }).kind).toBe('cannot_tell');
  });

  test('absence counts when the history has settled', () => {
    const at = (nowMs: number, lostAtMs?: number): number =>
      settlesInMs({ sentAtMs: 100_000, lostAtMs }, nowMs);
    expect(at(101_000, 101_000)).toBe(settleMs);
    expect(at(103_000, 101_000)).toBe(3_000);
    expect(at(106_000, 101_000)).toBe(0);
    // A request may go on for ten seconds, where nobody saw it end; and for longer, where somebody did.
    expect(at(100_000)).toBe(settleMs);
    expect(at(111_000)).toBe(4_000);
    expect(at(115_000)).toBe(0);
    expect(at(141_000, 140_000)).toBe(4_000);
    expect(at(900_000)).toBe(0);
    // A clock that was set back does not hold it up.
    expect(at(0)).toBe(settleMs);
  });
});
