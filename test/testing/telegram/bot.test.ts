import { Bot } from 'grammy';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startFakeTelegram } from '../../../src/testing/telegram/index.ts';
import { client, refusal, server } from './ground.ts';

test("grammY's own bot runs on it from the first word to a press", async () => {
  const telegram = await server({ username: 'shop_bot', name: 'Shop' });
  const bot = new Bot(telegram.token, { client: { apiRoot: telegram.apiRoot } });
  bot.command('start', (ctx) =>
    ctx.reply('Welcome', {
      reply_markup: { inline_keyboard: [[{ text: 'Order', callback_data: 'order' }]] },
    }),
  );
  bot.callbackQuery('order', async (ctx) => {
    await ctx.answerCallbackQuery({ text: 'Ordered', show_alert: true });
    await ctx.editMessageText('Thank you');
  });
  const running = bot.start();
  onTestFinished(async () => {
    await bot.stop();
    await running;
  });
  const ann = telegram.person({ name: 'Ann' });
  ann.say('/start');
  const welcome = await ann.chat.waitFor(({ text }) => text === 'Welcome');
  const press = ann.press(welcome, 'Order');
  expect(await press.answered).toEqual({ text: 'Ordered', alert: true });
  await ann.chat.waitFor(({ text }) => text === 'Thank you');
  expect(ann.chat.texts).toEqual(['Thank you']);
  expect(bot.botInfo).toMatchObject({ id: telegram.botId, username: 'shop_bot', is_bot: true });
});

describe('commands', () => {
  test('are kept by scope and language', async () => {
    const telegram = await server();
    const api = client(telegram);
    const help = [{ command: 'help', description: 'What I do' }];
    const stop = [{ command: 'stop', description: 'Halt' }];
    await api.setMyCommands(help);
    await api.setMyCommands(stop, { scope: { type: 'chat', chat_id: 42 }, language_code: 'de' });
    expect(Object.fromEntries(telegram.commands)).toEqual({ default: help, 'chat:42/de': stop });
    expect(await api.getMyCommands()).toEqual(help);
    await api.deleteMyCommands();
    expect(await api.getMyCommands()).toEqual([]);
  });

  test.each([
    ['BOT_COMMAND_INVALID', { command: 'Not-Good', description: 'x' }],
    ['BOT_COMMAND_DESCRIPTION_INVALID', { command: 'good', description: '' }],
  ])('refuses: %s', async (description, command) => {
    const telegram = await server();
    expect(await refusal(client(telegram).setMyCommands([command]))).toBe(
      `400 Bad Request: ${description}`,
    );
    expect(telegram.commands.size).toBe(0);
  });
});

test('chats and members are told as they are', async () => {
  const telegram = await server();
  const api = client(telegram);
  const [ann, bob] = [telegram.person({ name: 'Ann' }), telegram.person({ name: 'Bob' })];
  const group = telegram.supergroup({ title: 'Team', members: [ann], topics: true });
  expect(await api.getChat(group.id)).toMatchObject({
    id: group.id,
    type: 'supergroup',
    title: 'Team',
    is_forum: true,
  });
  expect(await refusal(api.getChat(bob.id))).toBe('400 Bad Request: chat not found');
  const status = async (user: number) => (await api.getChatMember(group.id, user)).status;
  expect([await status(ann.id), await status(bob.id), await status(telegram.botId)]).toEqual([
    'creator',
    'left',
    'member',
  ]);
  bob.join(group);
  expect(await api.getChatMemberCount(group.id)).toBe(3);
  expect(await refusal(api.getChatMember(group.id, 1))).toBe(
    '400 Bad Request: invalid user_id specified',
  );
});

describe('the wire', () => {
  const post = (url: string, body: string, type: string) =>
    fetch(url, { method: 'POST', body, headers: { 'content-type': type } });

  test('takes JSON, forms and queries, and names of methods in any case', async () => {
    const telegram = await server();
    const ann = telegram.person();
    ann.say('hello');
    const base = `${telegram.apiRoot}/bot${telegram.token}`;
    const markup = { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] };
    const form = new URLSearchParams({
      chat_id: String(ann.id),
      text: 'true',
      reply_markup: JSON.stringify(markup),
      disable_notification: 'true',
    });
    await post(`${base}/SendMessage`, form.toString(), 'application/x-www-form-urlencoded');
    await fetch(`${base}/sendmessage?chat_id=${ann.id}&text=from+the+query`);
    const json = { chat_id: String(ann.id), text: 'j', reply_markup: JSON.stringify(markup) };
    await post(`${base}/sendMessage`, JSON.stringify(json), 'application/json');
    expect(ann.chat.messages.slice(1)).toMatchObject([
      { text: 'true', notified: false, buttons: [[{ text: 'Yes', data: 'y' }]] },
      { text: 'from the query', notified: true, buttons: [] },
      { text: 'j', buttons: [[{ text: 'Yes', data: 'y' }]] },
    ]);
    expect(telegram.calls[0]).toMatchObject({
      method: 'sendMessage',
      payload: { chat_id: ann.id, text: 'true', reply_markup: markup, disable_notification: true },
    });
  });

  test('refuses what it cannot read', async () => {
    const telegram = await server();
    const url = `${telegram.apiRoot}/bot${telegram.token}/sendMessage`;
    for (const [body, type] of [
      ['{"chat_id":', 'application/json'],
      ['[1]', 'application/json'],
      ['--x\r\nno end', 'multipart/form-data; boundary=x'],
      ['no boundary', 'multipart/form-data'],
    ] as const) {
      const response = await post(url, body, type);
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { ok: false, error_code: 400 },
      ]);
    }
    expect((await fetch(`${telegram.apiRoot}/elsewhere`)).status).toBe(404);
  });

  test('two servers know nothing of each other', async () => {
    const [one, two] = [await server(), await server()];
    const ann = one.person();
    expect(() => two.group({ members: [ann] })).toThrow('the person is of another server');
    await expect(startFakeTelegram({ token: 'nonsense' })).rejects.toThrow(
      'token must look like <digits>:<secret>',
    );
  });
});
