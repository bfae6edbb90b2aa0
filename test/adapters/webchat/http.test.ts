import { describe, expect, test } from 'vitest';
import { createWebchat } from '../../../src/adapters/webchat/index.ts';
import { key, startBench, visit } from './bench.ts';
import { Browser } from './browser.ts';
import { FakeBot, uuidAt } from './fake-bot.ts';

const day = 86_400_000;

describe('a session', () => {
  test('is a new person in a new conversation', async () => {
    const { adapter, host } = await startBench();
    const browser = await Browser.visit(adapter, '  Ann ');
    expect([browser.person, browser.conversation]).toEqual([
      expect.stringMatching(/^p_/),
      expect.stringMatching(/^c_/),
    ]);
    await browser.post('/messages', { id: 'm1', text: 'hi' });
    const channel = { adapter: 'webchat', account: 'main', conversation: browser.conversation };
    expect(host.inbounds).toEqual([
      {
        kind: 'message',
        id: 'm1',
        channel,
        person: { id: browser.person, name: 'Ann', operator: false },
        sentAtMs: host.runtime.wallMs(),
        text: 'hi',
        files: [],
        private: true,
        clientId: true,
      },
    ]);
  });

  test('begins on another page only by the allow-list', async () => {
    const { adapter } = await startBench({ allowedOrigins: ['https://shop.example'] });
    const browser = new Browser(adapter);
    const refused = await browser.post('/session', {}, { origin: 'https://evil.example' });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'origin_not_allowed']);
    expect(refused.headers.get('access-control-allow-origin')).toBe(null);
    const allowed = await browser.post(
      '/session',
      {},
      { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' },
    );
    expect([
      allowed.status,
      allowed.headers.get('access-control-allow-origin'),
      allowed.headers.get('vary'),
    ]).toEqual([201, 'https://shop.example', 'origin']);
    for (const headers of [
      { origin: 'http://bot.example' },
      { origin: 'https://other.example', 'sec-fetch-site': 'same-origin' },
    ]) {
      expect((await browser.post('/session', {}, headers)).status).toBe(201);
    }
    for (const headers of [
      { origin: 'null' },
      { origin: 'http://bot.example', 'sec-fetch-site': 'same-site' },
    ]) {
      expect((await browser.post('/session', {}, headers)).status).toBe(403);
    }
  });

  test('preflights are answered; refusals of an allowed page can be read by it', async () => {
    const { adapter } = await startBench({ allowedOrigins: ['https://shop.example'] });
    const browser = new Browser(adapter);
    const preflight = await browser.request('/messages', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'authorization, content-type, last-event-id',
    ]);
    const refused = await browser.post('/messages', {}, { origin: 'https://shop.example' });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://shop.example',
    ]);
  });

  test('of all, so many at once', async () => {
    const { adapter, runtime } = await startBench({
      limits: { sessionBurst: 2, sessionsPerSecond: 1 },
    });
    const browser = new Browser(adapter);
    const statuses = async () => [
      (await browser.post('/session', {})).status,
      (await browser.post('/session', {})).status,
    ];
    expect(await statuses()).toEqual([201, 201]);
    const refused = await browser.post('/session', {});
    expect([refused.status, refused.body.error.code, refused.headers.get('retry-after')]).toEqual([
      429,
      'too_many_sessions',
      '1',
    ]);
    await runtime.advance(1_000);
    expect(await statuses()).toEqual([201, 429]);
  });
});

describe('a token', () => {
  test.each([
    '/events?connection=a',
    '/messages',
    '/press',
    '/acks',
    '/visibility',
    '/files/x/0?seq=1',
  ])('is needed for %s', async (path) => {
    const { adapter } = await startBench();
    const reply = await new Browser(adapter).send(path, {
      method: path.includes('?') ? 'GET' : 'POST',
    });
    expect([reply.status, reply.body.error.code, reply.headers.get('www-authenticate')]).toEqual([
      401,
      'token_missing',
      'Bearer',
    ]);
  });

  test('of a stranger is told from one that is too old', async () => {
    const { adapter, runtime } = await startBench();
    const browser = await Browser.visit(adapter);
    expect((await browser.post('/acks', {}, { authorization: 'Bearer abc' })).body.error.code).toBe(
      'token_invalid',
    );
    runtime.jumpWall(30 * day);
    expect((await browser.post('/acks', {})).body.error.code).toBe('token_expired');
    await expect(browser.listen()).rejects.toThrow(/401 .*token_expired/);
  });

  test('that is used after a day is renewed, by header and by the stream', async () => {
    const { adapter, runtime } = await startBench();
    const browser = await Browser.visit(adapter);
    expect((await browser.post('/acks', {})).headers.get('readback-token')).toBe(null);
    runtime.jumpWall(2 * day);
    const renewed = (await browser.post('/acks', {})).headers.get('readback-token');
    const { ready } = await (await browser.listen()).ready();
    expect(ready.token).toBe(renewed);
    browser.token = ready.token ?? '';
    runtime.jumpWall(29 * day);
    expect((await browser.post('/acks', {})).status).toBe(200);
  });
});

describe('a request', () => {
  const receipt = { receiptId: uuidAt(0, 'x'), seq: 1, part: 1, evidence: 'rendered' };
  test.each<[string, unknown, object]>([
    ['/messages', { id: 'm', text: 'hi', txt: 1 }, { path: 'txt', got: '1', allowed: 'id, text' }],
    ['/messages', { id: 'm' }, { path: 'text', got: 'nothing', allowed: 'string' }],
    ['/messages', { id: 'm', text: '' }, { path: 'text', got: '""' }],
    ['/messages', { id: 'm', text: ' \n ' }, { path: 'text', got: 'white space' }],
    [
      '/messages',
      { id: 'm', text: 'x'.repeat(101) },
      { path: 'text', got: '101 characters', allowed: 'at most 100 characters' },
    ],
    ['/messages', { id: 'm m', text: 'x' }, { path: 'id', got: '"m m"' }],
    ['/messages', { id: 'x'.repeat(101), text: 'x' }, { path: 'id' }],
    ['/messages', { id: 7, text: 'x' }, { path: 'id', got: '7', allowed: 'string' }],
    ['/messages', [], { path: '', got: '[]', allowed: 'object' }],
    ['/messages', 'null', { path: '', got: 'null' }],
    ['/press', { id: 'p', button: 'x'.repeat(65) }, { path: 'button', allowed: 'at most 64' }],
    ['/press', { id: 'p', button: 'b', text: 'x'.repeat(101) }, { path: 'text' }],
    [
      '/acks',
      { receipts: [receipt, { ...receipt, evidence: 'answered' }] },
      { path: 'receipts[1].evidence', got: '"answered"', allowed: 'rendered, observed' },
    ],
    [
      '/acks',
      { receipts: [{ ...receipt, seen: true }] },
      { path: 'receipts[0].seen', allowed: 'receiptId, seq, part, evidence' },
    ],
    ['/acks', { receipts: [{ ...receipt, receiptId: 'x' }] }, { path: 'receipts[0].receiptId' }],
    [
      '/acks',
      { receipts: [{ ...receipt, part: 0 }] },
      { path: 'receipts[0].part', allowed: 'at least 1' },
    ],
    ['/acks', { receipts: Array(101).fill(receipt) }, { path: 'receipts', allowed: 'at most 100' }],
    ['/visibility', { connection: 'a' }, { path: 'visible', got: 'nothing', allowed: 'boolean' }],
    ['/session', { name: 'x'.repeat(81) }, { path: 'name', allowed: 'at most 80' }],
  ])('%s %j is refused with its place', async (path, body, expected) => {
    const { adapter, host } = await startBench({ limits: { textMax: 100 } });
    const reply = await (await Browser.visit(adapter)).post(path, body);
    expect(reply).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', ...expected } },
    });
    expect(host.inbounds).toEqual([]);
  });

  test('that is not JSON, not said to be, too large or for nothing', async () => {
    const { adapter } = await startBench({ limits: { bodyBytes: 1_024 } });
    const browser = await Browser.visit(adapter);
    const large = JSON.stringify({ id: 'm', text: 'x'.repeat(1_024) });
    const chunks = new Blob([large]).stream();
    const streamed = {
      method: 'POST',
      body: chunks,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit;
    const found = [
      await browser.post('/messages', '{"id":'),
      await browser.post('/messages', '{}', { 'content-type': 'text/plain' }),
      await browser.post('/messages', large, { 'content-length': String(large.length) }),
      await browser.send('/messages', streamed),
      await browser.send('/messages'),
      await browser.send('/nothing'),
    ];
    expect(found.map(({ status, body }) => [status, body.error.code])).toEqual([
      [400, 'broken_json'],
      [415, 'not_json'],
      [413, 'too_large'],
      [413, 'too_large'],
      [404, 'no_such_route'],
      [404, 'no_such_route'],
    ]);
  });

  test('too often is refused for this conversation only', async () => {
    const { adapter, runtime } = await startBench({
      limits: { requestBurst: 3, requestsPerSecond: 2 },
    });
    const [flood, other] = [await Browser.visit(adapter), await Browser.visit(adapter)];
    for (let at = 0; at < 3; at += 1) expect((await flood.post('/acks', {})).status).toBe(200);
    const refused = await flood.post('/acks', {});
    expect([refused.status, refused.body.error.code, refused.headers.get('retry-after')]).toEqual([
      429,
      'too_many_requests',
      '1',
    ]);
    expect((await other.post('/messages', { id: 'm', text: 'hi' })).status).toBe(202);
    await runtime.advance(500);
    expect((await flood.post('/acks', {})).status).toBe(200);
  });

  test('every answer is hardened', async () => {
    const { adapter } = await startBench();
    for (const path of ['/session', '/events', '/nothing']) {
      const { headers } = await new Browser(adapter).send(path);
      expect([
        headers.get('x-content-type-options'),
        headers.get('referrer-policy'),
        headers.get('cache-control'),
      ]).toEqual(['nosniff', 'no-referrer', 'no-store']);
    }
  });
});

describe('a message', () => {
  test('is answered when it is stored, and once', async () => {
    const { adapter, host } = await startBench();
    const browser = await Browser.visit(adapter);
    const send = (id: string) => browser.post('/messages', { id, text: 'hi' });
    const replies = [await send('m1'), await send('m1'), await send('m2')];
    expect(replies.map(({ status, body }) => [status, body.seq, body.duplicate])).toEqual([
      [202, 1, false],
      [202, 1, true],
      [202, 2, false],
    ]);
    expect(host.inbounds).toHaveLength(2);
  });

  test('that cannot be stored is to be sent again', async () => {
    const { adapter, host } = await startBench();
    const browser = await Browser.visit(adapter);
    host.failAccept = new Error('disk full');
    const refused = await browser.post('/messages', { id: 'm1', text: 'hi' });
    expect([refused.status, refused.body.error.code, refused.headers.get('retry-after')]).toEqual([
      503,
      'unavailable',
      '5',
    ]);
    expect(JSON.stringify(refused.body)).not.toContain('disk');
    host.failAccept = undefined;
    expect((await browser.post('/messages', { id: 'm1', text: 'hi' })).body).toEqual({
      seq: 1,
      duplicate: false,
    });
  });

  test('of the same id from two people is two messages', async () => {
    const { adapter, host } = await startBench();
    for (const browser of [await Browser.visit(adapter), await Browser.visit(adapter)]) {
      expect((await browser.post('/messages', { id: 'm1', text: 'hi' })).body.duplicate).toBe(
        false,
      );
    }
    expect(host.inbounds).toHaveLength(2);
  });
});

describe('a press', () => {
  const buttons = [{ id: 'cancel:1', label: 'Cancel', style: 'plain' as const }];

  test('of a button of this conversation goes in', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({ kind: 'ack', buttons });
    await browser.ack(await stream.delivery());
    await told;
    const press = { id: 'p1', button: 'cancel:1' };
    expect((await browser.post('/press', press)).body).toEqual({ seq: 2, duplicate: false });
    expect((await browser.post('/press', press)).body).toEqual({ seq: 2, duplicate: true });
    expect(bench.host.inbounds).toMatchObject([
      { kind: 'press', button: 'cancel:1', clientId: true, person: { id: browser.person } },
    ]);
  });

  test('of a button of another conversation, or of none, is refused', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({ kind: 'ack', buttons });
    await browser.ack(await stream.delivery());
    await told;
    const stranger = await Browser.visit(bench.adapter);
    const refused = await stranger.post('/press', { id: 'p1', button: 'cancel:1' });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'unknown_button']);
    expect(bench.host.inbounds).toEqual([]);
  });

  test('after a restart is known by the transcript', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({ kind: 'ack', buttons });
    await browser.ack(await stream.delivery());
    await told;
    for (let at = 0; at < 450; at += 1)
      bench.host.put(bot.channel, {
        kind: 'inbound',
        seq: bench.host.nextSeq(bot.channel),
        id: `x${at}`,
        text: 'x',
        personId: 'p',
        sentAtMs: 0,
      });
    const again = createWebchat({ key });
    await again.start(bench.host);
    const later = Object.assign(new Browser(again), { token: browser.token });
    expect((await later.post('/press', { id: 'p1', button: 'cancel:1' })).status).toBe(202);
    expect((await later.post('/press', { id: 'p2', button: 'cancel:2' })).status).toBe(403);
  });
});

describe('a file', () => {
  test('of this conversation can be loaded, as a download', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const files = [{ name: 'ä "1".html', mimeType: 'text/html', text: '<script>' }];
    const told = bot.say({ files });
    const data = await stream.delivery();
    expect(data.files).toEqual([{ name: 'ä "1".html', mimeType: 'text/html', index: 0 }]);
    await browser.ack(data);
    await told;
    const path = `/files/${data.receiptId}/0?seq=${data.seq}`;
    const loaded = await browser.send(path);
    expect([loaded.status, loaded.body, loaded.headers.get('content-type')]).toEqual([
      200,
      '<script>',
      'text/plain; charset=utf-8',
    ]);
    expect(loaded.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''%C3%A4%20%221%22.html",
    );
    expect((await browser.send(path.replace('/0?', '/1?'))).body.error.code).toBe('no_such_file');
    expect((await browser.send(`${path}x`)).status).toBe(400);
    const stranger = await Browser.visit(bench.adapter);
    expect((await stranger.send(path)).status).toBe(404);
  });
});

describe('before the start and after the stop', () => {
  test('everything is put off', async () => {
    const { adapter, host } = await startBench();
    const waiting = createWebchat({ key });
    expect((await new Browser(waiting).post('/session', {})).status).toBe(503);
    const bot = new FakeBot(waiting, host, 'c');
    expect((await bot.say({})).outcomes).toMatchObject([
      { kind: 'deferred', reason: 'not_connected', scope: 'account' },
    ]);
    await adapter.stop();
    await adapter.stop();
    const refused = await new Browser(adapter).post('/session', {});
    expect([refused.status, refused.body.error.code, refused.headers.get('retry-after')]).toEqual([
      503,
      'not_running',
      '2',
    ]);
    expect(host.connections).toEqual(['main connected', 'main disconnected']);
    await expect(adapter.start(host)).rejects.toMatchObject({ code: 'started_twice' });
  });
});
