import type { Message, MessageEntity, Update } from 'grammy/types';
import { describe, expect, test } from 'vitest';
import {
  albumOf,
  allowedUpdates,
  type InboundContext,
  type Incoming,
  toAlbum,
  toIncoming,
} from '../../../src/adapters/telegram/inbound.ts';
import { Inbound } from '../../../src/contracts/inbound.ts';

const me = { id: 7_700, username: 'Ada_Bot' };
const context: InboundContext = {
  account: '7700',
  me,
  config: { groups: 'mentioned', channels: false, allow: {}, operators: ['42'] },
  nowMs: 1_800_000_000_000,
};
const ann = { id: 42, is_bot: false, first_name: 'Ann', last_name: 'Lee', language_code: 'en' };
const bob = { id: 43, is_bot: false, first_name: 'Bob' };
const privateChat = { id: 42, first_name: 'Ann', type: 'private' };
const group = { id: -100_500, title: 'Group', type: 'supergroup', is_forum: true };

/** A message as the Bot API sends it; what is left out is that of a private chat. */
function message(more: object): Message {
  const base = { message_id: 11, from: ann, chat: privateChat, date: 1_700_000_000 };
  return { ...base, ...more } as unknown as Message;
}
const update = (more: object): Update => ({ update_id: 900, ...more }) as Update;
const said = (more: object, config: Partial<InboundContext['config']> = {}): Incoming =>
  toIncoming(update({ message: message(more) }), {
    ...context,
    config: { ...context.config, ...config },
  });
function taken(incoming: Incoming): Inbound {
  if (incoming.kind === 'nothing') throw new Error(`not taken: ${incoming.why}`);
  return Inbound.parse(incoming.inbound);
}
const mention = (text: string, name = '@ada_bot'): MessageEntity =>
  ({ type: 'mention', offset: text.indexOf(name), length: name.length }) as MessageEntity;

describe('who may', () => {
  const talk = { chat: group, from: bob, text: 'x' };
  test.each<[object, boolean]>([
    [{}, true],
    [{ users: ['43'] }, true],
    [{ users: ['1'] }, false],
    [{ chats: ['-100500'] }, true],
    [{ chats: ['-1'] }, false],
    [{ users: ['1'], chats: ['-100500'] }, true],
    [{ users: [] }, false],
  ])('allow %j', (allow, expected) => {
    const incoming = said(talk, { groups: 'all', allow });
    expect(incoming.kind === 'inbound').toBe(expected);
  });
});

describe('edits', () => {
  const edited = (more: object): Incoming =>
    toIncoming(update({ edited_message: message({ edit_date: 1_700_000_100, ...more }) }), context);

  test('the words of now, and which message they are of', () => {
    expect(taken(edited({ text: 'new words' }))).toEqual({
      kind: 'edited',
      id: 'e900',
      channel: { adapter: 'telegram', account: '7700', conversation: '42' },
      person: { id: '42', name: 'Ann Lee', operator: true },
      sentAtMs: 1_700_000_100_000,
      messageId: '11',
      text: 'new words',
    });
  });

  test('in a group, without the name', () => {
    const text = '@ada_bot new';
    const inbound = taken(edited({ chat: group, text, entities: [mention(text)] }));
    expect(inbound).toMatchObject({ kind: 'edited', text: 'new' });
    expect(edited({ chat: group, text: 'not for the bot' }).kind).toBe('nothing');
  });

  test('a place that moves has no words', () => {
    expect(edited({ location: { latitude: 1, longitude: 2 } }).kind).toBe('nothing');
  });
});

describe('presses', () => {
  const query = { id: '77', from: bob, chat_instance: 'c', data: 'cancel:1' };
  const pressed = (more: object): Incoming =>
    toIncoming(update({ callback_query: { ...query, ...more } }), context);

  test('of a button in a topic', () => {
    const under = message({ chat: group, message_thread_id: 5, is_topic_message: true });
    const incoming = pressed({ message: under });
    expect(taken(incoming)).toMatchObject({
      kind: 'press',
      id: '77',
      channel: { conversation: '-100500', thread: '5' },
      person: { id: '43' },
      sentAtMs: context.nowMs,
      button: 'cancel:1',
    });
    expect(incoming).toMatchObject({ query: '77' });
  });

  test('below a message that is too old to be read', () => {
    const inaccessible = { message_id: 3, date: 0, chat: privateChat };
    expect(taken(pressed({ message: inaccessible }))).toMatchObject({
      kind: 'press',
      channel: { conversation: '42' },
    });
  });

  test.each<[string, object]>([
    ['a game', { data: undefined, game_short_name: 'x', message: message({}) }],
    ['a message of inline mode', { inline_message_id: 'x' }],
  ])('%s is nothing, and told that it arrived', (_, more) => {
    expect(pressed(more)).toMatchObject({ kind: 'nothing', query: '77' });
  });

  test('of somebody who may not', () => {
    const only = { ...context, config: { ...context.config, allow: { users: ['42'] } } };
    const press = update({ callback_query: { ...query, message: message({ chat: group }) } });
    expect(toIncoming(press, only)).toMatchObject({ kind: 'nothing', query: '77' });
  });
});

describe('channels and the rest', () => {
  const post = message({
    from: undefined,
    chat: { id: -100_7, type: 'channel', title: 'News' },
    sender_chat: { id: -100_7, type: 'channel', title: 'News' },
    text: 'a post',
  });

  test('posts only when they are wanted', () => {
    expect(toIncoming(update({ channel_post: post }), context).kind).toBe('nothing');
    const wanted = { ...context, config: { ...context.config, channels: true } };
    expect(taken(toIncoming(update({ channel_post: post }), wanted))).toMatchObject({
      text: 'a post',
      person: { id: '-1007', name: 'News' },
      private: false,
    });
    expect(allowedUpdates({ channels: true })).toContain('channel_post');
    expect(allowedUpdates({ channels: false })).not.toContain('channel_post');
  });

  test('a person who blocks the bot is told to the log', () => {
    const change = { chat: privateChat, from: ann, date: 1, new_chat_member: { status: 'kicked' } };
    expect(toIncoming(update({ my_chat_member: change }), context)).toMatchObject({
      kind: 'nothing',
      level: 'info',
      why: 'a person blocked the bot (chat 42)',
    });
  });

  test('an update of a kind of tomorrow is nothing', () => {
    expect(toIncoming(update({ something_new: {} }), context).kind).toBe('nothing');
    expect(toIncoming(update({}), context).kind).toBe('nothing');
  });
});

describe('albums', () => {
  const photo = (file_id: string) => ({ photo: [{ file_id, file_unique_id: file_id }] });
  const member = (message_id: number, more: object): Update =>
    update({ message: message({ message_id, media_group_id: 'g', ...more }) });

  test('are one message with all files', () => {
    const updates = [
      member(11, { ...photo('a'), caption: 'two of them' }),
      member(12, photo('b')),
      member(13, { ...photo('c'), caption: 'and a third' }),
    ];
    expect(taken(toAlbum(updates, context))).toMatchObject({
      id: '11',
      text: 'two of them\n\nand a third',
      files: [{ url: 'telegram:a' }, { url: 'telegram:b' }, { url: 'telegram:c' }],
    });
    expect(new Set(updates.map(albumOf))).toEqual(new Set(['42 g']));
  });

  test('one mention is enough for all', () => {
    const caption = '@ada_bot compare';
    const updates = [
      member(11, { ...photo('a'), chat: group }),
      member(12, { ...photo('b'), chat: group, caption, caption_entities: [mention(caption)] }),
    ];
    expect(taken(toAlbum(updates, context))).toMatchObject({ text: 'compare' });
    expect(toAlbum([updates[0] as Update], context).kind).toBe('nothing');
  });

  test('a single message is of none', () => {
    expect(albumOf(update({ message: message({ text: 'x' }) }))).toBeUndefined();
    expect(albumOf(update({}))).toBeUndefined();
  });
});
