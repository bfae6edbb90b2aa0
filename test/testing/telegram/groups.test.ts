import type { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { expect, test } from 'vitest';
import type {
  SayOptions,
  TelegramChat,
  TelegramPerson,
} from '../../../src/testing/telegram/index.ts';
import { client, failure, refusal, server, updates } from './ground.ts';

const textsOf = (found: Update[]) => found.map(({ message }) => message?.text);

/** What the bot hears of these words in the chat. */
async function heard(
  api: Api,
  who: TelegramPerson,
  [text, options]: [text: string, options: SayOptions],
): Promise<number> {
  await updates(api);
  who.say(text, options);
  return (await updates(api)).length;
}

test.each(['group', 'supergroup'] as const)(
  'in privacy mode a bot hears in a %s only what is meant for it',
  async (kind) => {
    const telegram = await server({ username: 'my_bot' });
    const api = client(telegram);
    const ann = telegram.person();
    const to = telegram[kind]({ members: [ann] });
    const { message_id: own } = await api.sendMessage(to.id, 'hi');
    const replyTo = to.messages.find(({ messageId }) => messageId === own);
    if (replyTo === undefined) throw new Error('nothing is shown');
    expect(await heard(api, ann, ['nice weather', { to }])).toBe(0);
    expect(await heard(api, ann, ['hey @other_bot', { to }])).toBe(0);
    expect(await heard(api, ann, ['/start@other_bot', { to }])).toBe(0);
    expect(await heard(api, ann, ['/start', { to }])).toBe(1);
    expect(await heard(api, ann, ['please /start@my_bot', { to }])).toBe(1);
    expect(await heard(api, ann, ['hey @My_Bot', { to }])).toBe(1);
    expect(await heard(api, ann, ['no', { to, replyTo }])).toBe(1);
    const user = { id: telegram.botId, is_bot: true, first_name: 'Readback' };
    const entities = [{ type: 'text_mention', offset: 0, length: 3, user }];
    expect(await heard(api, ann, ['Bot do it', { to, entities }])).toBe(1);
    expect(to.messages.filter(({ from }) => from.kind === 'person')).not.toHaveLength(0);
  },
);

test('without privacy mode it hears everything, after it was thrown out nothing', async () => {
  const telegram = await server({ privacyMode: false });
  const api = client(telegram);
  expect((await api.getMe()).can_read_all_group_messages).toBe(true);
  const ann = telegram.person();
  const to = telegram.group({ members: [ann] });
  expect(await heard(api, ann, ['nice weather', { to }])).toBe(1);
  to.kickBot();
  const [left] = await updates(api);
  expect(left?.my_chat_member).toMatchObject({
    chat: { id: to.id },
    old_chat_member: { status: 'member' },
    new_chat_member: { status: 'kicked' },
  });
  expect(await heard(api, ann, ['nice weather', { to }])).toBe(0);
});

test('who comes and goes is told by service messages, a block by my_chat_member', async () => {
  const telegram = await server();
  const api = client(telegram);
  const [ann, bob] = [telegram.person({ name: 'Ann' }), telegram.person({ name: 'Bob' })];
  const group = telegram.group({ title: 'Team', members: [ann] });
  const found = await updates(api);
  expect(found[0]?.my_chat_member?.new_chat_member.status).toBe('member');
  expect(found[1]?.message?.group_chat_created).toBe(true);
  expect(() => bob.say('hi', { to: group })).toThrow('Bob is not in the chat');
  bob.join(group);
  bob.leave(group);
  ann.say('/start');
  ann.block();
  const [joined, left, , blocked] = await updates(api);
  expect(joined?.message?.new_chat_members?.[0]?.id).toBe(bob.id);
  expect(left?.message?.left_chat_member?.id).toBe(bob.id);
  expect(blocked?.my_chat_member).toMatchObject({
    chat: { id: ann.id, type: 'private' },
    new_chat_member: { status: 'kicked' },
  });
  expect(() => ann.say('hi')).toThrow('Ann blocked the bot: unblock first');
});

test('a topic keeps its messages; what answers nothing there answers its beginning', async () => {
  const telegram = await server({ username: 'my_bot' });
  const api = client(telegram);
  const ann = telegram.person();
  const forum = telegram.supergroup({ members: [ann], topics: true });
  const [work, play] = [forum.topic('Work'), forum.topic('Play')];
  ann.say('@my_bot hi', { to: work });
  ann.say('@my_bot hi all', { to: forum });
  const [inTopic, inGeneral] = (await updates(api)).slice(-2).map(({ message }) => message);
  expect(inTopic).toMatchObject({
    chat: { id: forum.id, type: 'supergroup', is_forum: true },
    message_thread_id: work.topicId,
    is_topic_message: true,
    reply_to_message: { message_id: work.topicId, forum_topic_created: { name: 'Work' } },
  });
  expect(inGeneral).not.toHaveProperty('message_thread_id');
  expect(inGeneral).not.toHaveProperty('is_topic_message');
  const sent = await api.sendMessage(forum.id, 'to play', { message_thread_id: play.topicId });
  expect(sent.message_thread_id).toBe(play.topicId);
  await api.sendMessage(forum.id, 'answer', {
    reply_parameters: { message_id: inTopic?.message_id ?? 0 },
  });
  await api.sendChatAction(forum.id, 'typing', { message_thread_id: play.topicId });
  expect([work.texts, play.texts, forum.texts]).toEqual([
    ['answer'],
    ['to play'],
    ['to play', 'answer'],
  ]);
  expect([work.typing, play.typing?.action]).toEqual([undefined, 'typing']);
  play.delete();
  expect(await refusal(api.sendMessage(forum.id, 'x', { message_thread_id: play.topicId }))).toBe(
    '400 Bad Request: message thread not found',
  );
  expect(() => ann.say('x', { to: play })).toThrow('the topic is deleted');
});

test('a group becomes a supergroup: new id, new message ids, the old id refused with it', async () => {
  const telegram = await server({ username: 'my_bot' });
  const api = client(telegram);
  const ann = telegram.person();
  const old = telegram.group({ title: 'Team', members: [ann] });
  await api.sendMessage(old.id, 'before');
  await updates(api);
  const made = old.migrate();
  expect([old.movedTo, made.type, made.members]).toEqual([made, 'supergroup', [ann]]);
  const [to, from] = (await updates(api)).map(({ message }) => message);
  expect(to).toMatchObject({ chat: { id: old.id }, migrate_to_chat_id: made.id });
  expect(from).toMatchObject({
    chat: { id: made.id },
    migrate_from_chat_id: old.id,
    message_id: 1,
  });
  expect(await failure(api.sendMessage(old.id, 'x'))).toMatchObject({
    error_code: 400,
    description: 'Bad Request: group chat was upgraded to a supergroup chat',
    parameters: { migrate_to_chat_id: made.id },
  });
  await api.sendMessage(made.id, 'after');
  expect(made.texts).toEqual(['after']);
  expect(() => ann.say('x', { to: old })).toThrow('the chat is not there any more');
});

test('message ids are shared by private chats and groups, and own ones in a supergroup', async () => {
  const telegram = await server();
  const api = client(telegram);
  const ann = telegram.person();
  const ids = async (chat: TelegramChat) => (await api.sendMessage(chat.id, 'x')).message_id;
  const first = ann.say('hello').messageId;
  const group = telegram.group({ members: [ann] });
  const supergroup = telegram.supergroup({ members: [ann] });
  expect([await ids(group), await ids(ann.chat)]).toEqual([first + 2, first + 3]);
  expect([await ids(supergroup), await ids(supergroup)]).toEqual([2, 3]);
  expect([group.id < 0, supergroup.id < -1_000_000_000_000]).toEqual([true, true]);
});

test('a channel posts in its own name', async () => {
  const telegram = await server();
  const api = client(telegram);
  const ann = telegram.person();
  const channel = telegram.channel({ title: 'News', members: [ann] });
  await updates(api);
  channel.post('news');
  const [update] = await updates(api);
  expect(update?.channel_post).toMatchObject({
    text: 'news',
    sender_chat: { id: channel.id, type: 'channel', title: 'News' },
  });
  expect(update?.channel_post).not.toHaveProperty('from');
  expect(() => ann.say('x', { to: channel })).toThrow('use channel.post');
});

test('a reply in a supergroup without topics names its thread, but no topic', async () => {
  const telegram = await server({ privacyMode: false });
  const api = client(telegram);
  const ann = telegram.person();
  const to = telegram.supergroup({ members: [ann] });
  const first = ann.say('one', { to });
  const second = ann.say('two', { to, replyTo: first });
  ann.say('three', { to, replyTo: second });
  const found = (await updates(api)).slice(-2);
  expect(textsOf(found)).toEqual(['two', 'three']);
  for (const { message } of found) {
    expect(message?.message_thread_id).toBe(first.messageId);
    expect(message).not.toHaveProperty('is_topic_message');
  }
});
