import type { Phase } from '../../contracts/delivery.ts';

/** What is known of a call that failed; read from codes and statuses, nothing of it from free text. */
export interface Failure {
  /** Slack's name of the error (`channel_not_found`), where it answered one. */
  readonly error?: string;
  /** The HTTP status, where no answer of Slack's was read. */
  readonly status?: number;
  /** Slack wants nothing for so long. */
  readonly retryAfterMs?: number;
  /** The scope that the token lacks. */
  readonly needed?: string;
  /** How far the request got. */
  readonly phase: Extract<Phase, 'not_connected' | 'written' | 'answered'>;
  /** All of it in a line, without a token. */
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
  readonly syscall?: unknown;
  readonly cause?: unknown;
  readonly original?: unknown;
  readonly errors?: unknown;
  readonly data?: { readonly error?: unknown; readonly needed?: unknown };
  readonly statusCode?: unknown;
  readonly retryAfter?: unknown;
}

/** Pure: reads an error of `@slack/web-api`, or of the `fetch` below it. */
export function readFailure(error: unknown): Failure {
  const shape = (error ?? {}) as ErrorShape;
  switch (shape.code) {
    case 'slack_webapi_platform_error':
      return ofPlatform(shape);
    case 'slack_webapi_rate_limited_error':
      return { ...answered('ratelimited'), ...retryAfter(shape.retryAfter) };
    case 'slack_webapi_http_error': {
      const status = Number(shape.statusCode);
      return { status, phase: 'answered', words: `HTTP ${status}` };
    }
    default:
      return ofTransport(error);
  }
}

/** What is no name of an error is a page of somebody between: `@slack/web-api` puts any text there that is no JSON. */
function ofPlatform({ data }: ErrorShape): Failure {
  const { error, needed } = data ?? {};
  if (typeof error !== 'string' || !/^\w{1,100}$/.test(error))
    return { phase: 'answered', words: 'an answer that is not of Slack' };
  const failure = answered(error);
  if (typeof needed !== 'string' || !/^[\w:.,]{1,100}$/.test(needed)) return failure;
  return { ...failure, needed, words: `${error}: needs ${needed}` };
}

const answered = (error: string): Failure => ({ error, phase: 'answered', words: error });

function retryAfter(seconds: unknown): { retryAfterMs?: number } {
  if (typeof seconds !== 'number' || !(seconds >= 0)) return {};
  return { retryAfterMs: Math.ceil(seconds * 1_000) };
}

/** Only what certainly came before the first byte is not sent; a reset may come before as well as behind. */
function ofTransport(error: unknown): Failure {
  const chain = chainOf(error);
  const named = chain.map(({ code, name }) =>
    String(typeof code === 'string' ? code : (name ?? 'error')),
  );
  const words = clean([...new Set(named)].join(' ← '));
  return { words, phase: chain.some(isBeforeConnection) ? 'not_connected' : 'written' };
}

function isBeforeConnection({ code, syscall }: ErrorShape): boolean {
  return beforeConnection.has(String(code)) || syscall === 'connect' || syscall === 'getaddrinfo';
}

/** The error, what `@slack/web-api` wrapped in it, and the causes of that. */
function chainOf(error: unknown): ErrorShape[] {
  const chain: ErrorShape[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && chain.length < chainMax) {
    const one = waiting.shift();
    if (typeof one !== 'object' || one === null || chain.includes(one)) continue;
    const shape = one as ErrorShape;
    chain.push(shape);
    waiting.push(shape.original, shape.cause);
    if (Array.isArray(shape.errors)) waiting.push(...shape.errors.slice(0, 2));
  }
  return chain;
}

/** Short, and whatever looks like a token is taken out. */
const clean = (words: string): string =>
  words.replace(/x(?:ox[a-z]|app)-[\w-]+/g, '…').slice(0, wordsMax);
