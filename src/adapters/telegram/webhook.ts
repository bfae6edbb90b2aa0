import { createHash, timingSafeEqual } from 'node:crypto';
import type { Site } from './deliver.ts';
import { takeUpdates } from './intake.ts';
import { isUpdate } from './poll.ts';
import type { Me } from './said.ts';

const path = '/webhook';
const header = 'x-telegram-bot-api-secret-token';
const bodyMax = 1_024 * 1_024;
/** Requests that wait for the one before them. */
const waitingMax = 100;

/**
 * Takes what Telegram delivers to `/telegram/webhook`: with the secret alone, one after the other, and with a 200 only
 * after it is stored. Anything else than a 200 brings it again. An album comes as several messages here: to wait for
 * the rest of it would hold what is not stored.
 */
export class Webhook {
  readonly #site: Site;
  readonly #secret: Buffer;
  readonly #me: () => Me | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(site: Site, parts: { secret: string; me: () => Me | undefined }) {
    this.#site = site;
    this.#secret = digest(parts.secret);
    this.#me = parts.me;
  }

  async answer(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== path) return refused(404, 'not_found');
    if (request.method !== 'POST') return refused(405, 'method_not_allowed', { allow: 'POST' });
    const secret = request.headers.get(header) ?? '';
    if (!timingSafeEqual(digest(secret), this.#secret)) return refused(401, 'unauthorized');
    const me = this.#me();
    if (me === undefined || this.#waiting >= waitingMax) return busy();
    const body = await readBody(request);
    if (body === undefined) return refused(413, 'too_large');
    const update = parse(body);
    if (!isUpdate(update)) {
      // It would come again for ever and hold up what follows.
      this.#site.host.log('warn', 'the webhook was sent what is no update');
      return new Response(null, { status: 200 });
    }
    this.#waiting += 1;
    try {
      const taken = await this.#inTurn(() => takeUpdates(this.#site, me, [update]));
      return taken.kind === 'taken' ? new Response(null, { status: 200 }) : busy();
    } finally {
      this.#waiting -= 1;
    }
  }

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }
}

/** Of one length, so that nothing is told by the time that a comparison takes. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function refused(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ error: { code } }), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

/** It comes again. */
export const busy = (): Response => refused(503, 'try_again', { 'retry-after': '2' });

/** Undefined when it is too long; no more is read of it then. */
async function readBody(request: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += (chunk as Uint8Array).byteLength;
    if (size > bodyMax) return undefined;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
