import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { ConfigError, ContractError, StoreError } from '../contracts/error.ts';
import type { Relay } from '../contracts/relay.ts';
import {
  type ControlAnswer,
  ControlRequest,
  lineBytesMax,
  lineTooLong,
  type PingResult,
  type RedriveResult,
  readLines,
} from './control-protocol.ts';

const connectionsMax = 32;
const idleMs = 30_000;
const closeMs = 2_000;

/** What a control socket can make happen. */
export interface ControlTarget {
  readonly cancel: Relay['tasks']['cancel'];
  readonly redrive: Relay['receipts']['redrive'];
  readonly ping: () => PingResult;
}

export interface ControlOptions {
  /** See `socketPath`. */
  readonly path: string;
  readonly target: ControlTarget;
  readonly log?: (level: 'warn' | 'error', message: string, data?: Record<string, unknown>) => void;
}

export interface ControlServer {
  /** Takes no more, waits at most 2 s for what is under way, removes the socket. May be called twice. */
  close(): Promise<void>;
}

/**
 * Listens on the local socket through which `readback cancel` and `redrive` act in the running process: one JSON
 * request per line, answered in order. Only the owner may open it (mode 0600). Call it while holding the writer lock:
 * a socket that is there then belongs to nobody alive and is replaced.
 *
 * @throws ConfigError `socket_taken` when something else than a socket has the name; `socket_failed`.
 */
export async function startControl(options: ControlOptions): Promise<ControlServer> {
  removeStale(options.path);
  const sockets = new Set<Socket>();
  const working = new Set<Promise<void>>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const work = answerAll(socket, options).finally(() => {
      sockets.delete(socket);
      working.delete(work);
    });
    working.add(work);
  });
  server.maxConnections = connectionsMax;
  await listenPrivate(server, options.path);
  let closed: Promise<void> | undefined;
  return {
    close: () => {
      closed ??= closeControl(server, sockets, working);
      return closed;
    },
  };
}

function removeStale(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new ConfigError(
      'socket_taken',
      `${path} is no socket. It stands where the control socket belongs: move it away.`,
      { ids: { path } },
    );
  }
  rmSync(path);
}

/** Binding is done inside `listen`, so the file is private from its first instant. */
function listenPrivate(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new ConfigError(
          'socket_failed',
          `The control socket ${path} could not be opened (${error.code ?? error.message}).`,
          { ids: { path }, cause: error },
        ),
      );
    });
    const before = process.umask(0o177);
    try {
      server.listen({ path }, () => {
        chmodSync(path, 0o600);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

async function answerAll(socket: Socket, options: ControlOptions): Promise<void> {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(idleMs, () => socket.destroy());
  const send = (answer: ControlAnswer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  };
  try {
    for await (const line of readLines(socket)) {
      // what is under way may take longer than an idle client
      socket.setTimeout(0);
      send(await answerLine(line, options));
      socket.setTimeout(idleMs);
    }
  } catch (error) {
    if (!socket.destroyed) options.log?.('warn', 'a control connection failed', { error });
  } finally {
    socket.end(() => socket.destroy());
  }
}

async function answerLine(
  line: string | typeof lineTooLong,
  options: ControlOptions,
): Promise<ControlAnswer> {
  if (line === lineTooLong) {
    return failure(0, 'line_too_long', `A line may have at most ${lineBytesMax} bytes.`);
  }
  const parsed = ControlRequest.safeParse(parseJson(line));
  if (!parsed.success) return failure(0, 'request_invalid', requestProblem(parsed.error.issues));
  const request = parsed.data;
  try {
    return { v: 1, id: request.id, ok: true, result: await carryOut(request, options.target) };
  } catch (error) {
    if (error instanceof ContractError || error instanceof StoreError)
      return failure(request.id, error.code, error.message);
    options.log?.('error', 'a control request failed', { act: request.act, error });
    return failure(request.id, 'internal', 'It failed; the log of the running process says why.');
  }
}

async function carryOut(request: ControlRequest, target: ControlTarget): Promise<unknown> {
  switch (request.act) {
    case 'ping':
      return target.ping();
    case 'cancel': {
      const { reason, by } = request;
      return target.cancel(request.task, reason === undefined ? { by } : { reason, by });
    }
    case 'redrive': {
      const { id, state, channel } = await target.redrive(request.receipt, { by: request.by });
      return { id, state, channel } satisfies RedriveResult;
    }
  }
}

function failure(id: number, code: string, message: string): ControlAnswer {
  return { v: 1, id, ok: false, error: { code, message } };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function requestProblem(
  issues: readonly { readonly path: PropertyKey[]; readonly message: string }[],
): string {
  const [first] = issues;
  const where = first?.path.join('.') || 'the line';
  return `${where}: ${first?.message ?? 'cannot be read'}. Allowed: one JSON object per line with v 1, id, act (ping, cancel, redrive) and what it needs.`;
}

async function closeControl(
  server: Server,
  sockets: ReadonlySet<Socket>,
  working: ReadonlySet<Promise<void>>,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeMs)));
  for (const socket of sockets) socket.pause();
  for (const socket of sockets) if (socket.timeout !== 0) socket.destroy();
  await Promise.race([Promise.allSettled(working), late]);
  clearTimeout(timer);
  for (const socket of sockets) socket.destroy();
  await stopped;
}
