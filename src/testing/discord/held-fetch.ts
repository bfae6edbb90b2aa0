import type { Faults } from '../fault.ts';
import { type Holds, holdHeader } from './clock.ts';
import type { RestApi } from './rest-api.ts';
import type { DiscordFault } from './shape-server.ts';

/** `fetch` that holds virtual time until its answer is read; and that can find the server's port closed. */
export function heldFetch(
  holds: Holds,
  faults: Faults<DiscordFault>,
  server: { readonly api: RestApi; readonly port: () => number },
): typeof fetch {
  return (input, init) =>
    holds.around(async (hold) => {
      const request = input instanceof Request ? input : undefined;
      const url = new URL(request?.url ?? String(input));
      const method = init?.method ?? request?.method ?? 'GET';
      const found = server.api.find(method, url.pathname.replace(/^\/api(?:\/v\d+)?/, ''));
      const isRefused =
        found !== undefined &&
        faults.take(found.key, server.api.channelOf(found), 'client') !== undefined;
      if (isRefused) throw refusedError(server.port());
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
