import { describe, expect, test } from 'vitest';
import type { Inbound } from '../../../src/contracts/inbound.ts';
import {
  ann,
  asRead,
  attachment,
  bot,
  botUser,
  context,
  direct,
  edited,
  general,
  guild,
  incoming,
  inDirect,
  inThread,
  left,
  message,
  taken,
  user,
  withConfig,
} from './inbound-payloads.ts';

function of(d: object, where = context): Extract<Inbound, { kind: 'message' }> {
  const found = taken('MESSAGE_CREATE', d, where);
  if (found.kind !== 'message') throw new Error(found.kind);
  return found;
}
const why = (d: object, where = context): string => left('MESSAGE_CREATE', d, where);
const unnamed = { ...message, content: 'what now?', mentions: [] };
const other = { ...user, id: '80351110224678999', username: 'bob', global_name: null };

describe('messages', () => {
  test('a mention', () => {
    expect(of(message)).toEqual({
      kind: 'message',
      id: message.id,
      channel: { adapter: 'discord', account: bot, conversation: general },
      person: { id: ann, name: 'Annie', operator: false },
      sentAtMs: 1_704_053_418_663,
      text: 'what is the weather?',
      files: [],
      private: false,
      clientId: false,
    });
  });

  test('by sessions a message begins a thread, which has its id', () => {
    const thread = withConfig({ sessions: 'thread' });
    expect(of(message, thread).channel).toMatchObject({
      conversation: general,
      thread: message.id,
    });
    expect(of({ ...message, channel_id: inThread }, thread).channel).toMatchObject({
      thread: inThread,
    });
    expect(of(inDirect, thread).channel).not.toHaveProperty('thread');
    // Where no thread can be made the channel is the conversation.
    const voice = { ...thread, placeOf: () => ({ kind: 'channel' as const, guildId: guild }) };
    expect(of(message, voice).channel).not.toHaveProperty('thread');
  });

  test('in a thread it belongs to it, and to the channel above', () => {
    expect(of({ ...message, channel_id: inThread }).channel).toEqual({
      adapter: 'discord',
      account: bot,
      conversation: general,
      thread: inThread,
    });
  });

  test('a direct message needs no name', () => {
    expect(of(inDirect)).toMatchObject({
      channel: { conversation: direct },
      person: { name: 'Ann Other' },
      text: 'hello',
      private: true,
    });
  });

  test('a reply to the bot is addressed to it, whether it rings or not', () => {
    const reply = { ...unnamed, type: 19, referenced_message: { ...message, author: botUser } };
    expect(of(reply)).toMatchObject({ text: 'what now?' });
    expect(why({ ...reply, referenced_message: { ...message, author: other } })).toBe(
      'not addressed to the bot',
    );
    expect(why({ ...reply, referenced_message: null })).toBe('not addressed to the bot');
  });

  test('so is a mention of its role', () => {
    expect(of({ ...unnamed, content: '<@&1180000000000000055> hi' })).toMatchObject({ text: 'hi' });
  });

  test('in a thread it takes part in everything counts but what is said to others', () => {
    const spoken = { ...context, takesPart: (id: string) => id === inThread };
    const said = { ...unnamed, channel_id: inThread };
    expect(of(said, spoken).text).toBe('what now?');
    expect(why(said)).toBe('not addressed to the bot');
    expect(why({ ...said, channel_id: general }, { ...context, takesPart: () => true })).toBe(
      'not addressed to the bot',
    );
    expect(why({ ...said, content: `<@${other.id}> look` }, spoken)).toBe(
      'addressed to somebody else',
    );
    const toOther = { ...said, type: 19, referenced_message: { ...message, author: other } };
    expect(why(toOther, spoken)).toBe('addressed to somebody else');
    const toSelf = { ...said, type: 19, referenced_message: message };
    expect(of(toSelf, spoken).text).toBe('what now?');
    const ours = { kind: 'thread', parentId: general, guildId: guild, ours: true } as const;
    expect(of(said, { ...context, placeOf: () => ours }).text).toBe('what now?');
  });

  test('everything, or nothing, where that is configured', () => {
    expect(of(unnamed, withConfig({ channels: 'all' })).text).toBe('what now?');
    expect(why(message, withConfig({ channels: 'off' }))).toBe('said in a channel');
    expect(of(inDirect, withConfig({ channels: 'off' })).text).toBe('hello');
  });

  test.each([
    ['of a bot', { author: { ...user, bot: true } }, 'said by a bot'],
    ['of Discord', { author: { ...user, system: true } }, 'said by a bot'],
    ['of a webhook', { webhook_id: '1' }, 'said by a bot'],
    ['that somebody joined', { type: 7 }, 'a service message (7)'],
    ['of our own', { author: botUser }, 'said by ourselves'],
    ['without a place', { channel_id: undefined }, 'a message without a place'],
    ['without an author', { author: undefined }, 'said by a bot'],
  ])('a message %s is not taken', (_, change, expected) => {
    expect(why({ ...message, ...change })).toBe(expected);
  });

  test('an empty one neither, but for a mention alone', () => {
    expect(why({ ...inDirect, content: '' })).toBe('nothing to read');
    expect(why({ ...unnamed, content: ' ' }, withConfig({ channels: 'all' }))).toBe(
      'nothing to read',
    );
    expect(of({ ...message, content: `<@${bot}>` })).toMatchObject({ text: '' });
  });

  test('files come with their size and address', () => {
    expect(of({ ...inDirect, content: '', attachments: [attachment] })).toMatchObject({
      text: '',
      files: [
        { name: 'plan.pdf', mimeType: 'application/pdf', sizeBytes: 12_345, url: attachment.url },
      ],
    });
    const many = Array.from({ length: 30 }, () => attachment);
    expect(of({ ...inDirect, attachments: many })).toMatchObject({ files: { length: 20 } });
    const strange = [
      { ...attachment, url: 'file:///etc/passwd' },
      { ...attachment, url: undefined },
    ];
    expect(of({ ...inDirect, attachments: strange })).toMatchObject({ files: [] });
  });

  test('what is forwarded comes along', () => {
    const snapshot = { message: { content: 'the old words', attachments: [attachment] } };
    const forward = { ...inDirect, content: '', message_snapshots: [snapshot] };
    expect(of(forward)).toMatchObject({ text: 'the old words', files: { length: 1 } });
    expect(of({ ...forward, content: 'see' })).toMatchObject({ text: 'see\n\nthe old words' });
  });

  test('a channel that is not known yet must be asked for', () => {
    const lost = { ...context, placeOf: () => undefined };
    expect(incoming('MESSAGE_CREATE', message, lost)).toEqual({
      kind: 'unplaced',
      channelId: general,
    });
    expect(of(inDirect, lost).text).toBe('hello');
  });

  test('one of ours says that it is there', () => {
    expect(incoming('MESSAGE_CREATE', { ...message, author: botUser, nonce: 'abc' })).toEqual({
      kind: 'ours',
      channelId: general,
      messageId: message.id,
      nonce: 'abc',
    });
  });
});

test("what is read stands in Discord's own types", () => {
  for (const payload of [message, inDirect, edited]) expect(asRead(payload)).toBe(payload);
});

describe('who may', () => {
  const allow = (config: object) => withConfig({ allow: config });
  test('people, channels with their threads, servers', () => {
    expect(of(message, allow({ users: [ann] })).kind).toBe('message');
    expect(why(message, allow({ users: [] }))).toBe('said by who is not allowed');
    expect(of(message, allow({ users: [], channels: [general] })).kind).toBe('message');
    expect(of({ ...message, channel_id: inThread }, allow({ channels: [general] })).kind).toBe(
      'message',
    );
    expect(of(message, allow({ guilds: [guild] })).kind).toBe('message');
    expect(why(inDirect, allow({ guilds: [guild] }))).toBe('said by who is not allowed');
  });

  test('operators are known', () => {
    expect(of(message, withConfig({ operators: [ann] })).person.operator).toBe(true);
  });
});
