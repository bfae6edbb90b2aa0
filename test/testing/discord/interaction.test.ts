import { Routes } from 'discord.js';
import { expect, test } from 'vitest';
import type { DiscordMessage } from '../../../src/testing/discord/index.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { type Json, refusal } from './ground.ts';
import { answer, opened } from './interaction-ground.ts';

test('an answer is a message; a second one is refused; follow-ups are told apart', async () => {
  const { discord, ann, room, rest, ask } = await opened();
  const used = ask();
  const made = (await answer(
    rest,
    used,
    { type: 4, data: { content: 'because' } },
    'with_response=true',
  )) as Json;
  expect(made).toMatchObject({
    interaction: { id: used.id, type: 2, response_message_loading: false },
    resource: {
      type: 4,
      message: {
        content: 'because',
        type: 20,
        webhook_id: discord.appId,
        interaction_metadata: { id: used.id, user: { id: ann.id } },
      },
    },
  });
  expect(await used.answered).toMatchObject({
    kind: 'message',
    isEphemeral: false,
    message: { shown: 'because' },
  });
  expect(await refusal(answer(rest, used, { type: 5 }))).toEqual([400, 40060]);
  const hook = Routes.webhook(discord.appId, used.token);
  await rest.post(hook, { body: { content: 'and more' }, auth: false });
  await rest.post(hook, { body: { content: 'hush', flags: 64 }, auth: false });
  expect(room.texts).toEqual(['because', 'and more']);
  expect(room.ephemeral(ann).map(({ shown }) => shown)).toEqual(['hush']);
  expect(room.ephemeral(discord.person())).toEqual([]);
  expect(
    await rest.get(Routes.webhookMessage(discord.appId, used.token), { auth: false }),
  ).toMatchObject({ content: 'because' });
});

test('a deferred answer is seen loading, then comes; it is edited and deleted by its token', async () => {
  const { discord, ann, room, rest, bot, ask } = await opened();
  const used = ask();
  expect(await answer(rest, used, { type: 5 })).not.toHaveProperty('id');
  const { message } = (await used.answered) as { message: DiscordMessage };
  expect([message.isLoading, message.shown, room.messages]).toEqual([true, '', [message]]);
  const original = Routes.webhookMessage(discord.appId, used.token);
  expect(await rest.get(original, { auth: false })).toMatchObject({ flags: 128 });
  await rest.patch(original, { body: { content: 'done' }, auth: false });
  expect(message).toMatchObject({
    isLoading: false,
    shown: 'done',
    history: ['done'],
    editedAtMs: undefined,
  });
  await rest.patch(original, { body: { content: 'done twice' }, auth: false });
  expect(message.history).toEqual(['done', 'done twice']);
  await rest.delete(original, { auth: false });
  expect(room.messages).toEqual([]);
  expect(await refusal(rest.get(original, { auth: false }))).toEqual([404, 10008]);
  const again = ask();
  await answer(rest, again, { type: 5, data: { flags: 64 } });
  const hidden = (await again.answered).message as DiscordMessage;
  expect([hidden.onlyFor === ann, room.messages]).toEqual([true, []]);
  await rest.post(Routes.webhook(discord.appId, again.token), {
    body: { content: 'for you' },
    auth: false,
  });
  expect(room.ephemeral(ann).map(({ shown }) => shown)).toEqual(['for you']);
  await discord.settled();
  expect(bot.said()).toEqual(['']);
  // nobody is told of what one person alone sees
  expect(bot.types().filter((type) => type === 'MESSAGE_UPDATE')).toHaveLength(2);
});

test('after 3 s an answer is too late, after 15 min the token is dead', async () => {
  const runtime = createFakeRuntime();
  const { discord, rest, bot, ask } = await opened({ runtime });
  // nobody hears it: the clock need not wait
  await bot.manager.destroy();
  const late = ask();
  await runtime.advance(3_000);
  expect(await late.answered).toMatchObject({ kind: 'failed' });
  expect(await refusal(answer(rest, late, { type: 5 }))).toEqual([404, 10062]);
  const hook = Routes.webhook(discord.appId, late.token);
  expect(await refusal(rest.post(hook, { body: { content: 'x' }, auth: false }))).toEqual([
    404, 10015,
  ]);
  const used = ask();
  await answer(rest, used, { type: 5 });
  const original = Routes.webhookMessage(discord.appId, used.token);
  const edit = (content: string) => rest.patch(original, { body: { content }, auth: false });
  await runtime.advance(15 * 60_000);
  await edit('in time');
  await runtime.advance(1);
  expect(await refusal(edit('too late'))).toEqual([401, 50027]);
  expect((await used.answered).message?.shown).toBe('in time');
});

test('buttons and menus: an update, a silent defer, an answer; only what is shown and open is pressed', async () => {
  const { discord, ann, room, rest, told } = await opened();
  const components = [
    {
      type: 1,
      components: [
        { type: 2, style: 1, label: 'Go', custom_id: 'go' },
        { type: 2, style: 2, label: 'Off', custom_id: 'off', disabled: true },
        { type: 2, style: 5, label: 'Docs', url: 'https://example.com' },
      ],
    },
    {
      type: 1,
      components: [
        {
          type: 3,
          custom_id: 'pick',
          max_values: 2,
          options: [
            { label: 'One', value: '1' },
            { label: 'Two', value: '2' },
          ],
        },
      ],
    },
  ];
  await rest.post(Routes.channelMessages(room.id), { body: { content: 'choose', components } });
  const message = room.messages[0] as DiscordMessage;
  const pressed = ann.press(message, 'Go');
  expect(await told()).toMatchObject({
    type: 3,
    message: { id: message.id },
    data: { component_type: 2, custom_id: 'go' },
  });
  await answer(rest, pressed, { type: 7, data: { content: 'gone', components: [] } });
  expect([(await pressed.answered).kind, message.shown, message.buttons]).toEqual([
    'update',
    'gone',
    [],
  ]);
  await rest.patch(Routes.channelMessage(room.id, message.id), { body: { components } });
  const silent = ann.press(message, 'go');
  await answer(rest, silent, { type: 6 });
  expect((await silent.answered).kind).toBe('deferred_update');
  await rest.patch(Routes.webhookMessage(discord.appId, silent.token), {
    body: { content: 'later' },
    auth: false,
  });
  expect(message.shown).toBe('later');
  const chosen = ann.choose(message, ['Two', '1']);
  await expect.poll(async () => ((await told())['data'] as Json)['values']).toEqual(['2', '1']);
  await answer(rest, chosen, { type: 4, data: { content: 'both' } });
  expect(room.messages.at(-1)).toMatchObject({ shown: 'both', replyTo: message });
  expect(() => ann.press(message, 'Stop')).toThrow(
    'no button "Stop" is shown; shown are: Go, Off, Docs',
  );
  expect(() => ann.press(message, 'Off')).toThrow('disabled');
  expect(() => ann.press(message, 'Docs')).toThrow('link');
  expect(() => ann.choose(message, 'Three')).toThrow('no option "Three"');
  expect(() => ann.choose(message, ['1', '2', '1'])).toThrow('1 to 2');
});

test('a modal is shown, filled in, submitted once; dismissing it tells nobody', async () => {
  const { ann, room, rest, told, bot, ask } = await opened();
  const modal = {
    custom_id: 'm1',
    title: 'Why?',
    components: [
      { type: 1, components: [{ type: 4, custom_id: 'reason', label: 'Reason', style: 2 }] },
      {
        type: 18,
        label: 'Note',
        component: { type: 4, custom_id: 'note', style: 1, required: false, value: 'none' },
      },
    ],
  };
  const used = ask();
  await answer(rest, used, { type: 9, data: modal });
  expect((await used.answered).modal).toMatchObject({
    title: 'Why?',
    fields: [
      { label: 'Reason', isLong: true },
      { label: 'Note', value: 'none' },
    ],
  });
  const shown = await ann.waitForModal();
  expect(() => ann.submit(shown)).toThrow('Reason is required');
  expect(() => ann.submit(shown, { other: 'x' })).toThrow('no field "other"');
  const sent = ann.submit(shown, { Reason: 'because' });
  await expect.poll(async () => (await told())['type']).toBe(5);
  expect(await told()).toMatchObject({
    data: {
      custom_id: 'm1',
      components: [
        { components: [{ custom_id: 'reason', value: 'because' }] },
        { component: { value: 'none' } },
      ],
    },
  });
  expect(await refusal(answer(rest, sent, { type: 9, data: modal }))).toEqual([400, 50035]);
  await answer(rest, sent, { type: 4, data: { content: 'thanks' } });
  expect([room.texts, shown.isOpen]).toEqual([['thanks'], false]);
  expect(() => ann.submit(shown)).toThrow('not open');
  const second = ask();
  await answer(rest, second, { type: 9, data: modal });
  const { length } = bot.events;
  ann.dismiss(await ann.waitForModal());
  expect([ann.modals, bot.events.length]).toEqual([[], length]);
  for (const [wrong, path] of [
    [{ title: 'x'.repeat(46) }, 'title'],
    [{ components: [] }, 'components'],
    [{ custom_id: '' }, 'custom_id'],
  ] as const)
    expect([
      await refusal(answer(rest, ask(), { type: 9, data: { ...modal, ...wrong } })),
      path,
    ]).toEqual([[400, 50035], path]);
});

test('kinds of answers that do not fit, and unknown interactions', async () => {
  const { rest, ask } = await opened();
  const used = ask();
  expect(await refusal(answer(rest, used, { type: 7, data: { content: 'x' } }))).toEqual([
    400, 50035,
  ]);
  expect(await refusal(answer(rest, used, { type: 6 }))).toEqual([400, 50035]);
  expect(await refusal(answer(rest, used, { type: 99 }))).toEqual([400, 50035]);
  expect(await refusal(answer(rest, used, { type: 4, data: { content: '' } }))).toEqual([
    400, 50006,
  ]);
  expect(await refusal(answer(rest, { ...used, token: 'other' }, { type: 5 }))).toEqual([
    404, 10062,
  ]);
  await answer(rest, used, { type: 4, data: { content: 'at last' } });
});

test('a form carries files with an answer', async () => {
  const { room, rest, ask } = await opened();
  const { id, token } = ask();
  const body = {
    type: 4,
    data: { content: 'see', attachments: [{ id: 0, filename: 'named.txt' }] },
  };
  await rest.post(Routes.interactionCallback(id, token), {
    body,
    files: [{ name: 'x.txt', data: Buffer.from('in') }],
    auth: false,
  });
  expect(room.messages[0]?.files).toMatchObject([{ name: 'named.txt' }]);
  expect(Buffer.from(room.messages[0]?.files[0]?.bytes ?? []).toString()).toBe('in');
});
