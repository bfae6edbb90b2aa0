import type { DeliveryAttempt, Transient } from '../../contracts/adapter.ts';
import type { Delivery, Handle } from '../../contracts/delivery.ts';
import type { TaskId } from '../../contracts/id.ts';
import { BoundedMap, BoundedSet } from '../shared/bounded.ts';
import { readHandle } from './handle.ts';
import { isOfOne } from './life.ts';
import { PassingCalls, type PassingParts } from './passing-call.ts';
import { channelIdOf } from './place.ts';
import { Streams } from './stream.ts';
import { typingCall } from './thread-call.ts';

const keptMax = 1_000;
const stopMs = 3_000;
/** A channel that refused a typing sign is asked for none so long. */
const refusedMs = 600_000;
/** So long after a command for one person alone nothing is shown to others of what it does. */
const hiddenMs = 3_600_000;

/**
 * What passes: typing, and streamed text by edits of the message that shows the work. Best effort and silent; it settles
 * nothing, and of a Task whose end is on its way nothing more is shown. Everything kept is bounded.
 */
export class Passing {
  readonly #parts: PassingParts;
  readonly #stopping = new AbortController();
  readonly #calls: PassingCalls;
  readonly #streams: Streams;
  /** Tasks whose end is on its way. */
  readonly #ended = new BoundedSet<TaskId>(keptMax);
  /** Channels that take no typing sign, and until when. */
  readonly #refused = new BoundedMap<string, number>(keptMax);

  constructor(parts: PassingParts) {
    this.#parts = parts;
    this.#calls = new PassingCalls(parts, this.#stopping.signal);
    this.#streams = new Streams(parts, this.#calls);
  }

  show(transient: Transient): void {
    const { taskId, kind, text } = transient;
    if (this.#stopping.signal.aborted || this.#ended.has(taskId)) return;
    if (kind !== 'text') void this.#type(transient);
    else if (text !== undefined && this.#parts.config.streams !== 'off')
      this.#streams.show(transient, text);
  }

  /** Discord wants nothing of the bot for a while. */
  pause(ms: number): void {
    this.#calls.pause(ms);
  }

  /** A send begins: nothing of the same Task is on its way when this resolves, unless the signal aborts. */
  async hold({ kind, taskId, channel }: Delivery, signal: AbortSignal): Promise<void> {
    if (taskId === undefined) return;
    if (kind === 'terminal') this.#ended.add(taskId);
    await this.#streams.hold({ taskId, channel }, signal);
  }

  /** The send is over; `handle`: what is shown now. */
  release(
    { kind, taskId, answers }: Delivery,
    handle: Handle | undefined,
    { part }: DeliveryAttempt,
  ): void {
    if (taskId === undefined) return;
    if (this.#stopping.signal.aborted || this.#ended.has(taskId)) {
      this.#streams.end(taskId);
      return;
    }
    const isLive = (kind === 'ack' || kind === 'progress') && part === 1;
    const live = isLive && handle !== undefined ? readHandle(handle) : undefined;
    this.#streams.release(taskId, live, answers);
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort('stopped');
    const over = new AbortController();
    const ended = this.#streams.stop().finally(() => over.abort('ended'));
    await Promise.race([ended, this.#parts.host.runtime.sleep(stopMs, over.signal)]);
  }

  /** Not where the bot cannot write, and not where what it does is for one person alone. */
  async #type({ channel }: Transient): Promise<void> {
    const { limiter, places, lives, host } = this.#parts;
    const channelId = channelIdOf(channel);
    const nowMs = host.runtime.monoMs();
    if (this.#calls.waitMs(channelId) > 0 || nowMs < (this.#refused.get(channelId) ?? 0)) return;
    if (channel.thread !== undefined && places.beginning(channel.thread) !== undefined) return;
    const wallMs = host.runtime.wallMs();
    const hides = lives
      .find(channelId)
      .some((life) => isOfOne(life) && wallMs < life.cameMs + hiddenMs);
    if (hides || !limiter.mayType(channelId, nowMs)) return;
    const answer = await this.#calls.call(typingCall(channelId), { channelId });
    if (answer === 'refused') this.#refused.set(channelId, host.runtime.monoMs() + refusedMs);
  }
}
