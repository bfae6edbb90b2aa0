import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { guildCreateJson } from './channel-json.ts';
import { acceptSocket } from './clock.ts';
import { intents } from './event.ts';
import { Connection } from './gateway-connection.ts';
import { ops, readFrame } from './gateway-frame.ts';
import { askedBy, guildsOf, readyJson } from './gateway-identify.ts';
import { type Session, SessionShelf } from './gateway-session.ts';
import type { IdentifyBudget } from './identify-budget.ts';
import { isObject } from './json-value.ts';
import type { DiscordSession, FakeDiscordGateway } from './shape-server.ts';
import type { Happening, Json, World } from './state.ts';

const closesMax = 10_000;
/** Heartbeats that may be missing. */
const silenceMax = 2;

export interface HubOptions {
  readonly heartbeatMs: number;
  readonly sessionMs: number;
  readonly budget: IdentifyBudget;
}

type Close = FakeDiscordGateway['closes'][number];

/** The gateway: connections, sessions that outlive them, and the events of each in order. */
export class GatewayHub {
  readonly #world: World;
  readonly #options: HubOptions;
  readonly #shelf: SessionShelf;
  readonly #watch: NodeJS.Timeout;
  readonly connections = new Set<Connection>();
  readonly closes: Close[] = [];
  refusal: 'reset' | 'unavailable' | false = false;
  isMute = false;
  made = 0;
  identifies = 0;
  resumes = 0;

  constructor(world: World, options: HubOptions) {
    this.#world = world;
    this.#options = options;
    this.#shelf = new SessionShelf(options.sessionMs);
    // on the real clock, which clients count by
    this.#watch = setInterval(() => this.#closeSilent(), options.heartbeatMs);
    this.#watch.unref();
  }

  get sessions(): readonly DiscordSession[] {
    return this.#shelf.all;
  }

  /** Whether clients have read all that was sent. */
  get isRead(): boolean {
    return [...this.connections].every(({ unread, isMute }) => isMute || unread === 0);
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // an error of a broken connection is told by its end
    stream.on('error', () => undefined);
    if (this.refusal === 'unavailable') {
      stream.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
      return;
    }
    if (this.refusal === 'reset') return void stream.destroy();
    const url = new URL(request.url ?? '/', 'http://localhost');
    const socket = acceptSocket(request, stream, head);
    if (socket === undefined) return;
    const connection = new Connection(socket, this.#world);
    connection.mute(this.isMute);
    this.connections.add(connection);
    this.made += 1;
    socket.listen({
      message: (text) => this.#hear(connection, text),
      pong: () => {
        connection.pong();
        this.#world.tell();
      },
      closed: () => this.#forget(connection),
    });
    const isSpoken = url.searchParams.get('v') === '10' && !url.searchParams.has('compress');
    if (!isSpoken || url.searchParams.get('encoding') === 'etf')
      return this.close(connection, 4012);
    connection.sendOp(ops.hello, { heartbeat_interval: this.#options.heartbeatMs, _trace: [] });
  }

  /** Takes an event for all sessions that it concerns; returns how many have it. */
  dispatch({ type, data, guild, intent }: Happening): number {
    const concerned = this.#shelf.concerned(guild, intent, this.#world.nowMs());
    for (const session of concerned)
      this.#send(session, type, data((session.intents & intents.content) !== 0));
    return concerned.length;
  }

  close(connection: Connection, code: number, reason = ''): void {
    this.#note({ by: 'server', code });
    connection.close(code, reason);
  }

  drop(): void {
    for (const { socket } of [...this.connections]) socket.drop();
  }

  mute(isMute: boolean): void {
    this.isMute = isMute;
    for (const connection of this.connections) connection.mute(isMute);
  }

  op7(): void {
    for (const connection of this.connections) connection.sendOp(ops.reconnect);
  }

  /** Sends an event once more, to the sessions that have it; returns how many. */
  repeat(type: string, id: string): number {
    let count = 0;
    for (const session of this.#shelf.all) {
      const data = session.isOver ? undefined : session.about(id, type);
      if (data === undefined) continue;
      this.#send(session, type, data);
      count += 1;
    }
    return count;
  }

  askHeartbeat(): void {
    for (const connection of this.connections) connection.sendOp(ops.heartbeat);
  }

  invalidate(canResume: boolean): void {
    for (const connection of this.connections) {
      connection.session?.leave(this.#world.nowMs());
      if (!canResume && connection.session !== undefined) connection.session.isOver = true;
      connection.session = undefined;
      connection.isReady = false;
      connection.sendOp(ops.invalidSession, canResume);
    }
  }

  /** Ends sessions: those without a connection, or all. */
  forget(all = false): void {
    this.#shelf.end((session) => all || !session.isConnected);
  }

  stop(): void {
    clearInterval(this.#watch);
    this.drop();
  }

  #hear(connection: Connection, text: string): void {
    if (connection.countReceived()) return this.close(connection, 4008);
    const frame = readFrame(text);
    if (frame === undefined) return this.close(connection, 4002);
    const { op, d } = frame;
    if (op === ops.heartbeat) {
      if (!this.isMute) connection.sendOp(ops.ack);
      return;
    }
    if (op === ops.identify) return this.#identify(connection, d);
    if (op === ops.resume) return this.#resume(connection, d);
    if (![ops.presence, ops.voice, ops.members].includes(op as 3))
      return this.close(connection, 4001);
    if (connection.session === undefined) this.close(connection, 4003);
  }

  #identify(connection: Connection, data: unknown): void {
    if (connection.session !== undefined) return this.close(connection, 4005);
    this.identifies += 1;
    const asked = askedBy(this.#world, data);
    if (typeof asked === 'number') return this.close(connection, asked);
    const { budget } = this.#options;
    if (!budget.use(this.#world.nowMs())) return this.resetToken();
    if (!budget.mayNow(asked.shard[0])) return connection.sendOp(ops.invalidSession, false);
    const session = this.#shelf.open(asked);
    this.#join(connection, session);
    const read = connection.sendFrame(session.add('READY', readyJson(this.#world, session)));
    this.#readyWhen(connection, read);
    for (const guild of guildsOf(this.#world, session))
      if (!guild.isOut && session.wants(intents.guilds))
        this.#send(session, 'GUILD_CREATE', guildCreateJson(this.#world, guild));
  }

  #resume(connection: Connection, data: unknown): void {
    if (connection.session !== undefined) return this.close(connection, 4005);
    if (!isObject(data)) return this.close(connection, 4002);
    if (data['token'] !== this.#world.token) return this.close(connection, 4004);
    const session = this.#shelf.alive(data['session_id'], this.#world.nowMs());
    const sequence = Number(data['seq']);
    if (session === undefined) return connection.sendOp(ops.invalidSession, false);
    if (!(sequence >= 0 && sequence <= session.sequence)) return this.close(connection, 4007);
    const missed = session.after(sequence);
    if (missed === undefined) return connection.sendOp(ops.invalidSession, false);
    for (const other of [...this.connections]) if (other.session === session) other.socket.drop();
    this.resumes += 1;
    session.resumes += 1;
    session.resumedFrom = sequence;
    this.#join(connection, session);
    for (const frame of missed) void connection.sendFrame(frame);
    this.#readyWhen(
      connection,
      connection.sendFrame(session.add('RESUMED', { _trace: [] }, false)),
    );
  }

  #join(connection: Connection, session: Session): void {
    connection.session = session;
    session.isConnected = true;
  }

  #readyWhen(connection: Connection, read: Promise<void>): void {
    void read.then(() => {
      connection.isReady = true;
      this.#world.tell();
    });
  }

  #send(session: Session, type: string, data: Json): void {
    const frame = session.add(type, data);
    for (const connection of this.connections)
      if (connection.session === session) void connection.sendFrame(frame);
  }

  /** The budget is used up: every session ends, and the old token opens nothing any more. */
  resetToken(): void {
    this.#world.token = this.#world.newToken();
    this.forget(true);
    for (const connection of [...this.connections]) this.close(connection, 4004);
  }

  #forget(connection: Connection): void {
    this.connections.delete(connection);
    connection.leave();
    const { session, closeCode } = connection;
    if (closeCode !== undefined) this.#note({ by: 'client', code: closeCode });
    if (session !== undefined) {
      session.leave(this.#world.nowMs());
      if (closeCode === 1000 || closeCode === 1001) session.isOver = true;
    }
    this.#world.tell();
  }

  /** Counted in looks, not in time: a machine that stood still is not silence. */
  #closeSilent(): void {
    for (const connection of [...this.connections]) {
      connection.silence += 1;
      if (connection.silence > silenceMax && !connection.isMute) this.close(connection, 4009);
    }
  }

  #note(close: Close): void {
    this.closes.push(close);
    if (this.closes.length > closesMax) this.closes.shift();
  }
}
