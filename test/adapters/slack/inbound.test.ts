import { describe, expect, test } from 'vitest';
import { type InboundContext, toIncoming } from '../../../src/adapters/slack/inbound.ts';
import type { Inbound } from '../../../src/contracts/inbound.ts';
import {
  body,
  changed,
  context,
  deleted,
  direct,
  inAssistant,
  inChannel,
  left,
  mention,
  taken,
  withConfig,
} from './inbound-payloads.ts';

const of = (event: object, where: InboundContext = context): Inbound =>
  taken(toIncoming(body(event), where));
const why = (event: object, where: InboundContext = context): string =>
  left(toIncoming(body(event), where));
const inThread = (conversation: string, thread: string): InboundContext => ({
  ...context,
  takesPart: (a, b) => a === conversation && b === thread,
});
const thread = '1595926230.009600';

describe('messages', () => {
  test('a mention begins a thread', () => {
    expect(of(mention)).toEqual({
      kind: 'message',
      id: '1595926230.009600',
      channel: { adapter: 'slack', account: 'T111', conversation: 'C111', thread },
      person: { id: 'W222', operator: false },
      sentAtMs: 1_595_926_230_009,
      text: 'Hi there!',
      files: [],
      private: false,
      clientId: false,
    });
  });

  test('a mention is the same message whichever subscription brings it', () => {
    expect(of(inChannel)).toEqual(of(mention));
    const both = (event: object) => ({ ...event, thread_ts: '1595926000.000100' });
    expect(of(both(inChannel))).toEqual(of(both(mention)));
    const channel = withConfig({ sessions: 'channel' });
    expect(of(inChannel, channel)).toEqual(of(mention, channel));
  });

  test('what stands in a thread belongs to it', () => {
    const { channel } = of({ ...mention, thread_ts: '1595926000.000100' });
    expect(channel.thread).toBe('1595926000.000100');
  });

  test('one conversation for the channel, where that is configured', () => {
    const channel = withConfig({ sessions: 'channel' });
    expect(of(mention, channel).channel).not.toHaveProperty('thread');
    expect(of({ ...mention, thread_ts: thread }, channel).channel).not.toHaveProperty('thread');
    const reply = { ...mention, thread_ts: '1595926000.000100' };
    expect(of(reply, channel).channel.thread).toBe('1595926000.000100');
  });

  test('direct messages have no thread unless the person wrote in one', () => {
    expect(of(direct)).toMatchObject({
      id: '1596183880.004200',
      channel: { conversation: 'D111' },
      private: true,
      text: 'When Slack was released?',
    });
    expect(of(direct).channel).not.toHaveProperty('thread');
    const answered = { ...direct, thread_ts: direct.ts };
    expect(of(answered).channel).not.toHaveProperty('thread');
    expect(of({ ...direct, thread_ts: '1596183000.000100' }).channel.thread).toBe(
      '1596183000.000100',
    );
  });

  test('what is said in the home of the app is a direct message', () => {
    const home = { ...direct, channel_type: 'app_home' };
    expect(of(home)).toEqual(of(direct));
  });

  test('an assistant thread is a thread', () => {
    expect(of(inAssistant)).toMatchObject({
      channel: { conversation: 'D111', thread: '1726133698.626339' },
      private: true,
    });
  });

  test('a group message is like a channel', () => {
    const group = { ...inChannel, channel: 'G111', channel_type: 'mpim' };
    expect(of(group)).toMatchObject({ channel: { conversation: 'G111', thread }, private: false });
    expect(why({ ...group, text: 'hello' })).toBe('not addressed to the bot');
  });

  test.each([
    ['file_share', {}],
    ['thread_broadcast', { thread_ts: '1595926000.000100' }],
    ['me_message', {}],
  ])('%s is a message', (subtype, more) => {
    expect(of({ ...inChannel, ...more, subtype }).kind).toBe('message');
  });

  test('a file without words', () => {
    const files = [{ id: 'F1', name: 'a.pdf', mimetype: 'application/pdf', size: 5 }];
    const shared = { ...direct, text: '', subtype: 'file_share', files, upload: false };
    expect(of(shared)).toMatchObject({
      text: '',
      files: [{ name: 'a.pdf', mimeType: 'application/pdf', sizeBytes: 5, url: 'slack:F1' }],
    });
  });

  test('the name of the bot alone is a message', () => {
    expect(of({ ...mention, text: '<@W111>' })).toMatchObject({ text: '' });
  });

  test('the name of who said it, where Slack tells it', () => {
    const named = (user_profile: object) => of({ ...mention, user_profile }).person;
    expect(named({ display_name: 'ann', real_name: 'Ann Lee' })).toMatchObject({ name: 'ann' });
    expect(named({ display_name: '', real_name: 'Ann Lee' })).toMatchObject({ name: 'Ann Lee' });
    expect(named({ display_name: ' ' })).not.toHaveProperty('name');
    expect(of({ ...mention, user: 'W999' }).person).toEqual({ id: 'W999', operator: true });
  });

  test.each([
    ['another bot', { bot_id: 'B999' }, 'said by a bot'],
    ['another bot in the name of a person', { bot_id: 'B999', user: 'W222' }, 'said by a bot'],
    ['bot_message', { subtype: 'bot_message', bot_id: 'B999', user: undefined }, 'said by a bot'],
    ['ourselves', { user: 'W111', bot_id: 'B111' }, 'said by a bot'],
    ['ourselves without a bot id', { user: 'W111' }, 'said by a bot'],
    ['Slackbot', { user: 'USLACKBOT' }, 'said by a bot'],
    ['nobody', { user: undefined }, 'said by a bot'],
    ['channel_join', { subtype: 'channel_join' }, 'a service message (channel_join)'],
    [
      'channel_topic',
      { subtype: 'channel_topic', topic: 'x' },
      'a service message (channel_topic)',
    ],
    [
      'assistant_app_thread',
      { subtype: 'assistant_app_thread' },
      'a service message (assistant_app_thread)',
    ],
    ['reminder_add', { subtype: 'reminder_add' }, 'a service message (reminder_add)'],
    ['no place', { channel: undefined }, 'a message without a place'],
    ['no ts', { ts: undefined }, 'a message without a place'],
  ])('%s: not taken', (_, more, expected) => {
    expect(why({ ...inChannel, ...more })).toBe(expected);
  });
});

describe('who is listened to in channels', () => {
  const words = { ...inChannel, text: 'hello' };
  const reply = { ...words, ts: '1595926300.000100', thread_ts: thread };

  test('what mentions the bot, and its threads', () => {
    expect(why(words)).toBe('not addressed to the bot');
    expect(why(reply)).toBe('not addressed to the bot');
    expect(of(reply, inThread('C111', thread))).toMatchObject({
      text: 'hello',
      channel: { thread },
    });
    expect(why(reply, inThread('C222', thread))).toBe('not addressed to the bot');
    expect(why(words, inThread('C111', '1595926000.000100'))).toBe('not addressed to the bot');
  });

  test('in its threads people may still talk to each other', () => {
    const toOther = { ...reply, text: '<@W333> what do you think?' };
    expect(why(toOther, inThread('C111', thread))).toBe('addressed to somebody else');
    const toBoth = { ...reply, text: '<@W333> <@W111> what do you think?' };
    expect(of(toBoth, inThread('C111', thread))).toMatchObject({
      text: '@W333 what do you think?',
    });
    const about = { ...reply, text: 'ask <@W333>' };
    expect(of(about, inThread('C111', thread))).toMatchObject({ text: 'ask @W333' });
  });

  test('a mention that Slack tells of is one, whatever its text says', () => {
    expect(of({ ...mention, text: 'hello' })).toMatchObject({ text: 'hello' });
  });

  test('everything, or nothing', () => {
    expect(of(words, withConfig({ channels: 'all' }))).toMatchObject({ text: 'hello' });
    expect(why({ ...words, text: ' ' }, withConfig({ channels: 'all' }))).toBe('nothing to read');
    expect(why(mention, withConfig({ channels: 'off' }))).toBe('said in a channel');
    expect(of(direct, withConfig({ channels: 'off' })).kind).toBe('message');
  });

  test('those who are allowed', () => {
    const users = withConfig({ allow: { users: ['W222'] } });
    const channels = withConfig({ allow: { channels: ['C111'] } });
    const nobody = withConfig({ allow: { users: [], channels: [] } });
    const both = withConfig({ allow: { users: ['W1'], channels: ['C111'] } });
    expect(of(mention, users).kind).toBe('message');
    expect(why({ ...mention, user: 'W333' }, users)).toBe('said by who is not allowed');
    expect(of({ ...mention, user: 'W333' }, channels).kind).toBe('message');
    expect(why(direct, channels)).toBe('said by who is not allowed');
    expect(why(direct, nobody)).toBe('said by who is not allowed');
    expect(of(mention, both).kind).toBe('message');
    expect(why({ ...changed, channel: 'C2' }, both)).toBe('said by who is not allowed');
    expect(why({ ...deleted, channel: 'C2' }, both)).toBe('said by who is not allowed');
  });
});
