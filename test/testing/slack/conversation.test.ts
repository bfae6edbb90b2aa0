import { describe, expect, test } from 'vitest';
import { client, refusal, server } from './ground.ts';

async function opened() {
  const slack = await server();
  const ann = slack.person({ name: 'Ann' });
  const general = slack.channel({ name: 'general', members: [ann] });
  return { slack, ann, general, api: client(slack) };
}

describe('history', () => {
  test('newest first without replies; what was sent is found by its metadata', async () => {
    const { api, ann, general } = await opened();
    const root = ann.say('question', { to: general });
    const metadata = { event_type: 'readback', event_payload: { key: 'k1' } };
    const place = { channel: general.id, thread_ts: root.ts };
    await api.chat.postMessage({ ...place, text: 'reply', metadata });
    await api.chat.postMessage({ ...place, text: 'broadcast', reply_broadcast: true });
    await api.chat.postMessage({ channel: general.id, text: 'news', metadata });
    const all = { channel: general.id, include_all_metadata: true };
    const { messages } = await api.conversations.history(all);
    expect(messages?.map(({ text }) => text)).toEqual(['news', 'broadcast', 'question']);
    expect(messages?.[0]).toMatchObject({ metadata });
    expect(messages?.[2]).toMatchObject({ thread_ts: root.ts, reply_count: 2 });
    const plain = await api.conversations.history({ channel: general.id });
    expect(plain.messages?.[0]).not.toHaveProperty('metadata');
    const replies = await api.conversations.replies({ ...all, ts: root.ts });
    expect(replies.messages?.map(({ text }) => text)).toEqual(['question', 'reply', 'broadcast']);
    expect(replies.messages?.[1]).toMatchObject({ metadata, parent_user_id: ann.id });
    expect(await refusal(api.conversations.replies({ channel: general.id, ts: '1.1' }))).toBe(
      'thread_not_found',
    );
  });

  test('comes in pages, within bounds', async () => {
    const { api, ann, general } = await opened();
    const said = Array.from({ length: 5 }, (_, n) => ann.say(`m${n}`, { to: general }));
    const seen: string[][] = [];
    for await (const page of api.paginate('conversations.history', {
      channel: general.id,
      limit: 2,
    }))
      seen.push(
        (page as unknown as { messages: { text: string }[] }).messages.map(({ text }) => text),
      );
    expect(seen).toEqual([['m4', 'm3'], ['m2', 'm1'], ['m0']]);
    const within = async (more: object) => {
      const { messages } = await api.conversations.history({ channel: general.id, ...more });
      return messages?.map(({ text }) => text);
    };
    const [oldest, latest] = [said[1]?.ts ?? '', said[3]?.ts ?? ''];
    expect(await within({ oldest, latest })).toEqual(['m2']);
    expect(await within({ oldest, latest, inclusive: true })).toEqual(['m3', 'm2', 'm1']);
    expect(await refusal(within({ cursor: 'nonsense' }))).toBe('invalid_cursor');
    expect(await refusal(within({ limit: 0 }))).toBe('invalid_limit');
  });
});

describe('membership', () => {
  test('a public channel is joined, then written to; a private one is not there', async () => {
    const { slack, ann, api } = await opened();
    const open = slack.channel({ name: 'open', members: [ann], bot: false });
    const secret = slack.channel({ name: 'secret', members: [ann], isPrivate: true, bot: false });
    const post = (channel: string) => api.chat.postMessage({ channel, text: 'x' });
    const read = (channel: string) => api.conversations.history({ channel });
    expect(await refusal(post(open.id))).toBe('not_in_channel');
    expect(await refusal(read(open.id))).toBe('not_in_channel');
    expect(await refusal(post(secret.id))).toBe('channel_not_found');
    expect(await refusal(api.conversations.join({ channel: secret.id }))).toBe('channel_not_found');
    await api.conversations.join({ channel: open.id });
    await post(open.id);
    expect([open.texts, open.hasBot]).toEqual([['x'], true]);
    expect((await api.conversations.join({ channel: open.id })).warning).toBe('already_in_channel');
    secret.addBot();
    await post(secret.id);
    open.kickBot();
    expect(await refusal(post(open.id))).toBe('not_in_channel');
  });

  test('without a scope the answer names it', async () => {
    const { slack, general, api } = await opened();
    slack.setScopes(['chat:write', 'chat:write.public', 'channels:history']);
    const away = slack.channel({ name: 'away', bot: false });
    await api.chat.postMessage({ channel: away.id, text: 'public' });
    await api.conversations.history({ channel: general.id });
    const call = api.apiCall('conversations.info', { channel: general.id });
    await expect(call).rejects.toMatchObject({
      data: {
        error: 'missing_scope',
        needed: 'channels:read',
        provided: 'chat:write,chat:write.public,channels:history',
      },
    });
    const secret = slack.channel({ name: 'secret', isPrivate: true });
    expect(await refusal(api.conversations.history({ channel: secret.id }))).toBe('missing_scope');
  });

  test('channels are listed, described and opened', async () => {
    const { slack, ann, general, api } = await opened();
    const bob = slack.person({ name: 'Bob' });
    slack.channel({ name: 'hidden', isPrivate: true, bot: false });
    const secret = slack.channel({ name: 'secret', isPrivate: true });
    const types = 'public_channel,private_channel,im,mpim';
    const names = async () =>
      (await api.conversations.list({ types })).channels?.map(({ name }) => name ?? 'dm');
    expect(await names()).toEqual(['dm', 'general', 'dm', 'secret']);
    const info = await api.conversations.info({ channel: secret.id, include_num_members: true });
    expect(info.channel).toMatchObject({ is_private: true, is_member: true, num_members: 1 });
    expect((await api.conversations.members({ channel: general.id })).members).toEqual([
      ann.id,
      slack.botUserId,
    ]);
    const dm = await api.conversations.open({ users: ann.id });
    expect(dm.channel?.id).toBe(ann.dm.id);
    const group = await api.conversations.open({ users: `${ann.id},${bob.id}` });
    const again = await api.conversations.open({ users: `${bob.id},${ann.id}` });
    expect([again.channel?.id, again.already_open]).toEqual([group.channel?.id, true]);
    await api.chat.postMessage({ channel: group.channel?.id as string, text: 'to both' });
    expect(slack.groupDm([ann, bob]).type).toBe('mpim');
  });
});

test('workspaces know nothing of each other, and each has its token', async () => {
  const { slack, ann, api } = await opened();
  const other = slack.workspace({ name: 'Other' });
  const eve = other.person({ name: 'Eve' });
  expect(await refusal(api.chat.postMessage({ channel: eve.dm.id, text: 'x' }))).toBe(
    'channel_not_found',
  );
  const theirs = client(slack, other.botToken);
  await theirs.chat.postMessage({ channel: eve.dm.id, text: 'hi Eve' });
  expect([eve.dm.texts, ann.dm.texts]).toEqual([['hi Eve'], []]);
  expect((await theirs.auth.test()).team_id).toBe(other.teamId);
  expect(() => slack.channel({ members: [eve] })).toThrow('another workspace');
  other.revokeToken();
  expect(await refusal(theirs.auth.test())).toBe('token_revoked');
  expect((await api.auth.test()).team).toBe('Readback HQ');
});

test('tokens: none, wrong, of the wrong kind', async () => {
  const { slack } = await opened();
  const ask = async (method: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${slack.apiUrl}${method}`, { method: 'POST', headers });
    return [response.status, ((await response.json()) as { error: string }).error];
  };
  expect(await ask('auth.test')).toEqual([200, 'not_authed']);
  expect(await ask('auth.test', 'Bearer xoxb-wrong')).toEqual([200, 'invalid_auth']);
  expect(await ask('auth.test', `Bearer ${slack.appToken}`)).toEqual([
    200,
    'not_allowed_token_type',
  ]);
  expect(await ask('apps.connections.open', `Bearer ${slack.botToken}`)).toEqual([
    200,
    'not_allowed_token_type',
  ]);
  expect(await ask('team.info', `Bearer ${slack.botToken}`)).toEqual([200, 'unknown_method']);
});

test('arguments come as a form, as JSON or in the query, with the token among them', async () => {
  const { slack, ann } = await opened();
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'from JSON' } }];
  const url = `${slack.apiUrl}chat.postMessage`;
  const json = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${slack.botToken}`,
      'content-type': 'application/json; charset=utf-8',
    },
    body: JSON.stringify({ channel: ann.dm.id, blocks }),
  });
  expect(await json.json()).toMatchObject({ ok: true });
  const form = { token: slack.botToken, channel: ann.dm.id, text: '{"not": "JSON"}' };
  await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  await fetch(`${url}?${new URLSearchParams({ ...form, text: 'query' })}`);
  expect(ann.dm.texts).toEqual(['from JSON', '{"not": "JSON"}', 'query']);
  expect(JSON.stringify(slack.calls)).not.toContain(slack.botToken);
  for (const [body, type, error] of [
    ['{', 'application/json', 'invalid_json'],
    ['[1]', 'application/json', 'json_not_object'],
    ['x', 'text/html', 'invalid_post_type'],
    ['x', 'multipart/form-data; boundary=y', 'invalid_form_data'],
  ] as const) {
    const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': type } });
    expect(await response.json()).toEqual({ ok: false, error });
  }
  expect((await fetch(slack.apiUrl.replace('/api/', '/elsewhere'))).status).toBe(404);
});
