import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { heard, type Json } from './event-ground.ts';
import { httpApp, server, webServer } from './ground.ts';

test('the signature covers the time and the raw body', async () => {
  const { slack, requests } = await heard();
  slack.person().say('hello');
  await slack.settled();
  const request = requests[0] as Request;
  const body = await request.text();
  const timestamp = request.headers.get('x-slack-request-timestamp');
  const hash = createHmac('sha256', slack.signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  expect(request.headers.get('x-slack-signature')).toBe(`v0=${hash}`);
  expect(Math.abs(Number(timestamp) * 1_000 - Date.now())).toBeLessThan(10_000);
  expect(request.headers.get('x-slack-retry-num')).toBeNull();
});

test('a signed request of a test may be old, of another key or long', async () => {
  const slack = await server();
  await httpApp(slack);
  const url = slack.signedRequest('').url;
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c' });
  const send = async (options: object) =>
    (await fetch(slack.signedRequest(body, { url, ...options }))).status;
  expect(await send({ secret: 'another' })).toBe(401);
  expect(await send({ atMs: Date.now() - 6 * 60_000 })).toBe(401);
  expect(await send({})).toBe(200);
});

test('a failed delivery comes at once, after a minute and after five, as the same event', async () => {
  const runtime = createFakeRuntime();
  const atMs: number[] = [];
  const { slack, requests, bodies } = await heard(
    () => {
      atMs.push(runtime.elapsedMs);
      return new Response(null, { status: 500 });
    },
    { runtime },
  );
  slack.person().say('hello');
  await runtime.advance(10 * 60_000);
  expect(atMs).toEqual([0, 0, 60_000, 360_000]);
  expect(new Set(bodies.map((body) => body['event_id'])).size).toBe(1);
  expect(requests.map(({ headers }) => headers.get('x-slack-retry-num'))).toEqual([
    null,
    '1',
    '2',
    '3',
  ]);
  expect(requests[1]?.headers.get('x-slack-retry-reason')).toBe('http_error');
  expect(slack.deliveries.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [0, 'failed'],
    [1, 'failed'],
    [2, 'failed'],
    [3, 'failed'],
  ]);
  expect(slack.pendingEvents).toBe(0);
});

test('an answer after three seconds is too late, although it is 200', async () => {
  const runtime = createFakeRuntime();
  const { slack, requests } = await heard(
    async (n) => {
      if (n === 0) await runtime.sleep(3_001);
      return new Response();
    },
    { runtime },
  );
  slack.person().say('hello');
  await runtime.advance(2_999);
  expect(requests).toHaveLength(1);
  await runtime.advance(1);
  expect(requests).toHaveLength(2);
  expect(requests[1]?.headers.get('x-slack-retry-reason')).toBe('http_timeout');
  await runtime.advance(600_000);
  expect(requests).toHaveLength(2);
});

test('x-slack-no-retry ends the tries, a redirect is followed twice, a closed port is told', async () => {
  const headers = { 'x-slack-no-retry': '1' };
  const { slack } = await heard(() => new Response(null, { status: 500, headers }));
  slack.person().say('hello');
  await slack.settled();
  expect(slack.deliveries).toHaveLength(1);

  let hops = 0;
  const url = await webServer((request, response) => {
    hops += 1;
    const to = Number(new URL(request.url ?? '', 'http://x').searchParams.get('left') ?? 2);
    request.resume();
    response.writeHead(to === 0 ? 200 : 307, { location: `/?left=${to - 1}` });
    response.end();
  });
  const real = await server({ requestUrl: url });
  real.person().say('hello');
  await real.settled();
  expect([hops, real.deliveries[0]?.outcome]).toEqual([3, 'acked']);

  const runtime = createFakeRuntime();
  const away = await server({ requestUrl: 'http://127.0.0.1:9/', runtime });
  away.person().say('hello');
  await expect.poll(() => away.deliveries.length).toBe(2);
  expect(away.deliveries[0]?.reason).toBe('connection_failed');
});

test('url_verification is asked, and the challenge must come back', async () => {
  const slack = await server();
  const echo = await webServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { challenge, type } = JSON.parse(body) as Json;
    response.end(request.url === '/no' ? 'no' : `${type === 'url_verification' ? challenge : ''}`);
  });
  await slack.setRequestUrl(echo);
  await expect(slack.setRequestUrl(`${echo}no`)).rejects.toThrow('the challenge parameter');
});

test('app_rate_limited comes without an event, by HTTP alone', async () => {
  const { slack, bodies } = await heard();
  slack.rateLimitEvents();
  await expect.poll(() => bodies.length).toBe(1);
  expect(bodies[0]).toMatchObject({
    type: 'app_rate_limited',
    team_id: slack.teamId,
    minute_rate_limited: expect.any(Number),
  });
  expect(bodies[0]).not.toHaveProperty('event');
  slack.useSocketMode();
  expect(() => slack.rateLimitEvents()).toThrow('HTTP alone');
});
