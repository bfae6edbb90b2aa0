import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallLog, CallRecord } from '../call-log.ts';
import type { Faults } from '../fault.ts';
import { type Holds, holdHeader } from '../hold.ts';
import type { BotApi } from './bot-api.ts';
import { refused } from './bot-api.ts';
import type { CallContext } from './call.ts';
import { badRequest, Refusal, tooMany } from './refusal.ts';
import { isUpload, type Payload, readPayload } from './request-body.ts';
import type { TelegramCall, TelegramFault } from './shape-server.ts';
import type { World } from './state.ts';

type Answer = NonNullable<TelegramCall['answer']>;

export interface ServerParts {
  readonly world: World;
  readonly api: BotApi;
  readonly calls: CallLog<TelegramCall>;
  readonly faults: Faults<TelegramFault>;
  readonly holds: Holds;
  /** Whether this is the token, and it holds. */
  readonly admits: (token: string) => boolean;
}

/** One request on its way. */
interface Exchange {
  readonly response: ServerResponse;
  readonly method: string;
  readonly payload: Payload;
  readonly context: CallContext;
}

/** The HTTP side: `/bot<token>/<method>` and `/file/bot<token>/<path>` on 127.0.0.1. */
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
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #create(): Server {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (!response.headersSent) reply(response, 500, internal(error));
      });
    });
    // a client may keep a connection for as long as it likes: one closed in between looks like a fault
    server.keepAliveTimeout = 0;
    return server;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, file, token, rest] = /^\/(file\/)?bot([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    if (token === undefined || rest === undefined) return notFound(response);
    if (!this.#parts.admits(decodeURIComponent(token))) {
      if (!/^\d+:[\w-]+$/.test(decodeURIComponent(token))) return notFound(response);
      return reply(response, 401, refused(new Refusal(401, 'Unauthorized')));
    }
    if (file !== undefined) return this.#download(response, decodeURIComponent(rest));
    await this.#method(request, response, { url, method: rest.replace(/^test\//, '') });
  }

  #download(response: ServerResponse, path: string): void {
    const file = this.#parts.world.files.byPath(path);
    if (file === undefined) return notFound(response);
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.end(file.bytes);
  }

  async #method(
    request: IncomingMessage,
    response: ServerResponse,
    { url, method: called }: { readonly url: URL; readonly method: string },
  ): Promise<void> {
    const { world, api, calls, faults, holds } = this.#parts;
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const payload = await readPayload(request, url.searchParams).catch((error: unknown) => {
      if (error instanceof SyntaxError) return error;
      throw error;
    });
    if (payload === undefined)
      return reply(response, 413, refused(new Refusal(413, 'Request Entity Too Large')));
    if (payload instanceof SyntaxError)
      return reply(response, 400, refused(badRequest(`can't parse request: ${payload.message}`)));
    const method = api.nameOf(called);
    const fault = faults.take(method, payload['chat_id'], 'server');
    const call = calls.begin({
      method,
      payload: shownPayload(payload),
      atMs: world.nowMs(),
      fault: fault?.kind,
      applied: false,
      answer: undefined,
    });
    const hold = request.headers[holdHeader];
    const context = {
      world,
      closed: AbortSignal.any([closed.signal, world.over.signal]),
      idle: <T>(wait: Promise<T>): Promise<T> => holds.idle(hold?.toString(), wait),
    };
    try {
      await this.#answer({ response, method, payload, context }, call, fault);
    } finally {
      calls.end(call);
    }
  }

  async #answer(
    exchange: Exchange,
    call: CallRecord<TelegramCall>,
    fault: TelegramFault | undefined,
  ): Promise<void> {
    const { response, context } = exchange;
    if (fault === undefined) return this.#send(response, call, await this.#apply(exchange, call));
    switch (fault.kind) {
      case 'refused':
        return this.#send(response, call, await this.#apply(exchange, call));
      case 'slow': {
        const answer = await this.#apply(exchange, call);
        await context.idle(context.world.runtime.sleep(fault.ms, context.closed));
        return this.#send(response, call, answer);
      }
      case 'reset':
        return reset(response);
      case 'applied_then_reset':
        await this.#apply(exchange, call);
        return reset(response);
      case 'hang':
        return await context.idle(aborted(context.closed));
      case 'applied_then_hang':
        await this.#apply(exchange, call);
        return await context.idle(aborted(context.closed));
      case 'html':
        response.writeHead(502, { 'content-type': 'text/html' });
        response.end('<html><head><title>502 Bad Gateway</title></head></html>\r\n');
        return;
      case 'wrong_json':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('[]');
        return;
      case 'status':
      case 'rate_limited':
      case 'server_error':
        return this.#refuse(exchange, call, fault);
    }
  }

  #refuse(
    { response, context: { world } }: Exchange,
    call: CallRecord<TelegramCall>,
    fault: Extract<TelegramFault, { kind: 'status' | 'rate_limited' | 'server_error' }>,
  ): void {
    if (fault.kind === 'status' && fault.body !== undefined) {
      response.writeHead(fault.code);
      response.end(fault.body);
      return;
    }
    if (fault.kind === 'rate_limited' && fault.wholeBot === true)
      world.limits.pause(world.nowMs() + fault.retryAfterS * 1_000);
    this.#send(response, call, refused(asRefusal(fault)));
  }

  async #apply(
    { method, payload, context }: Exchange,
    call: CallRecord<TelegramCall>,
  ): Promise<Answer> {
    const answer = await this.#parts.api.call(method, payload, context);
    call.applied = answer.ok;
    return answer;
  }

  #send(response: ServerResponse, call: CallRecord<TelegramCall>, answer: Answer): void {
    if (response.destroyed) return;
    call.answer = answer;
    reply(response, answer.ok ? 200 : answer.error_code, answer);
  }
}

function asRefusal(
  fault: Extract<TelegramFault, { kind: 'status' | 'rate_limited' | 'server_error' }>,
): Refusal {
  if (fault.kind === 'rate_limited') return tooMany(fault.retryAfterS);
  if (fault.kind === 'status') return new Refusal(fault.code, fault.description, fault.parameters);
  return new Refusal(fault.code ?? 500, 'Internal Server Error');
}

function reply(response: ServerResponse, status: number, answer: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}

function notFound(response: ServerResponse): void {
  reply(response, 404, refused(new Refusal(404, 'Not Found')));
}

/** A fault of this server itself: it says so, so that a test does not take it for one of Telegram's. */
function internal(error: unknown): Answer {
  const what = error instanceof Error ? error.message : String(error);
  return refused(new Refusal(500, `Internal Server Error: the fake failed: ${what}`));
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

function shownPayload(payload: Payload): Payload {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      isUpload(value) ? { name: value.name, bytes: value.bytes } : value,
    ]),
  );
}
