import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import { HttpProblem } from './problem.ts';

/** Where the built widget is: beside this file in the package, in `dist` when the sources run. */
const builtPlaces = [
  './widget/readback-chat.js',
  '../../../dist/adapters/webchat/widget/readback-chat.js',
].map((place) => new URL(place, import.meta.url));

interface Script {
  readonly text: string;
  readonly etag: string;
}

/** `GET /widget.js`: for every page; a browser asks again each time and mostly hears "not modified". */
export function widgetRoute(
  places: readonly URL[] = builtPlaces,
): (c: Context) => Promise<Response> {
  let script: Promise<Script | undefined> | undefined;
  return async (c) => {
    script ??= findScript(places);
    const found = await script;
    if (found !== undefined) return answerScript(c, found);
    script = undefined;
    throw new HttpProblem(503, {
      code: 'widget_not_built',
      message: 'the widget is not built: run node scripts/build-widget.mjs',
    });
  };
}

function answerScript(c: Context, { text, etag }: Script): Response {
  const headers = {
    etag,
    'cache-control': 'public, no-cache',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  };
  if (c.req.header('if-none-match')?.includes(etag)) return c.body(null, 304, headers);
  return c.body(text, 200, { ...headers, 'content-type': 'text/javascript; charset=utf-8' });
}

async function findScript(places: readonly URL[]): Promise<Script | undefined> {
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
  }
  return undefined;
}

const pageStyle =
  'html,body{height:100%;margin:0}body{background:#f6f7f9}@media(prefers-color-scheme:dark){body{background:#0e0f12}}' +
  'readback-chat{display:block;height:100vh;height:100dvh;max-width:52rem;margin:0 auto}@media(max-width:52rem){readback-chat{--readback-radius:0}}';
const styleHash = createHash('sha256').update(pageStyle).digest('base64');
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'sha256-${styleHash}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** `GET /chat`: a page with nothing but the widget. */
export async function chatPage(c: Context, heading: string): Promise<Response> {
  c.header('content-security-policy', pagePolicy);
  return await c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>${heading}</title>
<style>${raw(pageStyle)}</style>
<script type="module" src="./widget.js"></script>
</head>
<body><readback-chat heading="${heading}"></readback-chat></body>
</html>`);
}
