import { Routes } from 'discord.js';
import { expect, test } from 'vitest';
import { type Json, refusal } from './ground.ts';
import { answer, commands, opened } from './interaction-ground.ts';

test('a command says what it is asked, by whom and where', async () => {
  const { discord, ann, room, told } = await opened();
  const bob = discord.person({ name: 'Bob' });
  const file = { name: 'a.txt', bytes: Buffer.from('a') };
  const given = { question: 'why?', times: 2, loud: true, tone: 'Kind', who: bob, file };
  ann.command('ask', given, { in: room });
  const event = await told();
  expect(event).toMatchObject({
    type: 2,
    application_id: discord.appId,
    guild_id: discord.guild.id,
    channel_id: room.id,
    channel: { id: room.id, name: 'room' },
    member: { user: { id: ann.id } },
    context: 0,
    authorizing_integration_owners: { 0: discord.guild.id },
    data: {
      name: 'ask',
      type: 1,
      options: [
        { name: 'question', type: 3, value: 'why?' },
        { name: 'times', type: 4, value: 2 },
        { name: 'loud', type: 5, value: true },
        { name: 'tone', value: 'kind' },
        { name: 'who', type: 6, value: bob.id },
        { name: 'file', type: 11 },
      ],
      resolved: { users: { [bob.id]: { username: 'bob' } } },
    },
  });
  const [attachment] = Object.values(
    (event['data'] as { resolved: { attachments: object } }).resolved.attachments,
  ) as Json[];
  expect(await (await fetch(String(attachment?.['url']))).text()).toBe('a');
});

test('commands that are not registered, or do not fit, are not offered', async () => {
  const { discord, ann, room } = await opened();
  const at = { in: room };
  expect(() => ann.command('nothing', {}, at)).toThrow('no command "nothing" is offered here');
  expect(() => ann.command('ask', {}, at)).toThrow('"question" is required');
  expect(() => ann.command('ask', { question: 'x'.repeat(21) }, at)).toThrow('characters');
  expect(() => ann.command('ask', { question: 'x', more: 1 }, at)).toThrow('no option "more"');
  expect(() => ann.command('ask', { question: 'x', times: 4 }, at)).toThrow('out of bounds');
  expect(() => ann.command('ask', { question: 'x', tone: 'rude' }, at)).toThrow('no choice');
  expect(() => ann.command('task', {}, at)).toThrow('name a subcommand');
  room.permit('everyone', { deny: ['UseApplicationCommands'] });
  expect(() => ann.command('ask', { question: 'x' }, at)).toThrow('may not use commands');
  expect(discord.calls.every(({ route }) => !route.includes('interactions'))).toBe(true);
});

test('subcommands, commands on messages and on people', async () => {
  const { ann, room, told } = await opened();
  ann.command('task list', { of: 'me' });
  const listed = await told();
  expect(listed).toMatchObject({
    user: { id: ann.id },
    context: 1,
    data: { options: [{ type: 1, name: 'list', options: [{ name: 'of', value: 'me' }] }] },
  });
  expect(listed).not.toHaveProperty('guild_id');
  const message = ann.say('words', { to: room });
  ann.command('Explain', {}, { in: room, target: message });
  await expect.poll(async () => ((await told())['data'] as Json)['target_id']).toBe(message.id);
  expect(await told()).toMatchObject({
    data: { type: 3, resolved: { messages: { [message.id]: { content: 'words' } } } },
  });
  ann.command('Greet', {}, { in: room, target: ann });
  await expect.poll(async () => ((await told())['data'] as Json)['target_id']).toBe(ann.id);
});

test('registering twice changes nothing; what is not named goes', async () => {
  const { discord, rest } = await opened();
  const before = discord.commands();
  await rest.put(Routes.applicationCommands(discord.appId), { body: commands });
  expect(discord.commands()).toEqual(before);
  const changed = [{ ...commands[0], description: 'Asks anew' }];
  await rest.put(Routes.applicationCommands(discord.appId), { body: changed });
  expect(discord.commands()).toHaveLength(1);
  expect(discord.commands()[0]?.['id']).toBe(before[0]?.['id']);
  expect(discord.commands()[0]?.['version']).not.toBe(before[0]?.['version']);
  const own = Routes.applicationGuildCommands(discord.appId, discord.guild.id);
  await rest.post(own, { body: { name: 'here', description: 'Here' } });
  expect(discord.commands(discord.guild)).toMatchObject([
    { name: 'here', guild_id: discord.guild.id },
  ]);
  expect(await refusal(rest.post(own, { body: { name: 'Bad Name', description: 'x' } }))).toEqual([
    400, 50035,
  ]);
  const twice = [1, 2].map(() => ({ name: 'a', description: 'x' }));
  expect(await refusal(rest.put(own, { body: twice }))).toEqual([400, 50035]);
  expect(await refusal(rest.get(Routes.applicationCommands('100000000000000000')))).toEqual([
    403, 20012,
  ]);
  const id = String(discord.commands(discord.guild)[0]?.['id']);
  const one = Routes.applicationGuildCommand(discord.appId, discord.guild.id, id);
  await rest.patch(one, { body: { description: 'There' } });
  expect(await rest.get(one)).toMatchObject({ id, description: 'There' });
  await rest.delete(one);
  expect(await refusal(rest.get(one))).toEqual([404, 10063]);
});

test('an app that a person installed works where the bot is not, with five follow-ups', async () => {
  const { discord, rest, told } = await opened();
  const elsewhere = discord.addGuild({ bot: false });
  const eve = elsewhere.person({ name: 'Eve' });
  const den = elsewhere.channel();
  const greet = () => eve.command('Greet', {}, { in: den, target: eve });
  expect(greet).toThrow('no command "Greet" is offered here');
  eve.installApp();
  const ask = () => eve.command('ask', { question: 'why?' }, { in: den });
  expect(ask).toThrow('no command "ask" is offered here');
  const used = greet();
  expect(await told()).toMatchObject({
    guild_id: elsewhere.id,
    authorizing_integration_owners: { 1: eve.id },
  });
  await answer(rest, used, { type: 4, data: { content: 'hello' } });
  const more = () =>
    rest.post(Routes.webhook(discord.appId, used.token), {
      body: { content: 'more' },
      auth: false,
    });
  for (let n = 0; n < 5; n += 1) await more();
  expect(await refusal(more())).toEqual([400, 40094]);
  expect(den.texts).toHaveLength(6);
  expect(await refusal(rest.get(Routes.channel(den.id)))).toEqual([403, 50001]);
});
