import type { AdapterHost } from '../../contracts/adapter.ts';
import type { Intake } from './intake.ts';
import { type SignatureVerdict, verifySignature } from './signature.ts';

/** All three are the same: an app has three fields for its address. */
const paths = ['/events', '/interactions', '/commands'];
const bodyMax = 1_024 * 1_024;
/** A body that takes longer is not read to its end: Slack itself waits no longer for an answer. */
const bodyMs = 3_000;
/** Bodies that are read at the same time. */
const readingMax = 100;

interface HttpParts {
  readonly host: Pick<AdapterHost, 'runtime' | 'log'>;
  readonly intake: Pick<Intake, 'take'>;
}

/**
 * Takes what Slack delivers to `/slack/events`: signed alone, and with a 200 only after it is stored. Anything else
 * than a 200 brings an event again; of a press the person is told that it failed.
 */
export class HttpDoor {
  readonly #parts: HttpParts;
  readonly #secret: string;
  #reading = 0;

  constructor(parts: HttpParts, signingSecret: string) {
    this.#parts = parts;
    this.#secret = signingSecret;
  }

  async answer(request: Request): Promise<Response> {
    if (!paths.includes(new URL(request.url).pathname)) return refused(404, 'not_found');
    if (request.method !== 'POST') return refused(405, 'method_not_allowed', { allow: 'POST' });
    // Whoever claims no signature costs nothing: neither a place nor the reading of a body.
    if (!isClaimed(request.headers)) return this.#unsigned('bad');
    if (this.#reading >= readingMax) return busy();
    this.#reading += 1;
    const raw = await this.#read(request).finally(() => {
      this.#reading -= 1;
    });
    if (raw === 'too_slow') return refused(408, 'too_slow');
    if (raw === 'too_large') return refused(413, 'too_large');
    const verdict = this.#verdict(request, raw);
    if (verdict !== 'valid') return this.#unsigned(verdict);
    return await this.#take(request, raw);
  }

  async #read(request: Request): Promise<Buffer | 'too_large' | 'too_slow'> {
    const over = new AbortController();
    const late = this.#parts.host.runtime.sleep(bodyMs, over.signal);
    try {
      return await readBody(request, late);
    } finally {
      over.abort('over');
    }
  }

  async #take(request: Request, raw: Buffer): Promise<Response> {
    const { host, intake } = this.#parts;
    const body = parse(raw.toString('utf8'), request.headers.get('content-type') ?? '');
    const challenge = challengeOf(body);
    if (challenge !== undefined) return text(challenge);
    if (body === undefined) {
      // It would come again for ever.
      host.log('warn', 'Slack sent what cannot be read');
      return new Response(null, { status: 200 });
    }
    const taken = await intake.take(body);
    return taken === 'taken' ? new Response(null, { status: 200 }) : busy();
  }

  #verdict({ headers }: Request, body: Uint8Array): SignatureVerdict {
    return verifySignature(
      {
        body,
        timestamp: headers.get('x-slack-request-timestamp'),
        signature: headers.get('x-slack-signature'),
      },
      { signingSecret: this.#secret, nowMs: this.#parts.host.runtime.wallMs() },
    );
  }

  #unsigned(verdict: SignatureVerdict): Response {
    const { host } = this.#parts;
    host.log('info', 'a request that is not signed by Slack was refused', { verdict });
    return refused(401, 'unauthorized');
  }
}

function refused(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ error: { code } }), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

/** It comes again. */
export const busy = (): Response => refused(503, 'try_again', { 'retry-after': '2' });

const text = (body: string): Response =>
  new Response(body, { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } });

const isClaimed = (headers: Headers): boolean =>
  headers.has('x-slack-request-timestamp') && headers.has('x-slack-signature');

/** No more is read of what is too long, or does not end until it is `late`. */
async function readBody(
  { body }: Request,
  late: Promise<void>,
): Promise<Buffer | 'too_large' | 'too_slow'> {
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  const read = async (): Promise<Buffer | 'too_large'> => {
    for (let size = 0; ; ) {
      const { value } = await reader.read();
      if (value === undefined) return Buffer.concat(chunks);
      size += value.byteLength;
      if (size > bodyMax) return 'too_large';
      chunks.push(value);
    }
  };
  try {
    return await Promise.race([read(), late.then(() => 'too_slow' as const)]);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Events are JSON; a press and the like is a form with JSON in it, a command a plain form. */
function parse(body: string, type: string): Json | undefined {
  try {
    if (!type.includes('application/x-www-form-urlencoded')) return object(JSON.parse(body));
    const form = Object.fromEntries(new URLSearchParams(body));
    const { payload } = form;
    return payload === undefined ? form : object(JSON.parse(payload));
  } catch {
    return undefined;
  }
}

const object = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;

function challengeOf(body: Json | undefined): string | undefined {
  const challenge = body?.['challenge'];
  if (body?.['type'] !== 'url_verification' || typeof challenge !== 'string') return undefined;
  return challenge.slice(0, 1_000);
}
