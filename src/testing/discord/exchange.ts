import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { CallRecord } from '../call-log.ts';
import { Refusal } from './refusal.ts';
import type { DiscordCall, DiscordFault } from './shape-server.ts';
import type { Json, World } from './state.ts';

/** What is sent back. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** For the log of calls. */
  readonly shown: unknown;
}

/** One request on its way. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly world: World;
  readonly call: CallRecord<DiscordCall>;
  /** Does what is asked. */
  readonly apply: () => Reply;
  /** Counts what is answered, before it is sent. */
  readonly count: (reply: Reply) => void;
  /** Aborts when the client hung up or the server stops. */
  readonly closed: AbortSignal;
  /** Waits for what only time can bring. */
  readonly idle: <T>(wait: Promise<T>) => Promise<T>;
}

/** Answers, or goes wrong as planned. */
export async function answer(exchange: Exchange, fault: DiscordFault | undefined): Promise<void> {
  const { closed, idle, world } = exchange;
  switch (fault?.kind) {
    case undefined:
    case 'refused':
      return send(exchange, apply(exchange));
    case 'slow': {
      const reply = apply(exchange);
      await idle(world.runtime.sleep(fault.ms, closed));
      return send(exchange, reply);
    }
    case 'reset':
      return reset(exchange);
    case 'applied_then_reset':
      apply(exchange);
      return reset(exchange);
    case 'hang':
      return await idle(aborted(closed));
    case 'applied_then_hang':
      apply(exchange);
      return await idle(aborted(closed));
    case 'rate_limited':
      return send(exchange, tooMany(fault.retryAfterS, fault.scope ?? 'user'));
    case 'error': {
      const { code, ...extra } = fault;
      return send(exchange, refusedBy(new Refusal(code, extra)));
    }
    case 'applied_then_server_error':
      apply(exchange);
      return send(exchange, plain(fault.status ?? 500));
    case 'server_error':
      return send(exchange, plain(fault.status ?? 500));
    case 'html':
      return send(exchange, html(502, '<html><title>502: Bad gateway</title></html>'));
    case 'wrong_json':
      return send(exchange, json(200, ['not', 'what', 'was', 'asked', 'for']));
  }
}

export function json(
  status: number,
  shown: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  // without a body no type: clients would parse nothing
  if (shown === undefined) return { status: 204, headers, body: '', shown };
  const body = JSON.stringify(shown);
  return { status, headers: { 'content-type': 'application/json', ...headers }, body, shown };
}

export function tooMany(
  retryAfterS: number,
  scope: 'user' | 'global' | 'shared',
  code?: number,
): Reply {
  const isGlobal = scope === 'global';
  const body = {
    message:
      scope === 'shared' ? 'The resource is being rate limited.' : 'You are being rate limited.',
    retry_after: Math.round(retryAfterS * 1_000) / 1_000,
    global: isGlobal,
    ...(code === undefined ? {} : { code }),
  };
  return json(429, body, {
    'retry-after': String(Math.max(1, Math.ceil(retryAfterS))),
    'x-ratelimit-scope': scope,
    ...(isGlobal ? { 'x-ratelimit-global': 'true' } : {}),
  });
}

export function refusedBy({ message, code, status, errors, retryAfterS }: Refusal): Reply {
  const body: Json = { message, code, ...(errors === undefined ? {} : { errors }) };
  if (status !== 429 || retryAfterS === undefined) return json(status, body);
  const limited = tooMany(retryAfterS, 'user', code);
  return { ...json(429, { ...(limited.shown as Json), message }), headers: { ...limited.headers } };
}

/** What stands between Discord and the world bans an address. */
export function banned(leftMs: number): Reply {
  const page = html(429, 'error code: 1015');
  const retryAfter = String(Math.ceil(leftMs / 1_000));
  return { ...page, headers: { ...page.headers, 'retry-after': retryAfter } };
}

export function html(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/html' }, body, shown: undefined };
}

function plain(status: number): Reply {
  const body = 'Internal Server Error';
  return { status, headers: { 'content-type': 'text/plain' }, body, shown: undefined };
}

export function reply(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers);
  response.end(body);
}

function apply({ apply: run, call }: Exchange): Reply {
  const done = run();
  call.applied = done.status < 300;
  return done;
}

function send({ response, call, count, world }: Exchange, given: Reply): void {
  count(given);
  if (response.destroyed) return;
  response.setHeader('date', new Date(world.nowMs()).toUTCString());
  call.status = given.status;
  call.answer = given.shown;
  reply(response, given);
}

function reset({ response }: Exchange): void {
  response.socket?.resetAndDestroy();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
