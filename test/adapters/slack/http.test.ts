import { afterEach, describe, expect, test } from 'vitest';
import { Gate } from './gate.ts';
import { Stage, type StageOptions } from './stage.ts';

let stage: Stage;
afterEach(async () => {
  await stage.close();
});

async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}

const event = (more: object = {}): string =>
  JSON.stringify({
    type: 'event_callback',
    team_id: stage.slack.teamId,
    event_id: 'Ev1',
    event: {
      type: 'message',
      channel: stage.ann.dm.id,
      channel_type: 'im',
      user: stage.ann.id,
      text: 'hello',
      ts: '1767603600.000100',
    },
    ...more,
  });

/** As Slack reaches the bot: what `serve` takes off the path is off. */
async function ask(
  body: string,
  more: Parameters<Stage['slack']['signedRequest']>[1] & { path?: string; method?: string } = {},
): Promise<Response> {
  const { path = '/events', method = 'POST', ...signing } = more;
  const signed = stage.slack.signedRequest(body, { url: 'https://bot.example/', ...signing });
  const init = { method, headers: signed.headers };
  const request = new Request(`http://bot.example${path}`, {
    ...init,
    ...(method === 'POST' ? { body: await signed.text() } : {}),
  });
  const answer = Promise.resolve(stage.adapter.fetch?.(request) ?? never());
  const box: { response?: Response } = {};
  void answer.then((response) => Object.assign(box, { response }));
  await stage.harness.runtime.settle();
  return box.response ?? (await answer);
}

function never(): never {
  throw new Error('there is no route');
}

describe('what Slack delivers over HTTP', () => {
  test('is taken at any of its three addresses, once', async () => {
    await open();
    for (const path of ['/events', '/interactions', '/commands'])
      expect((await ask(event(), { path })).status).toBe(200);
    expect(stage.calls.map(({ task }) => task.text)).toEqual(['hello']);
  });

  test('is taken only with a right signature that is five minutes old at most', async () => {
    await open();
    const nowMs = stage.harness.runtime.wallMs();
    const refused = [
      await ask(event(), { secret: 'f'.repeat(32) }),
      await ask(event(), { atMs: nowMs - 301_000 }),
      await ask(event(), { atMs: nowMs + 301_000 }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
    const bodies = await Promise.all(refused.map((one) => one.text()));
    expect(new Set(bodies)).toEqual(new Set(['{"error":{"code":"unauthorized"}}']));
    expect(stage.calls).toEqual([]);
    expect((await ask(event(), { atMs: nowMs - 299_000 })).status).toBe(200);
    expect(stage.calls).toHaveLength(1);
  });

  test('is read up to a megabyte', async () => {
    await open();
    const long = event({ padding: 'x'.repeat(1_024 * 1_024) });
    expect((await ask(long)).status).toBe(413);
    const fits = event({ padding: 'x'.repeat(1_024 * 1_023) });
    expect((await ask(fits)).status).toBe(200);
    expect(stage.calls).toHaveLength(1);
  });

  test('bodies that do not end keep nobody out', async () => {
    await open();
    const at = String(Math.floor(stage.harness.runtime.wallMs() / 1_000));
    const claimed = { 'x-slack-request-timestamp': at, 'x-slack-signature': 'v0=0' };
    const statuses: number[] = [];
    const slow = (headers: Record<string, string>): void => {
      const body = new ReadableStream<Uint8Array>();
      const init = { method: 'POST', headers, body, duplex: 'half' };
      const request = new Request('http://bot.example/events', init as RequestInit);
      const answered = Promise.resolve(stage.adapter.fetch?.(request) ?? never());
      void answered.then(({ status }) => statuses.push(status));
    };
    for (let n = 0; n < 150; n += 1) slow({});
    slow(claimed);
    expect((await ask(event())).status).toBe(200);
    expect(statuses).toEqual(Array(150).fill(401));
    await stage.advance(3_000);
    expect(statuses.at(-1)).toBe(408);
  });

  test('is posted, to an address that there is', async () => {
    await open();
    expect((await ask(event(), { path: '/other' })).status).toBe(404);
    const got = await ask('', { method: 'GET' });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('the address is proven with the challenge, and only to who signs', async () => {
    await open();
    const body = JSON.stringify({ type: 'url_verification', challenge: 'c0ffee' });
    const right = await ask(body);
    expect([right.status, await right.text()]).toEqual([200, 'c0ffee']);
    expect((await ask(body, { secret: 'f'.repeat(32) })).status).toBe(401);
    await stage.slack.setRequestUrl('https://bot.example/slack/events');
  });

  test('what cannot be read is not asked for again', async () => {
    await open();
    for (const body of ['', '{', '[]', 'null', '"x"', '{"type":"event_callback","event":3}'])
      expect((await ask(body)).status).toBe(200);
    expect(stage.calls).toEqual([]);
  });

  test('before Slack said who the bot is, nothing is taken and all comes again', async () => {
    await open({ start: false });
    const fault = stage.slack.fault('auth.test', { kind: 'server_error' }, { times: 2 });
    await stage.start();
    expect((await ask(event())).status).toBe(503);
    await stage.advance(10_000);
    expect(fault.hits).toBe(2);
    expect((await ask(event())).status).toBe(200);
    expect(stage.calls).toHaveLength(1);
  });

  test('after a stop it is refused, so that it comes again', async () => {
    await open();
    await stage.adapter.stop();
    expect((await ask(event())).status).toBe(503);
  });
});

describe('first stored, then acknowledged', () => {
  test('while the store cannot write, Slack brings it again: one task', async () => {
    const gate = new Gate(await open());
    gate.fail(1);
    await stage.say('once');
    expect(stage.slack.deliveries.map(({ outcome }) => outcome)).toEqual(['failed', 'acked']);
    await stage.advance(600_000);
    expect(stage.calls.map(({ task }) => task.text)).toEqual(['once']);
  });

  test('with a slow store four deliveries of one event make one row and one run', async () => {
    const gate = new Gate(await open());
    gate.hold();
    stage.ann.say('slow');
    await stage.advance(380_000);
    const { deliveries } = stage.slack;
    expect(deliveries.map(({ attempt, reason }) => [attempt, reason])).toEqual(
      [0, 1, 2, 3].map((attempt) => [attempt, 'http_error']),
    );
    expect(stage.calls).toEqual([]);
    gate.release();
    await stage.advance(5_000);
    expect(stage.calls.map(({ task }) => task.text)).toEqual(['slow']);
    expect((await stage.harness.relay.tasks.list()).rows).toHaveLength(1);
  });

  test('a press that is stored too late is told to have failed, and counts once', async () => {
    const gate = new Gate(await open());
    await stage.begin();
    const [placeholder] = stage.ann.dm.messages.filter(({ from }) => from.kind === 'bot');
    if (placeholder === undefined) throw new Error('no placeholder');
    gate.hold();
    const press = stage.ann.press(placeholder, 'Cancel');
    await stage.advance(2_900);
    expect(await press.answered).toMatchObject({ kind: 'failed' });
    gate.release();
    await stage.advance(30_000);
    const ends = await stage.harness.events('task.ended');
    expect(ends).toHaveLength(1);
  });
});
