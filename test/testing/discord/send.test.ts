import { MessageFlags, Routes } from 'discord.js';
import { expect, test } from 'vitest';
import { client, failure, type Json, refusal, server } from './ground.ts';

async function opened(options: Parameters<typeof server>[0] = {}) {
  const discord = await server(options);
  const ann = discord.person({ name: 'Ann' });
  const room = discord.channel({ name: 'room' });
  const rest = client(discord);
  const send = async (body: Json, channel = room) =>
    (await rest.post(Routes.channelMessages(channel.id), { body })) as Json;
  return { discord, ann, room, rest, send };
}

test('a message is there for all to see, with an id that says when', async () => {
  const { discord, room, send } = await opened();
  const answer = await send({ content: 'hello' });
  expect(answer).toMatchObject({
    channel_id: room.id,
    content: 'hello',
    type: 0,
    flags: 0,
    author: { id: discord.botId, bot: true, username: 'Readback' },
    edited_timestamp: null,
  });
  const [message] = room.messages;
  expect(message).toMatchObject({ id: answer['id'], from: { kind: 'bot' }, shown: 'hello' });
  const madeMs = Number(BigInt(message?.id ?? 0) >> 22n) + 1_420_070_400_000;
  expect(Math.abs(madeMs - (message?.sentAtMs ?? 0))).toBeLessThanOrEqual(10);
});

test('only an answer to an interaction is for one person alone', async () => {
  const { ann, room, send } = await opened();
  expect(await send({ content: 'for all', flags: MessageFlags.Ephemeral })).toMatchObject({
    flags: 0,
  });
  expect([room.texts, room.ephemeral(ann)]).toEqual([['for all'], []]);
});

const button = (more: Json = {}): Json => ({
  type: 2,
  style: 1,
  label: 'Go',
  custom_id: 'go',
  ...more,
});
const row = (...components: Json[]): Json => ({ type: 1, components });
const embed = (more: Json): Json => ({ embeds: [more] });

test.each<[what: string, body: Json, code: number, path?: string]>([
  ['nothing', {}, 50006],
  ['blanks', { content: '  \n' }, 50006],
  ['2,001 characters', { content: 'x'.repeat(2_001) }, 50035, 'content'],
  ['a long nonce', { content: 'x', nonce: 'n'.repeat(26) }, 50035, 'nonce'],
  ['a long title', embed({ title: 'x'.repeat(257) }), 50035, 'embeds.0.title'],
  ['a long description', embed({ description: 'x'.repeat(4_097) }), 50035, 'embeds.0.description'],
  ['a field without a value', embed({ fields: [{ name: 'a' }] }), 50035, 'embeds.0.fields.0.value'],
  [
    '6,001 characters in embeds',
    { embeds: [1, 2].map(() => ({ description: 'x'.repeat(3_001) })) },
    50035,
    'embeds',
  ],
  [
    'eleven embeds',
    { embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) },
    50035,
    'embeds',
  ],
  [
    'six rows',
    { components: Array.from({ length: 6 }, (_, n) => row(button({ custom_id: `${n}` }))) },
    50035,
    'components',
  ],
  [
    'six buttons in a row',
    { components: [row(...Array.from({ length: 6 }, (_, n) => button({ custom_id: `${n}` })))] },
    50035,
    'components.0',
  ],
  ['a button without a row', { components: [button()] }, 50035, 'components.0'],
  ['an empty row', { components: [row()] }, 50035, 'components.0.components'],
  [
    'a custom id of 101',
    { components: [row(button({ custom_id: 'x'.repeat(101) }))] },
    50035,
    'components.0.components.0.custom_id',
  ],
  [
    'a custom id twice',
    { components: [row(button(), button())] },
    50035,
    'components.0.components.1.custom_id',
  ],
  [
    'a label of 81',
    { components: [row(button({ label: 'x'.repeat(81) }))] },
    50035,
    'components.0.components.0.label',
  ],
  [
    'a button without a label',
    { components: [row({ type: 2, style: 1, custom_id: 'a' })] },
    50035,
    'components.0.components.0',
  ],
  [
    'a link without an address',
    { components: [row({ type: 2, style: 5, label: 'a' })] },
    50035,
    'components.0.components.0.url',
  ],
  [
    'a menu without options',
    { components: [row({ type: 3, custom_id: 'm', options: [] })] },
    50035,
    'components.0.components.0.options',
  ],
  [
    'an option twice',
    {
      components: [
        row({ type: 3, custom_id: 'm', options: [1, 2].map(() => ({ label: 'a', value: 'a' })) }),
      ],
    },
    50035,
    'components.0.components.0.options.1',
  ],
  [
    'words beside components of version 2',
    { content: 'x', flags: 32768, components: [{ type: 10, content: 'y' }] },
    50035,
    'content',
  ],
  [
    'mentions that exclude each other',
    { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
    50035,
    'allowed_mentions',
  ],
  [
    'an answer to nothing',
    { content: 'x', message_reference: { message_id: '1' } },
    50035,
    'message_reference',
  ],
])('%s is refused and not shown', async (_, body, code, path) => {
  const { room, send } = await opened();
  const error = await failure(send(body));
  expect([error['status'], error['code']]).toEqual([400, code]);
  expect(room.messages).toEqual([]);
  if (path === undefined) return;
  const raw = (error['rawError'] as { errors: Json }).errors;
  const found = path.split('.').reduce<unknown>((inner, name) => (inner as Json)[name], raw);
  expect(found).toHaveProperty('_errors');
});

test('2,000 characters are counted as code points', async () => {
  const { room, send } = await opened();
  await send({ content: '😀'.repeat(2_000) });
  expect(room.texts[0]).toHaveLength(4_000);
});

test('the same nonce makes one message; it is not stored', async () => {
  const { discord, room, rest, send } = await opened();
  const body = { content: 'once', nonce: 'n1', enforce_nonce: true };
  const [first, second] = [await send(body), await send({ ...body, content: 'twice' })];
  expect(second).toMatchObject({ id: first['id'], content: 'once', nonce: 'n1' });
  await send({ ...body, enforce_nonce: false });
  expect(room.texts).toEqual(['once', 'once']);
  const stored = (await rest.get(Routes.channelMessages(room.id))) as Json[];
  expect(stored.some((message) => 'nonce' in message)).toBe(false);
  room.moderate(room.messages[1] as never);
  expect(await refusal(send(body))).toEqual([404, 10008]);
  expect(discord.callsOf('POST /channels/:id/messages').map(({ applied }) => applied)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('an answer notifies its author, unless it is not to', async () => {
  const { ann, room, send } = await opened();
  const asked = ann.say('question', { to: room });
  const reference = { message_id: asked.id };
  await send({ content: 'loud', message_reference: reference });
  await send({ content: 'soft', message_reference: reference, allowed_mentions: { parse: [] } });
  await send({
    content: 'asked for',
    message_reference: reference,
    allowed_mentions: { parse: [], replied_user: true },
  });
  await send({
    content: 'silent',
    message_reference: reference,
    flags: MessageFlags.SuppressNotifications,
  });
  ann.delete(asked);
  await send({ content: 'late', message_reference: { ...reference, fail_if_not_exists: false } });
  expect(room.messages.map(({ notified }) => notified.length)).toEqual([1, 0, 1, 0, 0]);
  expect(room.messages.map(({ replyTo }) => replyTo === asked)).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
});

test('mentions are what allowed_mentions lets through', async () => {
  const { discord, ann, room, send } = await opened();
  const bob = discord.person({ name: 'Bob' });
  const role = discord.guild.role({ name: 'Crew' });
  bob.give(role);
  const content = `<@${ann.id}> <@&${role.id}> @everyone`;
  await send({ content });
  await send({ content, allowed_mentions: { parse: [] } });
  await send({ content, allowed_mentions: { users: [ann.id] } });
  await send({ content, allowed_mentions: { parse: ['roles'] } });
  discord.guild.setBotPermissions(['ViewChannel']);
  await send({ content, allowed_mentions: { parse: ['everyone'] } });
  expect(room.messages.map(({ notified }) => notified)).toEqual([
    [ann.id, bob.id],
    [],
    [ann.id],
    [bob.id],
    [],
  ]);
  expect(room.texts[0]).toBe('@Ann @Crew @everyone');
});

test('embeds, buttons, menus and text components are seen', async () => {
  const { room, send } = await opened();
  await send({
    content: 'see:',
    embeds: [
      {
        title: 'Title',
        description: 'Words',
        fields: [{ name: 'a', value: 'b' }],
        footer: { text: 'end' },
      },
    ],
    components: [
      row(button(), { type: 2, style: 5, label: 'Docs', url: 'https://example.com' }),
      row({
        type: 3,
        custom_id: 'pick',
        placeholder: 'Pick',
        options: [{ label: 'One', value: '1' }],
      }),
    ],
  });
  await send({
    flags: MessageFlags.IsComponentsV2,
    components: [
      {
        type: 17,
        components: [{ type: 10, content: '# Big' }, row(button({ label: 'In', style: 4 }))],
      },
    ],
  });
  const [first, second] = room.messages;
  expect(first?.shown).toBe('see:\nTitle\nWords\na\nb\nend');
  expect(first?.buttons).toMatchObject([
    { label: 'Go', customId: 'go', style: 'primary' },
    { label: 'Docs', customId: undefined, style: 'link', url: 'https://example.com' },
  ]);
  expect(first?.selects).toMatchObject([
    { customId: 'pick', options: [{ label: 'One', value: '1' }] },
  ]);
  expect([second?.shown, second?.buttons[0]?.label]).toEqual(['# Big', 'In']);
});

test('files go up in a form and come down from the address, for a day', async () => {
  const { room, rest } = await opened();
  const answer = (await rest.post(Routes.channelMessages(room.id), {
    body: { content: 'here', attachments: [{ id: '0', description: 'a log' }] },
    files: [{ name: 'log.txt', data: Buffer.from('line') }],
  })) as { attachments: Json[] };
  expect(answer.attachments).toMatchObject([
    {
      filename: 'log.txt',
      size: 4,
      description: 'a log',
      content_type: 'text/plain; charset=utf-8',
    },
  ]);
  const url = String(answer.attachments[0]?.['url']);
  expect(await (await fetch(url)).text()).toBe('line');
  expect(room.messages[0]?.files[0]).toMatchObject({ name: 'log.txt', url });
  expect((await fetch(url.replace(/hm=\w/, 'hm=x'))).status).toBe(404);
  const big = { name: 'big.bin', data: Buffer.alloc(10 * 1024 * 1024 + 1) };
  const tooBig = rest.post(Routes.channelMessages(room.id), { files: [big] });
  expect(await refusal(tooBig)).toEqual([413, 40005]);
  const many = Array.from({ length: 11 }, (_, n) => ({ name: `${n}.txt`, data: Buffer.from('x') }));
  expect(await refusal(rest.post(Routes.channelMessages(room.id), { files: many }))).toEqual([
    400, 30015,
  ]);
});

test('an edit changes what is seen, keeps what it does not name, and notifies nobody', async () => {
  const { discord, ann, room, rest, send } = await opened();
  const { id } = await send({ content: 'one', embeds: [{ title: 'kept' }] });
  const route = Routes.channelMessage(room.id, String(id));
  await rest.patch(route, { body: { content: `two <@${ann.id}>` } });
  const [message] = room.messages;
  expect(message).toMatchObject({
    shown: 'two @Ann\nkept',
    notified: [],
    history: ['one\nkept', 'two @Ann\nkept'],
  });
  expect(message?.editedAtMs).toBeTypeOf('number');
  expect(await refusal(rest.patch(route, { body: { content: '', embeds: [] } }))).toEqual([
    400, 50006,
  ]);
  const hers = ann.say('mine', { to: room });
  const foreign = rest.patch(Routes.channelMessage(room.id, hers.id), { body: { content: 'x' } });
  expect(await refusal(foreign)).toEqual([403, 50005]);
  await rest.delete(route);
  expect(message?.isDeleted).toBe(true);
  expect(room.texts).toEqual([]);
  expect(await refusal(rest.patch(route, { body: { content: 'x' } }))).toEqual([404, 10008]);
  await rest.delete(Routes.channelMessage(room.id, hers.id));
  const { id: last } = await send({ content: 'closed' });
  discord.closeEdits(room.messages[0] as never);
  const closed = await failure(
    rest.patch(Routes.channelMessage(room.id, String(last)), { body: { content: 'x' } }),
  );
  expect([closed.name.startsWith('RateLimitError'), room.texts]).toEqual([true, ['closed']]);
});

test('history comes newest first, before, after and around', async () => {
  const { ann, room, rest } = await opened();
  const ids = Array.from({ length: 9 }, (_, n) => ann.say(`m${n}`, { to: room }).id);
  const page = async (query: string): Promise<unknown[]> => {
    const all = (await rest.get(Routes.channelMessages(room.id), {
      query: new URLSearchParams(query),
    })) as Json[];
    return all.map(({ content }) => content);
  };
  expect(await page('limit=2')).toEqual(['m8', 'm7']);
  expect(await page(`after=${ids[2]}&limit=3`)).toEqual(['m5', 'm4', 'm3']);
  expect(await page(`before=${ids[2]}`)).toEqual(['m1', 'm0']);
  expect(await page(`around=${ids[4]}&limit=3`)).toEqual(['m5', 'm4', 'm3']);
  expect(await refusal(page('limit=101'))).toEqual([400, 50035]);
  expect(await refusal(page('after=abc'))).toEqual([400, 50035]);
});

test('reactions are of people and the bot', async () => {
  const { discord, ann, room, rest } = await opened();
  const message = ann.say('nice', { to: room });
  const route = (emoji: string) =>
    Routes.channelMessageOwnReaction(room.id, message.id, encodeURIComponent(emoji));
  await rest.put(route('👍'));
  await rest.put(route('👍'));
  ann.react(message, '👍');
  expect(message.reactions.get('👍')).toEqual([discord.botId, ann.id]);
  await rest.delete(route('👍'));
  ann.unreact(message, '👍');
  expect(message.reactions.size).toBe(0);
  expect(await refusal(rest.put(route('thumbsup')))).toEqual([400, 10014]);
  expect(await refusal(rest.delete(route('👍')))).toEqual([400, 10014]);
});

test('typing is seen until the next message', async () => {
  const { discord, room, rest, send } = await opened();
  const before = Date.now();
  await rest.post(Routes.channelTyping(room.id));
  expect(room.typingUntilMs).toBeGreaterThanOrEqual(before + 10_000);
  await send({ content: 'done' });
  expect(room.typingUntilMs).toBe(undefined);
  expect(discord.callsOf('POST /channels/:id/typing')[0]).toMatchObject({
    status: 204,
    applied: true,
  });
});

test('a body that is no JSON, another version, no token and no route', async () => {
  const { discord, room, rest } = await opened();
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown[]> => {
    const headers = { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${discord.apiUrl}${path}`, { method: 'POST', headers, ...init });
    return [response.status, ((await response.json()) as Json)['code']];
  };
  const path = `/v10/channels/${room.id}/messages`;
  expect(await ask(path, { body: '{' })).toEqual([400, 50109]);
  expect(await ask(path.replace('v10', 'v9'), { body: '{}' })).toEqual([400, 50041]);
  expect(await ask(path, { body: '{}', headers: {} })).toEqual([400, 50035]);
  expect(await ask(path, { body: '{}', headers: { 'content-type': 'application/json' } })).toEqual([
    401, 0,
  ]);
  expect(await ask('/v10/nowhere')).toEqual([404, 0]);
  discord.resetToken();
  expect(await refusal(rest.get(Routes.user()))).toEqual([401, 0]);
});
