import type { AdapterHost } from '../../contracts/adapter.ts';
import { TooLate } from '../shared/looks.ts';
import type { ApiCall } from './api.ts';
import { readFailure } from './failure.ts';
import { isTransient, type Lookup } from './lookup.ts';
import { type HistoryMessage, isOurs, keysOf, settleMs } from './metadata.ts';
import type { PassingCalls } from './passing-calls.ts';
import type { Identity } from './site-parts.ts';
import { isLike, type Lost, type StreamNote, type StreamNotes } from './stream-note.ts';

/** Slack takes 20 stops and 50 deletions a minute. */
const everyMs = 1_500;
const stopEveryMs = 4_000;
const failedMs = 5_000;
const failedMaxMs = 60_000;
/** A request that nobody waits for any more may still be done. */
const lateMs = settleMs + 5_000;
/** Slack's clock and ours may differ by so much. */
const skewMs = 5_000;

export interface SweepParts {
  readonly host: AdapterHost;
  readonly calls: PassingCalls;
  readonly lookup: Lookup;
  readonly notes: StreamNotes;
  readonly open: Set<string>;
  readonly us: () => Identity | undefined;
  /** Tells the stream what became of what was lost (undefined: nobody can tell); answers whether it goes on there. */
  readonly found: (taskId: string, ts: string | 'absent' | undefined) => boolean;
}

type Job =
  | { readonly kind: 'stop' | 'delete'; readonly note: StreamNote; readonly ts: string }
  | { readonly kind: 'find'; readonly note: StreamNote; readonly lost: Lost };

/** Ends what streams leave behind, one call after the other: what looks alive, what was lost, what the end does not need. */
export class StreamSweep {
  readonly #parts: SweepParts;
  /** Tasks whose end is shown: what it does not need may go. */
  readonly #shown = new Set<string>();
  /** Messages of an earlier life that may still look alive. */
  readonly #left = new Set<string>();
  readonly #stopping = new AbortController();
  #sweeping = false;
  #failures = 0;

  constructor(parts: SweepParts) {
    this.#parts = parts;
  }

  /** What an earlier life left: its streams are stopped, and what was to be deleted goes. */
  begin(): void {
    const { notes, open } = this.#parts;
    for (const note of notes.all) {
      if (note.places !== undefined) this.#shown.add(note.taskId);
      for (const place of note.places ?? []) if (place !== null) open.add(place);
      // Only the newest can be on.
      const ts = note.ts.at(-1);
      if (ts === undefined) continue;
      open.add(ts);
      if (note.places === undefined) this.#left.add(ts);
    }
    this.kick();
  }

  /** The end of a Task is shown. */
  shown(taskId: string): void {
    this.#shown.add(taskId);
    this.kick();
  }

  kick(): void {
    if (this.#sweeping || this.#stopping.signal.aborted) return;
    this.#sweeping = true;
    this.#sweep()
      .catch((error: unknown) => {
        const name = error instanceof Error ? error.name : 'error';
        this.#parts.host.log('warn', 'ending streams broke', { error: name });
      })
      .finally(() => {
        this.#sweeping = false;
      });
  }

  stop(): void {
    this.#stopping.abort('stopped');
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#stopping;
    for (let job = this.#next(); job !== undefined && !signal.aborted; job = this.#next()) {
      const waitMs = this.#parts.calls.pauseMs() + this.#backoffMs();
      if (waitMs > 0) await this.#parts.host.runtime.sleep(waitMs, signal);
      if (signal.aborted) return;
      if (job.kind === 'find') await this.#find(job.note, job.lost);
      else await this.#end(job.kind, job.note, job.ts);
    }
    const known = new Set(this.#parts.notes.all.map(({ taskId }) => taskId));
    for (const taskId of this.#shown) if (!known.has(taskId)) this.#shown.delete(taskId);
  }

  #next(): Job | undefined {
    for (const note of this.#parts.notes.all) {
      const left = note.ts.find((one) => this.#left.has(one));
      if (left !== undefined && note.places === undefined) return { kind: 'stop', note, ts: left };
    }
    for (const note of this.#parts.notes.all) {
      const [lost] = note.lost;
      if (lost !== undefined) return { kind: 'find', note, lost };
      const [ts] = note.rest;
      if (ts !== undefined && this.#shown.has(note.taskId)) return { kind: 'delete', note, ts };
    }
    return undefined;
  }

  async #end(kind: 'stop' | 'delete', note: StreamNote, ts: string): Promise<void> {
    const { calls, notes, open, host } = this.#parts;
    const method = kind === 'stop' ? 'chat.stopStream' : 'chat.delete';
    const call: ApiCall = { method, payload: { channel: note.conversation, ts } };
    const answer = await calls.call(call, this.#stopping.signal);
    if (answer.kind === 'held' || answer.kind === 'unknown') {
      this.#failures += 1;
      return;
    }
    this.#failures = 0;
    this.#left.delete(ts);
    open.delete(ts);
    if (kind === 'delete') {
      note.rest = note.rest.filter((other) => other !== ts);
      await notes.save();
    }
    const gapMs = kind === 'stop' ? stopEveryMs : everyMs;
    await host.runtime.sleep(gapMs, this.#stopping.signal);
  }

  /** A message of ours in that thread, made then, without a key, that begins as what was sent. */
  async #find(note: StreamNote, lost: Lost): Promise<void> {
    const { host, notes, open, found } = this.#parts;
    const { signal } = this.#stopping;
    const settledMs = lost.sinceMs + lateMs - host.runtime.wallMs();
    if (settledMs > 0) await host.runtime.sleep(Math.min(settledMs, lateMs), signal);
    if (signal.aborted) return;
    const answer = await this.#look(note, lost);
    if (answer === 'later') {
      this.#failures += 1;
      return;
    }
    this.#failures = 0;
    note.lost = note.lost.filter((other) => other !== lost);
    if (answer !== undefined && answer !== 'absent') {
      if (note.places === undefined) note.ts = [...note.ts, answer].sort();
      else note.rest = [...note.rest, answer];
      open.add(answer);
    }
    await notes.save();
    const goesOn = found(note.taskId, answer);
    if (answer === undefined || answer === 'absent') return;
    // What nobody appends to is stopped.
    if (!goesOn && note.places === undefined) this.#left.add(answer);
  }

  async #look(note: StreamNote, lost: Lost): Promise<string | 'absent' | 'later' | undefined> {
    const { host, lookup, us: identity } = this.#parts;
    const us = identity();
    if (us === undefined) return 'later';
    const { conversation, thread } = note;
    const channel = { adapter: 'slack', account: '', conversation, thread };
    const wish = { channel, sentAtMs: lost.sinceMs, isOpen: true };
    try {
      const pages = await lookup.pages(wish, this.#stopping.signal);
      const messages = pages.flatMap((page) => page.messages ?? []);
      const known = new Set<string | null>([...note.ts, ...note.rest, ...(note.places ?? [])]);
      const one = messages.find(
        (message) => isLost(message, lost, us) && !known.has(message.ts ?? null),
      );
      return one?.ts ?? 'absent';
    } catch (error) {
      if (error instanceof TooLate) return 'later';
      const failure = readFailure(error);
      host.log('debug', 'a stream was not looked for', { cause: failure.words });
      if (isTransient(failure)) return 'later';
      return failure.error === 'thread_not_found' ? 'absent' : undefined;
    }
  }

  #backoffMs(): number {
    if (this.#failures === 0) return 0;
    return Math.min(failedMs * 2 ** Math.min(this.#failures - 1, 6), failedMaxMs);
  }
}

function isLost(message: HistoryMessage, { sinceMs, like }: Lost, us: Identity): boolean {
  const { ts, text = '' } = message;
  if (ts === undefined || !isOurs(message, us) || keysOf(message).length > 0) return false;
  return Number(ts) * 1_000 >= sinceMs - skewMs && isLike(text, like);
}
