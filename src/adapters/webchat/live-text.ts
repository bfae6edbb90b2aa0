import type { Transient } from '../../contracts/adapter.ts';
import type { TaskId } from '../../contracts/id.ts';
import type { Runtime } from '../../contracts/runtime.ts';
import type { Connection } from './connection.ts';
import { frame, partMax } from './outbound.ts';

const streamsMax = 16;
/** Shortest distance of two sends of one conversation. */
const gapMs = 60;

interface Stream {
  readonly taskId: TaskId;
  seq: number;
  text: string;
  /** How much of the text each connection has; a weak map, so that a gone one is forgotten. */
  had: WeakMap<Connection, number>;
}

/**
 * Streamed text of one conversation: the newest of each live message, told as what was added since. It is
 * shown meanwhile and proves nothing; a connection that comes late gets all of it.
 */
export class LiveText {
  readonly #streams = new Map<string, Stream>();
  readonly #connections: () => Iterable<Connection>;
  readonly #runtime: Runtime;
  readonly #stop: AbortSignal;
  #flushing = false;
  #dirty = false;

  constructor(connections: () => Iterable<Connection>, runtime: Runtime, stop: AbortSignal) {
    this.#connections = connections;
    this.#runtime = runtime;
    this.#stop = stop;
  }

  show(transient: Transient): void {
    const text = (transient.text ?? '').slice(0, partMax);
    const stream = this.#streams.get(transient.liveId);
    if (stream === undefined) this.#begin(transient, text);
    else if (transient.seq > stream.seq) {
      if (!text.startsWith(stream.text)) stream.had = new WeakMap();
      stream.seq = transient.seq;
      stream.text = text;
    }
    this.#dirty = true;
    if (!this.#flushing) void this.#flush();
  }

  /** The durable text is there. */
  end(liveId: string): void {
    this.#streams.delete(liveId);
  }

  taskOf(liveId: string): TaskId | undefined {
    return this.#streams.get(liveId)?.taskId;
  }

  /** What a connection lacks of every stream. */
  sendTo(connection: Connection): void {
    for (const [id, stream] of this.#streams) {
      const start = stream.had.get(connection) ?? 0;
      if (start === stream.text.length && start > 0) continue;
      const data = { id, seq: stream.seq, start, text: stream.text.slice(start) };
      if (connection.offer(frame({ event: 'text', data })))
        stream.had.set(connection, stream.text.length);
    }
  }

  #begin({ liveId, taskId, seq }: Transient, text: string): void {
    this.#streams.set(liveId, { taskId, seq, text, had: new WeakMap() });
    for (const oldest of this.#streams.keys()) {
      if (this.#streams.size <= streamsMax) return;
      this.#streams.delete(oldest);
    }
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    while (this.#dirty && !this.#stop.aborted) {
      this.#dirty = false;
      for (const connection of this.#connections()) this.sendTo(connection);
      await this.#runtime.sleep(gapMs, this.#stop);
    }
    this.#flushing = false;
  }
}
