import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { FakeSlack } from '../../../src/testing/slack/index.ts';
import { client, server } from './ground.ts';

/** A hand-made client: it sends bytes, right or wrong, and keeps the frames that come. */
class Raw {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly ended: Promise<unknown>;

  constructor(socket: Socket) {
    this.socket = socket;
    this.ended = once(socket, 'close');
    socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    socket.on('error', () => undefined);
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }

  /** The bytes after the head of the answer. */
  get frames(): Buffer {
    const all = Buffer.concat(this.#chunks);
    return all.subarray(all.indexOf('\r\n\r\n') + 4);
  }
}

async function upgraded(slack: FakeSlack, change: Record<string, string> = {}): Promise<Raw> {
  return await upgradedTo((await open(slack)) ?? '', change);
}

async function upgradedTo(address: string, change: Record<string, string> = {}): Promise<Raw> {
  const url = new URL(address);
  const socket = connect(Number(url.port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const raw = new Raw(socket);
  const headers = {
    host: url.host,
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    ...change,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return raw;
}

async function open(slack: FakeSlack): Promise<string | undefined> {
  const { url } = await client(slack, slack.appToken).apps.connections.open({});
  return url;
}

/** A frame of a client: masked. */
function frame(opcode: number, payload: Buffer, { isLast = true, mask = 0x5a } = {}): Buffer {
  const size = payload.byteLength;
  const header = Buffer.alloc(size < 126 ? 2 : 4);
  header[0] = (isLast ? 0x80 : 0) | opcode;
  header[1] = 0x80 | Math.min(size, 126);
  if (size >= 126) header.writeUInt16BE(size, 2);
  const masked = Buffer.from(payload.map((byte) => byte ^ mask));
  return Buffer.concat([header, Buffer.alloc(4, mask), masked]);
}

/** The close code that the server sent. */
async function closeCode(raw: Raw): Promise<number> {
  await raw.ended;
  const { frames } = raw;
  for (let at = 0; at < frames.byteLength; ) {
    const short = (frames[at + 1] as number) & 0x7f;
    const start = at + (short === 126 ? 4 : 2);
    const size = short === 126 ? frames.readUInt16BE(at + 2) : short;
    if (((frames[at] as number) & 0x0f) === 8) return frames.readUInt16BE(start);
    at = start + size;
  }
  return 0;
}

const hello = async (raw: Raw) => {
  await expect.poll(() => raw.text).toContain('"type":"hello"');
};

test('the handshake answers the key, hello follows, a ping is answered with its payload', async () => {
  const slack = await server();
  const raw = await upgraded(slack);
  await hello(raw);
  // the answer to sixteen zero bytes
  expect(raw.text).toContain('sec-websocket-accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=');
  expect(raw.text).toContain(`"app_id":"${slack.appId}"`);
  raw.socket.write(frame(9, Buffer.from('are you there')));
  await expect.poll(() => raw.text).toContain('are you there');
  expect(raw.frames.includes(Buffer.from([0x8a, 13]))).toBe(true);
});

test('an ack in pieces, with a ping in between and byte by byte, is one ack', async () => {
  const slack = await server();
  const raw = await upgraded(slack);
  await hello(raw);
  slack.person().say('hello');
  await expect.poll(() => raw.text).toContain('envelope_id');
  const id = /"envelope_id":"(\w+)"/.exec(raw.text)?.[1];
  const ack = Buffer.from(JSON.stringify({ envelope_id: id, payload: { pad: 'x'.repeat(200) } }));
  const bytes = Buffer.concat([
    frame(1, ack.subarray(0, 10), { isLast: false }),
    frame(9, Buffer.alloc(0)),
    frame(0, ack.subarray(10)),
  ]);
  for (const byte of bytes) raw.socket.write(Buffer.from([byte]));
  await slack.settled();
  expect(slack.deliveries).toMatchObject([{ outcome: 'acked' }]);
});

test.each<[what: string, bytes: () => Buffer, code: number]>([
  ['a frame without a mask', () => Buffer.from([0x81, 1, 0x61]), 1002],
  ['a reserved bit', () => Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
  ['an unknown opcode', () => frame(3, Buffer.alloc(0)), 1002],
  ['a ping in pieces', () => frame(9, Buffer.alloc(0), { isLast: false }), 1002],
  ['a long ping', () => frame(9, Buffer.alloc(126)), 1002],
  ['a piece of nothing', () => frame(0, Buffer.alloc(1)), 1002],
  ['bytes', () => frame(2, Buffer.alloc(1)), 1003],
  ['text that is no UTF-8', () => frame(1, Buffer.from([0xff])), 1007],
  ['2 MB', () => Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]), 1009],
  ['a close', () => frame(8, Buffer.from([0x03, 0xe9])), 1001],
])('%s ends the connection with its code', async (_, bytes, code) => {
  const slack = await server();
  const raw = await upgraded(slack);
  await hello(raw);
  raw.socket.write(bytes());
  expect(await closeCode(raw)).toBe(code);
  await expect.poll(() => slack.sockets.open).toBe(0);
});

test('a message in many pieces has the same bound', async () => {
  const slack = await server();
  const raw = await upgraded(slack);
  await hello(raw);
  for (let n = 0; n < 18; n += 1)
    raw.socket.write(frame(n === 0 ? 1 : 0, Buffer.alloc(65_000, 0x61), { isLast: false }));
  expect(await closeCode(raw)).toBe(1009);
});

test('an ack of nothing and words that are no JSON change nothing', async () => {
  const slack = await server();
  const raw = await upgraded(slack);
  await hello(raw);
  raw.socket.write(frame(1, Buffer.from('no JSON')));
  raw.socket.write(frame(1, Buffer.from('{"envelope_id":"unknown"}')));
  raw.socket.write(frame(9, Buffer.from('still here')));
  await expect.poll(() => raw.text).toContain('still here');
});

test.each([
  ['another version', { 'sec-websocket-version': '8' }, '400'],
  ['a short key', { 'sec-websocket-key': 'abc' }, '400'],
])('%s is no WebSocket', async (_, change, status) => {
  const slack = await server();
  const raw = await upgraded(slack, change);
  await raw.ended;
  expect(raw.text).toContain(`HTTP/1.1 ${status}`);
  expect(slack.sockets.made).toBe(0);
});

test('it pings by the real clock; muted it neither pings nor answers', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const slack = await server({ pingMs: 1_000 });
  const raw = await upgraded(slack);
  const pings = () => raw.text.split('Ping from the server').length - 1;
  await vi.waitFor(() => expect(pings()).toBe(1));
  vi.advanceTimersByTime(2_000);
  await vi.waitFor(() => expect(pings()).toBe(3));
  slack.sockets.mute();
  vi.advanceTimersByTime(5_000);
  raw.socket.write(frame(9, Buffer.from('unanswered')));
  slack.person().say('hello');
  await vi.waitFor(() => expect(raw.text).toContain('envelope_id'));
  expect([pings(), raw.text.includes('unanswered')]).toEqual([3, false]);
  slack.sockets.mute(false);
  vi.advanceTimersByTime(1_000);
  await vi.waitFor(() => expect(pings()).toBe(4));
});

test('a connection that is warned goes on; one that is told to go gets nothing new', async () => {
  const slack = await server();
  const raw = await upgraded(slack);
  await hello(raw);
  slack.sockets.disconnect('warning');
  const ann = slack.person();
  ann.say('still');
  await expect.poll(() => raw.text).toContain('envelope_id');
  expect(raw.text).toContain('"reason":"warning"');
  slack.sockets.disconnect('refresh_requested');
  ann.say('no more');
  await expect.poll(() => slack.deliveries.length).toBe(3);
  expect(slack.deliveries.slice(1)).toMatchObject([
    { outcome: 'failed', reason: 'connection_failed' },
    { outcome: 'failed', reason: 'connection_failed' },
  ]);
  expect(raw.text).not.toContain('no more');
});

test('a ticket is good for one connection', async () => {
  const slack = await server();
  const url = (await open(slack)) as string;
  await hello(await upgradedTo(url));
  const second = await upgradedTo(url);
  await second.ended;
  expect(second.text).toContain('HTTP/1.1 503');
  expect(slack.sockets.made).toBe(1);
});
