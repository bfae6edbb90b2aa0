import { describe, expect, test } from 'vitest';
import { client, refusal, server } from './ground.ts';

async function opened() {
  const slack = await server();
  const ann = slack.person({ name: 'Ann' });
  const general = slack.channel({ name: 'general', members: [ann] });
  return { slack, ann, general, api: client(slack) };
}

test('a message is shown, edited, deleted, and what it said is kept', async () => {
  const { api, ann } = await opened();
  const { ts, message } = await api.chat.postMessage({ channel: ann.dm.id, text: 'v1' });
  const shown = ann.dm.messages[0];
  expect(message).toMatchObject({ text: 'v1', ts, type: 'message' });
  expect(shown).toMatchObject({ ts, shown: 'v1', editedAtMs: undefined, notified: [ann.id] });
  await api.chat.update({ channel: ann.dm.id, ts: ts as string, text: 'v2' });
  expect(shown).toMatchObject({ shown: 'v2', history: ['v1', 'v2'] });
  expect(shown?.editedAtMs).toBeGreaterThan(0);
  await api.chat.delete({ channel: ann.dm.id, ts: ts as string });
  expect([shown?.isDeleted, ann.dm.texts]).toEqual([true, []]);
});

test('a person is a channel too, by the id of the person', async () => {
  const { api, ann } = await opened();
  const { channel } = await api.chat.postMessage({ channel: ann.id, text: 'hi' });
  expect([channel, ann.dm.texts]).toEqual([ann.dm.id, ['hi']]);
});

describe('threads', () => {
  test('replies stand in the thread, broadcast ones in the channel too', async () => {
    const { api, ann, general } = await opened();
    const root = ann.say('question', { to: general });
    const place = { channel: general.id, thread_ts: root.ts };
    const { ts } = await api.chat.postMessage({ ...place, text: 'in the thread' });
    await api.chat.postMessage({ ...place, text: 'for all', reply_broadcast: true });
    await api.chat.postMessage({ channel: general.id, thread_ts: ts as string, text: 'same' });
    expect(general.texts).toEqual(['for all']);
    expect(general.thread(root).texts).toEqual(['in the thread', 'for all', 'same']);
    expect(general.thread(root).messages.map(({ threadTs }) => threadTs)).toEqual([
      undefined,
      root.ts,
      root.ts,
      root.ts,
    ]);
  });

  test('followers are notified of replies, nobody of what stands in a channel, all of @channel', async () => {
    const { slack, api, ann, general } = await opened();
    const bob = slack.person({ name: 'Bob' });
    bob.join(general);
    const root = ann.say('question', { to: general });
    const post = (text: string, thread?: string) =>
      api.chat.postMessage({ channel: general.id, text, ...(thread && { thread_ts: thread }) });
    await post('answer', root.ts);
    await post('news');
    await post(`<@${bob.id}> look`);
    await post('<!channel> all');
    const notified = general.all.slice(1).map((message) => message.notified);
    expect(notified).toEqual([[ann.id], [], [bob.id], [ann.id, bob.id]]);
  });

  test('a deleted first message stays as a tombstone while it has replies', async () => {
    const { api, ann, general } = await opened();
    const root = ann.say('question', { to: general });
    const place = { channel: general.id, thread_ts: root.ts };
    await api.chat.postMessage({ ...place, text: 'answer' });
    ann.delete(root);
    expect(general.messages.map(({ shown }) => shown)).toEqual(['This message was deleted.']);
    await api.chat.postMessage({ ...place, text: 'more' });
    const lonely = ann.say('lonely', { to: general });
    ann.delete(lonely);
    expect(
      await refusal(api.chat.postMessage({ channel: general.id, thread_ts: lonely.ts, text: 'x' })),
    ).toBe('cannot_reply_to_message');
  });
});

test('what a person reads: names for ids, labels for links, signs unescaped', async () => {
  const { slack, api, ann, general } = await opened();
  const text = `<@${ann.id}> in <#${general.id}>: <https://x.example|here> &lt;b&gt; &amp; <!date^1^{date}|then>`;
  await api.chat.postMessage({ channel: ann.dm.id, text });
  expect(ann.dm.texts).toEqual(['@Ann in #general: here <b> & then']);
  expect(ann.dm.messages[0]?.mentions).toEqual([ann.id]);
  await api.chat.postMessage({ channel: ann.dm.id, text: `&lt;@${ann.id}&gt; @here` });
  await api.chat.postMessage({ channel: ann.dm.id, text: '@here', parse: 'full' });
  await api.chat.postMessage({ channel: ann.dm.id, text: `<@${slack.botUserId}>` });
  expect(ann.dm.messages.map(({ mentions }) => mentions).slice(1)).toEqual([
    [],
    ['here'],
    [slack.botUserId],
  ]);
});

test('links are expanded when asked for, pictures unless forbidden', async () => {
  const { api, ann } = await opened();
  const send = (text: string, more = {}) =>
    api.chat.postMessage({ channel: ann.dm.id, text, ...more });
  await send('https://x.example');
  await send('https://x.example', { unfurl_links: true });
  await send('https://x.example/a.png');
  await send('https://x.example/a.png', { unfurl_media: false });
  await send('no link', { unfurl_links: true });
  expect(ann.dm.messages.map(({ isUnfurled }) => isUnfurled)).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
});

test('an ephemeral post is seen by one person alone and cannot be edited', async () => {
  const { slack, api, ann, general } = await opened();
  const bob = slack.person({ name: 'Bob' });
  bob.join(general);
  const { message_ts: ts } = await api.chat.postEphemeral({
    channel: general.id,
    user: ann.id,
    text: 'only you',
  });
  expect(general.ephemeral(ann).map(({ shown }) => shown)).toEqual(['only you']);
  expect([general.ephemeral(bob), general.texts]).toEqual([[], []]);
  expect(await refusal(api.chat.update({ channel: general.id, ts: ts as string, text: 'x' }))).toBe(
    'message_not_found',
  );
  const stranger = slack.person();
  expect(
    await refusal(
      api.chat.postEphemeral({ channel: general.id, user: stranger.id, text: 'only you' }),
    ),
  ).toBe('user_not_in_channel');
});

describe('edits', () => {
  test('text alone takes the blocks away, blocks alone leave the text, metadata stays', async () => {
    const { api, ann } = await opened();
    const blocks = (text: string) => [{ type: 'section', text: { type: 'mrkdwn', text } } as const];
    const metadata = { event_type: 'readback', event_payload: { key: 'k1' } };
    const sent = await api.chat.postMessage({
      channel: ann.dm.id,
      text: 'fallback',
      blocks: blocks('*one*'),
      metadata,
    });
    const at = { channel: ann.dm.id, ts: sent.ts as string };
    const message = ann.dm.messages[0];
    await api.chat.update({ ...at, blocks: blocks('*two*') });
    expect(message).toMatchObject({ text: 'fallback', shown: '*two*', metadata });
    await api.chat.update({ ...at, text: 'plain' });
    expect(message).toMatchObject({ text: 'plain', shown: 'plain', blocks: [] });
    await api.chat.update({ ...at, text: 'none', metadata: {} as never });
    expect(message).toMatchObject({
      metadata: undefined,
      history: ['*one*', '*two*', 'plain', 'none'],
    });
  });

  test.each([
    ['message_not_found', { ts: '1.000001' }],
    ['channel_not_found', { channel: 'C0NOWHERE' }],
    ['no_text', { text: '' }],
    ['markdown_text_conflict', { markdown_text: '**x**' }],
    ['invalid_blocks_format', { blocks: '{nonsense' }],
    [
      'metadata_too_large',
      { metadata: { event_type: 'x', event_payload: { k: 'x'.repeat(20_000) } } },
    ],
    ['invalid_metadata_schema', { metadata: { event_type: 'x' } }],
    ['invalid_metadata_format', { metadata: 'nonsense' }],
  ])('refuses with %s', async (error, change) => {
    const { api, ann } = await opened();
    const { ts } = await api.chat.postMessage({ channel: ann.dm.id, text: 'v1' });
    const call = api.apiCall('chat.update', { channel: ann.dm.id, ts, text: 'v2', ...change });
    expect(await refusal(call)).toBe(error);
    expect(ann.dm.texts).toEqual(['v1']);
  });

  test('of others, of closed windows and of archives are refused', async () => {
    const { slack, api, ann, general } = await opened();
    const own = ann.say('mine', { to: general });
    const edit = (ts: string) => api.chat.update({ channel: general.id, ts, text: 'x' });
    expect(await refusal(edit(own.ts))).toBe('cant_update_message');
    expect(await refusal(api.chat.delete({ channel: general.id, ts: own.ts }))).toBe(
      'cant_delete_message',
    );
    const { ts } = await api.chat.postMessage({ channel: general.id, text: 'v1' });
    slack.closeEditWindow(await general.waitFor(({ text }) => text === 'v1'));
    expect(await refusal(edit(ts as string))).toBe('edit_window_closed');
    general.archive();
    expect(await refusal(edit(ts as string))).toBe('is_inactive');
    expect(await refusal(api.chat.postMessage({ channel: general.id, text: 'x' }))).toBe(
      'is_archived',
    );
  });
});

test('text above 40,000 characters is cut off without a word, Markdown above 12,000 refused', async () => {
  const { api, ann } = await opened();
  await api.chat.postMessage({ channel: ann.dm.id, text: 'x'.repeat(40_001) });
  expect(ann.dm.texts[0]).toHaveLength(40_000);
  const markdown = { channel: ann.dm.id, markdown_text: '**x**' };
  await api.chat.postMessage(markdown);
  expect(ann.dm.texts[1]).toBe('**x**');
  expect(
    await refusal(api.chat.postMessage({ ...markdown, markdown_text: 'x'.repeat(12_001) })),
  ).toBe('msg_too_long');
});

test.each([
  ['no_text', { text: '  ' }],
  ['channel_not_found', { channel: 'U0NOBODY' }],
  ['too_many_attachments', { attachments: Array.from({ length: 101 }, () => ({ text: 'x' })) }],
  ['invalid_attachments', { attachments: '[1]' }],
  ['cannot_reply_to_message', { thread_ts: '1.000001' }],
])('a post is refused with %s', async (error, change) => {
  const { api, ann } = await opened();
  const call = api.apiCall('chat.postMessage', { channel: ann.dm.id, text: 'x', ...change });
  expect(await refusal(call)).toBe(error);
  expect(ann.dm.all).toEqual([]);
});

test('reactions, people and permalinks', async () => {
  const { slack, api, ann, general } = await opened();
  const root = ann.say('look', { to: general });
  const at = { channel: general.id, timestamp: root.ts };
  await api.reactions.add({ ...at, name: 'eyes' });
  ann.react(root, 'eyes');
  expect([...root.reactions]).toEqual([['eyes', [slack.botUserId, ann.id]]]);
  expect(await refusal(api.reactions.add({ ...at, name: 'eyes' }))).toBe('already_reacted');
  await api.reactions.remove({ ...at, name: 'eyes' });
  expect(await refusal(api.reactions.remove({ ...at, name: 'eyes' }))).toBe('no_reaction');
  expect([...root.reactions]).toEqual([['eyes', [ann.id]]]);
  expect((await api.users.info({ user: ann.id })).user).toMatchObject({
    real_name: 'Ann',
    is_bot: false,
  });
  expect((await api.users.info({ user: slack.botUserId })).user?.is_bot).toBe(true);
  expect(await refusal(api.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
  const { permalink } = await api.chat.getPermalink({ channel: general.id, message_ts: root.ts });
  expect(permalink).toContain(`/archives/${general.id}/p${root.ts.replace('.', '')}`);
  const self = await api.auth.test();
  expect(self.response_metadata?.scopes).toContain('chat:write');
  expect(self).toMatchObject({
    team_id: slack.teamId,
    user_id: slack.botUserId,
    bot_id: slack.botId,
  });
});
