import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { Courier } from '../../../src/testing/slack/courier.ts';
import { World } from '../../../src/testing/slack/state.ts';
import { client, server } from './ground.ts';

test('a channel keeps its newest 10,000 messages, replies among them', async () => {
  const slack = await server({ requestFetch: async () => new Response(), subscriptions: [] });
  const ann = slack.person();
  const root = ann.say('root');
  const lost = ann.reply(root, 'lost');
  for (let n = 0; n < 9_999; n += 1) ann.say(`m${n}`);
  expect([ann.dm.all.length, ann.dm.all[0]]).toEqual([10_000, lost]);
  ann.say('one more');
  expect([ann.dm.all.length, ann.dm.all[0]?.text]).toEqual([10_000, 'm0']);
  const { messages } = await client(slack).conversations.history({ channel: ann.dm.id, limit: 1 });
  expect(messages?.map(({ text }) => text)).toEqual(['one more']);
});

test('the history of one message is kept to 1,000', async () => {
  const slack = await server({ subscriptions: [] });
  const ann = slack.person();
  const said = ann.say('v0');
  for (let n = 1; n <= 1_100; n += 1) ann.edit(said, `v${n}`);
  expect(said.history).toHaveLength(1_000);
  expect(said.history.at(-1)).toBe('v1100');
});

test('deliveries are kept to 10,000', async () => {
  const world = new World({
    runtime: createFakeRuntime(),
    limits: false,
    subscriptions: undefined,
    streamMs: 1,
    baseUrl: () => '',
  });
  const send = async () => ({ isAcked: true, payload: undefined }) as const;
  const courier = new Courier(world, () => ({ via: 'http', send }));
  for (let n = 0; n < 10_100; n += 1) await courier.interact('interactive', { n });
  expect(courier.deliveries).toHaveLength(10_000);
});
