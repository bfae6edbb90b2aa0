import { InlineKeyboard } from 'grammy';
import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, refusal, server } from './ground.ts';

const notModified =
  '400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message';

async function opened(options: Parameters<typeof server>[0] = {}) {
  const telegram = await server(options);
  const ann = telegram.person({ name: 'Ann' });
  const said = ann.say('hello');
  return { telegram, api: client(telegram), ann, said };
}

test('an edit changes what a person sees, keeps its past and does not notify', async () => {
  const { api, ann } = await opened();
  const keyboard = new InlineKeyboard().text('Cancel', 'c');
  const sent = await api.sendMessage(ann.id, 'Working…', { reply_markup: keyboard });
  const edited = await api.editMessageText(ann.id, sent.message_id, 'Done', {
    entities: [{ type: 'bold', offset: 0, length: 4 }],
  });
  const [, message] = ann.chat.messages;
  expect(message).toMatchObject({
    text: 'Done',
    entities: [{ type: 'bold', offset: 0, length: 4 }],
    buttons: [],
    history: ['Working…', 'Done'],
    notified: true,
  });
  expect(message?.editedAtMs).toBeGreaterThanOrEqual(message?.sentAtMs ?? Number.NaN);
  expect(edited).toMatchObject({ message_id: sent.message_id, text: 'Done' });
  expect(edited).toHaveProperty('edit_date');
});

test('an edit that changes nothing is refused, also of buttons alone', async () => {
  const { api, ann } = await opened();
  const keyboard = new InlineKeyboard().text('Cancel', 'c');
  const { message_id: id } = await api.sendMessage(ann.id, 'Working…', { reply_markup: keyboard });
  expect(
    await refusal(api.editMessageText(ann.id, id, ' Working… ', { reply_markup: keyboard })),
  ).toBe(notModified);
  expect(await refusal(api.editMessageReplyMarkup(ann.id, id, { reply_markup: keyboard }))).toBe(
    notModified,
  );
  const entities = [{ type: 'bold' as const, offset: 0, length: 3 }];
  await api.editMessageText(ann.id, id, 'Working…', { reply_markup: keyboard, entities });
  await api.editMessageText(ann.id, id, 'Working…');
  expect(await refusal(api.editMessageText(ann.id, id, 'Working…'))).toBe(notModified);
  expect(ann.chat.messages.at(-1)).toMatchObject({ text: 'Working…', buttons: [] });
});

test('what cannot be edited is refused in the words of Telegram', async () => {
  const { api, ann, said } = await opened();
  const { message_id: id } = await api.sendMessage(ann.id, 'Working…');
  const edit = (message: number, text: string) =>
    refusal(api.editMessageText(ann.id, message, text));
  expect(await edit(9_999, 'x')).toBe('400 Bad Request: message to edit not found');
  expect(await edit(said.messageId, 'x')).toBe("400 Bad Request: message can't be edited");
  expect(await edit(id, 'x'.repeat(4_097))).toBe('400 Bad Request: message is too long');
  expect(await refusal(api.editMessageCaption(ann.id, id, { caption: 'x' }))).toBe(
    '400 Bad Request: there is no caption in the message to edit',
  );
  expect(await refusal(api.raw.editMessageText({ chat_id: ann.id, text: 'x' }))).toBe(
    '400 Bad Request: message identifier is not specified',
  );
  await api.deleteMessage(ann.id, id);
  expect(await edit(id, 'x')).toBe('400 Bad Request: message to edit not found');
  expect(ann.chat.texts).toEqual([]);
});

test('a message is deleted for 48 hours, in groups only an own one', async () => {
  const runtime = createFakeRuntime();
  const { telegram, api, ann } = await opened({ runtime });
  const group = telegram.group({ members: [ann] });
  const said = ann.say('@readback_test_bot hi', { to: group });
  const { message_id: id } = await api.sendMessage(group.id, 'hi');
  expect(await refusal(api.deleteMessage(group.id, said.messageId))).toBe(
    "400 Bad Request: message can't be deleted",
  );
  expect(await refusal(api.deleteMessage(group.id, 9_999))).toBe(
    '400 Bad Request: message to delete not found',
  );
  await runtime.advance(48 * 3_600_000 + 1);
  expect(await refusal(api.deleteMessage(group.id, id))).toBe(
    "400 Bad Request: message can't be deleted for everyone",
  );
  const later = await api.sendMessage(group.id, 'again');
  await api.deleteMessage(group.id, later.message_id);
  expect(group.texts).toEqual(['hi']);
});

test('the bot reacts to a message', async () => {
  const { api, ann, said } = await opened();
  await api.setMessageReaction(ann.id, said.messageId, [{ type: 'emoji', emoji: '👀' }]);
  expect(said.reactions).toEqual(['👀']);
  expect(await refusal(api.setMessageReaction(ann.id, 9_999, []))).toBe(
    '400 Bad Request: message to react not found',
  );
});

test('waiting for a message ends with what is shown or with what comes', async () => {
  const { telegram, api, ann } = await opened();
  const first = ann.chat.waitFor((message) => message.text === 'Done');
  const { message_id: id } = await api.sendMessage(ann.id, 'Working…');
  await api.editMessageText(ann.id, id, 'Done');
  expect((await first).messageId).toBe(id);
  expect((await ann.chat.waitFor((message) => message.text === 'Done')).messageId).toBe(id);
  await expect(ann.chat.next(() => true, { timeoutMs: 1 })).rejects.toThrow(
    'not so within 1 ms; shown is: "Done"',
  );
  const never = ann.chat.next();
  const stopped = expect(never).rejects.toThrow('the server was stopped before it came');
  await telegram.stop();
  await stopped;
});
