import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Longest message that is read; an app's answers are small. */
const messageMax = 1024 * 1024;
const controlMax = 125;
const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

interface Frame {
  readonly isLast: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

export interface SocketHandlers {
  readonly message: (text: string) => void;
  readonly pong: () => void;
  /** Called once, however it ended. */
  readonly closed: () => void;
}

/**
 * The server's end of a WebSocket (RFC 6455) on a connection that asks for one; undefined, with 400, when it does not.
 * Text only, no extensions: what a client sends against the protocol closes the connection with the code for it.
 */
export function acceptSocket(
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
): WebSocketEnd | undefined {
  const key = request.headers['sec-websocket-key'];
  const isAsked =
    request.method === 'GET' &&
    request.headers.upgrade?.toLowerCase() === 'websocket' &&
    request.headers['sec-websocket-version'] === '13' &&
    key !== undefined &&
    Buffer.from(key, 'base64').byteLength === 16;
  if (!isAsked) {
    stream.end(
      'HTTP/1.1 400 Bad Request\r\nsec-websocket-version: 13\r\nconnection: close\r\n\r\n',
    );
    return undefined;
  }
  const accept = createHash('sha1').update(`${key}${acceptSuffix}`).digest('base64');
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  );
  return new WebSocketEnd(stream, head);
}

export class WebSocketEnd {
  readonly #stream: Duplex;
  #buffer: Buffer;
  #parts: Buffer[] = [];
  #partsSize = 0;
  #handlers: SocketHandlers | undefined;
  #isClosing = false;
  #isOver = false;
  /** False: pings are not answered, as on a connection that is half dead. */
  answersPings = true;

  constructor(stream: Duplex, head: Buffer) {
    this.#stream = stream;
    this.#buffer = head;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', () => this.#end());
    stream.on('end', () => stream.end());
    stream.on('close', () => this.#end());
  }

  listen(handlers: SocketHandlers): void {
    this.#handlers = handlers;
    this.#take(Buffer.alloc(0));
  }

  send(text: string): void {
    this.#write(opcodes.text, Buffer.from(text, 'utf8'));
  }

  ping(): void {
    this.#write(opcodes.ping, Buffer.from('Ping from the server', 'utf8'));
  }

  /** Begins the closing handshake; the connection ends when the other side answers, or with `drop`. */
  close(code: number, reason = ''): void {
    if (this.#isClosing) return;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#write(
      opcodes.close,
      Buffer.concat([payload, Buffer.from(reason, 'utf8')]).subarray(0, controlMax),
    );
    this.#isClosing = true;
  }

  /** Ends the connection without a word. */
  drop(): void {
    this.#stream.destroy();
    this.#end();
  }

  #write(opcode: number, payload: Buffer): void {
    if (this.#isClosing || this.#isOver || this.#stream.destroyed) return;
    const size = payload.byteLength;
    const long = size > 0xffff ? 8 : 2;
    const header = Buffer.alloc(size < 126 ? 2 : 2 + long);
    header[0] = 0x80 | opcode;
    header[1] = size < 126 ? size : long === 8 ? 127 : 126;
    if (size >= 126 && long === 2) header.writeUInt16BE(size, 2);
    if (size >= 126 && long === 8) header.writeBigUInt64BE(BigInt(size), 2);
    this.#stream.write(Buffer.concat([header, payload]));
  }

  #take(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    if (this.#handlers === undefined) return;
    try {
      while (!this.#isOver) {
        const frame = this.#cut();
        if (frame === undefined) return;
        this.#handle(frame);
      }
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 1011;
      this.close(code, error instanceof Error ? error.message : '');
      this.#stream.end();
    }
  }

  /** The next whole frame, unmasked. */
  #cut(): Frame | undefined {
    const buffer = this.#buffer;
    if (buffer.byteLength < 2) return undefined;
    const [first, second] = [buffer[0] as number, buffer[1] as number];
    if ((first & 0x70) !== 0) throw new ProtocolError(1002, 'no extension was agreed on');
    if ((second & 0x80) === 0) throw new ProtocolError(1002, 'frames of a client are masked');
    const short = second & 0x7f;
    const extra = { 126: 2, 127: 8 }[short] ?? 0;
    const start = 2 + extra + 4;
    if (buffer.byteLength < start) return undefined;
    const size = sizeOf(buffer, short);
    const opcode = first & 0x0f;
    if (opcode >= 8 && (size > controlMax || (first & 0x80) === 0))
      throw new ProtocolError(1002, 'control frames are short and whole');
    if (size > messageMax) throw new ProtocolError(1009, 'the message is too big');
    if (buffer.byteLength < start + size) return undefined;
    const mask = buffer.subarray(2 + extra, start);
    const payload = Buffer.from(buffer.subarray(start, start + size));
    for (let n = 0; n < size; n += 1) payload[n] = (payload[n] as number) ^ (mask[n % 4] as number);
    this.#buffer = buffer.subarray(start + size);
    return { isLast: (first & 0x80) !== 0, opcode, payload };
  }

  #handle({ isLast, opcode, payload }: Frame): void {
    switch (opcode) {
      case opcodes.ping:
        if (this.answersPings) this.#write(opcodes.pong, payload);
        return;
      case opcodes.pong:
        this.#handlers?.pong();
        return;
      case opcodes.close:
        this.close(payload.byteLength >= 2 ? payload.readUInt16BE(0) : 1000);
        this.#stream.end();
        return;
      case opcodes.text:
      case opcodes.continuation:
        this.#gather(opcode, isLast, payload);
        return;
      case opcodes.binary:
        throw new ProtocolError(1003, 'only text is understood');
      default:
        throw new ProtocolError(1002, `unknown opcode ${opcode}`);
    }
  }

  #gather(opcode: number, isLast: boolean, payload: Buffer): void {
    if ((opcode === opcodes.text) !== (this.#parts.length === 0))
      throw new ProtocolError(1002, 'a message began inside of another');
    this.#parts.push(payload);
    this.#partsSize += payload.byteLength;
    if (this.#partsSize > messageMax) throw new ProtocolError(1009, 'the message is too big');
    if (!isLast) return;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partsSize = 0;
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(whole);
    } catch {
      throw new ProtocolError(1007, 'the text is no UTF-8');
    }
    this.#handlers?.message(text);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handlers?.closed();
  }
}

function sizeOf(buffer: Buffer, short: number): number {
  if (short === 126) return buffer.readUInt16BE(2);
  return short === 127 ? Number(buffer.readBigUInt64BE(2)) : short;
}

class ProtocolError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
