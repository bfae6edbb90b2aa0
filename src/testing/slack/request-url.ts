import { createHmac, randomBytes } from 'node:crypto';
import type { Holds } from './clock.ts';
import { answerMs, type Outcome, type Parcel, type Transport } from './courier.ts';
import type { Json, World } from './state.ts';

/** A handler that has not answered after that long on the real clock waits for virtual time: it is let go. */
const holdMs = 2_000;
const redirectsMax = 2;
const localHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

export interface SignOptions {
  readonly url?: string;
  readonly contentType?: string;
  readonly atMs?: number;
  readonly secret?: string;
}

/** Posts signed requests to the app's address. */
export class RequestUrl implements Transport {
  readonly via = 'http';
  readonly #world: World;
  readonly #holds: Holds;
  readonly #send: ((request: Request) => Promise<Response>) | undefined;
  url = 'https://app.invalid/slack/events';

  constructor(
    world: World,
    holds: Holds,
    send: ((request: Request) => Promise<Response>) | undefined,
  ) {
    this.#world = world;
    this.#holds = holds;
    this.#send = send;
  }

  /** Asks the address for its challenge. */
  async verify(url: string): Promise<void> {
    const challenge = randomBytes(20).toString('hex');
    const token = this.#world.verificationToken;
    const body = JSON.stringify({ token, challenge, type: 'url_verification' });
    const response = await this.#timely(this.signed(body, { url }));
    if (response === undefined) throw new Error("Your URL didn't respond within 3 seconds");
    const text = (await response.text()).trim();
    if (!response.ok) throw new Error(`Your URL responded with ${response.status}`);
    const given = text.startsWith('{') ? (JSON.parse(text) as Json)['challenge'] : text;
    if (given !== challenge && given !== `challenge=${challenge}`)
      throw new Error("Your URL didn't respond with the value of the challenge parameter");
  }

  async send(parcel: Parcel): Promise<Outcome> {
    const { kind, body, attempt, reason } = parcel;
    const isEvent = kind === 'events_api';
    const request = this.signed(isEvent ? JSON.stringify(body) : formOf(parcel), {
      contentType: isEvent ? 'application/json' : 'application/x-www-form-urlencoded',
    });
    if (attempt > 0) {
      request.headers.set('x-slack-retry-num', String(attempt));
      request.headers.set('x-slack-retry-reason', reason ?? 'unknown_error');
    }
    try {
      const response = await this.#timely(request);
      if (response === undefined) return failed('http_timeout');
      const isLast = response.headers.get('x-slack-no-retry') === '1';
      if (response.status >= 300 && response.status < 400) return failed('too_many_redirects');
      if (!response.ok) return { isAcked: false, reason: 'http_error', isLast };
      return { isAcked: true, payload: payloadOf(await response.text()) };
    } catch {
      return failed('connection_failed');
    }
  }

  /** A request as Slack signs it. */
  signed(body: string, options: SignOptions = {}): Request {
    const { url = this.url, contentType = 'application/json' } = options;
    const { secret = this.#world.signingSecret } = options;
    const timestamp = String(Math.floor((options.atMs ?? this.#world.nowMs()) / 1_000));
    const hash = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    return new Request(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: {
        'content-type': contentType,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${hash}`,
      },
    });
  }

  /** Undefined when no answer came in time: nobody waits for it any more, and the request goes on. */
  async #timely(request: Request): Promise<Response | undefined> {
    const { runtime, over } = this.#world;
    const answered = new AbortController();
    const signal = AbortSignal.any([answered.signal, over.signal]);
    const late = runtime.sleep(answerMs, signal).then(() => undefined);
    const posted = this.#post(request, redirectsMax);
    posted.catch(() => undefined);
    try {
      return await this.#holds.briefly(holdMs, Promise.race([posted, late]));
    } finally {
      answered.abort();
    }
  }

  async #post(request: Request, redirects: number): Promise<Response> {
    if (this.#send !== undefined) return await this.#send(request);
    if (!localHosts.has(new URL(request.url).hostname))
      throw new Error('without requestFetch only this machine is reached');
    const next = request.clone();
    const response = await fetch(request, { signal: this.#world.over.signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null || redirects === 0)
      return response;
    return await this.#post(new Request(new URL(location, request.url), next), redirects - 1);
  }
}

function failed(reason: string): Outcome {
  return { isAcked: false, reason, isLast: false };
}

function formOf({ kind, body }: Parcel): string {
  if (kind === 'interactive')
    return new URLSearchParams({ payload: JSON.stringify(body) }).toString();
  const fields = Object.entries(body).map(([name, value]) => [name, String(value)]);
  return new URLSearchParams(Object.fromEntries(fields) as Record<string, string>).toString();
}

/** What an app answers may be JSON or words. */
export function payloadOf(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
