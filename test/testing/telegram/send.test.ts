import { InlineKeyboard } from 'grammy';
import { describe, expect, test } from 'vitest';
import { client, refusal, server } from './ground.ts';

describe('sendMessage', () => {
  test('shows the text with its buttons, silently where asked, as an answer', async () => {
    const telegram = await server();
    const api = client(telegram);
    const ann = telegram.person({ name: 'Ann' });
    const question = ann.say('hello');
    const sent = await api.sendMessage(ann.id, '  bold  ', {
      entities: [{ type: 'bold', offset: 2, length: 4 }],
      reply_markup: new InlineKeyboard().text('Yes', 'y').url('Docs', 'https://example.com/'),
      reply_parameters: { message_id: question.messageId },
      disable_notification: true,
    });
    expect(ann.chat.messages.at(-1)).toMatchObject({
      messageId: sent.message_id,
      from: { kind: 'bot', id: telegram.botId, name: 'Readback' },
      text: 'bold',
      entities: [{ type: 'bold', offset: 0, length: 4 }],
      buttons: [
        [
          { text: 'Yes', data: 'y' },
          { text: 'Docs', url: 'https://example.com/' },
        ],
      ],
      replyTo: question.messageId,
      notified: false,
      history: ['bold'],
    });
    expect(sent.reply_to_message?.message_id).toBe(question.messageId);
    expect(sent.chat).toEqual({ id: ann.id, type: 'private', first_name: 'Ann' });
    expect(telegram.callsOf('sendMessage')).toMatchObject([
      { applied: true, fault: undefined, answer: { ok: true } },
    ]);
  });

  test('finds commands, mentions and addresses by itself, not in code', async () => {
    const telegram = await server();
    const ann = telegram.person();
    ann.say('hello');
    const text = '/help @somebody https://example.com/a?b=1. #tag a@b.example /code';
    const sent = await client(telegram).sendMessage(ann.id, text, {
      entities: [{ type: 'code', offset: text.indexOf('/code'), length: 5 }],
    });
    expect(
      sent.entities?.map(({ type, offset, length }) => [type, text.substr(offset, length)]),
    ).toEqual([
      ['bot_command', '/help'],
      ['mention', '@somebody'],
      ['url', 'https://example.com/a?b=1'],
      ['hashtag', '#tag'],
      ['email', 'a@b.example'],
      ['code', '/code'],
    ]);
  });

  const bold = (offset: number, length: number) => ({
    entities: [{ type: 'bold', offset, length }],
  });
  const keyboard = (...row: object[]) => ({ reply_markup: { inline_keyboard: [row] } });
  const many = Array.from({ length: 101 }, () => ({ text: 'x', callback_data: 'x' }));
  test.each([
    ['message text is empty', '', {}],
    ['text must be non-empty', ' \n ', {}],
    ['message is too long', 'x'.repeat(4_097), {}],
    [
      'entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 3',
      'ab',
      bold(1, 2),
    ],
    ['entity begins after the end of the text at UTF-16 offset 3', 'ab', bold(3, 1)],
    ['receive an entity with incorrect offset -1', 'ab', bold(-1, 1)],
    ['receive an entity with incorrect length -1', 'ab', bold(0, -1)],
    ['entity begins in a middle of a UTF-16 symbol at byte offset 4', '👍', bold(1, 1)],
    [
      'entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4',
      '👍',
      bold(0, 1),
    ],
    [
      "entity URL '' is invalid: URL host is empty",
      'ab',
      { entities: [{ type: 'text_link', offset: 0, length: 1, url: '' }] },
    ],
    ['message to be replied not found', 'ab', { reply_parameters: { message_id: 99 } }],
    ['message thread not found', 'ab', { message_thread_id: 7 }],
    ['BUTTON_DATA_INVALID', 'ab', keyboard({ text: 'x', callback_data: 'é'.repeat(33) })],
    ['BUTTON_DATA_INVALID', 'ab', keyboard({ text: 'x', callback_data: '' })],
    [
      "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
      'ab',
      keyboard({ text: 'x' }),
    ],
    ['reply markup is too long', 'ab', keyboard(...many)],
  ])('refuses: %s', async (description, text, other) => {
    const telegram = await server();
    const ann = telegram.person();
    ann.say('hello');
    expect(await refusal(client(telegram).sendMessage(ann.id, text, other as never))).toBe(
      `400 Bad Request: ${description}`,
    );
    expect(ann.chat.texts).toEqual([]);
    expect(telegram.calls.at(-1)).toMatchObject({ applied: false });
  });

  test('counts the length after trimming, in UTF-16 units', async () => {
    const telegram = await server();
    const ann = telegram.person();
    ann.say('hello');
    const api = client(telegram);
    await api.sendMessage(ann.id, `${'x'.repeat(4_096)}  \n`);
    await api.sendMessage(ann.id, '👍'.repeat(2_048));
    expect(await refusal(api.sendMessage(ann.id, '👍'.repeat(2_049)))).toBe(
      '400 Bad Request: message is too long',
    );
  });

  test('sends without an answer to a message that is gone where that is allowed', async () => {
    const telegram = await server();
    const ann = telegram.person();
    const question = ann.say('hello');
    ann.delete(question);
    await client(telegram).sendMessage(ann.id, 'hi', {
      reply_parameters: { message_id: question.messageId, allow_sending_without_reply: true },
    });
    expect(ann.chat.messages).toMatchObject([{ text: 'hi', replyTo: undefined }]);
  });
});

describe('where a bot may not write', () => {
  test('is refused in the words of Telegram', async () => {
    const telegram = await server();
    const api = client(telegram);
    const [ann, bob, cid] = ['Ann', 'Bob', 'Cid'].map((name) => telegram.person({ name }));
    if (ann === undefined || bob === undefined || cid === undefined) throw new Error('no people');
    const say = (chatId: number) => refusal(api.sendMessage(chatId, 'hi'));
    expect(await say(424_242)).toBe('400 Bad Request: chat not found');
    expect(await say(ann.id)).toBe("403 Forbidden: bot can't initiate conversation with a user");
    ann.say('/start');
    await api.sendMessage(ann.id, 'hi');
    ann.block();
    expect(await say(ann.id)).toBe('403 Forbidden: bot was blocked by the user');
    ann.unblock();
    await api.sendMessage(ann.id, 'again');
    expect(ann.chat.texts).toEqual(['hi', 'again']);
    bob.say('/start');
    bob.deactivate();
    expect(await say(bob.id)).toBe('403 Forbidden: user is deactivated');
    const group = telegram.group({ members: [cid] });
    group.kickBot();
    expect(await say(group.id)).toBe('403 Forbidden: bot was kicked from the group chat');
    group.addBot();
    await api.leaveChat(group.id);
    expect(await say(group.id)).toBe('403 Forbidden: bot is not a member of the group chat');
    const supergroup = telegram.supergroup({ members: [cid] });
    supergroup.delete();
    expect(await say(supergroup.id)).toBe('400 Bad Request: chat not found');
  });
});

describe('typing and drafts', () => {
  test('end by time or by the next message', async () => {
    const telegram = await server();
    const api = client(telegram);
    const ann = telegram.person();
    ann.say('hello');
    await api.sendChatAction(ann.id, 'typing');
    await api.raw.sendMessageDraft({ chat_id: ann.id, draft_id: 7, text: 'so far' });
    expect(ann.chat.typing?.action).toBe('typing');
    expect(ann.chat.draft).toMatchObject({ id: 7, text: 'so far' });
    expect(ann.chat.messages).toHaveLength(1);
    await api.sendMessage(ann.id, 'done');
    expect(ann.chat.typing).toBeUndefined();
    expect(ann.chat.draft).toBeUndefined();
    expect(await refusal(api.sendChatAction(ann.id, 'dancing' as never))).toBe(
      '400 Bad Request: wrong parameter action in request',
    );
    const group = telegram.group({ members: [ann] });
    expect(
      await refusal(api.raw.sendMessageDraft({ chat_id: group.id, draft_id: 7, text: 'x' })),
    ).toBe('400 Bad Request: TEXTDRAFT_PEER_INVALID');
  });
});
