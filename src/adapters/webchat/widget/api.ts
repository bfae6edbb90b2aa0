import type { WireError } from '../wire.ts';
import type { Session, SessionStore } from './session.ts';
import { words } from './words.ts';

/** What became of a request. `status` 0: no answer came, or none that is ours. */
export type Answer =
  | { readonly ok: true; readonly data: unknown }
  | {
      readonly ok: false;
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly retryAfterMs: number;
    };

const timeoutMs = 15_000;

/** The server's routes. The token travels in a header, never in an address. */
export class Api {
  readonly endpoint: URL;
  readonly sessions: SessionStore;
  /** The token was refused and is forgotten. */
  unauthorized: (code: string) => void = () => {};

  constructor(endpoint: URL, sessions: SessionStore) {
    this.endpoint = endpoint;
    this.sessions = sessions;
  }

  /** Never throws. A fresh token that comes along is kept. */
  async post(path: string, body: unknown): Promise<Answer> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const session = this.sessions.get();
      const headers = { 'content-type': 'application/json', ...bearer(session) };
      const response = await this.#request(path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal: abort.signal,
      });
      this.#keepFresh(response);
      if (!response.ok) return await this.refusal(response, session);
      return { ok: true, data: response.status === 204 ? undefined : await response.json() };
    } catch {
      return noAnswer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The raw answer; throws when none comes. */
  async get(
    path: string,
    options: { signal?: AbortSignal; position?: string | undefined } = {},
  ): Promise<Response> {
    const headers = {
      ...bearer(this.sessions.get()),
      ...(options.position !== undefined && { 'last-event-id': options.position }),
    };
    const response = await this.#request(path, {
      headers,
      ...(options.signal && { signal: options.signal }),
    });
    this.#keepFresh(response);
    return response;
  }

  /** What a refusal says; a token that is refused is forgotten. */
  async refusal(
    response: Response,
    session: Session | undefined,
  ): Promise<Extract<Answer, { ok: false }>> {
    const body = (await response.json().catch(() => undefined)) as
      | { error?: Partial<WireError> }
      | undefined;
    const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0;
    const { code = 'no_answer', message = words.noAnswer } = body?.error ?? {};
    if (response.status === 401 && session !== undefined && this.sessions.drop(session.token))
      this.unauthorized(code);
    return { ok: false, status: response.status, code, message, retryAfterMs };
  }

  #request(path: string, init: RequestInit): Promise<Response> {
    return fetch(new URL(path, this.endpoint), {
      ...init,
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
  }

  #keepFresh(response: Response): void {
    const token = response.headers.get('readback-token');
    if (token !== null) this.sessions.renew(token);
  }
}

const noAnswer: Answer = {
  ok: false,
  status: 0,
  code: 'no_answer',
  message: words.noAnswer,
  retryAfterMs: 0,
};

function bearer(session: Session | undefined): Record<string, string> {
  return session === undefined ? {} : { authorization: `Bearer ${session.token}` };
}

/** The same request may succeed later. */
export function isPassing(answer: Extract<Answer, { ok: false }>): boolean {
  return (
    answer.status === 0 ||
    answer.status === 401 ||
    answer.status === 408 ||
    answer.status === 429 ||
    answer.status >= 500
  );
}

/** Exponential, with jitter: between half and all of it; 0.5 s at first, 10 s at most. */
export function backoffMs(tries: number): number {
  return Math.min(10_000, 500 * 2 ** Math.min(tries, 10)) * (0.5 + Math.random() / 2);
}

/** Unique for this person for ever. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
