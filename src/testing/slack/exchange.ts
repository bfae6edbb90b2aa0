import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { CallRecord } from '../call-log.ts';
import type { SlackCall, SlackFault } from './shape-server.ts';
import type { Json, World } from './state.ts';

/** What is sent back. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** For the log of calls. */
  readonly shown: Json;
  /** Whether what was asked was done. */
  readonly isDone: boolean;
}

/** One request on its way. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly world: World;
  readonly call: CallRecord<SlackCall>;
  /** Does what is asked. */
  readonly apply: () => Reply;
  /** Aborts when the client hung up or the server stops. */
  readonly closed: AbortSignal;
  /** Waits for what only time can bring. */
  readonly idle: <T>(wait: Promise<T>) => Promise<T>;
}

/** Answers, or goes wrong as planned. */
export async function answer(exchange: Exchange, fault: SlackFault | undefined): Promise<void> {
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
      return send(exchange, tooMany(fault.retryAfterS));
    case 'applied_then_error':
      apply(exchange);
      return send(exchange, json({ ok: false, error: fault.error }));
    case 'error':
      return send(exchange, json({ ok: false, error: fault.error, ...fault.body }));
    case 'applied_then_server_error':
      apply(exchange);
      return raw(exchange, fault.code ?? 500, 'text/plain', 'Internal Server Error');
    case 'server_error':
      return raw(exchange, fault.code ?? 500, 'text/plain', 'Internal Server Error');
    case 'html':
      return raw(exchange, 502, 'text/html', '<html><title>502 Bad Gateway</title></html>\r\n');
    case 'wrong_json':
      return raw(exchange, 200, 'application/json', '[]');
  }
}

export function json(shown: Json, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(shown),
    shown,
    isDone: shown['ok'] === true,
  };
}

export function tooMany(retryAfterS: number): Reply {
  const body = { ok: false, error: 'ratelimited' };
  return { ...json(body, { 'retry-after': String(retryAfterS) }), status: 429 };
}

export function reply(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers);
  response.end(body);
}

function apply({ apply: run, call }: Exchange): Reply {
  const done = run();
  call.applied = done.isDone;
  return done;
}

function send({ response, call }: Exchange, given: Reply): void {
  if (response.destroyed) return;
  call.answer = given.shown;
  reply(response, given);
}

function raw({ response }: Exchange, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

function reset({ response }: Exchange): void {
  response.socket?.resetAndDestroy();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
