import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallLog } from '../call-log.ts';
import type { Faults } from '../fault.ts';
import type { Args } from './args.ts';
import { type Holds, holdHeader } from './clock.ts';
import { answer, json, type Reply, reply, tooMany } from './exchange.ts';
import { uploadMax } from './file-shelf.ts';
import { Refusal } from './refusal.ts';
import { readArgs, readBody, uploaded } from './request-body.ts';
import { useResponseUrl } from './response-url.ts';
import type { SlackCall, SlackFault } from './shape-server.ts';
import type { SocketHub } from './socket-hub.ts';
import type { World } from './state.ts';
import type { ApiAnswer, WebApi } from './web-api.ts';

export interface ServerParts {
  readonly world: World;
  readonly api: WebApi;
  readonly hub: SocketHub;
  readonly calls: CallLog<SlackCall>;
  readonly faults: Faults<SlackFault>;
  readonly holds: Holds;
}

/** What a request asks for, read and not yet done. */
interface Asked {
  readonly method: string;
  readonly args: Args;
  readonly teamId: string | undefined;
  readonly apply: () => Reply;
}

/** The HTTP side on 127.0.0.1: methods, uploads, downloads, `response_url`s, and the way into Socket Mode. */
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
    if (asked === undefined) return reply(response, page(404, 'Not Found'));
    const { method, args, teamId, apply } = asked;
    const channel = args['channel'] ?? args['channel_id'];
    const fault = faults.take(method, channel, 'server');
    const { token: _, ...shown } = args;
    const call = calls.begin({
      method,
      args: shown,
      teamId,
      atMs: world.nowMs(),
      fault: fault?.kind,
      applied: false,
      answer: undefined,
    });
    const hold = request.headers[holdHeader]?.toString();
    const exchange = {
      response,
      world,
      call,
      apply,
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
    const [, folder, rest = ''] = /^\/(api|upload\/v1|files-pri|response|login)\/?(.*)$/.exec(
      url.pathname,
    ) ?? [''];
    const isPost = request.method === 'POST';
    if (folder === 'api') return await this.#method(request, url, rest);
    if (folder === 'upload/v1' && isPost) return await this.#upload(request, rest);
    if (folder === 'files-pri') return this.#download(request, rest);
    if (folder === 'response' && isPost) return await this.#response(request, url, rest);
    if (folder !== 'login') return undefined;
    const apply = (): Reply =>
      page(200, '<!DOCTYPE html><title>Login | Slack</title>', 'text/html');
    return { method: 'login', args: {}, teamId: undefined, apply };
  }

  async #method(request: IncomingMessage, url: URL, method: string): Promise<Asked> {
    const { api } = this.#parts;
    try {
      const args = await readArgs(request, url.searchParams);
      const token = bearer(request) || String(args['token'] ?? '');
      const apply = (): Reply => asReply(api.call(method, args, token));
      return { method, args, teamId: api.teamOf(token)?.teamId, apply };
    } catch (error) {
      return { method, args: {}, teamId: undefined, apply: () => refusedBy(error) };
    }
  }

  async #upload(request: IncomingMessage, key: string): Promise<Asked | undefined> {
    const { files } = this.#parts.world;
    const file = files.byUploadKey(key);
    const raw = await readBody(request, uploadMax);
    const bytes = raw && (await uploaded(raw, request.headers['content-type'] ?? ''));
    if (file === undefined || file.stage === 'shared') return undefined;
    const apply = (): Reply => {
      if (bytes?.byteLength !== file.sizeBytes) return page(400, 'the length is not as announced');
      files.fill(file, bytes);
      return { ...page(200, `OK - ${bytes.byteLength}`), isDone: true };
    };
    const args = { file: file.id, bytes: bytes?.byteLength };
    return { method: 'upload', args, teamId: file.teamId, apply };
  }

  /** Without the token a page to log in comes, with status 200 in the end, as from Slack. */
  #download(request: IncomingMessage, rest: string): Asked | undefined {
    const { world, api } = this.#parts;
    const id = /^[^-/]+-([^/]+)\//.exec(rest)?.[1] ?? '';
    const file = world.files.byId(id);
    const team = api.teamOf(bearer(request));
    const apply = (): Reply => {
      const mayRead = team?.isRevoked === false && team.scopes.has('files:read');
      if (!mayRead || file?.teamId !== team.teamId) {
        const location = `${world.options.baseUrl()}/login`;
        return { ...page(302, ''), headers: { location } };
      }
      const headers = { 'content-type': file.mimeType };
      return { status: 200, headers, body: file.bytes, shown: { ok: true }, isDone: true };
    };
    if (file === undefined) return undefined;
    return { method: 'download', args: { file: id }, teamId: team?.teamId, apply };
  }

  async #response(request: IncomingMessage, url: URL, id: string): Promise<Asked> {
    const { world } = this.#parts;
    const method = 'response_url';
    try {
      const args = await readArgs(request, url.searchParams);
      const apply = (): Reply => {
        try {
          useResponseUrl(world, id, args);
          return { ...page(200, 'ok'), isDone: true };
        } catch (error) {
          return { ...refusedBy(error), status: 404 };
        }
      };
      return { method, args, teamId: undefined, apply };
    } catch (error) {
      return { method, args: {}, teamId: undefined, apply: () => refusedBy(error) };
    }
  }
}

function asReply({ body, retryAfterS, scopes }: ApiAnswer): Reply {
  if (retryAfterS !== undefined) return tooMany(retryAfterS);
  return json({ ...body }, scopes === undefined ? {} : { 'x-oauth-scopes': scopes });
}

function refusedBy(error: unknown): Reply {
  if (!(error instanceof Refusal)) return internal(error);
  return json({ ok: false, error: error.message, ...error.extra });
}

function page(status: number, body: string, type = 'text/plain'): Reply {
  const shown = { ok: status < 300 };
  return { status, headers: { 'content-type': type }, body, shown, isDone: false };
}

/** A fault of this server itself: it says so, so that a test does not take it for one of Slack's. */
function internal(error: unknown): Reply {
  const what = error instanceof Error ? error.message : String(error);
  return page(500, `Internal Server Error: the fake failed: ${what}`);
}

function bearer(request: IncomingMessage): string {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}
