import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, refusal, server, updates } from './ground.ts';

test('a long poll is woken by what is said, and only an offset confirms', async () => {
  const telegram = await server();
  const api = client(telegram);
  const ann = telegram.person({ name: 'Ann', username: 'ann_a', language: 'en' });
  const waiting = api.getUpdates({ timeout: 50 });
  const said = ann.say('hello');
  const [update] = await waiting;
  expect(update).toEqual({
    update_id: expect.any(Number),
    message: {
      message_id: said.messageId,
      from: {
        id: ann.id,
        is_bot: false,
        first_name: 'Ann',
        username: 'ann_a',
        language_code: 'en',
      },
      chat: { id: ann.id, type: 'private', first_name: 'Ann', username: 'ann_a' },
      date: Math.floor(said.sentAtMs / 1_000),
      text: 'hello',
    },
  });
  expect(await api.getUpdates()).toEqual([update]);
  expect(telegram.pendingUpdates).toBe(1);
  expect(await api.getUpdates({ offset: (update?.update_id ?? 0) + 1 })).toEqual([]);
  expect(telegram.pendingUpdates).toBe(0);
});

test('update ids grow; limit and negative offset are kept', async () => {
  const telegram = await server();
  const api = client(telegram);
  const ann = telegram.person();
  for (const text of ['a', 'b', 'c']) ann.say(text);
  const two = await api.getUpdates({ limit: 2 });
  expect(two.map(({ message }) => message?.text)).toEqual(['a', 'b']);
  expect(two[1]?.update_id).toBe((two[0]?.update_id ?? 0) + 1);
  expect((await api.getUpdates({ offset: -1 })).map(({ message }) => message?.text)).toEqual(['c']);
  expect(telegram.pendingUpdates).toBe(1);
});

test('a second poller ends the first', async () => {
  const telegram = await server();
  const [one, two] = [client(telegram), client(telegram)];
  const arrived = telegram.nextCall('getUpdates', { arrived: true });
  const first = refusal(one.getUpdates({ timeout: 50 }));
  expect(await arrived).toMatchObject({ payload: { timeout: 50 }, answer: undefined });
  const second = two.getUpdates({ timeout: 50 });
  expect(await first).toBe(
    '409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  );
  telegram.person().say('hello');
  expect(await second).toHaveLength(1);
});

test('only the kinds asked for are queued, from then on', async () => {
  const telegram = await server();
  const api = client(telegram);
  const ann = telegram.person();
  const said = ann.say('one');
  await updates(api);
  await api.getUpdates({ allowed_updates: ['edited_message'] });
  ann.say('two');
  ann.edit(said, 'one, changed');
  const [edited, ...others] = await updates(api);
  expect(others).toEqual([]);
  expect(edited?.edited_message).toMatchObject({
    message_id: said.messageId,
    text: 'one, changed',
    edit_date: expect.any(Number),
  });
  await api.getUpdates({ allowed_updates: [] });
  ann.say('three');
  expect((await updates(api)).map(({ message }) => message?.text)).toEqual(['three']);
});

test('reactions are told only to a bot that asks for them', async () => {
  const telegram = await server();
  const api = client(telegram);
  const ann = telegram.person();
  const said = ann.say('hello');
  ann.react(said, '👍');
  expect(await updates(api)).toHaveLength(1);
  await api.getUpdates({ allowed_updates: ['message_reaction'] });
  ann.react(said, undefined);
  expect((await updates(api))[0]?.message_reaction).toMatchObject({
    message_id: said.messageId,
    old_reaction: [{ type: 'emoji', emoji: '👍' }],
    new_reaction: [],
  });
});

test('a confirmed update can come again, and a damaged one can be planted', async () => {
  const telegram = await server();
  const api = client(telegram);
  telegram.person().say('hello');
  const [update] = await updates(api);
  if (update === undefined) throw new Error('no update');
  expect(telegram.redeliver(update.update_id)).toBe(true);
  expect(telegram.redeliver(1)).toBe(false);
  expect(await api.getUpdates({ offset: update.update_id + 1 })).toEqual([update]);
  expect(await api.getUpdates({ offset: update.update_id + 1 })).toEqual([]);
  const id = telegram.push({ message: { nonsense: true } });
  expect(await updates(api)).toEqual([{ update_id: id, message: { nonsense: true } }]);
});

test('updates are kept for 24 hours', async () => {
  const runtime = createFakeRuntime();
  const telegram = await server({ runtime });
  const ann = telegram.person();
  ann.say('old');
  await runtime.advance(24 * 3_600_000);
  ann.say('new');
  await runtime.advance(1);
  const found = await updates(client(telegram));
  expect(found.map(({ message }) => message?.text)).toEqual(['new']);
});

test('an album comes as one update a message, in one batch', async () => {
  const telegram = await server();
  const api = client(telegram);
  const ann = telegram.person();
  const waiting = api.getUpdates({ timeout: 50 });
  const bytes = new Uint8Array([1, 2, 3]);
  ann.say('look', {
    files: [
      { kind: 'photo', bytes },
      { kind: 'photo', bytes },
    ],
  });
  const messages = (await waiting).map(({ message }) => message);
  expect(messages.map((message) => message?.caption)).toEqual(['look', undefined]);
  expect(messages[0]?.media_group_id).toMatch(/^\d+$/);
  expect(messages[1]?.media_group_id).toBe(messages[0]?.media_group_id);
  expect(ann.chat.messages).toHaveLength(2);
});

test('a press is answered once, in time', async () => {
  const runtime = createFakeRuntime();
  const telegram = await server({ runtime });
  const api = client(telegram);
  const ann = telegram.person({ name: 'Ann' });
  ann.say('hello');
  const sent = await api.sendMessage(ann.id, 'Sure?', {
    reply_markup: { inline_keyboard: [[{ text: 'Yes', callback_data: 'y1' }]] },
  });
  const [, message] = ann.chat.messages;
  if (message === undefined) throw new Error('nothing is shown');
  expect(() => ann.press(message, 'No')).toThrow('no button "No" is shown; shown are: Yes');
  const press = ann.press(message, 'Yes');
  expect(press.answer).toBeUndefined();
  const query = (await updates(api)).at(-1)?.callback_query;
  expect(query).toMatchObject({
    id: press.id,
    data: 'y1',
    from: { id: ann.id },
    message: { message_id: sent.message_id, text: 'Sure?' },
  });
  await api.answerCallbackQuery(press.id, { text: 'Noted' });
  expect(await press.answered).toEqual({ text: 'Noted', alert: false });
  const tooOld =
    '400 Bad Request: query is too old and response timeout expired or query ID is invalid';
  expect(await refusal(api.answerCallbackQuery(press.id))).toBe(tooOld);
  const late = ann.press(message, 'y1');
  await runtime.advance(15_001);
  expect(await late.answered).toBeUndefined();
  expect(await refusal(api.answerCallbackQuery(late.id))).toBe(tooOld);
  expect(runtime.pending).toBe(0);
});
