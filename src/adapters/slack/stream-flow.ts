import type { Transient } from '../../contracts/adapter.ts';
import type { Delivery } from '../../contracts/delivery.ts';
import { orAborted } from '../shared/aborted.ts';
import { BoundedSet } from '../shared/bounded.ts';
import { Window } from '../shared/window.ts';
import type { Failure } from './failure.ts';
import { isDirectId } from './inbound-context.ts';
import { outcomeRow } from './outcome-row.ts';
import type { PassingCalls, PassingParts } from './passing-calls.ts';
import { messageMax, newStream, nextPiece, openMs, pieceText, type Stream } from './stream.ts';
import { likeOf, messagesMax, type StreamNote, type StreamNotes } from './stream-note.ts';

/** One call of a stream in so many. */
const everyMs = 2_000;
const callsMinuteMax = 60;
/** Slack takes 20 a minute; each is stopped as well. */
const startsMinuteMax = 15;
const windowMs = 61_000;
/** So long the message that shows the work may take to stand above the stream. */
const firstMs = 3_000;
const failedMs = 60_000;
const streamsMax = 1_000;
const refusedMax = 1_000;

export interface FlowParts extends PassingParts {
  readonly calls: PassingCalls;
  readonly notes: StreamNotes;
  /** Messages that may still be streaming. */
  readonly open: Set<string>;
  /** Something was begun and no answer was read. */
  readonly lost: () => void;
}

interface Step {
  readonly waitMs: number;
  readonly run: () => Promise<void>;
}

/** Streamed text in messages of its own, one call at a time. What goes wrong ends nothing but the stream. */
export class StreamFlow {
  readonly #parts: FlowParts;
  readonly #streams = new Map<string, Stream>();
  /** Conversations that take no streams. */
  readonly #refused = new BoundedSet<string>(refusedMax);
  readonly #calls = new Window({ ms: windowMs, max: callsMinuteMax });
  readonly #starts = new Window({ ms: windowMs, max: startsMinuteMax });

  constructor(parts: FlowParts) {
    this.#parts = parts;
  }

  show(transient: Transient): void {
    const { taskId, seq, text = '' } = transient;
    if (text.trim() === '' || this.#refused.has(transient.channel.conversation)) return;
    const known = this.#streams.get(taskId);
    if (known !== undefined && seq <= known.seq) return;
    const stream = known ?? this.#begin(transient);
    if (stream === undefined) return;
    stream.seq = seq;
    stream.text = text;
    this.#kick(stream);
  }

  /** A send begins: nothing of the Task is on its way when this resolves, unless the signal aborts. */
  async hold({ kind, taskId }: Delivery, signal: AbortSignal): Promise<void> {
    const stream = taskId === undefined ? undefined : this.#streams.get(taskId);
    if (stream === undefined || (kind !== 'terminal' && kind !== 'question')) return;
    stream.held = true;
    if (kind === 'terminal') this.#end(stream);
    if (stream.inFlight !== undefined) await orAborted(stream.inFlight, signal);
  }

  /** The send is over. What is streamed after a question stands below it. */
  release({ kind, taskId }: Delivery, isShown: boolean): void {
    const stream = taskId === undefined ? undefined : this.#streams.get(taskId);
    if (stream === undefined) return;
    if (isShown && (kind === 'ack' || kind === 'progress')) stream.mayBegin = true;
    if (isShown && kind === 'question') this.#below(stream);
    stream.held = false;
    this.#kick(stream);
  }

  /** What was lost is found, is certainly not there, or nobody can tell; answers whether it is appended to again. */
  found(taskId: string, answer: string | 'absent' | undefined): boolean {
    const stream = this.#streams.get(taskId);
    const piece = stream?.lostPiece;
    if (stream === undefined || piece === undefined) return false;
    stream.lostPiece = undefined;
    if (answer === undefined) stream.isMute = true;
    else if (answer !== 'absent') this.#goOn(stream, answer, piece);
    this.#kick(stream);
    return answer !== undefined && answer !== 'absent';
  }

  stop(): void {
    for (const stream of this.#streams.values()) this.#end(stream);
  }

  #begin(transient: Transient): Stream | undefined {
    const stream = newStream(transient, this.#now());
    if (stream === undefined) return undefined;
    this.#streams.set(stream.taskId, stream);
    const [oldest] = this.#streams.values();
    if (this.#streams.size > streamsMax && oldest !== undefined) this.#end(oldest);
    return stream;
  }

  #end(stream: Stream): void {
    stream.ended.abort('ended');
    if (this.#streams.get(stream.taskId) === stream) this.#streams.delete(stream.taskId);
  }

  #kick(stream: Stream): void {
    if (stream.flowing) return;
    stream.flowing = true;
    this.#flow(stream)
      .catch((error: unknown) => {
        const name = error instanceof Error ? error.name : 'error';
        this.#parts.host.log('warn', 'streaming text broke', { error: name });
      })
      .finally(() => {
        stream.flowing = false;
        stream.inFlight = undefined;
      });
  }

  async #flow(stream: Stream): Promise<void> {
    const { signal } = stream.ended;
    for (;;) {
      const step = signal.aborted || stream.held ? undefined : this.#next(stream);
      if (step === undefined) return;
      if (step.waitMs > 0) {
        await this.#parts.host.runtime.sleep(step.waitMs, signal);
        continue;
      }
      stream.lastCallMs = this.#now();
      this.#calls.take(stream.lastCallMs);
      stream.inFlight = step.run();
      await stream.inFlight;
      stream.inFlight = undefined;
    }
  }

  #next(stream: Stream): Step | undefined {
    const { current } = stream;
    const paceMs = this.#paceMs(stream);
    if (current !== undefined && (current.isOver || current.chars >= messageMax))
      return { waitMs: paceMs, run: () => this.#close(stream, current.ts) };
    const piece = stream.isMute || stream.lostPiece !== undefined ? '' : nextPiece(stream);
    if (piece === '') return undefined;
    if (current !== undefined)
      return { waitMs: paceMs, run: () => this.#append(stream, current.ts, piece) };
    return this.#start(stream, piece, paceMs);
  }

  #start(stream: Stream, piece: string, paceMs: number): Step | undefined {
    const { channel, taskId, firstAtMs, mayBegin } = stream;
    const nowMs = this.#now();
    const recipient = this.#recipient(stream);
    const known = this.#parts.notes.of(taskId)?.ts.length ?? 0;
    if (recipient === undefined || known >= messagesMax) return undefined;
    const startMs = this.#starts.waitMs(nowMs);
    const ackMs = mayBegin ? 0 : firstAtMs + firstMs - nowMs;
    const readyMs = Math.max(paceMs, startMs, ackMs);
    const run = (): Promise<void> => this.#open(stream, piece, recipient);
    if (readyMs > 0) return { waitMs: readyMs, run };
    const wish = {
      conversation: channel.conversation,
      key: `stream ${taskId} ${stream.begun}`,
      weight: 'work' as const,
      isEdit: false,
    };
    const waitMs = this.#parts.limiter.take(wish, nowMs);
    if (waitMs === 0) this.#starts.take(nowMs);
    return { waitMs, run };
  }

  /** Outside of direct messages a stream is shown to somebody; undefined while nobody is known. */
  #recipient({ channel, taskId }: Stream): Readonly<Record<string, string>> | undefined {
    const us = this.#parts.us();
    if (us === undefined) return undefined;
    if (isDirectId(channel.conversation)) return {};
    const { places, notes } = this.#parts;
    const recipient_user_id = places.personOf(channel) ?? notes.of(taskId)?.user;
    if (recipient_user_id === undefined) return undefined;
    return { recipient_user_id, recipient_team_id: us.teamId };
  }

  /** It is noted before it is begun: whatever happens then, it is found again. */
  async #open(
    stream: Stream,
    piece: string,
    recipient: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { notes, calls, host } = this.#parts;
    const { channel, taskId } = stream;
    const note = notes.begin(taskId, channel, host.runtime.wallMs());
    if (note === undefined) {
      stream.failures += 1;
      return;
    }
    note.user = recipient['recipient_user_id'];
    const lost = { sinceMs: host.runtime.wallMs(), like: likeOf(pieceText(piece)) };
    note.lost.push(lost);
    stream.begun += 1;
    const isNoted = note.lost.length <= 3 && (await notes.save());
    const forget = (): void => {
      note.lost = note.lost.filter((other) => other !== lost);
    };
    if (!isNoted || stream.ended.signal.aborted) {
      forget();
      stream.failures += 1;
      return;
    }
    const answer = await calls.call({
      method: 'chat.startStream',
      payload: {
        channel: channel.conversation,
        thread_ts: channel.thread,
        markdown_text: pieceText(piece),
        ...recipient,
      },
    });
    if (answer.kind === 'unknown') {
      stream.lostPiece = piece;
      this.#parts.lost();
      return;
    }
    forget();
    if (answer.kind === 'refused') this.#refuse(stream, answer.failure);
    else if (answer.kind === 'held') stream.failures += 1;
    else this.#opened(stream, note, { answer: answer.value, piece });
    await notes.save();
  }

  #opened(
    stream: Stream,
    note: StreamNote,
    { answer, piece }: { readonly answer: unknown; readonly piece: string },
  ): void {
    const { ts } = (answer ?? {}) as { ts?: unknown };
    if (typeof ts !== 'string') {
      stream.isMute = true;
      return;
    }
    this.#parts.host.shown(stream.taskId);
    this.#goOn(stream, ts, piece);
    if (note.places === undefined) {
      note.ts.push(ts);
      return;
    }
    // The end did not wait for it.
    note.rest.push(ts);
    this.#parts.lost();
  }

  /** Appends to a message that was begun with a piece. */
  #goOn(stream: Stream, ts: string, piece: string): void {
    const current = { ts, chars: pieceText(piece).length, isOver: false };
    this.#parts.open.add(ts);
    stream.shown += piece;
    stream.current = current;
    stream.failures = 0;
    const { signal } = stream.ended;
    void this.#parts.host.runtime.sleep(openMs, signal).then(() => {
      if (signal.aborted) return;
      current.isOver = true;
      this.#kick(stream);
    });
  }

  async #append(stream: Stream, ts: string, piece: string): Promise<void> {
    const { calls, host } = this.#parts;
    const markdown_text = pieceText(piece);
    const payload = { channel: stream.channel.conversation, ts, markdown_text };
    const answer = await calls.call({ method: 'chat.appendStream', payload });
    if (answer.kind === 'done') {
      stream.shown += piece;
      stream.failures = 0;
      if (stream.current !== undefined) stream.current.chars += markdown_text.length;
      host.shown(stream.taskId);
      return;
    }
    stream.failures += 1;
    if (answer.kind === 'refused') this.#cut(stream, ts, answer.failure);
  }

  /** It takes no more: what follows stands in a new one. Whoever took it away wants no more of it. */
  #cut(stream: Stream, ts: string, { error }: Failure): void {
    if (error === 'msg_too_long' && stream.current !== undefined) {
      stream.current.isOver = true;
      return;
    }
    this.#parts.open.delete(ts);
    stream.current = undefined;
    if (error !== 'message_not_in_streaming_state') stream.isMute = true;
  }

  async #close(stream: Stream, ts: string): Promise<void> {
    const payload = { channel: stream.channel.conversation, ts };
    const answer = await this.#parts.calls.call({ method: 'chat.stopStream', payload });
    if (answer.kind === 'held') {
      stream.failures += 1;
      return;
    }
    if (answer.kind !== 'unknown') this.#parts.open.delete(ts);
    stream.current = undefined;
  }

  #below(stream: Stream): void {
    const { notes } = this.#parts;
    const note = notes.of(stream.taskId);
    if (stream.current !== undefined) stream.current.isOver = true;
    if (note === undefined) return;
    note.from = note.ts.length;
    void notes.save();
  }

  #refuse(stream: Stream, { error = '' }: Failure): void {
    stream.isMute = true;
    const row = outcomeRow(error, false);
    // The message that shows the work makes the bot join.
    const isHere = row.kind === 'rejected' && row.reason !== 'forbidden';
    if (isHere || error === 'not_in_channel') return;
    this.#refused.add(stream.channel.conversation);
  }

  #paceMs(stream: Stream): number {
    const nowMs = this.#now();
    const windowLeft = this.#calls.waitMs(nowMs);
    const gapMs = Math.min(everyMs * 2 ** Math.min(stream.failures, 5), failedMs);
    return Math.max(stream.lastCallMs + gapMs - nowMs, windowLeft, this.#parts.calls.pauseMs());
  }

  #now(): number {
    return this.#parts.host.runtime.monoMs();
  }
}
