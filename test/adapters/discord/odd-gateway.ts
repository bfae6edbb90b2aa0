import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { acceptSocket, type WebSocketEnd } from '../../../src/testing/web-socket.ts';

/** What a gateway does that is not as it should be; each may be left out. */
export interface OddBehaviour {
  /** Before the connection is made. */
  readonly asked?: (stream: Duplex) => void;
  /** When it is made; default HELLO. */
  readonly made?: (socket: WebSocketEnd) => void;
  /** With each frame of the client. */
  readonly heard?: (socket: WebSocketEnd, op: number, stream: Duplex) => void;
}

export const hello = JSON.stringify({ op: 10, d: { heartbeat_interval: 41_250 } });

/** A gateway that says no more than a test tells it to, at an address of its own. */
export async function oddGateway(behaviour: OddBehaviour = {}) {
  const counts = { made: 0, resumes: 0, identifies: 0, open: 0 };
  const server = createServer();
  const streams = new Set<Duplex>();
  server.on('upgrade', (request, stream, head) => {
    counts.made += 1;
    counts.open += 1;
    streams.add(stream);
    stream.on('error', () => undefined);
    stream.on('close', () => {
      counts.open -= 1;
    });
    behaviour.asked?.(stream);
    if (stream.destroyed || stream.writableEnded) return;
    const socket = acceptSocket(request, stream, head);
    socket?.listen({
      message: (text) => {
        const { op } = JSON.parse(text) as { op: number };
        if (op === 6) counts.resumes += 1;
        if (op === 2) counts.identifies += 1;
        behaviour.heard?.(socket, op, stream);
      },
      pong: () => undefined,
      closed: () => undefined,
    });
    if (behaviour.made !== undefined && socket !== undefined) behaviour.made(socket);
    else socket?.send(hello);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const stream of streams) stream.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, counts };
}
