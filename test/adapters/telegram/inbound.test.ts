import type { Message, MessageEntity, Update } from 'grammy/types';
import { describe, expect, test } from 'vitest';
import {
  type InboundContext,
  type Incoming,
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
const inGroup = (text: string, entities: object[] = [], more: object = {}): Incoming =>
  said({ chat: group, from: bob, text, entities, ...more });

function taken(incoming: Incoming): Inbound {
  if (incoming.kind === 'nothing') throw new Error(`not taken: ${incoming.why}`);
  return Inbound.parse(incoming.inbound);
}
function textOf(incoming: Incoming): string {
  const inbound = taken(incoming);
  return 'text' in inbound ? (inbound.text ?? '') : '';
}
const mention = (text: string, name = '@ada_bot'): MessageEntity =>
  ({ type: 'mention', offset: text.indexOf(name), length: name.length }) as MessageEntity;

describe('private chats', () => {
  test('a message', () => {
    expect(taken(said({ text: 'hello 😀' }))).toEqual({
      kind: 'message',
      id: '11',
      channel: { adapter: 'telegram', account: '7700', conversation: '42' },
      person: { id: '42', name: 'Ann Lee', operator: true },
      sentAtMs: 1_700_000_000_000,
      text: 'hello 😀',
      files: [],
      private: true,
      clientId: false,
    });
  });

  test.each([
    ['/start', '/help'],
    ['/start deep-link', '/help'],
    ['/started', '/started'],
    ['/help', '/help'],
    ['/status', '/status'],
    ['/cancel ab12 wrong file', '/cancel ab12 wrong file'],
    ['please /start', 'please /start'],
  ])('%s', (text, expected) => {
    expect(textOf(said({ text }))).toBe(expected);
  });

  test('a caption is the text, and of a photo the largest size counts', () => {
    const photo = [
      { file_id: 'small', file_unique_id: 'a', width: 90, height: 60, file_size: 900 },
      { file_id: 'large', file_unique_id: 'b', width: 900, height: 600, file_size: 90_000 },
    ];
    const inbound = taken(said({ photo, caption: 'what is this?' }));
    expect(inbound).toMatchObject({
      text: 'what is this?',
      files: [
        { name: 'photo.jpg', mimeType: 'image/jpeg', sizeBytes: 90_000, url: 'telegram:large' },
      ],
    });
  });

  test.each<[string, object, object]>([
    [
      'a document',
      {
        document: { file_id: 'd', file_name: 'a.pdf', mime_type: 'application/pdf', file_size: 3 },
      },
      { name: 'a.pdf', mimeType: 'application/pdf', sizeBytes: 3, url: 'telegram:d' },
    ],
    [
      'a document without a name',
      { document: { file_id: 'd' } },
      { name: 'document', mimeType: 'application/octet-stream', url: 'telegram:d' },
    ],
    [
      'a voice message',
      { voice: { file_id: 'v', duration: 3, mime_type: 'audio/ogg' } },
      { name: 'voice.ogg', mimeType: 'audio/ogg', url: 'telegram:v' },
    ],
    [
      'an animation, which is told twice',
      { animation: { file_id: 'a' }, document: { file_id: 'a' } },
      { name: 'animation.mp4', mimeType: 'video/mp4', url: 'telegram:a' },
    ],
    [
      'audio',
      { audio: { file_id: 'm', file_name: 'song.mp3' } },
      { name: 'song.mp3', mimeType: 'audio/mpeg', url: 'telegram:m' },
    ],
    ['a video', { video: { file_id: 'f' } }, { name: 'video.mp4', mimeType: 'video/mp4' }],
    ['a round video', { video_note: { file_id: 'f' } }, { name: 'video.mp4' }],
    [
      'a sticker',
      { sticker: { file_id: 's', is_animated: false, is_video: true } },
      { name: 'sticker.webm', mimeType: 'video/webm' },
    ],
  ])('%s', (_, content, file) => {
    const inbound = taken(said(content));
    expect(inbound.kind === 'message' && inbound.files).toMatchObject([file]);
  });

  test('what has no words and no file is still a message: the relay says that it cannot read it', () => {
    expect(taken(said({ location: { latitude: 1, longitude: 2 } }))).toMatchObject({ text: '' });
  });

  test.each<[string, object]>([
    ['a service message', { pinned_message: { message_id: 1 } }],
    ['another bot', { text: 'x', from: { id: 9, is_bot: true, first_name: 'B' } }],
    ['its own message', { text: 'x', from: { id: me.id, is_bot: true, first_name: 'A' } }],
    ['nobody', { text: 'x', from: undefined }],
  ])('%s is nothing', (_, content) => {
    expect(said(content).kind).toBe('nothing');
  });

  test('a name is cut, never left empty', () => {
    const long = { ...bob, first_name: 'x'.repeat(150), last_name: 'y'.repeat(150) };
    expect(taken(said({ text: 'a', from: long })).person.name).toHaveLength(200);
    expect(taken(said({ text: 'a', from: { ...bob, first_name: ' ' } })).person).toEqual({
      id: '43',
      operator: false,
    });
  });
});

describe('groups', () => {
  test.each<[string, string]>([
    ['@ada_bot do it', 'do it'],
    ['@ADA_BOT, do it', 'do it'],
    ['@ada_bot: do it', 'do it'],
    ['do it @ada_bot', 'do it'],
    ['please @ada_bot do it', 'please do it'],
    ['😀 @ada_bot do it', '😀 do it'],
    ['😀😀😀 well,\n@ada_bot do it', '😀😀😀 well,\ndo it'],
    ['@ada_bot', ''],
  ])('a mention is taken out: %s', (text, expected) => {
    const name = /@ada_bot/i.exec(text)?.[0] ?? '';
    const incoming = inGroup(text, [mention(text, name)]);
    expect(textOf(incoming)).toBe(expected);
    expect(taken(incoming)).toMatchObject({
      channel: { conversation: '-100500' },
      person: { id: '43', name: 'Bob', operator: false },
      private: false,
    });
  });

  test('two mentions, and one of somebody else', () => {
    const text = '@ada_bot tell @bob that @ada_bot is here';
    const second = { ...mention(text), offset: text.lastIndexOf('@ada_bot') };
    const entities = [mention(text), mention(text, '@bob'), second];
    expect(textOf(inGroup(text, entities))).toBe('tell @bob that is here');
  });

  test('a name without an entity is no mention', () => {
    expect(inGroup('`@ada_bot`').kind).toBe('nothing');
    expect(inGroup('@ada_bots', [mention('@ada_bots', '@ada_bots')]).kind).toBe('nothing');
  });

  test('a mention by its shown name', () => {
    const entity = { type: 'text_mention', offset: 0, length: 3, user: { ...ann, id: me.id } };
    expect(textOf(inGroup('Ada do it', [entity]))).toBe('do it');
    const other = { ...entity, user: ann };
    expect(inGroup('Ann do it', [other]).kind).toBe('nothing');
  });

  test.each<[string, string, string]>([
    ['/status@Ada_Bot', '/status@Ada_Bot', '/status'],
    ['/cancel@ada_bot ab12', '/cancel@ada_bot', '/cancel ab12'],
    ['/start@ada_bot x', '/start@ada_bot', '/help'],
  ])('a command with its name: %s', (text, command, expected) => {
    const entity = { type: 'bot_command', offset: 0, length: command.length };
    expect(textOf(inGroup(text, [entity]))).toBe(expected);
  });

  test('a command without a name, or with that of another bot, is not meant', () => {
    const bare = { type: 'bot_command', offset: 0, length: 7 };
    expect(inGroup('/status', [bare]).kind).toBe('nothing');
    const other = { type: 'bot_command', offset: 0, length: 17 };
    const all = { chat: group, from: bob, text: '/status@other_bot', entities: [other] };
    expect(said(all, { groups: 'all' }).kind).toBe('nothing');
  });

  test('a reply to the bot is meant for it', () => {
    const reply = { reply_to_message: { message_id: 3, from: { id: me.id, is_bot: true } } };
    expect(textOf(inGroup('more of that', [], reply))).toBe('more of that');
    const other = { reply_to_message: { message_id: 3, from: ann } };
    expect(inGroup('more of that', [], other).kind).toBe('nothing');
  });

  test('being in a topic that the bot opened is no reply to it', () => {
    const opened = {
      message_id: 3,
      from: { id: me.id, is_bot: true },
      forum_topic_created: { name: 'x' },
    };
    const more = { reply_to_message: opened, message_thread_id: 3, is_topic_message: true };
    expect(inGroup('just talk', [], more).kind).toBe('nothing');
  });

  test('a topic is a conversation of its own, a thread of replies is not', () => {
    const text = '@ada_bot x';
    const topic = inGroup(text, [mention(text)], { message_thread_id: 5, is_topic_message: true });
    expect(taken(topic).channel.thread).toBe('5');
    const thread = inGroup(text, [mention(text)], { message_thread_id: 5 });
    expect(taken(thread).channel).not.toHaveProperty('thread');
  });

  test('groups: all and off', () => {
    const talk = { chat: group, from: bob, text: 'just talk' };
    expect(textOf(said(talk, { groups: 'all' }))).toBe('just talk');
    const text = '@ada_bot x';
    const meant = { chat: group, from: bob, text, entities: [mention(text)] };
    expect(said(meant, { groups: 'off' }).kind).toBe('nothing');
    expect(said({ chat: group, from: bob, dice: {} }, { groups: 'all' }).kind).toBe('nothing');
  });

  test('an anonymous administrator speaks as the group', () => {
    const text = '@ada_bot x';
    const anonymous = { id: 1_087_968_824, is_bot: true, first_name: 'Group' };
    const inbound = taken(
      inGroup(text, [mention(text)], {
        from: anonymous,
        sender_chat: group,
        author_signature: 'Boss',
      }),
    );
    expect(inbound.person).toEqual({ id: '-100500', name: 'Boss', operator: false });
  });

  test('what a linked channel puts into its group was said to nobody', () => {
    const text = '@ada_bot x';
    const forwarded = { is_automatic_forward: true, sender_chat: { id: -100_9, type: 'channel' } };
    expect(inGroup(text, [mention(text)], forwarded).kind).toBe('nothing');
  });

  test('a group that became a supergroup has moved', () => {
    expect(taken(inGroup('', [], { text: undefined, migrate_to_chat_id: -100_900 }))).toMatchObject(
      {
        kind: 'moved',
        id: 'u900',
        channel: { conversation: '-100500' },
        to: { adapter: 'telegram', account: '7700', conversation: '-100900' },
      },
    );
    expect(inGroup('', [], { text: undefined, migrate_from_chat_id: -1 }).kind).toBe('nothing');
  });
});
