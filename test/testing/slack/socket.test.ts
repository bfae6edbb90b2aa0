import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, server, socketApp } from './ground.ts';

test("Bolt's own Socket Mode takes events, acks them and answers", async () => {
  const slack = await server({ pingMs: 50 });
  await socketApp(slack, (bolt) => {
    bolt.message('hello', async ({ say }) => void (await say('hi there')));
  });
  const ann = slack.person({ name: 'Ann' });
  ann.say('hello');
  expect((await ann.dm.waitFor(() => true)).shown).toBe('hi there');
  await slack.settled();
  expect(slack.deliveries).toMatchObject([
    { type: 'message', via: 'socket', attempt: 0, outcome: 'acked' },
    { type: 'message', via: 'socket', attempt: 0, outcome: 'acked' },
  ]);
  expect([slack.sockets.open, slack.sockets.made]).toEqual([1, 1]);
});

test('an envelope that is not acked comes again with its number, at once and after a minute', async () => {
  const runtime = createFakeRuntime();
  const slack = await server({ runtime });
  const seen: unknown[] = [];
  let acks = 0;
  const app = await socketApp(slack);
  const { processEvent } = app;
  app.processEvent = async (event) => {
    seen.push([event.body['event_id'], event.retryNum, event.retryReason, runtime.elapsedMs]);
    acks += 1;
    if (acks < 3) return;
    await processEvent.call(app, event);
  };
  slack.person().say('hello');
  await runtime.advance(3_000);
  await runtime.advance(3_000);
  await runtime.advance(60_000);
  await slack.settled();
  const id = slack.deliveries[0]?.eventId;
  expect(seen).toEqual([
    [id, 0, '', 0],
    [id, 1, 'timeout', 3_000],
    [id, 2, 'timeout', 66_000],
  ]);
  expect(slack.deliveries.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'acked']);
});

test.each(['warning', 'refresh_requested'] as const)(
  'after `%s` the client comes back by itself, and what happened meanwhile is not lost',
  async (reason) => {
    const runtime = createFakeRuntime();
    const slack = await server({ runtime });
    const seen: string[] = [];
    await socketApp(slack, (bolt) => {
      bolt.message(async ({ message }) => {
        seen.push((message as { text: string }).text);
      });
    });
    slack.fault('apps.connections.open', { kind: 'server_error' }, { times: 3 });
    slack.sockets.disconnect(reason);
    await expect.poll(() => slack.sockets.open).toBe(0);
    slack.person().say('in between');
    await expect.poll(() => slack.deliveries.length).toBe(2);
    await slack.sockets.connected();
    expect([slack.sockets.made, slack.callsOf('apps.connections.open').length]).toEqual([2, 5]);
    await runtime.advance(60_000);
    await slack.settled();
    expect(seen).toEqual(['in between']);
    expect(slack.deliveries.map(({ reason: why }) => why)).toEqual([
      'connection_failed',
      'connection_failed',
      undefined,
    ]);
  },
);

test('a connection that breaks fails what was under way; a refused one is asked for again', async () => {
  const slack = await server();
  const app = await socketApp(slack);
  let isFirst = true;
  const arrived = new Promise<void>((resolve) => {
    const { processEvent } = app;
    app.processEvent = async (event) => {
      resolve();
      if (!isFirst) await processEvent.call(app, event);
      isFirst = false;
    };
  });
  slack.person().say('hello');
  await arrived;
  slack.sockets.refuse();
  slack.sockets.drop();
  await expect.poll(() => slack.deliveries.length).toBeGreaterThanOrEqual(2);
  expect(slack.deliveries[0]).toMatchObject({ outcome: 'failed', reason: 'connection_failed' });
  slack.sockets.refuse(false);
  await slack.sockets.connected();
});

test('a half-dead connection is left by the client', async () => {
  const slack = await server();
  await socketApp(slack);
  slack.sockets.mute();
  await expect.poll(() => slack.sockets.open, { timeout: 5_000 }).toBe(0);
  slack.sockets.mute(false);
  await slack.sockets.connected();
  expect(slack.sockets.made).toBeGreaterThan(1);
});

test('several connections share the events', async () => {
  const slack = await server();
  const seen = [0, 0];
  for (const n of [0, 1])
    await socketApp(slack, (bolt) => {
      bolt.message(async () => {
        seen[n] = (seen[n] ?? 0) + 1;
      });
    });
  await slack.sockets.connected(2);
  const ann = slack.person();
  for (let n = 0; n < 4; n += 1) ann.say(`m${n}`);
  await slack.settled();
  expect(seen).toEqual([2, 2]);
});

test('the app may change from Socket Mode to HTTP and back', async () => {
  const urls: string[] = [];
  const slack = await server({
    requestFetch: async (request) => {
      urls.push(request.url);
      return new Response();
    },
  });
  slack.useSocketMode();
  await socketApp(slack);
  const ann = slack.person();
  ann.say('by socket');
  await slack.settled();
  expect([urls.length, slack.deliveries.at(-1)?.via]).toEqual([0, 'socket']);
});

test('down breaks the socket too, and the client finds the way back', async () => {
  const slack = await server();
  await socketApp(slack);
  await slack.down();
  expect(slack.sockets.open).toBe(0);
  await slack.up();
  await slack.sockets.connected();
  await client(slack).auth.test();
});
