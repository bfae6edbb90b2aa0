import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, refusal, server } from './ground.ts';

async function opened(options: Parameters<typeof server>[0] = {}) {
  const slack = await server(options);
  const ann = slack.person({ name: 'Ann' });
  const root = ann.say('question');
  const thread = ann.dm.thread(root);
  const at = { channel: ann.dm.id, thread_ts: root.ts };
  return { slack, ann, thread, at, api: client(slack) };
}

test('the own streamer of the client is shown as it grows, one message, stopped at its end', async () => {
  const { slack, api, at, thread } = await opened();
  const streamer = api.chatStream({ ...at, buffer_size: 4 });
  await streamer.append({ markdown_text: '**Hel' });
  const message = await thread.waitFor(({ stream }) => stream === 'on');
  await streamer.append({ markdown_text: 'lo** wor' });
  expect(message.shown).toBe('**Hello** wor');
  await streamer.stop({ markdown_text: 'ld' });
  expect(message).toMatchObject({
    shown: '**Hello** world',
    stream: 'stopped',
    history: ['**Hel', '**Hello** wor', '**Hello** world'],
  });
  expect(thread.texts).toEqual(['**Hello** world']);
  expect(slack.callsOf('chat.startStream')[0]?.args['chunks']).toEqual([
    { type: 'markdown_text', text: '**Hel' },
  ]);
});

test('words come as markdown_text too; tasks are one card each; the end adds blocks and metadata', async () => {
  const { api, at, ann, thread } = await opened();
  const { ts } = await api.chat.startStream({ ...at, markdown_text: 'a' });
  const here = { channel: ann.dm.id, ts: ts as string };
  const task = (status: 'in_progress' | 'complete') =>
    ({ type: 'task_update', id: 't1', title: 'Search', status }) as const;
  await api.chat.appendStream({ ...here, chunks: [task('in_progress')] });
  await api.chat.appendStream({ ...here, chunks: [task('complete')], markdown_text: 'ignored' });
  await api.chat.appendStream({ ...here, markdown_text: 'b' });
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'end' } }];
  const metadata = { event_type: 'readback', event_payload: { key: 'k' } };
  await api.chat.stopStream({ ...here, blocks, metadata });
  const message = thread.messages.at(-1);
  expect(message?.shown).toBe('ab\nSearch (complete)\nend');
  expect(message).toMatchObject({ metadata, stream: 'stopped', text: 'ab' });
});

test('in channels a stream needs its recipient', async () => {
  const { slack, api, ann } = await opened();
  const general = slack.channel({ name: 'general', members: [ann] });
  const root = ann.say('question', { to: general });
  const at = { channel: general.id, thread_ts: root.ts, markdown_text: 'x' };
  const team = { recipient_team_id: slack.teamId };
  expect(await refusal(api.chat.startStream(at))).toBe('missing_recipient_team_id');
  expect(await refusal(api.chat.startStream({ ...at, ...team }))).toBe('missing_recipient_user_id');
  const whole = { ...at, ...team, recipient_user_id: ann.id };
  await api.chat.startStream(whole);
  expect(general.thread(root).texts).toEqual(['x']);
  expect(general.texts).toEqual([]);
});

test('a stream that is on is not edited; one that is off is not appended to', async () => {
  const { slack, api, at, ann, thread } = await opened();
  const { ts } = await api.chat.startStream({ ...at, markdown_text: 'a' });
  const here = { channel: ann.dm.id, ts: ts as string };
  expect(await refusal(api.chat.update({ ...here, text: 'x' }))).toBe('streaming_state_conflict');
  expect(await refusal(api.chat.appendStream({ ...here, markdown_text: '' }))).toBe('no_text');
  expect(
    await refusal(api.chat.appendStream({ ...here, chunks: [{ type: 'nonsense' }] as never })),
  ).toBe('invalid_chunks');
  expect(await refusal(api.chat.appendStream({ ...here, markdown_text: 'x'.repeat(12_001) }))).toBe(
    'msg_too_long',
  );
  const message = await thread.waitFor(({ stream }) => stream === 'on');
  slack.expireStream(message);
  for (const call of [
    api.chat.appendStream({ ...here, markdown_text: 'b' }),
    api.chat.stopStream(here),
  ])
    expect(await refusal(call)).toBe('message_not_in_streaming_state');
  await api.chat.update({ ...here, text: 'replaced' });
  expect([message.stream, message.shown]).toEqual(['expired', 'replaced']);
  const plain = await api.chat.postMessage({ channel: ann.dm.id, text: 'no stream' });
  expect(
    await refusal(
      api.chat.appendStream({ channel: ann.dm.id, ts: plain.ts as string, markdown_text: 'x' }),
    ),
  ).toBe('message_not_in_streaming_state');
});

test('Slack ends a stream to which nothing is appended for a while, by the clock of the test', async () => {
  const runtime = createFakeRuntime();
  const { api, at, ann, thread } = await opened({ runtime, streamMs: 60_000 });
  const { ts } = await api.chat.startStream({ ...at, markdown_text: 'a' });
  const append = () =>
    api.chat.appendStream({ channel: ann.dm.id, ts: ts as string, markdown_text: 'b' });
  await runtime.advance(59_000);
  await append();
  await runtime.advance(59_000);
  await append();
  expect(thread.messages.at(-1)?.stream).toBe('on');
  await runtime.advance(60_000);
  expect(thread.messages.at(-1)).toMatchObject({ shown: 'abb', stream: 'expired' });
  expect(await refusal(append())).toBe('message_not_in_streaming_state');
});

test('a stream that was stopped, deleted or left by the server waits for nothing', async () => {
  const runtime = createFakeRuntime();
  const { slack, api, at, ann, thread } = await opened({ runtime, subscriptions: [] });
  const begin = async () =>
    (await api.chat.startStream({ ...at, markdown_text: 'a' })).ts as string;
  const [stopped, deleted] = [await begin(), await begin()];
  expect(runtime.pending).toBe(2);
  const blocks = [{ type: 'divider' }];
  await api.chat.stopStream({ channel: ann.dm.id, ts: stopped, blocks });
  expect(runtime.pending).toBe(1);
  await api.chat.delete({ channel: ann.dm.id, ts: deleted });
  await runtime.advance(300_000);
  expect([runtime.pending, thread.texts]).toEqual([0, ['a\n---']]);
  await begin();
  await slack.stop();
  await runtime.settle();
  expect(runtime.pending).toBe(0);
});

test('of a deleted stream nothing more is told', async () => {
  const runtime = createFakeRuntime();
  const { slack, api, at, ann } = await opened({
    runtime,
    requestFetch: async () => new Response(),
  });
  const { ts } = await api.chat.startStream({ ...at, markdown_text: 'a' });
  await api.chat.delete({ channel: ann.dm.id, ts: ts as string });
  await slack.settled();
  const told = slack.deliveries.length;
  await runtime.advance(600_000);
  expect([told, slack.deliveries.length]).toEqual([3, 3]);
});

test('blocks of a stream stay in their order', async () => {
  const { api, at, ann, thread } = await opened();
  const { ts } = await api.chat.startStream({ ...at, markdown_text: 'a' });
  const part = (text: string) =>
    ({
      type: 'blocks',
      blocks: [{ type: 'section', text: { type: 'plain_text', text } }],
    }) as const;
  const here = { channel: ann.dm.id, ts: ts as string };
  await api.chat.appendStream({ ...here, chunks: [part('one') as never] });
  await api.chat.appendStream({ ...here, chunks: [part('two') as never] });
  expect(thread.texts).toEqual(['a\none\ntwo']);
});

test('a status is seen for two minutes, or until the next message of the bot', async () => {
  const runtime = createFakeRuntime();
  const { api, at, ann, thread } = await opened({ runtime });
  const set = (status: string) =>
    api.assistant.threads.setStatus({ channel_id: ann.dm.id, thread_ts: at.thread_ts, status });
  await set('is thinking');
  expect(thread.status).toMatchObject({ text: 'is thinking', loadingMessages: [] });
  await runtime.advance(119_000);
  expect(thread.status?.text).toBe('is thinking');
  await runtime.advance(1_000);
  expect(thread.status).toBeUndefined();
  await set('is typing');
  await api.chat.postMessage({ ...at, text: 'answer' });
  expect(thread.status).toBeUndefined();
  await set('again');
  await set('');
  expect(thread.status).toBeUndefined();
  expect(
    await refusal(
      api.assistant.threads.setStatus({ channel_id: ann.dm.id, thread_ts: '1.1', status: 'x' }),
    ),
  ).toBe('invalid_thread_ts');
});

test('an assistant thread has a title and prompts, a thread of a person has not', async () => {
  const { slack, api, ann, at } = await opened();
  const general = slack.channel({ name: 'general', members: [ann] });
  const thread = ann.openAssistant({ from: general });
  const here = { channel_id: ann.dm.id, thread_ts: thread.ts };
  await api.assistant.threads.setTitle({ ...here, title: 'Plans' });
  const prompts = [{ title: 'Plan', message: 'Make a plan' }];
  await api.assistant.threads.setSuggestedPrompts({
    ...here,
    prompts: prompts as [{ title: string; message: string }],
  });
  expect([thread.title, thread.suggestedPrompts]).toEqual(['Plans', prompts]);
  expect(
    await refusal(
      api.assistant.threads.setTitle({
        channel_id: ann.dm.id,
        thread_ts: at.thread_ts,
        title: 'x',
      }),
    ),
  ).toBe('invalid_thread_ts');
  expect(
    await refusal(api.assistant.threads.setSuggestedPrompts({ ...here, prompts: [] as never })),
  ).toBe('invalid_arguments');
  expect(ann.say('hello', { to: thread }).threadTs).toBe(thread.ts);
});
