import type { App } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import type { FakeSlack } from '../../../src/testing/slack/index.ts';
import { client, httpApp, server, socketApp } from './ground.ts';
import { buttons, modal, plain, pressed } from './press-ground.ts';

const menu = {
  type: 'section' as const,
  block_id: 'menu',
  text: plain('Choose'),
  accessory: {
    type: 'static_select' as const,
    action_id: 'pick',
    options: ['Red', 'Blue'].map((text) => ({ text: plain(text), value: text.toLowerCase() })),
  },
};
const ways: [
  way: string,
  start: (slack: FakeSlack, prepare: (app: App) => void) => Promise<App>,
][] = [
  ['HTTP', httpApp],
  ['Socket Mode', socketApp],
];

describe.each(ways)('by %s', (_, start) => {
  async function opened(prepare: (app: App) => void) {
    const slack = await server();
    await start(slack, prepare);
    const ann = slack.person({ name: 'Ann' });
    const general = slack.channel({ name: 'general', members: [ann] });
    return { slack, ann, general, api: client(slack) };
  }

  test('a press reaches the app with its message, which the app edits', async () => {
    const seen: unknown[] = [];
    const { ann, general, api } = await opened((app) => {
      app.action('do_Yes', async ({ ack, body, action, respond }) => {
        await ack();
        seen.push(body, action);
        await respond({ text: 'thank you', replace_original: true });
      });
    });
    const root = ann.say('question', { to: general });
    await api.chat.postMessage({
      channel: general.id,
      thread_ts: root.ts,
      text: 'Sure?',
      blocks: [buttons('Yes', 'No')],
    });
    const message = general.thread(root).messages[1];
    if (message === undefined) throw new Error('nothing was posted');
    const press = ann.press(message, 'Yes');
    expect(await press.answered).toEqual({ kind: 'acked', payload: undefined, reason: undefined });
    await general.waitFor(({ shown }) => shown === 'thank you');
    expect(message).toMatchObject({ shown: 'thank you', buttons: [] });
    expect(seen).toMatchObject([
      {
        type: 'block_actions',
        user: { id: ann.id },
        channel: { id: general.id, name: 'general' },
        container: { message_ts: message.ts, thread_ts: root.ts, is_ephemeral: false },
        message: { ts: message.ts, text: 'Sure?' },
        trigger_id: press.triggerId,
        response_url: press.responseUrl,
      },
      { action_id: 'do_Yes', block_id: 'acts', value: 'yes', action_ts: expect.any(String) },
    ]);
  });

  test('a choice carries its option', async () => {
    const seen: unknown[] = [];
    const { ann, api } = await opened((app) => {
      app.action('pick', async ({ ack, action }) => {
        await ack();
        seen.push(action);
      });
    });
    await api.chat.postMessage({ channel: ann.dm.id, text: 'Choose', blocks: [menu] });
    const message = await ann.dm.waitFor(() => true);
    await ann.choose(message, 'Blue').answered;
    expect(seen).toMatchObject([{ selected_option: { value: 'blue' }, block_id: 'menu' }]);
    expect(() => ann.choose(message, 'Green')).toThrow('no option "Green"');
  });

  test('a modal is opened, finds fault, is filled in and closes', async () => {
    const seen: unknown[] = [];
    const { ann } = await opened((app) => {
      app.command('/ask', async ({ ack, body, client: web }) => {
        await ack();
        await web.views.open({ trigger_id: body.trigger_id, view: modal });
      });
      app.view('ask', async ({ ack, view }) => {
        const words = view.state.values['why']?.['words']?.value;
        seen.push([view.private_metadata, words]);
        if (words === 'because') await ack();
        else await ack({ response_action: 'errors', errors: { why: 'Say because' } });
      });
    });
    await ann.command('/ask').answered;
    const view = await ann.waitForView();
    expect(view.shown).toBe('Question\nWhy?');
    expect(() => ann.submit(view)).toThrow('the view asks for "words"');
    expect(() => ann.submit(view, { words: 'x', more: 'y' })).toThrow('does not ask for: more');
    await ann.submit(view, { words: 'so' }).answered;
    expect([view.isOpen, view.errors]).toEqual([true, { why: 'Say because' }]);
    await ann.submit(view, { why: 'because' }).answered;
    expect([view.isOpen, ann.views]).toEqual([false, []]);
    expect(seen).toEqual([
      ['m1', 'so'],
      ['m1', 'because'],
    ]);
  });

  test('a command is answered with words to the person alone, or to all', async () => {
    const { ann, general } = await opened((app) => {
      app.command('/ask', async ({ ack, command }) => {
        if (command.text === 'all') await ack({ response_type: 'in_channel', text: 'to all' });
        else await ack(`${command.text} by ${command.user_name}`);
      });
    });
    await ann.command('/ask', 'what', { in: general }).answered;
    await ann.command('/ask', 'all', { in: general }).answered;
    expect(general.ephemeral(ann).map(({ shown }) => shown)).toEqual(['what by ann']);
    expect(general.texts).toEqual(['to all']);
  });

  test('shortcuts: of a message and global', async () => {
    const seen: unknown[] = [];
    const { ann, general } = await opened((app) => {
      app.shortcut('todo', async ({ ack, body }) => {
        await ack();
        seen.push(body);
      });
    });
    const said = ann.say('remember the milk', { to: general });
    await ann.shortcut('todo', said).answered;
    await ann.shortcut('todo').answered;
    expect(seen).toMatchObject([
      { type: 'message_action', message_ts: said.ts, message: { text: 'remember the milk' } },
      { type: 'shortcut', user: { id: ann.id } },
    ]);
  });
});

describe('response_url', () => {
  test('takes five answers, to the person alone unless they say otherwise', async () => {
    const { slack, ann, message, respond } = await pressed();
    expect(await respond({ text: 'one' })).toBe('200 ok');
    await respond({ text: 'two', response_type: 'in_channel' });
    await respond({ text: 'three', replace_original: true });
    await respond({ delete_original: true });
    expect(ann.dm.ephemeral(ann).map(({ shown }) => shown)).toEqual(['one']);
    expect([message.isDeleted, message.history.at(-1), ann.dm.texts]).toEqual([
      true,
      'three',
      ['two'],
    ]);
    await respond({ text: 'five' });
    expect(await respond({ text: 'six' })).toBe('404 {"ok":false,"error":"used_url"}');
    expect(slack.callsOf('response_url')).toHaveLength(6);
  });

  test('is good for 30 minutes', async () => {
    const { runtime, respond } = await pressed();
    await runtime.advance(30 * 60_000);
    expect(await respond({ text: 'in time' })).toBe('200 ok');
    await runtime.advance(1);
    expect(await respond({ text: 'late' })).toBe('404 {"ok":false,"error":"expired_url"}');
  });
});

test('an app that answers with an error is asked once', async () => {
  const slack = await server({
    subscriptions: [],
    requestFetch: async () => new Response(null, { status: 500 }),
  });
  const ann = slack.person();
  expect(await ann.command('/ask').answered).toEqual({
    kind: 'failed',
    payload: undefined,
    reason: 'http_error',
  });
  expect(slack.deliveries).toMatchObject([
    { type: 'slash_commands', eventId: undefined, attempt: 0, outcome: 'failed' },
  ]);
});
