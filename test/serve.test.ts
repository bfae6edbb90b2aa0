import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../src/contracts/error.ts';
import type { Health } from '../src/contracts/relay.ts';
import { type Served, type ServeOptions, serve } from '../src/serve.ts';

const figures = {
  tasksOpen: 0,
  receiptsOpen: 0,
  receiptsUnseen: 0,
  receiptsDead: 0,
  incidentsOpen: 0,
};
const healthy: Health = {
  ok: true,
  ready: true,
  reasons: [],
  figures,
  tasksRunning: 0,
  tasksDetached: 0,
  staleWrites: 0,
};
const open: Served[] = [];

async function start(options: Partial<ServeOptions> = {}): Promise<Served> {
  const served = await serve({
    adapters: [],
    relay: { health: async () => healthy },
    port: 0,
    ...options,
  });
  open.push(served);
  return served;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()));
});

/** What a raw connection was told before it was closed. */
function raw(port: number, send: string): Promise<{ text: string; ms: number }> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(send));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () => resolve({ text, ms: performance.now() - startMs }));
  });
}

describe('mounting', () => {
  test('an adapter gets what follows its name, with query, method, headers and body', async () => {
    const seen: unknown[] = [];
    const fetchSeen = async (request: Request): Promise<Response> => {
      const url = new URL(request.url);
      seen.push([
        request.method,
        url.pathname,
        url.search,
        request.headers.get('x-test'),
        await request.text(),
      ]);
      return new Response('taken', { status: 202 });
    };
    const { url } = await start({
      adapters: [{ name: 'webchat', fetch: fetchSeen }, { name: 'silent' }],
    });
    const answer = await fetch(`${url}/webchat/send/a%2Fb?x=1`, {
      method: 'POST',
      body: 'hello',
      headers: { 'x-test': 'yes' },
    });
    expect([answer.status, await answer.text()]).toEqual([202, 'taken']);
    await fetch(`${url}/webchat`);
    expect(seen).toEqual([
      ['POST', '/send/a%2Fb', '?x=1', 'yes', 'hello'],
      ['GET', '/', '', null, ''],
    ]);
    expect((await fetch(`${url}/silent/x`)).status).toBe(404);
    expect((await fetch(`${url}/webchatter`)).status).toBe(404);
  });

  test('what is not there is a 404 that names what is', async () => {
    const { url } = await start({
      adapters: [{ name: 'webchat', fetch: () => new Response() }],
      pages: { '/': { html: '<p>hi' }, '/chat': { redirect: '/webchat/chat' } },
    });
    const answer = await fetch(`${url}/nowhere`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: {
        code: 'not_found',
        message:
          'Nothing is served at GET /nowhere. There is: /, /chat, /healthz, /readyz, /webchat',
      },
    });
    const moved = await fetch(`${url}/chat`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/webchat/chat']);
    const page = await fetch(url);
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/html; charset=UTF-8',
      '<p>hi',
    ]);
  });

  test.each(['healthz', 'a/b', '', 'äh'])('an adapter named %j cannot be mounted', async (name) => {
    await expect(start({ adapters: [{ name, fetch: () => new Response() }] })).rejects.toThrow(
      /allowed: letters, digits/,
    );
  });

  test('an adapter that throws, or never answers, costs one answer', async () => {
    const logged: string[] = [];
    const { url } = await start({
      limits: { answerMs: 100 },
      log: (_, message) => logged.push(message),
      adapters: [
        { name: 'bad', fetch: () => Promise.reject(new Error('token abc')) },
        { name: 'slow', fetch: () => new Promise<Response>(() => {}) },
        { name: 'good', fetch: () => new Response('fine') },
      ],
    });
    const [bad, slow, good] = await Promise.all([
      fetch(`${url}/bad`),
      fetch(`${url}/slow`),
      fetch(`${url}/good`),
    ]);
    expect([bad.status, slow.status, good.status]).toEqual([500, 504, 200]);
    expect(await bad.text()).not.toContain('token abc');
    expect(logged).toEqual(['an answer failed', 'an adapter did not answer a request in time']);
  });
});

describe('health', () => {
  const sick = { ...healthy, ok: false, reasons: ['the store cannot write'] };
  test.each([
    { name: 'healthy', health: async () => healthy, ok: 200, ready: 200, reasons: [] },
    { name: 'sick', health: async () => sick, ok: 503, ready: 200, reasons: sick.reasons },
    {
      name: 'starting',
      health: async () => ({ ...healthy, ready: false }),
      ok: 200,
      ready: 503,
      reasons: [],
    },
    {
      name: 'throwing',
      health: async () => Promise.reject(new TypeError('x')),
      ok: 503,
      ready: 503,
      reasons: ['health could not be read (TypeError)'],
    },
    {
      name: 'hanging',
      health: () => new Promise<Health>(() => {}),
      ok: 503,
      ready: 503,
      reasons: ['health was not known within 100 ms'],
    },
  ])('$name', async ({ health, ok, ready, reasons }) => {
    const { url } = await start({ relay: { health }, limits: { healthMs: 100 } });
    const answers = await Promise.all([fetch(`${url}/healthz`), fetch(`${url}/readyz`)]);
    expect(answers.map((answer) => answer.status)).toEqual([ok, ready]);
    expect(await answers[0]?.json()).toMatchObject({ ok: ok === 200, reasons });
  });

  test('probes at the same time ask once', async () => {
    let asked = 0;
    const health = async (): Promise<Health> => {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return healthy;
    };
    const { url } = await start({ relay: { health } });
    await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/healthz`)));
    expect(asked).toBeLessThan(5);
  });
});

describe('bounds', () => {
  test('a head that does not come and a body that does not come are ended', async () => {
    const { port } = await start({
      limits: { headersMs: 200, requestMs: 400 },
      adapters: [{ name: 'in', fetch: async (r) => new Response(await r.text()) }],
    });
    const head = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\n');
    expect(head.text).toContain('408');
    const body = await raw(port, 'POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    expect(body.ms).toBeLessThan(3_000);
  });

  test('a head that is too long is refused', async () => {
    const { port } = await start();
    const { text } = await raw(
      port,
      `GET / HTTP/1.1\r\nHost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`,
    );
    expect(text).toContain('431');
  });

  test('a stream outlives every limit; the adapter hears when its client goes', async () => {
    let aborted = false;
    const stream = (request: Request): Response => {
      let timer: NodeJS.Timeout;
      request.signal.addEventListener('abort', () => {
        aborted = true;
      });
      const body = new ReadableStream({
        start: (controller) => {
          const chunk = new TextEncoder().encode('data: x\n\n');
          timer = setInterval(() => controller.enqueue(chunk), 50);
        },
        cancel: () => clearInterval(timer),
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    };
    const { port } = await start({
      limits: { headersMs: 150, requestMs: 150, answerMs: 150 },
      adapters: [{ name: 'sse', fetch: stream }],
    });
    let text = '';
    const client = httpRequest({ port, host: '127.0.0.1', path: '/sse' }, (answer) =>
      answer.on('data', (chunk) => (text += String(chunk))),
    );
    client.on('error', () => {});
    client.end();
    // Far longer than every limit of the server.
    await expect.poll(() => text.length, { timeout: 15_000 }).toBeGreaterThan(9 * 20);
    client.destroy();
    await expect.poll(() => aborted).toBe(true);
  });

  test('close ends also what streams for ever, and is bounded', async () => {
    const forever = (): Response =>
      new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode('x')) }));
    const served = await start({
      limits: { closeMs: 200 },
      adapters: [{ name: 'sse', fetch: forever }],
    });
    const streaming = await fetch(`${served.url}/sse`);
    const ended = streaming.text().catch(() => 'cut');
    const startMs = performance.now();
    await Promise.all([served.close(), served.close()]);
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(await ended).toBe('cut');
  });
});

describe('listening', () => {
  test('a port in use names the port and what to set', async () => {
    const { port } = await start();
    const failed = await start({ port }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConfigError);
    expect(failed).toMatchObject({ code: 'port_in_use', ids: { port, host: '127.0.0.1' } });
    expect(String(failed)).toContain(
      `Port ${port} on 127.0.0.1 is taken by another program. Set PORT`,
    );
  });

  test('an address of another machine names HOST', async () => {
    await expect(start({ host: '192.0.2.1' })).rejects.toThrow(
      '192.0.2.1 is not an address of this machine. Set HOST',
    );
  });
});
