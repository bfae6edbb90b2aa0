import { Assistant } from '@slack/bolt';
import { expect, test } from 'vitest';
import { heard } from './event-ground.ts';
import { client, failure, httpApp, server } from './ground.ts';

test("Bolt's own HTTP receiver takes the signed events, and each mention comes twice", async () => {
  const slack = await server();
  const seen: string[] = [];
  const app = await httpApp(slack, (bolt) => {
    bolt.message(async ({ message }) => void seen.push(`message ${message.ts}`));
    bolt.event('app_mention', async ({ event, say }) => {
      seen.push(`app_mention ${event.ts}`);
      await say({ text: `you said ${event.text}`, thread_ts: event.ts });
    });
  });
  expect(app).toBeDefined();
  const ann = slack.person({ name: 'Ann' });
  const general = slack.channel({ name: 'general', members: [ann] });
  const root = ann.mention('hello', { to: general });
  const answer = await general.thread(root).waitFor(({ from }) => from.kind === 'bot');
  expect(answer.shown).toBe('you said @Readback hello');
  await slack.settled();
  expect(seen.sort()).toEqual([`app_mention ${root.ts}`, `message ${root.ts}`]);
  const failed = slack.deliveries.filter(({ outcome }) => outcome !== 'acked');
  expect(failed).toEqual([]);
});

test('edits, deletions, reactions, files and comings are told as Slack tells them', async () => {
  const { slack, events } = await heard();
  const ann = slack.person({ name: 'Ann' });
  const general = slack.channel({ name: 'general', members: [ann], isPrivate: true });
  const said = ann.say('one <two> & three', { to: general });
  ann.edit(said, 'changed');
  ann.react(said, 'eyes');
  ann.unreact(said, 'eyes');
  ann.delete(said);
  ann.say('look', { to: general, files: [{ name: 'a.txt', bytes: new Uint8Array([1]) }] });
  const bob = slack.person();
  bob.join(general);
  bob.leave(general);
  await slack.settled();
  expect(events()).toMatchObject([
    { type: 'member_joined_channel', user: slack.botUserId, channel_type: 'G' },
    {
      type: 'message',
      text: 'one &lt;two&gt; &amp; three',
      channel: general.id,
      channel_type: 'group',
      user: ann.id,
      ts: said.ts,
    },
    {
      subtype: 'message_changed',
      hidden: true,
      message: { text: 'changed', edited: { user: ann.id } },
      previous_message: { text: 'one &lt;two&gt; &amp; three' },
    },
    { type: 'reaction_added', reaction: 'eyes', item: { ts: said.ts }, item_user: ann.id },
    { type: 'reaction_removed', user: ann.id },
    { subtype: 'message_deleted', deleted_ts: said.ts, previous_message: { text: 'changed' } },
    { subtype: 'file_share', files: [{ name: 'a.txt', size: 1, mimetype: 'text/plain' }] },
    { type: 'member_joined_channel', user: bob.id },
    { type: 'member_left_channel', user: bob.id },
  ]);
});

test('a mention in direct messages comes once; what is told again says what it said at first', async () => {
  const { slack, bodies } = await heard();
  slack.person().say('@Readback hello');
  const event = { type: 'counted', n: 1 };
  const id = slack.push(event);
  event.n = 2;
  slack.redeliver(id);
  await slack.settled();
  expect(bodies).toMatchObject([
    { event: { type: 'message', text: `<@${slack.botUserId}> hello` } },
    { event: { type: 'counted', n: 1 } },
    { event: { type: 'counted', n: 1 } },
  ]);
});

test('the app hears itself, and nothing of channels in which it is not', async () => {
  const { slack, events } = await heard();
  const ann = slack.person({ name: 'Ann' });
  const away = slack.channel({ name: 'away', members: [ann], bot: false });
  ann.mention('nobody hears', { to: away });
  await client(slack).chat.postMessage({ channel: ann.dm.id, text: 'hi' });
  await slack.settled();
  expect(events()).toMatchObject([
    { type: 'message', bot_id: slack.botId, app_id: slack.appId, channel_type: 'im' },
  ]);
});

test('a person writes @names, #channels and addresses as the apps send them', async () => {
  const { slack, events } = await heard();
  const ann = slack.person({ name: 'Ann' });
  const lee = slack.person({ name: 'Ann Lee' });
  const general = slack.channel({ name: 'general', members: [ann] });
  const said = ann.say('@Ann Lee and @Ann see #general @here https://x.example/?a=1&b=2 @Anna', {
    to: general,
  });
  await slack.settled();
  expect(events().at(-1)?.['text']).toBe(
    `<@${lee.id}> and <@${ann.id}> see <#${general.id}|general> <!here> <https://x.example/?a=1&amp;b=2> @Anna`,
  );
  expect(said.mentions).toEqual([lee.id, ann.id, 'here']);
});

test('subscriptions decide what comes; what a test pushes comes in any shape', async () => {
  const { slack, events, bodies } = await heard(undefined, {
    subscriptions: ['app_mention', 'message.im'],
  });
  const ann = slack.person({ name: 'Ann' });
  const general = slack.channel({ name: 'general', members: [ann] });
  ann.say('not subscribed', { to: general });
  ann.mention('subscribed', { to: general });
  ann.say('direct');
  const other = slack.workspace();
  const id = slack.push({ type: 'strange', n: 1 }, other);
  await slack.settled();
  expect(events().map(({ type }) => type)).toEqual(['app_mention', 'message', 'strange']);
  expect(bodies.at(-1)).toMatchObject({
    type: 'event_callback',
    event_id: id,
    team_id: other.teamId,
    api_app_id: slack.appId,
    authorizations: [{ user_id: other.botUserId, is_bot: true }],
  });
  expect(slack.redeliver(id)).toBe(true);
  await slack.settled();
  expect(slack.deliveries.at(-1)).toMatchObject({ eventId: id, attempt: 1, outcome: 'acked' });
  expect(slack.redeliver('Ev0NONE')).toBe(false);
});

test('a broadcast reply and a preview of a link look like what they are not', async () => {
  const { slack, events } = await heard();
  const ann = slack.person({ name: 'Ann' });
  const general = slack.channel({ name: 'general', members: [ann] });
  const root = ann.say('see https://x.example', { to: general });
  ann.reply(root, 'for all', { broadcast: true });
  slack.unfurl(root, 'https://x.example');
  await slack.settled();
  expect(events().slice(2)).toMatchObject([
    { type: 'message', subtype: 'thread_broadcast', thread_ts: root.ts, root: { user: ann.id } },
    {
      subtype: 'message_changed',
      message: { text: root.text, attachments: [{ from_url: 'https://x.example' }] },
      previous_message: { text: root.text },
    },
  ]);
  expect(events().at(-1)?.['message']).not.toHaveProperty('edited');
  expect([root.editedAtMs, root.isUnfurled, root.history.length]).toEqual([undefined, true, 1]);
});

test("Bolt's own Assistant runs on it: context, prompts, status, title, answer", async () => {
  const slack = await server();
  await httpApp(slack, (bolt) => {
    bolt.assistant(
      new Assistant({
        threadStarted: async ({ say, setSuggestedPrompts, saveThreadContext }) => {
          await say('What can I do?');
          await saveThreadContext();
          await setSuggestedPrompts({ prompts: [{ title: 'Plan', message: 'Make a plan' }] });
        },
        userMessage: async ({ say, setStatus, setTitle, getThreadContext }) => {
          await setTitle('Plans');
          await setStatus('is thinking');
          const { channel_id: from } = await getThreadContext();
          await say(`seen in ${from}`);
        },
      }),
    );
  });
  const ann = slack.person({ name: 'Ann' });
  const general = slack.channel({ name: 'general', members: [ann] });
  const thread = ann.openAssistant({ from: general });
  await slack.nextCall('assistant.threads.setSuggestedPrompts');
  const status = slack.nextCall('assistant.threads.setStatus');
  ann.say('Make a plan', { to: thread });
  expect((await status).args['status']).toBe('is thinking');
  await thread.waitFor(({ shown }) => shown === `seen in ${general.id}`);
  expect([thread.title, thread.status, thread.suggestedPrompts]).toEqual([
    'Plans',
    undefined,
    [{ title: 'Plan', message: 'Make a plan' }],
  ]);
});

test('an assistant thread begins with its event', async () => {
  const { slack, events } = await heard();
  const ann = slack.person({ name: 'Ann' });
  const thread = ann.openAssistant();
  ann.say('hello', { to: thread });
  await slack.settled();
  expect(events()).toMatchObject([
    { type: 'message', subtype: 'assistant_app_thread', bot_id: slack.botId },
    {
      type: 'assistant_thread_started',
      assistant_thread: { user_id: ann.id, channel_id: ann.dm.id, thread_ts: thread.ts },
    },
    { type: 'message', text: 'hello', thread_ts: thread.ts, parent_user_id: slack.botUserId },
  ]);
});

test('an agent is told who opened its messages, and offers prompts there', async () => {
  const { slack, events } = await heard();
  const ann = slack.person({ name: 'Ann' });
  ann.openTab('home');
  ann.openTab('messages');
  await slack.settled();
  expect(events()).toMatchObject([
    { type: 'app_home_opened', user: ann.id, channel: ann.dm.id, tab: 'home' },
    { type: 'app_home_opened', user: ann.id, channel: ann.dm.id, tab: 'messages' },
  ]);
  const prompts = [{ title: 'Plan', message: 'Make a plan' }];
  const api = client(slack);
  await api.apiCall('assistant.threads.setSuggestedPrompts', { channel_id: ann.dm.id, prompts });
  expect(ann.dm.suggestedPrompts).toEqual(prompts);
});

test('people cannot do what the apps would not let them', async () => {
  const slack = await server();
  const [ann, bob] = [slack.person({ name: 'Ann' }), slack.person({ name: 'Bob' })];
  const general = slack.channel({ name: 'general', members: [ann] });
  const said = ann.say('hello', { to: general });
  expect(() => bob.say('x', { to: general })).toThrow('Bob is not in general');
  bob.join(general);
  expect(() => bob.edit(said, 'x')).toThrow('only its author edits');
  expect(() => bob.delete(said)).toThrow('only its author deletes');
  expect(() => ann.say(' ')).toThrow('a text or a file');
  expect(() => ann.press(said, 'Yes')).toThrow('no button "Yes" is shown; shown are: none');
  expect(() => slack.channel({ name: 'general' })).toThrow('a channel "general" already');
  ann.delete(said);
  expect(() => ann.react(said, 'eyes')).toThrow('the message is deleted');
  general.archive();
  expect(() => ann.say('x', { to: general })).toThrow('archived');
  expect(await failure(general.waitFor(() => true, { timeoutMs: 10 }))).toMatchObject({
    message: 'not so within 10 ms; shown is: nothing',
  });
});
