import type { AdapterHost, Transient } from '../../contracts/adapter.ts';
import type { Delivery, Handle } from '../../contracts/delivery.ts';
import { orAborted } from '../shared/aborted.ts';
import { BoundedMap, BoundedSet } from '../shared/bounded.ts';
import type { ApiCall, BotApi } from './api.ts';
import type { TelegramConfig } from './config.ts';
import { readFailure } from './failure.ts';
import { isGroup, type Limiter } from './limiter.ts';
import { placeOf } from './outbound.ts';
import { retryAfterOf } from './outcome.ts';
import { callOf, type Live, newStream, type Screen, type Stream } from './stream.ts';

/** A draft, or an edit in a private chat: at most so often. */
const quickMs = 1_000;
const groupMs = 3_000;
/** For one of these calls; a send of the same message waits for it. */
const callMs = 4_000;
/** An edit of unknown outcome may still come for so long. */
const lateMs = 60_000;
const keptMax = 1_000;
/** A place that refused a typing sign is asked for none so long, unless something is shown there. */
const refusedMs = 600_000;

/** `held`: nothing changed, and it may be tried again. */
type Answer = 'shown' | 'held' | 'refused' | 'unknown';

export interface PassingParts {
  readonly api: BotApi;
  readonly host: AdapterHost;
  readonly limiter: Limiter;
  readonly config: Pick<TelegramConfig, 'streams'>;
}

/**
 * What passes: typing, and streamed text as a draft or as edits of the live message. Best effort and silent; it
 * settles nothing, and of a Task whose end is on its way nothing more is shown. Everything kept is bounded.
 */
export class Passing {
  readonly #parts: PassingParts;
  readonly #streams = new Map<string, Stream>();
  /** By live id: learned when it was shown; after a restart when it is edited next. */
  readonly #lives = new BoundedMap<string, Live>(keptMax);
  /** By live id: when an edit of streamed text was lost, monotonic. */
  readonly #lost = new BoundedMap<string, number>(keptMax);
  /** Tasks whose end is on its way. */
  readonly #ended = new BoundedSet<string>(keptMax);
  /** Chats that take no drafts: there the live message is edited. */
  readonly #draftless = new BoundedSet<string>(keptMax);
  readonly #typing = new Map<string, AbortController>();
  /** Places that take no typing sign, and until when. */
  readonly #refused = new BoundedMap<string, number>(keptMax);
  #pausedUntilMs = 0;

  constructor(parts: PassingParts) {
    this.#parts = parts;
  }

  show(transient: Transient): void {
    if (this.#parts.api.stopped || this.#ended.has(transient.taskId)) return;
    switch (transient.kind) {
      case 'typing':
        this.#run(this.#type(transient));
        return;
      case 'text':
        this.#stream(transient);
        return;
      case 'status':
        return;
    }
  }

  /** Telegram wants nothing for a while. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#now() + ms);
  }

  /** A send begins: nothing of the same message is on its way when this resolves, unless the signal aborts. */
  async hold(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { liveId, taskId } = delivery;
    if (delivery.kind === 'terminal') {
      if (taskId !== undefined) this.#ended.add(taskId);
      this.#typing.get(placeKey(delivery))?.abort('ended');
    }
    const stream = liveId === undefined ? undefined : this.#streams.get(liveId);
    if (stream === undefined) return;
    stream.held = true;
    if (delivery.kind === 'terminal') this.#end(stream);
    if (stream.inFlight === undefined) return;
    await orAborted(stream.inFlight, signal);
  }

  /** The send is over. `handle`: what is shown now, to be edited by what streams. */
  release(delivery: Delivery, handle: Handle | undefined): void {
    const { liveId, buttons } = delivery;
    if (handle !== undefined) this.#refused.delete(placeKey(delivery));
    if (liveId === undefined) return;
    const isWork = delivery.kind === 'ack' || delivery.kind === 'progress';
    if (handle !== undefined && isWork) this.#lives.set(liveId, { handle, buttons });
    const stream = this.#streams.get(liveId);
    if (stream === undefined) return;
    stream.held = false;
    stream.shownAtMs = this.#now();
    // A new message takes the draft away: it is shown again below it.
    if (delivery.kind === 'ack') stream.shownText = '';
    if (!stream.flowing) this.#run(this.#flow(stream));
  }

  /** Whether an edit of streamed text may still overwrite that message; asked once. */
  mayOverwrite({ liveId }: Delivery): boolean {
    const lostMs = liveId === undefined ? undefined : this.#lost.get(liveId);
    if (liveId === undefined || lostMs === undefined) return false;
    this.#lost.delete(liveId);
    return this.#now() - lostMs < lateMs;
  }

  stop(): void {
    for (const stream of this.#streams.values()) this.#end(stream);
  }

  /** Whatever goes wrong with what passes must end nothing else. */
  #run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const name = error instanceof Error ? error.name : 'error';
      this.#parts.host.log('warn', 'showing what passes broke', { error: name });
    });
  }

  async #type(transient: Transient): Promise<void> {
    const key = placeKey(transient);
    const fromMs = Math.max(this.#pausedUntilMs, this.#refused.get(key) ?? 0);
    if (this.#typing.has(key) || fromMs > this.#now()) return;
    const abort = new AbortController();
    this.#typing.set(key, abort);
    const payload = { ...placeOf(transient), action: 'typing' };
    const answer = await this.#call({ method: 'sendChatAction', payload }, abort.signal);
    this.#typing.delete(key);
    if (answer === 'refused') this.#refused.set(key, this.#now() + refusedMs);
  }

  #stream(transient: Transient): void {
    const { liveId, seq, text = '' } = transient;
    if (this.#parts.config.streams === 'off' || text.trim() === '') return;
    const known = this.#streams.get(liveId);
    if (known !== undefined && seq <= known.seq) return;
    const stream = known ?? this.#begin(transient);
    stream.seq = seq;
    stream.text = text;
    if (!stream.flowing) this.#run(this.#flow(stream));
  }

  #begin(transient: Transient): Stream {
    const stream = newStream(transient);
    const [oldest] = this.#streams.values();
    if (oldest !== undefined && this.#streams.size >= keptMax) this.#end(oldest);
    this.#streams.set(transient.liveId, stream);
    return stream;
  }

  #end(stream: Stream): void {
    stream.ended.abort('ended');
    if (this.#streams.get(stream.transient.liveId) === stream)
      this.#streams.delete(stream.transient.liveId);
  }

  /** The newest text, one call at a time, each some time after the one before. */
  async #flow(stream: Stream): Promise<void> {
    stream.flowing = true;
    const { signal } = stream.ended;
    while (!signal.aborted && !stream.held && stream.text !== stream.shownText) {
      const screen = this.#screenOf(stream);
      // Shown when its live message is: that begins a flow anew.
      if (screen === undefined) break;
      const waitMs = this.#waitMs(stream, screen);
      if (waitMs > 0) {
        await this.#parts.host.runtime.sleep(waitMs, signal);
        continue;
      }
      stream.shownText = stream.text;
      stream.shownAtMs = this.#now();
      stream.inFlight = this.#send(stream, callOf(stream, screen));
      await stream.inFlight;
      stream.inFlight = undefined;
    }
    stream.flowing = false;
  }

  /** A place in its group is taken when this answers 0. */
  #waitMs({ transient, shownAtMs }: Stream, screen: Screen): number {
    const chat = transient.channel.conversation;
    const everyMs = isGroup(chat) ? groupMs : quickMs;
    const waitMs = Math.max(shownAtMs + everyMs, this.#pausedUntilMs) - this.#now();
    if (waitMs > 0 || screen === 'draft') return waitMs;
    return this.#parts.limiter.take(chat, 'work', this.#now());
  }

  /** Undefined: there is nothing to show it on now. */
  #screenOf({ transient }: Stream): Screen | undefined {
    const { channel, liveId } = transient;
    const chat = channel.conversation;
    const asDraft = this.#parts.config.streams === 'draft' && !this.#draftless.has(chat);
    if (asDraft && !isGroup(chat)) return 'draft';
    return this.#lost.has(liveId) ? undefined : this.#lives.get(liveId);
  }

  async #send({ transient }: Stream, call: ApiCall): Promise<void> {
    const { taskId, liveId, channel } = transient;
    const answer = await this.#call(call);
    const isEdit = call.method === 'editMessageText';
    if (answer === 'shown') this.#parts.host.shown(taskId);
    if (answer === 'unknown' && isEdit) this.#lost.set(liveId, this.#now());
    if (answer !== 'refused') return;
    if (isEdit) this.#lives.delete(liveId);
    else this.#draftless.add(channel.conversation);
  }

  async #call(call: ApiCall, signal?: AbortSignal): Promise<Answer> {
    try {
      await this.#parts.api.call(call, { limitMs: callMs, signal });
      return 'shown';
    } catch (error) {
      const failure = readFailure(error);
      const { status, words: cause, phase } = failure;
      this.#parts.host.log('debug', 'what passes was not shown', { method: call.method, cause });
      if (status === undefined) return phase === 'not_connected' ? 'held' : 'unknown';
      if (status === 429 || status === 420) this.pause(retryAfterOf(failure));
      if (status === 429 || status === 420 || /not modified/i.test(cause)) return 'held';
      return status < 500 ? 'refused' : 'unknown';
    }
  }

  #now(): number {
    return this.#parts.host.runtime.monoMs();
  }
}

function placeKey(of: Pick<Delivery, 'channel'>): string {
  const { conversation, thread = '' } = of.channel;
  return `${conversation} ${thread}`;
}
