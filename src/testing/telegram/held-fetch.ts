import type { Faults } from '../fault.ts';
import { type Holds, holdHeader } from '../hold.ts';
import type { TelegramFault } from './shape-server.ts';

/** `fetch` that holds virtual time until its answer is read; and that can find the server's port closed. */
export function heldFetch(
  holds: Holds,
  faults: Faults<TelegramFault>,
  port: () => number,
): typeof fetch {
  return (input, init) =>
    holds.around(async (hold) => {
      const request = input instanceof Request ? input : undefined;
      const url = new URL(request?.url ?? String(input));
      if (refuses(faults, url, init?.body)) throw refusedError(port());
      const headers = new Headers(init?.headers ?? request?.headers);
      if (hold !== '') headers.set(holdHeader, hold);
      const over = new AbortController();
      const unlink = link(init?.signal ?? request?.signal ?? undefined, over);
      try {
        return await read(await fetch(input, { ...init, headers, signal: over.signal }));
      } finally {
        unlink();
      }
    });
}

/** The same answer with its body in memory: nothing of it is under way any more. */
async function read(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  const body = status === 204 || status === 304 ? null : await response.arrayBuffer();
  return new Response(body, { status, statusText, headers });
}

function refuses(faults: Faults<TelegramFault>, url: URL, body: unknown): boolean {
  const method = /^\/bot[^/]+\/(?:test\/)?(\w+)$/.exec(url.pathname)?.[1];
  if (method === undefined) return false;
  return faults.take(method, chatIn(body), 'client') !== undefined;
}

function chatIn(body: unknown): unknown {
  if (typeof body !== 'string') return undefined;
  try {
    return (JSON.parse(body) as Record<string, unknown>)['chat_id'];
  } catch {
    return undefined;
  }
}

/** What Node's fetch throws when nobody listens. */
function refusedError(port: number): TypeError {
  const address = '127.0.0.1';
  const cause = Object.assign(new Error(`connect ECONNREFUSED ${address}:${port}`), {
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address,
    port,
  });
  return new TypeError('fetch failed', { cause });
}

/** Clients bring signals of their own make, which Node's fetch does not listen to. */
function link(signal: AbortSignal | undefined, over: AbortController): () => void {
  if (signal === undefined) return () => undefined;
  const abort = (): void => over.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  return () => signal.removeEventListener('abort', abort);
}
