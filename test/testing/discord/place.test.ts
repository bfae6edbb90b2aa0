import { Routes } from 'discord.js';
import { expect, test } from 'vitest';
import type { DiscordChannel } from '../../../src/testing/discord/index.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, failure, heldClient, type Json, refusal, server } from './ground.ts';

async function opened(options: Parameters<typeof server>[0] = {}) {
  const discord = await server(options);
  const ann = discord.person({ name: 'Ann' });
  const room = discord.channel({ name: 'room' });
  const rest = options.runtime === undefined ? client(discord) : heldClient(discord);
  const send = async (channel: DiscordChannel, body: Json = { content: 'x' }) =>
    (await rest.post(Routes.channelMessages(channel.id), { body })) as Json;
  return { discord, ann, room, rest, send };
}

type Opened = Awaited<ReturnType<typeof opened>>;

test.each<[what: string, act: (all: Opened) => Promise<unknown>, seen: [number, number]]>([
  [
    'a channel that is not seen',
    ({ room, send }) => {
      room.permit('bot', { deny: ['ViewChannel'] });
      return send(room);
    },
    [403, 50001],
  ],
  [
    'a channel where the bot may not write',
    ({ room, send }) => {
      room.permit('bot', { deny: ['SendMessages'] });
      return send(room);
    },
    [403, 50013],
  ],
  [
    'a guild that put the bot out',
    ({ discord, room, send }) => {
      discord.guild.kickBot();
      return send(room);
    },
    [403, 50001],
  ],
  [
    'a channel that is deleted',
    ({ room, send }) => {
      room.delete();
      return send(room);
    },
    [404, 10003],
  ],
  ['a forum', ({ discord, send }) => send(discord.channel({ kind: 'forum' })), [400, 40058]],
  [
    'closed direct messages',
    ({ ann, send }) => {
      ann.closeDms();
      return send(ann.dm);
    },
    [403, 50007],
  ],
  ['a stranger', ({ discord, send }) => send(discord.stranger().dm), [403, 50278]],
  [
    'a person who left',
    ({ ann, discord, send }) => {
      ann.leave(discord.guild);
      return send(ann.dm);
    },
    [403, 50278],
  ],
  [
    'a forbidden word',
    ({ discord, room, send }) => {
      discord.guild.setBotPermissions(['ViewChannel']);
      discord.guild.autoModerate(['secret']);
      return send(room, { content: 'a Secret' });
    },
    [400, 200000],
  ],
  [
    'an embed without the right',
    ({ room, send }) => {
      room.permit('bot', { deny: ['EmbedLinks'] });
      return send(room, { embeds: [{ title: 'x' }] });
    },
    [403, 50013],
  ],
  [
    'an answer without history',
    async ({ ann, room, send }) => {
      const { id } = ann.say('q', { to: room });
      room.permit('bot', { deny: ['ReadMessageHistory'] });
      return await send(room, { content: 'x', message_reference: { message_id: id } });
    },
    [400, 160002],
  ],
  [
    'an unknown person',
    ({ rest }) => rest.post(Routes.userChannels(), { body: { recipient_id: '1' } }),
    [400, 50033],
  ],
  ['an unknown guild', ({ rest }) => rest.get(Routes.guild('100000000000000000')), [404, 10004]],
  ['an unknown user', ({ rest }) => rest.get(Routes.user('100000000000000000')), [404, 10013]],
])('%s is refused with its code', async (_, act, seen) => {
  const all = await opened();
  const isForbidden = seen[0] === 403;
  expect(await refusal(act(all))).toEqual(seen);
  expect(all.discord.invalidRequests).toBe(isForbidden ? 1 : 0);
});

test('rights come from roles, then from the channel: all, roles, the one', async () => {
  const { discord, ann, room, send } = await opened();
  const crew = discord.guild.role({ name: 'Crew' });
  room.permit('everyone', { deny: ['SendMessages'] });
  expect(() => ann.say('x', { to: room })).toThrow('Ann may not write in room');
  expect(await refusal(send(room))).toEqual([403, 50013]);
  room.permit(crew, { allow: ['SendMessages'] });
  ann.give(crew);
  ann.say('as crew', { to: room });
  room.permit(ann, { deny: ['SendMessages'] });
  expect(() => ann.say('x', { to: room })).toThrow('may not write');
  room.permit('bot', { allow: ['SendMessages'] });
  await send(room);
  const admin = discord.guild.role({ permissions: ['Administrator'] });
  ann.give(admin);
  ann.say('as admin', { to: room });
  const secret = discord.channel({ name: 'secret', onlyFor: [discord.person()] });
  ann.take(admin);
  expect(() => ann.say('x', { to: secret })).toThrow('Ann does not see secret');
  await send(secret);
});

test('slow mode lets one message through in its time: people always, bots where it is said', async () => {
  const runtime = createFakeRuntime();
  const { discord, ann, room, send } = await opened({ runtime });
  room.slowMode(10);
  discord.guild.setBotPermissions(['ViewChannel', 'SendMessages']);
  ann.say('one', { to: room });
  expect(() => ann.say('two', { to: room })).toThrow('slow mode');
  await send(room);
  await send(room);
  room.slowMode(10, { bots: true });
  await runtime.advance(4_000);
  const error = await failure(send(room));
  expect([error.name, error['retryAfter']]).toEqual([
    'RateLimitError[/channels/:id/messages]',
    6_050,
  ]);
  expect(discord.calls.at(-1)).toMatchObject({
    status: 429,
    answer: { code: 20016, retry_after: 6, global: false },
  });
  await runtime.advance(6_000);
  await send(room);
  ann.say('two', { to: room });
  room.permit('bot', { allow: ['BypassSlowmode'] });
  await send(room);
});

test('a busy channel answers 429 with scope shared, which is not counted', async () => {
  const runtime = createFakeRuntime();
  const { discord, room, send } = await opened({ runtime });
  room.congest(2_000);
  expect(await failure(send(room))).toMatchObject({ scope: 'shared', global: false });
  expect([discord.invalidRequests, room.texts]).toEqual([0, []]);
  await runtime.advance(2_000);
  await send(room);
  expect(room.texts).toEqual(['x']);
});

test('a thread begins from a message, once, and is written in', async () => {
  const { discord, ann, room, rest, send } = await opened();
  const asked = ann.say('question', { to: room });
  const route = Routes.threads(room.id, asked.id);
  const made = (await rest.post(route, { body: { name: 'Answer' } })) as Json;
  expect(made).toMatchObject({
    id: asked.id,
    type: 11,
    parent_id: room.id,
    owner_id: discord.botId,
  });
  expect(await refusal(rest.post(route, { body: { name: 'Again' } }))).toEqual([400, 160004]);
  const [thread] = room.threads;
  expect([thread?.name, thread?.parent === room, asked.thread === thread]).toEqual([
    'Answer',
    true,
    true,
  ]);
  await send(thread as DiscordChannel, { content: `<@${ann.id}> here` });
  expect(thread?.texts).toEqual(['@Ann here']);
  expect(thread?.messages.map(({ from }) => from.kind)).toEqual(['system', 'bot']);
  const history = (await rest.get(Routes.channelMessages(asked.id))) as Json[];
  expect(history.map(({ type, content }) => [type, content])).toEqual([
    [0, `<@${ann.id}> here`],
    [21, ''],
  ]);
  expect(history[1]?.['referenced_message']).toMatchObject({ content: 'question' });
});

test('an archived thread takes no edits, wakes by a message; a locked one takes nothing', async () => {
  const { discord, ann, room, rest, send } = await opened();
  const thread = ann.openThread(room, { name: 'talk', text: 'hello' });
  const { id } = await send(thread);
  const route = Routes.channelMessage(thread.id, String(id));
  thread.archive();
  expect(await refusal(rest.patch(route, { body: { content: 'y' } }))).toEqual([400, 50083]);
  expect(await refusal(rest.post(Routes.channelTyping(thread.id)))).toEqual([400, 50083]);
  await send(thread, { content: 'wakes it' });
  expect(thread.isArchived).toBe(false);
  await rest.patch(route, { body: { content: 'y' } });
  discord.guild.setBotPermissions(['ViewChannel', 'SendMessages']);
  thread.lock();
  expect(await refusal(send(thread))).toEqual([403, 160005]);
  expect(await refusal(rest.patch(route, { body: { content: 'z' } }))).toEqual([403, 160005]);
  expect(() => ann.say('x', { to: thread })).toThrow('the thread is locked');
  thread.archive();
  const wake = () => rest.patch(Routes.channel(thread.id), { body: { archived: false } });
  expect(await refusal(wake())).toEqual([400, 50083]);
  discord.guild.setBotPermissions(['ManageThreads']);
  await wake();
  await send(thread, { content: 'as moderator' });
  expect(thread.texts).toEqual(['y', 'wakes it', 'as moderator']);
});

test('a post of a forum has a first message with the id of its thread, and the tags it needs', async () => {
  const { discord, ann, rest } = await opened();
  const forum = discord.channel({ kind: 'forum', tags: ['help'], needsTag: true });
  const { available_tags: tags } = (await rest.get(Routes.channel(forum.id))) as {
    available_tags: Json[];
  };
  const message = { content: 'first', nonce: 'ignored' };
  const post = (body: Json) => rest.post(Routes.threads(forum.id), { body });
  expect(await refusal(post({ name: 'Post', message }))).toEqual([400, 40067]);
  expect(await refusal(post({ name: 'Post', applied_tags: [tags[0]?.['id']] }))).toEqual([
    400, 50035,
  ]);
  const made = (await post({ name: 'Post', message, applied_tags: [tags[0]?.['id']] })) as Json;
  expect((made['message'] as Json)['id']).toBe(made['id']);
  expect(() => ann.post(forum, { title: 'Hers', text: 'words' })).toThrow('needs a tag');
  const hers = ann.post(forum, { title: 'Hers', text: 'words', tags: ['help'] });
  expect(hers.messages[0]?.id).toBe(hers.id);
  expect(forum.threads.map(({ name }) => name)).toEqual(['Post', 'Hers']);
  expect(forum.threads[0]?.texts).toEqual(['first']);
});

test('threads of their own are private unless a type is named; a channel says that one was opened', async () => {
  const { discord, ann, room, rest } = await opened();
  await rest.post(Routes.threads(room.id), { body: { name: 'hidden' } });
  await rest.post(Routes.threads(room.id), { body: { name: 'open', type: 11 } });
  const [hidden, open] = room.threads as [DiscordChannel, DiscordChannel];
  expect(room.messages).toMatchObject([{ from: { kind: 'system' }, text: 'open' }]);
  expect(() => ann.say('x', { to: hidden })).toThrow('does not see');
  ann.say('x', { to: open });
  const active = (await rest.get(Routes.guildActiveThreads(discord.guild.id))) as {
    threads: Json[];
  };
  expect(active.threads.map(({ name }) => name)).toEqual(['open', 'hidden']);
  await rest.put(Routes.threadMembers(open.id, '@me'));
  expect(await rest.get(Routes.threadMembers(open.id, '@me'))).toMatchObject({
    user_id: discord.botId,
  });
  await rest.patch(Routes.channel(open.id), { body: { archived: true, name: 'shut' } });
  expect([open.isArchived, open.name]).toEqual([true, 'shut']);
  await rest.delete(Routes.channel(open.id));
  expect(room.threads).toEqual([hidden]);
});

test('a role that not all may mention is mentioned only by who may mention everyone', async () => {
  const { discord, ann, room } = await opened();
  const bob = discord.person({ name: 'Bob' });
  const role = discord.guild.role({ name: 'Crew', isMentionable: false });
  bob.give(role);
  const words = `<@&${role.id}> hello`;
  expect(ann.say(words, { to: room }).mentions).toEqual([]);
  ann.give(discord.guild.role({ permissions: ['MentionEveryone'] }));
  const said = ann.say(words, { to: room });
  expect([said.mentions, said.notified]).toEqual([[role.id], [bob.id]]);
});

test('direct messages are opened by the id of a person; guilds, members and roles are told', async () => {
  const { discord, ann, rest } = await opened();
  const dm = await rest.post(Routes.userChannels(), { body: { recipient_id: ann.id } });
  expect(dm).toMatchObject({
    id: ann.dm.id,
    type: 1,
    recipients: [{ id: ann.id, username: 'ann' }],
  });
  const { id } = discord.guild;
  expect(await rest.get(Routes.guildMember(id, ann.id))).toMatchObject({ user: { id: ann.id } });
  expect(await refusal(rest.get(Routes.guildMember(id, discord.stranger().id)))).toEqual([
    404, 10007,
  ]);
  const members = (await rest.get(Routes.guildMembers(id), {
    query: new URLSearchParams('limit=10'),
  })) as Json[];
  expect(members).toHaveLength(2);
  discord.gateway.disallow(['GuildMembers']);
  expect(await refusal(rest.get(Routes.guildMembers(id)))).toEqual([403, 50001]);
  expect(await rest.get(Routes.guildRoles(id))).toMatchObject([
    { name: '@everyone', managed: false },
    { name: 'Readback', managed: true, tags: { bot_id: discord.botId } },
  ]);
  expect(await rest.get(Routes.userGuilds())).toMatchObject([{ id }]);
  expect(await rest.get(Routes.guildChannels(id))).toMatchObject([{ name: 'room' }]);
  const application = (await rest.get(Routes.currentApplication())) as Json;
  expect(application).toMatchObject({ id: discord.appId, flags: (1 << 13) | (1 << 19) });
});

test('a person sees their own words, and only where they are', async () => {
  const { discord, ann, room } = await opened();
  const bob = discord.person({ name: 'Bob' });
  const said = ann.say('@Bob @Readback hello', { to: room });
  expect([said.shown, said.notified]).toEqual(['@Bob @Readback hello', [bob.id]]);
  const answer = bob.reply(said, 'hi', { ping: false });
  expect([answer.replyTo === said, answer.notified]).toEqual([true, []]);
  expect(() => bob.edit(said, 'x')).toThrow('only its author edits');
  ann.edit(said, 'changed');
  expect(said.history).toEqual(['@Bob @Readback hello', 'changed']);
  expect(() => discord.stranger({ name: 'Eve' }).say('x', { to: room })).toThrow(
    'Eve does not see room',
  );
  expect(() => ann.say('x'.repeat(2_001))).toThrow('2000');
  expect(() => ann.say('   ')).toThrow('needs a text');
  discord.guild.autoModerate(['bad']);
  expect(() => ann.say('a bad word', { to: room })).toThrow('blocked');
});
