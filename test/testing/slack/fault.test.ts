import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import type { SlackFault } from '../../../src/testing/slack/index.ts';
import { breakage, client, failure, refusal, server } from './ground.ts';

async function opened() {
  const slack = await server();
  const ann = slack.person();
  return { slack, ann, api: client(slack) };
}

const answered: [fault: SlackFault, seen: object, shown: number][] = [
  [
    { kind: 'error', error: 'is_archived' },
    { code: 'slack_webapi_platform_error', data: { error: 'is_archived' } },
    0,
  ],
  [
    { kind: 'applied_then_error', error: 'fatal_error' },
    { code: 'slack_webapi_platform_error', data: { error: 'fatal_error' } },
    1,
  ],
  [
    { kind: 'rate_limited', retryAfterS: 7 },
    { code: 'slack_webapi_rate_limited_error', retryAfter: 7 },
    0,
  ],
  [{ kind: 'server_error' }, { code: 'slack_webapi_http_error', statusCode: 500 }, 0],
  [{ kind: 'server_error', code: 503 }, { code: 'slack_webapi_http_error', statusCode: 503 }, 0],
  [{ kind: 'applied_then_server_error' }, { code: 'slack_webapi_http_error', statusCode: 500 }, 1],
  [{ kind: 'html' }, { code: 'slack_webapi_http_error', statusCode: 502 }, 0],
];

test.each(answered)('%o is what the real client says of it', async (fault, seen, shown) => {
  const { slack, ann, api } = await opened();
  const plan = slack.fault('chat.postMessage', fault);
  const send = () => api.chat.postMessage({ channel: ann.dm.id, text: 'x' });
  expect(await failure(send())).toMatchObject(seen);
  await plan.spent;
  expect([plan.hits, ann.dm.texts.length]).toEqual([1, shown]);
  expect(slack.calls.at(-1)).toMatchObject({ fault: fault.kind, applied: shown === 1 });
  await send();
  expect(ann.dm.texts).toHaveLength(shown + 1);
});

test.each([
  ['reset', 0],
  ['applied_then_reset', 1],
] as const)('%s is a broken connection', async (kind, shown) => {
  const { slack, ann, api } = await opened();
  slack.fault('chat.postMessage', { kind });
  const send = api.chat.postMessage({ channel: ann.dm.id, text: 'x' });
  expect(await breakage(send)).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
  expect(ann.dm.texts).toHaveLength(shown);
  expect(slack.calls.at(-1)).toMatchObject({ applied: shown === 1, answer: undefined });
});

test.each([
  ['hang', 0],
  ['applied_then_hang', 1],
] as const)('%s ends only when the client gives up', async (kind, shown) => {
  const { slack, ann } = await opened();
  slack.fault('chat.postMessage', { kind });
  const giveUp = new AbortController();
  const [arrived, ended] = [
    slack.nextCall('chat.postMessage', { arrived: true }),
    slack.nextCall('chat.postMessage'),
  ];
  const sent = failure(
    fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}` },
      body: new URLSearchParams({ channel: ann.dm.id, text: 'x' }),
      signal: giveUp.signal,
    }),
  );
  await arrived;
  giveUp.abort();
  expect(await sent).toHaveProperty('name', 'AbortError');
  expect(await ended).toMatchObject({ answer: undefined, applied: shown === 1 });
  expect(ann.dm.texts).toHaveLength(shown);
});

test('wrong JSON is neither success nor refusal', async () => {
  const { slack, ann, api } = await opened();
  slack.fault('chat.postMessage', { kind: 'wrong_json' });
  const sent = await api.chat
    .postMessage({ channel: ann.dm.id, text: 'x' })
    .catch((error) => error);
  expect([sent.ok, sent.ts, ann.dm.texts]).toEqual([undefined, undefined, []]);
});

test('slow answers late by the clock of the test, and does at once what was asked', async () => {
  const runtime = createFakeRuntime();
  const slack = await server({ runtime });
  const ann = slack.person();
  slack.fault('chat.postMessage', { kind: 'slow', ms: 2_000 });
  const arrived = slack.nextCall('chat.postMessage', { arrived: true });
  let isAnswered = false;
  const sent = client(slack)
    .chat.postMessage({ channel: ann.dm.id, text: 'x' })
    .then(() => {
      isAnswered = true;
    });
  await arrived;
  await runtime.advance(1_999);
  expect([ann.dm.texts, isAnswered]).toEqual([['x'], false]);
  await runtime.advance(1);
  await sent;
});

test('faults come in the order of their plans, for their method and channel', async () => {
  const { slack, ann, api } = await opened();
  const bob = slack.person();
  const send = (channel: string) => api.chat.postMessage({ channel, text: 'x' });
  const forBob = slack.fault(
    '*',
    { kind: 'error', error: 'internal_error' },
    { channel: bob.dm, times: 2 },
  );
  slack.fault('chat.postMessage', { kind: 'error', error: 'fatal_error' });
  await api.auth.test();
  expect(await refusal(send(ann.dm.id))).toBe('fatal_error');
  expect(await refusal(send(bob.dm.id))).toBe('internal_error');
  expect(forBob.hits).toBe(1);
  forBob.cancel();
  await send(bob.dm.id);
  slack.fault('*', { kind: 'reset' });
  await api.auth.test();
  slack.clearFaults();
  await send(bob.dm.id);
  expect(() => slack.fault('x', { kind: 'reset' }, { times: 0 })).toThrow('times must be 1');
});

test('uploads, downloads and response_urls have faults too', async () => {
  const { slack, ann, api } = await opened();
  slack.fault('upload', { kind: 'applied_then_reset' });
  const upload = api.filesUploadV2({
    channel_id: ann.dm.id,
    content: 'a',
    filename: 'a.txt',
  });
  await failure(upload);
  expect(slack.callsOf('upload')).toMatchObject([{ applied: true, answer: undefined }]);
  expect(ann.dm.texts).toEqual([]);
});

test('a server that is down refuses connections and comes back on its port', async () => {
  const { slack, ann, api } = await opened();
  const { apiUrl } = slack;
  slack.fault('auth.test', { kind: 'hang' });
  const arrived = slack.nextCall('auth.test', { arrived: true });
  const waiting = breakage(api.auth.test());
  await arrived;
  await slack.down();
  expect(await waiting).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
  const send = (text: string) => api.chat.postMessage({ channel: ann.dm.id, text });
  expect(await breakage(send('x'))).toBe('ECONNREFUSED');
  await slack.up();
  expect(slack.apiUrl).toBe(apiUrl);
  await send('back');
  expect(ann.dm.texts).toEqual(['back']);
});

test('stop ends all that waits at once, and can be called again', async () => {
  const { slack, ann, api } = await opened();
  slack.fault('auth.test', { kind: 'hang' });
  const arrived = slack.nextCall('auth.test', { arrived: true });
  const waiting = breakage(api.auth.test());
  const never = failure(ann.dm.waitFor(() => false));
  await arrived;
  await slack.stop();
  expect(await waiting).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
  expect((await never).message).toContain('the server was stopped');
  await slack.stop();
  await expect(slack.up()).rejects.toThrow('the server was stopped');
});

test('secrets stand nowhere but in their properties', async () => {
  const { slack, ann, api } = await opened();
  await api.chat.postMessage({ channel: ann.dm.id, text: 'x', token: slack.botToken });
  await api.apiCall('apps.connections.open', { token: slack.appToken });
  await failure(api.users.info({ user: 'U0NOBODY' }));
  const seen = inspect([slack.calls, slack.deliveries, ann.dm.messages], { depth: 12 });
  for (const secret of [slack.botToken, slack.appToken, slack.signingSecret])
    expect(seen).not.toContain(secret);
});
