/** What is known of a call that failed; all of it read from the error, nothing of it its free text alone. */
export interface Failure {
  /** The Bot API's `error_code`; absent when no answer of it was read. */
  readonly status?: number;
  /** The Bot API's words for it, short and without a token. */
  readonly words: string;
  readonly migrateTo?: string;
  readonly retryAfterMs?: number;
  /** How far the request got, where no answer was read. */
  readonly phase: 'not_connected' | 'written' | 'answered';
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
  readonly error?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly error_code?: unknown;
  readonly description?: unknown;
  readonly parameters?: { readonly migrate_to_chat_id?: unknown; readonly retry_after?: unknown };
}

/** Pure: reads an error of grammY, or of the `fetch` below it. */
export function readFailure(error: unknown): Failure {
  const shape = (error ?? {}) as ErrorShape;
  if (typeof shape.error_code === 'number' && shape.error_code > 0) return ofAnswer(shape);
  const chain = chainOf(error);
  const named = chain.map(({ code, name }) =>
    String(typeof code === 'string' ? code : (name ?? 'error')),
  );
  const words = clean([...new Set(named)].join(' ← '));
  if (chain.some(isBeforeConnection)) return { words, phase: 'not_connected' };
  const isRead = chain.some(({ name }) => name === 'SyntaxError' || name === 'TypeError');
  const isCut = chain.some(({ code }) => typeof code === 'string');
  // An answer that is no JSON, or no answer of the Bot API.
  if ((isRead && !isCut) || shape.name === 'GrammyError') return { words, phase: 'answered' };
  return { words, phase: 'written' };
}

function ofAnswer({ error_code, description, parameters }: ErrorShape): Failure {
  const status = error_code as number;
  const migrateTo = parameters?.migrate_to_chat_id;
  const retryAfter = parameters?.retry_after;
  return {
    status,
    words: clean(typeof description === 'string' ? description : ''),
    phase: 'answered',
    ...(migrateTo === undefined ? {} : { migrateTo: String(migrateTo) }),
    ...(typeof retryAfter === 'number' && retryAfter >= 0
      ? { retryAfterMs: Math.ceil(retryAfter * 1_000) }
      : {}),
  };
}

function isBeforeConnection({ code, syscall }: ErrorShape): boolean {
  return beforeConnection.has(String(code)) || syscall === 'connect' || syscall === 'getaddrinfo';
}

/** The error, what grammY wrapped in it, and the causes of that. */
function chainOf(error: unknown): ErrorShape[] {
  const chain: ErrorShape[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && chain.length < chainMax) {
    const one = waiting.shift();
    if (typeof one !== 'object' || one === null) continue;
    const shape = one as ErrorShape;
    chain.push(shape);
    waiting.push(shape.error, shape.cause);
    if (Array.isArray(shape.errors)) waiting.push(...shape.errors.slice(0, 2));
  }
  return chain;
}

/** Short, and whatever looks like a token is taken out: a URL of the Bot API holds it. */
function clean(words: string): string {
  return words.replace(/(bot)?\d+:[\w-]{10,}/g, '…').slice(0, wordsMax);
}
