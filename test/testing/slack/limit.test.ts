import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, failure, server } from './ground.ts';

async function limited(limits: NonNullable<Parameters<typeof server>[0]>['limits'] = {}) {
  const runtime = createFakeRuntime();
  const slack = await server({ runtime, limits });
  const ann = slack.person({ name: 'Ann' });
  const general = slack.channel({ name: 'general', members: [ann] });
  return { runtime, slack, ann, general, api: client(slack) };
}

test('one message a second in a channel, over all its threads; channels apart', async () => {
  const { runtime, slack, ann, general, api } = await limited();
  const threads = [ann.say('one', { to: general }), ann.say('two', { to: general })];
  const post = (n: number) =>
    api.chat.postMessage({
      channel: general.id,
      thread_ts: threads[n]?.ts as string,
      text: `${n}`,
    });
  await post(0);
  expect(await failure(post(1))).toMatchObject({
    code: 'slack_webapi_rate_limited_error',
    retryAfter: 1,
  });
  await api.chat.postMessage({ channel: ann.dm.id, text: 'another channel' });
  await runtime.advance(1_000);
  await post(1);
  expect(slack.limitsHit).toBe(1);
  expect(slack.calls.filter(({ answer }) => answer?.['error'] === 'ratelimited')).toHaveLength(1);
});

test('a post that is refused for another reason is not counted', async () => {
  const { slack, general, api } = await limited();
  for (let n = 0; n < 3; n += 1)
    expect(await failure(api.chat.postMessage({ channel: general.id, text: ' ' }))).toMatchObject({
      data: { error: 'no_text' },
    });
  await api.chat.postMessage({ channel: general.id, text: 'x' });
  expect(slack.limitsHit).toBe(0);
});

test('with `swallowed` a burst is answered ok and never shown', async () => {
  const { slack, general, api } = await limited({ burst: 'swallowed', channelBurst: 2 });
  const sent = [];
  for (let n = 0; n < 3; n += 1)
    sent.push(await api.chat.postMessage({ channel: general.id, text: `m${n}` }));
  expect(sent.map(({ ok, ts }) => [ok, typeof ts])).toEqual(Array(3).fill([true, 'string']));
  expect([general.texts, slack.limitsHit]).toEqual([['m0', 'm1'], 1]);
});

test('edits have their own limit a minute, which says how long to wait', async () => {
  const { runtime, general, api } = await limited({ perMinute: { 'chat.update': 3 } });
  const { ts } = await api.chat.postMessage({ channel: general.id, text: 'v0' });
  const edit = (text: string) => api.chat.update({ channel: general.id, ts: ts as string, text });
  for (const text of ['v1', 'v2', 'v3']) await edit(text);
  await runtime.advance(10_500);
  expect(await failure(edit('v4'))).toMatchObject({ retryAfter: 50 });
  await runtime.advance(49_500);
  await edit('v5');
  expect(general.texts).toEqual(['v5']);
});

test('an app that is sold reads one page of history a minute, 15 messages long', async () => {
  const { runtime, ann, general, api } = await limited({ soldApp: true });
  for (let n = 0; n < 20; n += 1) ann.say(`m${n}`, { to: general });
  const read = () => api.conversations.history({ channel: general.id, limit: 100 });
  expect((await read()).messages).toHaveLength(15);
  expect(await failure(read())).toMatchObject({ retryAfter: 60 });
  await runtime.advance(60_000);
  expect((await read()).has_more).toBe(true);
});

test('false switches all limits off', async () => {
  const { slack, general, api } = await limited(false);
  for (let n = 0; n < 60; n += 1)
    await api.chat.postMessage({ channel: general.id, text: `m${n}` });
  expect([general.texts.length, slack.limitsHit]).toEqual([60, 0]);
});
