import type { Bolt } from './api.ts';
import { clientOptions, endedFetch, silent } from './api.ts';
import type { SlackConfig } from './config.ts';

/** So long may a connection take until Slack says hello, on the real clock. */
const helloMs = 30_000;
/** Who does not answer a goodbye is left so long after, on the real clock. */
const goodbyeMs = 500;

/** What came over the socket. */
export interface Envelope {
  readonly body: unknown;
  /** Tells Slack that it is stored. Rejects when the connection is over: then it comes again. */
  ack(): Promise<void>;
}

export interface SocketParts {
  readonly bolt: Pick<Bolt, 'SocketModeReceiver'>;
  readonly config: Pick<SlackConfig, 'apiUrl' | 'fetch'> & { readonly appToken: string };
  /** Slack said hello. */
  opened(): void;
  /** Never rejects. */
  take(envelope: Envelope): Promise<void>;
}

/**
 * One connection of Socket Mode, with Bolt's own receiver. Resolves when it is over, or the signal aborts; rejects with
 * what `readFailure` reads when there came to be none.
 *
 * Bolt does not connect again by itself: when one try to do so fails, or it is stopped meanwhile, it leaves a rejection
 * that nobody can catch. Whoever calls this tries again.
 */
export async function connect(parts: SocketParts, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const receiver = makeReceiver(parts, over.signal);
  const { client } = receiver;
  const closed = new Promise<void>((resolve) => client.on('disconnected', () => resolve()));
  const late = setTimeout(end, helloMs);
  late.unref();
  over.signal.addEventListener('abort', () => leave(receiver), { once: true });
  // A connection that begins when it is over already ends at once.
  client.on('connecting', () => queueMicrotask(() => over.signal.aborted && leave(receiver)));
  try {
    if (over.signal.aborted) return;
    await receiver.start();
    clearTimeout(late);
    if (over.signal.aborted) return;
    parts.opened();
    await closed;
  } catch (error) {
    if (!signal.aborted) throw error ?? new Error('the connection ended before it began');
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
    end();
  }
}

type Receiver = InstanceType<Bolt['SocketModeReceiver']>;

function makeReceiver({ bolt, config, take }: SocketParts, over: AbortSignal): Receiver {
  const { appToken, apiUrl, fetch = globalThis.fetch } = config;
  const receiver = new bolt.SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    logger: silent,
    installerOptions: {
      clientOptions: clientOptions({ apiUrl, fetch: endedFetch(fetch, over) }),
    },
  } as unknown as ConstructorParameters<Bolt['SocketModeReceiver']>[0]);
  receiver.init({
    processEvent: async ({ body, ack }: { body: unknown; ack: () => Promise<void> }) =>
      await take({ body, ack }),
  } as unknown as Parameters<Receiver['init']>[0]);
  guard(receiver.client as unknown as Emitter);
  return receiver;
}

interface Emitter {
  listeners(event: string): ((...args: unknown[]) => unknown)[];
  removeAllListeners(event: string): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** Bolt reads each frame in a promise that nobody waits for: a frame of an unknown shape would end the process. */
function guard(client: Emitter): void {
  const readers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (...frame) => {
    for (const read of readers)
      Promise.resolve()
        .then(() => read(...frame))
        .catch(() => undefined);
  });
}

/** Says goodbye, and goes where nobody answers. Never throws. */
function leave(receiver: Receiver): void {
  const stop = (): void => void receiver.stop().catch(() => undefined);
  const insist = setTimeout(stop, goodbyeMs);
  insist.unref();
  receiver.client.once('disconnected', () => clearTimeout(insist));
  stop();
}
