import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Adapter } from './contracts/adapter.ts';
import { ConfigError } from './contracts/error.ts';
import type { Health, Relay } from './contracts/relay.ts';

/** Bounds of the server, in milliseconds where not said otherwise. None of them ends an answer that streams. */
export interface ServeLimits {
  /** For the head of a request. Default 10 s. */
  readonly headersMs: number;
  /** For a whole request, its body included. Default 30 s. */
  readonly requestMs: number;
  /** Until an adapter's answer begins; then the client gets a 504. Default 30 s. */
  readonly answerMs: number;
  /** For `relay.health`; running into it is unhealthy. Default 3 s. */
  readonly healthMs: number;
  /** How long `close` lets answers end before it cuts them. Default 2 s. */
  readonly closeMs: number;
  /** Bytes of a request's head. Default 16 KiB. */
  readonly headBytesMax: number;
  /** Connections at once; the next ones are closed. Default 10,000. */
  readonly connectionsMax: number;
}

const limitDefaults: ServeLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  answerMs: 30_000,
  healthMs: 3_000,
  closeMs: 2_000,
  headBytesMax: 16 * 1_024,
  connectionsMax: 10_000,
};

export interface ServeOptions {
  /** Those that have a `fetch` are mounted under `/<name>`. */
  readonly adapters: readonly Pick<Adapter, 'name' | 'fetch'>[];
  readonly relay: Pick<Relay, 'health'>;
  /** 0 takes a free one. */
  readonly port: number;
  /** Default 127.0.0.1: nobody outside this machine gets in. */
  readonly host?: string;
  /** By path: HTML, or another path of this server to go on to. */
  readonly pages?: Readonly<
    Record<string, { readonly html: string } | { readonly redirect: string }>
  >;
  readonly log?: (level: 'warn' | 'error', message: string, data?: Record<string, unknown>) => void;
  readonly limits?: Partial<ServeLimits>;
}

export interface Served {
  /** `http://127.0.0.1:8787`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections; answers that do not end within `closeMs` are cut. May be called twice. */
  close(): Promise<void>;
}

/**
 * The one HTTP server: mounts every adapter's `fetch` under its name, `/healthz` (200 when healthy, 503 with the
 * reasons), `/readyz` (200 when messages are taken) and pages. Everything else is a 404 in JSON.
 *
 * @throws ConfigError `port_in_use`, `listen_failed`, or `name_invalid` for an adapter that cannot be mounted.
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const limits = { ...limitDefaults, ...options.limits };
  const host = options.host ?? '127.0.0.1';
  const server = createAdaptorServer({
    fetch: createApp(options, limits).fetch,
    serverOptions: {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.max(50, Math.min(1_000, limits.headersMs / 4)),
      maxHeaderSize: limits.headBytesMax,
    },
  }) as Server;
  server.maxConnections = limits.connectionsMax;
  const port = await listen(server, options.port, host);
  let closed: Promise<void> | undefined;
  return {
    url: `http://${urlHost(host)}:${port}`,
    port,
    close: () => {
      closed ??= closeServer(server, limits.closeMs);
      return closed;
    },
  };
}

function createApp(options: ServeOptions, limits: ServeLimits): Hono {
  const app = new Hono();
  const health = sharedHealth(options.relay, limits.healthMs);
  app.get('/healthz', async (c) => {
    const { ok, ready, reasons } = await health();
    return c.json({ ok, ready, reasons }, ok ? 200 : 503);
  });
  app.get('/readyz', async (c) => {
    const { ready, reasons } = await health();
    return c.json({ ready, reasons }, ready ? 200 : 503);
  });
  for (const [path, page] of Object.entries(options.pages ?? {})) {
    app.get(path, (c) => ('html' in page ? showPage(c, page.html) : c.redirect(page.redirect)));
  }
  const taken = new Set(['healthz', 'readyz']);
  for (const adapter of options.adapters) {
    if (adapter.fetch === undefined) continue;
    mount(app, adapter, { options, limits, taken });
  }
  const paths = [...Object.keys(options.pages ?? {}), ...[...taken].map((name) => `/${name}`)];
  app.notFound((c) => {
    const message = `Nothing is served at ${c.req.method} ${c.req.path}. There is: ${paths.join(', ')}`;
    return c.json({ error: { code: 'not_found', message } }, 404);
  });
  app.onError((error, c) => {
    options.log?.('error', 'an answer failed', { method: c.req.method, path: c.req.path, error });
    return c.json(
      { error: { code: 'internal', message: 'This answer failed; the log says why.' } },
      500,
    );
  });
  return app;
}

function showPage(c: Context, html: string): Response {
  c.header('cache-control', 'no-cache');
  c.header('x-content-type-options', 'nosniff');
  c.header('referrer-policy', 'no-referrer');
  return c.html(html);
}

interface Mounting {
  readonly options: ServeOptions;
  readonly limits: ServeLimits;
  readonly taken: Set<string>;
}

function mount(
  app: Hono,
  adapter: Pick<Adapter, 'name' | 'fetch'>,
  { options, limits, taken }: Mounting,
): void {
  const { name } = adapter;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name) || taken.has(name)) {
    const allowed = 'letters, digits, - and _, each name once, not healthz or readyz';
    throw new ConfigError(
      'name_invalid',
      `adapters: got one named ${JSON.stringify(name)} that serves HTTP; allowed: ${allowed}`,
    );
  }
  taken.add(name);
  const prefix = `/${name}`;
  const handle = async (c: Context): Promise<Response> => {
    const request = stripped(c.req.raw, prefix);
    if (request === undefined) return c.notFound();
    const answer = await within(limits.answerMs, async () => adapter.fetch?.(request));
    if (answer !== undefined) return answer;
    options.log?.('error', 'an adapter did not answer a request in time', {
      adapter: name,
      path: c.req.path,
      answerMs: limits.answerMs,
    });
    return c.json(
      { error: { code: 'timeout', message: `No answer within ${limits.answerMs} ms.` } },
      504,
    );
  };
  app.all(prefix, handle);
  app.all(`${prefix}/*`, handle);
}

/** The same request with the path that follows the prefix. */
function stripped(request: Request, prefix: string): Request | undefined {
  const url = new URL(request.url);
  // a prefix written in percent signs matched the route, but is not ours to cut
  if (!url.pathname.startsWith(prefix)) return undefined;
  url.pathname = url.pathname.slice(prefix.length) || '/';
  return new Request(url, request);
}

/** The result, or undefined when the time is over. */
async function within<T>(ms: number, run: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([run(), over]);
  } finally {
    clearTimeout(timer);
  }
}

type Answer = Pick<Health, 'ok' | 'ready' | 'reasons'>;

/** Asks the relay once for all who wait at the same time: a flood of probes costs one reading. */
function sharedHealth(relay: Pick<Relay, 'health'>, limitMs: number): () => Promise<Answer> {
  let asked: Promise<Answer> | undefined;
  const sick = (reason: string): Answer => ({ ok: false, ready: false, reasons: [reason] });
  const ask = async (): Promise<Answer> => {
    try {
      return (
        (await within(limitMs, () => relay.health())) ??
        sick(`health was not known within ${limitMs} ms`)
      );
    } catch (error) {
      return sick(
        `health could not be read (${error instanceof Error ? error.name : 'unknown error'})`,
      );
    } finally {
      asked = undefined;
    }
  };
  return () => {
    asked ??= ask();
    return asked;
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => reject(listenError(error, port, host));
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): ConfigError {
  const ids = { port, host };
  switch (error.code) {
    case 'EADDRINUSE':
      return new ConfigError(
        'port_in_use',
        `Port ${port} on ${host} is taken by another program. Set PORT (or port in the config file) to another one; 0 takes a free one.`,
        { ids, cause: error },
      );
    case 'EACCES':
      return new ConfigError(
        'listen_failed',
        `Port ${port} on ${host} may not be opened by this user. Set PORT (or port in the config file) to one from 1024 to 65535.`,
        { ids, cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError(
        'listen_failed',
        `${host} is not an address of this machine. Set HOST (or host in the config file), for example to 127.0.0.1 or 0.0.0.0.`,
        { ids, cause: error },
      );
    default:
      return new ConfigError(
        'listen_failed',
        `Port ${port} on ${host} could not be opened (${error.code ?? error.message}).`,
        { ids, cause: error },
      );
  }
}

/** How this machine itself reaches the address. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function closeServer(server: Server, closeMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
