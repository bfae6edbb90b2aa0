import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { widgetRoute } from '../../../src/adapters/webchat/page.ts';
import { HttpProblem } from '../../../src/adapters/webchat/problem.ts';
import { startBench } from './bench.ts';
import { Browser } from './browser.ts';

test('the widget is served as it was built, and not sent twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'readback-widget-'));
  const file = pathToFileURL(join(folder, 'readback-chat.js'));
  const app = new Hono().get('/widget.js', widgetRoute([new URL('nowhere.js', file), file]));
  app.onError((cause, c) => c.text(cause instanceof HttpProblem ? cause.body.code : '', 503));
  expect(await (await app.request('/widget.js')).text()).toBe('widget_not_built');
  await writeFile(file, '/* built */');
  const first = await app.request('/widget.js');
  expect([
    first.status,
    await first.text(),
    first.headers.get('access-control-allow-origin'),
  ]).toEqual([200, '/* built */', '*']);
  const etag = first.headers.get('etag') ?? '';
  const again = await app.request('/widget.js', { headers: { 'if-none-match': `W/${etag}` } });
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  await rm(folder, { recursive: true });
});

test('the page holds the widget and lets nothing else in', async () => {
  const { adapter } = await startBench({ heading: '"><b>' });
  const { status, headers, body } = await new Browser(adapter).send('/chat');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
  expect(headers.get('content-security-policy')).toContain(
    "default-src 'none'; script-src 'self'; style-src 'sha256-",
  );
  expect(body).toContain('<readback-chat heading="&quot;&gt;&lt;b&gt;"></readback-chat>');
  const without = await startBench({ page: false });
  expect((await new Browser(without.adapter).send('/chat')).status).toBe(404);
});
