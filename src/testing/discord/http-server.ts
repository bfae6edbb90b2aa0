import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallLog } from '../call-log.ts';
import type { Faults } from '../fault.ts';
import { type Holds, holdHeader } from './clock.ts';
import { answer, banned, html, json, type Reply, refusedBy, reply } from './exchange.ts';
import type { GatewayHub } from './gateway-hub.ts';
import type { Limits } from './limit.ts';
import { Refusal } from './refusal.ts';
import { type Body, readBody } from './request-body.ts';
import { attachmentRoute, type RestApi } from './rest-api.ts';
import type { DiscordCall, DiscordFault } from './shape-server.ts';
import type { Json, World } from './state.ts';

export interface ServerParts {
  readonly world: World;
  readonly api: RestApi;
  readonly hub: GatewayHub;
  readonly limits: Limits;
  readonly calls: CallLog<DiscordCall>;
  readonly faults: Faults<DiscordFault>;
  readonly holds: Holds;
}

/** What a request asks for, read and not yet done. */
interface Asked {
  readonly route: string;
  readonly channelId: string | undefined;
  readonly args: Json;
  readonly apply: () => Reply;
}

/** The HTTP side on 127.0.0.1: REST, attachments, and the way into the gateway. */
export class HttpServer {
  readonly #parts: ServerParts;
  #server: Server;
  #port = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#server = this.#create();
  }

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = this.#create();
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Breaks all connections and takes no new ones. */
  async close(): Promise<void> {
    this.#parts.hub.drop();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #create(): Server {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (!response.headersSent) reply(response, internal(error));
      });
    });
    server.on('upgrade', (request, stream, head) => {
      this.#parts.hub.upgrade(request, stream, head);
    });
    // a client may keep a connection for as long as it likes: one closed in between looks like a fault
    server.keepAliveTimeout = 0;
    return server;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { world, calls, faults, holds } = this.#parts;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const asked = await this.#read(request, url);
    if (asked === undefined)
      return reply(response, json(404, { message: '404: Not Found', code: 0 }));
    const { route, channelId, args, apply } = asked;
    const fault = faults.take(route, channelId, 'server');
    const call = calls.begin({
      route,
      channelId,
      args,
      atMs: world.nowMs(),
      fault: fault?.kind,
      applied: false,
      status: undefined,
      answer: undefined,
    });
    const hold = request.headers[holdHeader]?.toString();
    const exchange = {
      response,
      world,
      call,
      apply: () => guarded(apply),
      count: (given: Reply) => this.#count(given),
      closed: AbortSignal.any([closed.signal, world.over.signal]),
      idle: <T>(wait: Promise<T>): Promise<T> => holds.idle(hold, wait),
    };
    try {
      await answer(exchange, fault);
    } finally {
      calls.end(call);
    }
  }

  async #read(request: IncomingMessage, url: URL): Promise<Asked | undefined> {
    if (url.pathname.startsWith('/attachments/')) return this.#attachment(url);
    const [, version, path] = /^\/api(?:\/v(\d+))?(\/.*)$/.exec(url.pathname) ?? [];
    const found = path && this.#parts.api.find(request.method ?? 'GET', path);
    if (!found) return undefined;
    const { api, limits, world } = this.#parts;
    const channelId = api.channelOf(found);
    const named = { route: found.key, channelId };
    const query = Object.fromEntries(url.searchParams);
    let body: Body;
    try {
      body = await readBody(request);
      if (version !== '10') throw new Refusal(50_041);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ...named, args: query, apply: () => refusedBy(error) };
    }
    const token = /^Bot\s+(\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const apply = (): Reply => {
      const leftMs = limits.bannedMs(world.nowMs());
      if (leftMs > 0) return banned(leftMs);
      return api.call({ found, query: url.searchParams, body, token });
    };
    return { ...named, args: { ...query, ...shownBody(body) }, apply };
  }

  #attachment(url: URL): Asked {
    const { world } = this.#parts;
    const [, , channelId] = url.pathname.split('/');
    const apply = (): Reply => {
      const file = world.files.byUrl(url, world.nowMs());
      if (file === undefined) return html(404, 'This content is no longer available.');
      const headers = { 'content-type': file.mimeType };
      return { status: 200, headers, body: file.bytes, shown: undefined };
    };
    return { route: attachmentRoute, channelId, args: { path: url.pathname }, apply };
  }

  #count({ status, headers }: Reply): void {
    const isShared = headers?.['x-ratelimit-scope'] === 'shared';
    if ([401, 403].includes(status) || (status === 429 && !isShared))
      this.#parts.limits.countInvalid(this.#parts.world.nowMs());
  }
}

/** What is kept of a body: of files only how long they are. */
function shownBody({ json: given, items, files }: Body): Json {
  const list = items === undefined ? {} : { items };
  if (files.length === 0) return { ...given, ...list };
  const shown = files.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength }));
  return { ...given, ...list, files: shown };
}

/** A fault of this server itself: it says so, so that a test does not take it for one of Discord's. */
function guarded(apply: () => Reply): Reply {
  try {
    return apply();
  } catch (error) {
    return internal(error);
  }
}

function internal(error: unknown): Reply {
  const what = error instanceof Error ? error.message : String(error);
  return json(500, { message: `500: the fake failed: ${what}`, code: 0 });
}
