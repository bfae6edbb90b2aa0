import type { Faults } from '../fault.ts';
import { type Holds, holdHeader } from './clock.ts';
import type { SlackFault } from './shape-server.ts';

/** `fetch` that holds virtual time until its answer is read; and that can find the server's port closed. */
export function heldFetch(
  holds: Holds,
  faults: Faults<SlackFault>,
  port: () => number,
): typeof fetch {
  return (input, init) =>
    holds.around(async (hold) => {
      const request = input instanceof Request ? input : undefined;
      const url = new URL(request?.url ?? String(input));
      if (refuses(faults, url, init?.body)) throw refusedError(port());
      const headers = new Headers(init?.headers ?? request?.headers);
      if (hold !== '') headers.set(holdHeader, hold);
      return await read(await fetch(input, { ...init, headers }));
    });
}

/** The same answer with its body in memory: nothing of it is under way any more. */
async function read(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  const isEmpty = status === 204 || status === 304 || status < 200;
  const body = isEmpty ? null : await response.arrayBuffer();
  return new Response(body, { status, statusText, headers });
}

function refuses(faults: Faults<SlackFault>, url: URL, body: unknown): boolean {
  const method = /^\/api\/([\w.]+)$/.exec(url.pathname)?.[1];
  if (method === undefined) return false;
  return faults.take(method, channelIn(body), 'client') !== undefined;
}

function channelIn(body: unknown): string | undefined {
  if (body instanceof URLSearchParams) return body.get('channel') ?? undefined;
  if (typeof body !== 'string') return undefined;
  if (!body.startsWith('{')) return new URLSearchParams(body).get('channel') ?? undefined;
  try {
    return (JSON.parse(body) as { channel?: string }).channel;
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
