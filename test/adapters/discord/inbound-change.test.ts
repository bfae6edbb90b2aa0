import { describe, expect, test } from 'vitest';
import { toIncoming } from '../../../src/adapters/discord/inbound.ts';
import {
  ann,
  bot,
  botUser,
  context,
  direct,
  edited,
  general,
  guild,
  incoming,
  inThread,
  left,
  message,
  taken,
  user,
} from './inbound-payloads.ts';

const channel = {
  adapter: 'discord',
  account: context.account,
  conversation: general,
  thread: '77777',
};
const known = {
  ...context,
  taken: (id: string) =>
    id === message.id ? { channel, person: { id: ann, name: 'Annie' } } : undefined,
};

describe('edits', () => {
  test('a change of words, once for each', () => {
    expect(taken('MESSAGE_UPDATE', edited)).toMatchObject({
      kind: 'edited',
      id: `${message.id}:2024-01-01T00:01:00.000000+00:00`,
      messageId: message.id,
      channel: { conversation: general },
      sentAtMs: 1_704_067_260_000,
      text: 'and tomorrow?',
    });
  });

  test('of a message that was taken it counts wherever it belongs, and without the name', () => {
    const without = { ...edited, content: 'and tomorrow?', mentions: [] };
    expect(left('MESSAGE_UPDATE', without)).toBe('not addressed to the bot');
    expect(taken('MESSAGE_UPDATE', without, known)).toMatchObject({
      channel,
      text: 'and tomorrow?',
    });
    const lost = { ...known, placeOf: () => undefined };
    expect(taken('MESSAGE_UPDATE', without, lost)).toMatchObject({ channel });
    expect(incoming('MESSAGE_UPDATE', edited, { ...lost, taken: () => undefined })).toEqual({
      kind: 'unplaced',
      channelId: general,
    });
  });

  test.each([
    ['a link is shown', { edited_timestamp: null }, 'the words did not change'],
    ['the words are not told', { content: undefined }, 'the words did not change'],
    ['a bot edits', { author: { ...user, bot: true } }, 'edited by a bot'],
    ['we edit', { author: botUser }, 'edited by a bot'],
    ['it is none of a person', { type: 7 }, 'a change of a service message'],
    ['it has no id', { id: undefined }, 'a change without a message'],
  ])('nothing when %s', (_, change, why) => {
    expect(left('MESSAGE_UPDATE', { ...edited, ...change })).toBe(why);
  });

  test('a time that cannot be read is now', () => {
    const odd = { ...edited, edited_timestamp: 'soon' };
    expect(taken('MESSAGE_UPDATE', odd).sentAtMs).toBe(context.nowMs);
  });
});

describe('deletions', () => {
  test('of what was taken, with who said it', () => {
    expect(taken('MESSAGE_DELETE', { id: message.id, channel_id: general }, known)).toEqual({
      kind: 'deleted',
      id: `${message.id}:deleted`,
      messageId: message.id,
      channel,
      person: { id: ann, name: 'Annie', operator: false },
      sentAtMs: context.nowMs,
    });
  });

  test('of many at once', () => {
    const d = { ids: ['1', message.id, '2'], channel_id: general };
    const found = toIncoming({ t: 'MESSAGE_DELETE_BULK', d }, known);
    expect(found.map(({ kind }) => kind)).toEqual(['nothing', 'inbound', 'nothing']);
  });

  test('of nothing', () => {
    expect(toIncoming({ t: 'MESSAGE_DELETE', d: {} }, known)).toEqual([]);
  });
});

describe('what else happens', () => {
  const us = { userId: bot };
  test.each([
    [
      'THREAD_CREATE',
      { id: inThread, type: 11, parent_id: general, owner_id: us.userId, guild_id: guild },
      {
        kind: 'place',
        channelId: inThread,
        place: { kind: 'thread', parentId: general, guildId: guild, ours: true },
      },
    ],
    [
      'THREAD_UPDATE',
      { id: inThread, type: 12, parent_id: general, owner_id: ann },
      { kind: 'place', channelId: inThread, place: { kind: 'thread', parentId: general } },
    ],
    [
      'CHANNEL_CREATE',
      { id: general, type: 0, guild_id: guild },
      {
        kind: 'place',
        channelId: general,
        place: { kind: 'channel', guildId: guild, threads: true },
      },
    ],
    [
      'CHANNEL_UPDATE',
      { id: general, type: 2, guild_id: guild },
      { kind: 'place', channelId: general, place: { kind: 'channel', guildId: guild } },
    ],
    [
      'CHANNEL_CREATE',
      { id: direct, type: 1 },
      { kind: 'place', channelId: direct, place: { kind: 'direct' } },
    ],
    ['CHANNEL_DELETE', { id: general, type: 0 }, { kind: 'gone', channelId: general }],
    ['THREAD_DELETE', { id: inThread, type: 11 }, { kind: 'gone', channelId: inThread }],
    ['GUILD_DELETE', { id: guild }, { kind: 'left', guildId: guild }],
    [
      'GUILD_DELETE',
      { id: guild, unavailable: true },
      { kind: 'nothing', why: 'a server that is out of reach', level: 'info' },
    ],
    ['PRESENCE_UPDATE', {}, { kind: 'nothing', why: 'a dispatch of another kind', level: 'debug' }],
    ['MESSAGE_CREATE', null, { kind: 'nothing', why: 'a dispatch without data', level: 'debug' }],
    ['CHANNEL_DELETE', {}, { kind: 'nothing', why: 'a channel without an id', level: 'debug' }],
    ['THREAD_CREATE', {}, { kind: 'nothing', why: 'a channel without an id', level: 'debug' }],
  ])('%s %j', (t, d, expected) => {
    expect(incoming(t, d)).toEqual(expected);
  });
});
