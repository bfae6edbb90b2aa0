import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import { HttpProblem, problemOf } from './problem.ts';
import type { Site } from './site.ts';
import type { Visitor } from './token.ts';

/** What the routes find out before their work. */
export interface Env {
  Variables: { visitor: Visitor; fresh: string | undefined };
}

/** Carries a fresh token where the one in use has become old. */
export const tokenHeader = 'readback-token';

const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** On every answer, unless the route said something else. */
export const harden: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(securityHeaders)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  }
};

/** Pages of other origins are let in by the allow-list alone; preflights end here. */
export function guardOrigin(allowed: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header('origin');
    if (origin === undefined || isOwn(c, origin))
      return c.req.method === 'OPTIONS' ? c.body(null, 204) : await next();
    if (!allowed.includes(origin) && !allowed.includes('*')) {
      throw new HttpProblem(403, {
        code: 'origin_not_allowed',
        message: 'this page may not talk to this bot: its origin is not in allowedOrigins',
        got: origin.slice(0, 200),
      });
    }
    c.header('access-control-allow-origin', origin);
    c.header('vary', 'origin');
    c.header('access-control-expose-headers', `${tokenHeader}, retry-after`);
    if (c.req.method !== 'OPTIONS') return await next();
    c.header('access-control-allow-methods', 'GET, POST');
    c.header('access-control-allow-headers', 'authorization, content-type, last-event-id');
    c.header('access-control-max-age', '600');
    return c.body(null, 204);
  };
}

/** Browsers set `sec-fetch-site` themselves; a page cannot. Older ones are told by the host. */
function isOwn(c: Context, origin: string): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  return URL.canParse(origin) && new URL(origin).host === new URL(c.req.url).host;
}

/** Lets in who has a token of ours and has not asked too often; renews an old token on the way. */
export function authenticate(site: Site): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { visitor, renewable } = await site.tokens.verify(c.req.header('authorization'));
    const waitMs = site.registry.open(visitor.conversation).requests.take();
    if (waitMs > 0) throw tooMany('too_many_requests', waitMs);
    const fresh = renewable ? await site.tokens.sign(visitor) : undefined;
    if (fresh !== undefined) c.header(tokenHeader, fresh);
    c.set('visitor', visitor);
    c.set('fresh', fresh);
    return await next();
  };
}

export function tooMany(code: string, waitMs: number): HttpProblem {
  return new HttpProblem(
    429,
    { code, message: `too many requests: wait ${Math.ceil(waitMs / 1_000)} s` },
    waitMs,
  );
}

/** Every refusal in one form. What is not a refusal of ours is a bug: logged, and told without details. */
export function answerProblem(cause: unknown, site: Pick<Site, 'host'>, c: Context): Response {
  if (!(cause instanceof HttpProblem))
    site.host.log('error', 'webchat: a request failed', { cause: String(cause) });
  const problem =
    cause instanceof HttpProblem
      ? cause
      : new HttpProblem(500, {
          code: 'internal',
          message: 'this should not have happened; it was logged',
        });
  if (problem.retryAfterMs !== undefined)
    c.header('retry-after', String(Math.ceil(problem.retryAfterMs / 1_000)));
  if (problem.status === 401) c.header('www-authenticate', 'Bearer');
  return c.json({ error: problem.body }, problem.status as ContentfulStatusCode);
}

/** The JSON of a request, at most `maxBytes` of it, checked by a schema. Throws 400, 413 or 415. */
export async function readBody<T>(
  request: Request,
  schema: z.ZodType<T>,
  maxBytes: number,
): Promise<T> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new HttpProblem(415, {
      code: 'not_json',
      message: 'the body must be JSON',
      path: 'content-type',
      got: type.slice(0, 100),
      allowed: 'application/json',
    });
  }
  const text = await readText(request, maxBytes);
  return check(parseJson(text), schema);
}

/** Throws a 400 problem that names the first thing wrong. */
export function check<T>(input: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new HttpProblem(400, {
    code: 'invalid_request',
    ...problemOf(parsed.error, { schema, input }),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpProblem(400, { code: 'broken_json', message: 'the body is not JSON' });
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = new HttpProblem(413, {
    code: 'too_large',
    message: 'the body is too large',
    allowed: `at most ${maxBytes} bytes`,
  });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
