import { connect } from 'node:net';
import { type SessionInfo, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import { GatewayIntentBits } from 'discord.js';
import { onTestFinished } from 'vitest';
import type { FakeDiscord } from '../../../src/testing/discord/index.ts';
import { client, type Json } from './ground.ts';

export const allIntents =
  GatewayIntentBits.Guilds |
  GatewayIntentBits.GuildMessages |
  GatewayIntentBits.MessageContent |
  GatewayIntentBits.DirectMessages;

interface Store {
  session: SessionInfo | null;
}

export interface Event {
  readonly t: string;
  readonly s: number;
  readonly d: Json;
}

/** The real gateway client with its session in `store`; it keeps the events that came. */
export async function shard(
  discord: FakeDiscord,
  store: Store = { session: null },
  options: Partial<ConstructorParameters<typeof WebSocketManager>[0]> = {},
) {
  const events: Event[] = [];
  const errors: Error[] = [];
  const manager = new WebSocketManager({
    token: discord.token,
    intents: allIntents,
    rest: client(discord),
    retrieveSessionInfo: () => store.session,
    updateSessionInfo: (_, session) => {
      store.session = session;
    },
    // the fake judges this; the library's own waits five seconds
    buildIdentifyThrottler: () => ({ waitForIdentify: async () => undefined }),
    ...options,
  });
  manager.on(WebSocketShardEvents.Dispatch, ({ data }) => {
    events.push(data as unknown as Event);
  });
  manager.on(WebSocketShardEvents.Error, ({ error }) => void errors.push(error));
  onTestFinished(async () => {
    // a client that is between two connections never says that it stopped
    await Promise.race([manager.destroy(), discord.stop()]);
  });
  const types = (): string[] => events.map(({ t }) => t);
  const said = (): unknown[] =>
    events.filter(({ t }) => t === 'MESSAGE_CREATE').map(({ d }) => d['content']);
  return { manager, store, events, errors, types, said };
}

/** The same, connected. */
export async function connectedShard(...given: Parameters<typeof shard>) {
  const bot = await shard(...given);
  await bot.manager.connect();
  await given[0].gateway.connected();
  return bot;
}

/** A hand-made gateway client: it sends what it is told, right or wrong. */
export async function raw(discord: FakeDiscord, path = '/?v=10&encoding=json') {
  const url = new URL(discord.apiUrl);
  const socket = connect(Number(url.port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  const frames: Json[] = [];
  let buffer = Buffer.alloc(0);
  let isOpen = false;
  let closeCode: number | undefined;
  const waiters = new Set<() => void>();
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    if (!isOpen) {
      const end = buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      isOpen = true;
      buffer = buffer.subarray(end + 4);
    }
    for (let frame = cut(); frame !== undefined; frame = cut()) take(frame);
    for (const waiter of [...waiters]) waiter();
  });
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  );

  function cut(): { opcode: number; payload: Buffer } | undefined {
    if (buffer.byteLength < 2) return undefined;
    const short = (buffer[1] as number) & 0x7f;
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (buffer.byteLength < start) return undefined;
    const size =
      short === 127
        ? Number(buffer.readBigUInt64BE(2))
        : short === 126
          ? buffer.readUInt16BE(2)
          : short;
    if (buffer.byteLength < start + size) return undefined;
    const opcode = (buffer[0] as number) & 0x0f;
    const payload = buffer.subarray(start, start + size);
    buffer = buffer.subarray(start + size);
    return { opcode, payload };
  }

  function take({ opcode, payload }: { opcode: number; payload: Buffer }): void {
    if (opcode === 1) frames.push(JSON.parse(payload.toString('utf8')) as Json);
    if (opcode === 9) write(10, payload);
    if (opcode !== 8) return;
    closeCode ??= payload.readUInt16BE(0);
    socket.end();
  }

  function write(opcode: number, payload: Buffer): void {
    const size = payload.byteLength;
    const header = Buffer.alloc(size < 126 ? 2 : 4);
    header[0] = 0x80 | opcode;
    header[1] = 0x80 | Math.min(size, 126);
    if (size >= 126) header.writeUInt16BE(size, 2);
    // a mask of zeros leaves the bytes as they are
    socket.write(Buffer.concat([header, Buffer.alloc(4), payload]));
  }

  const send = (op: number, d: unknown): void => write(1, Buffer.from(JSON.stringify({ op, d })));
  const next = (fits: (frame: Json) => boolean): Promise<Json> =>
    new Promise((resolve) => {
      const waiter = (): void => {
        const frame = frames.find(fits);
        if (frame === undefined) return;
        waiters.delete(waiter);
        resolve(frame);
      };
      waiters.add(waiter);
      waiter();
    });
  await next(({ op }) => op === 10);
  return {
    frames,
    socket,
    send,
    next,
    text: (text: string) => write(1, Buffer.from(text)),
    close: (code: number) => {
      const payload = Buffer.alloc(2);
      payload.writeUInt16BE(code);
      write(8, payload);
    },
    closed: async (): Promise<number | undefined> => {
      await ended;
      return closeCode;
    },
    identify: (more: Json = {}) =>
      send(2, { token: discord.token, intents: allIntents, properties: {}, ...more }),
    resume: (more: Json) => send(6, { token: discord.token, seq: 0, ...more }),
    dispatched: (t: string) => next((frame) => frame['t'] === t),
  };
}
