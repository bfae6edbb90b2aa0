import type { Transient } from '../contracts/adapter.ts';
import type { Channel } from '../contracts/channel.ts';
import type { ReceiptId, TaskId } from '../contracts/id.ts';
import type { WorkerEvent } from '../contracts/worker.ts';
import { clip } from './clip.ts';
import { type Core, capabilitiesOf } from './core.ts';
import { limit } from './limit.ts';
import { errorText } from './port.ts';

/** What passes while a Task is at work: typing, and streamed text under the live message's id. Settles nothing; never waited for. */
export class Showing {
  readonly streams: boolean;
  readonly #core: Core;
  readonly #about: {
    readonly taskId: TaskId;
    readonly liveId: ReceiptId;
    readonly channel: Channel;
  };
  readonly #parts = new Map<string, string>();
  readonly #stopped = new AbortController();
  #seq = 0;
  #chars = 0;
  #changed = 0;
  #shown = 0;
  #flowing = false;

  constructor(core: Core, about: { taskId: TaskId; liveId: ReceiptId; channel: Channel }) {
    this.#core = core;
    this.#about = about;
    this.streams = capabilitiesOf(core, about.channel).streams;
  }

  /** All text so far, bounded. */
  get text(): string {
    return clip([...this.#parts.values()].join(''), limit.streamChars);
  }

  /** Typing is shown and refreshed until `stop`, whenever the work goes on: who waits for an answer does not type. */
  start(working: () => boolean): void {
    const { presence } = capabilitiesOf(this.#core, this.#about.channel);
    if (presence !== undefined) void this.#type(presence.refreshMs, working);
  }

  /** Nothing is shown any more: there is no call to end typing, it is simply not refreshed. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Answers whether the event changed the streamed text. */
  take(event: WorkerEvent): boolean {
    switch (event.kind) {
      case 'text':
        // What is streamed beyond the bound is not shown before the end: the result is what counts.
        if (this.#chars > limit.streamChars) return false;
        this.#set(event.partId, (this.#parts.get(event.partId) ?? '') + event.delta);
        break;
      case 'text_snapshot':
        this.#set(event.partId, clip(event.text, limit.streamChars));
        break;
      case 'text_discarded':
        for (const id of event.partIds) this.#set(id, '');
        break;
      default:
        return false;
    }
    this.#changed += 1;
    if (this.streams && !this.#flowing) void this.#flow();
    return true;
  }

  #set(partId: string, text: string): void {
    this.#chars += text.length - (this.#parts.get(partId)?.length ?? 0);
    if (text === '') this.#parts.delete(partId);
    else this.#parts.set(partId, text);
  }

  async #type(refreshMs: number, working: () => boolean): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      if (working()) this.#show({ kind: 'typing' });
      await this.#core.runtime.sleep(refreshMs, this.#stopped.signal);
    }
  }

  /** Text is shown at most every `streamEveryMs`, always the newest; the first of it makes a waiting ack ripe. */
  async #flow(): Promise<void> {
    this.#flowing = true;
    if (this.#shown === 0) this.#ripenAck();
    while (!this.#stopped.signal.aborted && this.#changed !== this.#shown) {
      this.#shown = this.#changed;
      this.#show({ kind: 'text', text: this.text });
      await this.#core.runtime.sleep(limit.streamEveryMs, this.#stopped.signal);
    }
    this.#flowing = false;
  }

  #ripenAck(): void {
    const { taskId, liveId } = this.#about;
    const core = this.#core;
    core
      .persist('ripen', function* (work) {
        const ack = yield* work.receipt(liveId);
        if (ack?.place !== 'unripe' || ack.state !== 'pending') return;
        ack.dueAtMs = work.now;
        work.putReceipt(ack);
        const channel = yield* work.channel(ack.channel);
        if (
          channel !== undefined &&
          channel.leaseUntilMs === undefined &&
          channel.audience !== 'absent'
        ) {
          work.putChannel({ ...channel, dueAtMs: Math.min(channel.dueAtMs ?? work.now, work.now) });
        }
      })
      .catch((error: unknown) =>
        core.log('error', 'ripening an ack failed', { task: taskId, error: errorText(error) }),
      );
  }

  #show(what: Pick<Transient, 'kind' | 'text'>): void {
    const { taskId, liveId, channel } = this.#about;
    this.#seq += 1;
    try {
      this.#core.adapters
        .get(channel.address.adapter)
        ?.show?.({ ...what, channel: channel.address, taskId, liveId, seq: this.#seq });
    } catch (error) {
      this.#core.log('warn', 'showing failed', { task: taskId, error: errorText(error) });
    }
  }
}
