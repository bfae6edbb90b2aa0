import type { Phase } from '../../contracts/delivery.ts';

/** What is known of a call that failed; read from codes and statuses, nothing of it from free text. */
export interface Failure {
  /** Discord's number of the error, where it answered one; 0 says no more than the status. */
  readonly code?: number;
  /** The HTTP status, where an answer was read. */
  readonly status?: number;
  /** A limit: how long nothing is wanted, and of what. */
  readonly limit?: {
    readonly retryAfterMs: number;
    readonly scope: 'user' | 'global' | 'shared';
  };
  /** How far the request got. */
  readonly phase: Extract<Phase, 'not_connected' | 'written' | 'answered'>;
  /** All of it in a line: no token, no address of a request (an interaction's token stands in it). */
  readonly words: string;
}

const wordsMax = 300;
const chainMax = 8;

/** Nothing was written: the name was not found, or no connection came to be. */
const beforeConnection = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

interface ErrorShape {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly status?: unknown;
  readonly retryAfter?: unknown;
  readonly sublimitTimeout?: unknown;
  readonly global?: unknown;
  readonly scope?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** Pure: reads an error of `@discordjs/rest`, or of what makes its requests. */
export function readFailure(error: unknown): Failure {
  const shape = (error ?? {}) as ErrorShape;
  if (typeof shape.retryAfter === 'number' && typeof shape.global === 'boolean')
    return ofLimit(shape, shape.retryAfter);
  if (typeof shape.status === 'number' && Number.isInteger(shape.status))
    return ofAnswer(shape, shape.status);
  return ofTransport(error);
}

/** An answer of Discord's has a number; a page of somebody between has none. */
function ofAnswer({ code }: ErrorShape, status: number): Failure {
  if (typeof code !== 'number' || !Number.isInteger(code))
    return { status, phase: 'answered', words: `HTTP ${status}` };
  return { code, status, phase: 'answered', words: `${code} (HTTP ${status})` };
}

/** The client tells it before it sends, as long as it knows of one, and after Discord said so. */
function ofLimit(shape: ErrorShape, retryAfter: number): Failure {
  const own = shape.scope === 'shared' ? 'shared' : 'user';
  const scope = shape.global === true ? 'global' : own;
  const waits = [retryAfter, shape.sublimitTimeout].map((ms) => (typeof ms === 'number' ? ms : 0));
  const retryAfterMs = Math.max(0, Math.ceil(Math.max(...waits)));
  return { limit: { retryAfterMs, scope }, phase: 'answered', words: `a limit (${scope})` };
}

/** Only what certainly came before the first byte is not sent; a reset may come before as well as behind. */
function ofTransport(error: unknown): Failure {
  const chain = chainOf(error);
  if (chain.some(isUnread)) return { phase: 'answered', words: 'an answer that cannot be read' };
  const named = chain.map(({ code, name }) =>
    String(typeof code === 'string' ? code : (name ?? 'error')),
  );
  const words = [...new Set(named)].join(' ← ').slice(0, wordsMax);
  return { words, phase: chain.some(isBeforeConnection) ? 'not_connected' : 'written' };
}

/** What was to be JSON and is not. */
const isUnread = ({ name }: ErrorShape): boolean => name === 'SyntaxError';

function isBeforeConnection({ code, syscall }: ErrorShape): boolean {
  return beforeConnection.has(String(code)) || syscall === 'connect' || syscall === 'getaddrinfo';
}

/** The error, its causes, and those of a connection that was tried at several addresses. */
function chainOf(error: unknown): ErrorShape[] {
  const chain: ErrorShape[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && chain.length < chainMax) {
    const one = waiting.shift();
    if (typeof one !== 'object' || one === null || chain.includes(one)) continue;
    const shape = one as ErrorShape;
    chain.push(shape);
    waiting.push(shape.cause);
    if (Array.isArray(shape.errors)) waiting.push(...shape.errors.slice(0, 2));
  }
  return chain;
}
