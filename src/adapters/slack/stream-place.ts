import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Delivery, Handle } from '../../contracts/delivery.ts';
import type { Answer, PassingCalls } from './passing-calls.ts';
import type { StreamNote, StreamNotes } from './stream-note.ts';
import type { StreamSweep } from './stream-sweep.ts';

export interface PlaceParts {
  readonly calls: PassingCalls;
  readonly notes: StreamNotes;
  /** Messages that may still be streaming. */
  readonly open: Set<string>;
  readonly sweep: StreamSweep;
}

/** `unstored`: what would be taken could not be noted, so that nothing may be. */
export type Place = Handle | 'none' | 'unstored';

/**
 * The end of a Task takes the places of its streamed messages: part after part, what is left of them is deleted. Which
 * part takes which is noted before, so that it is the same after a crash.
 */
export class StreamPlaces {
  readonly #parts: PlaceParts;

  constructor(parts: PlaceParts) {
    this.#parts = parts;
  }

  /** The message that this part of a terminal takes. */
  async of(delivery: Delivery, attempt: DeliveryAttempt): Promise<Place> {
    if (delivery.kind !== 'terminal' || attempt.live !== undefined) return 'none';
    const note = this.#parts.notes.of(delivery.taskId);
    if (note === undefined) return 'none';
    if (note.places === undefined) {
      const { ts, rest } = note;
      assign(note, delivery, attempt);
      if (!(await this.#parts.notes.save())) {
        Object.assign(note, { ts, rest, places: undefined, receiptId: undefined });
        return 'unstored';
      }
    }
    return isHere(note, delivery) ? (note.places?.[attempt.part - 1] ?? 'none') : 'none';
  }

  /** By the terminal's Receipt: the message that this part took, if it took one. */
  taken(receiptId: string, part: number): Handle | undefined {
    return this.#parts.notes.ofReceipt(receiptId)?.places?.[part - 1] ?? undefined;
  }

  isPlace({ taskId }: Delivery, handle: Handle): boolean {
    return this.#parts.notes.of(taskId)?.places?.includes(handle) === true;
  }

  /** Ends the stream of a message that is to be changed; undefined when it is no stream any more. */
  async close(conversation: string, ts: Handle, signal: AbortSignal): Promise<Answer | undefined> {
    const { calls, open } = this.#parts;
    if (!open.has(ts)) return undefined;
    const payload = { channel: conversation, ts };
    const answer = await calls.call({ method: 'chat.stopStream', payload }, signal);
    if (answer.kind === 'done' || answer.kind === 'refused') open.delete(ts);
    return answer;
  }

  /** Slack says that it still streams. */
  stillOpen(ts: Handle): void {
    this.#parts.open.add(ts);
  }

  /** That message cannot be changed: the part is a message of its own. It is deleted where it is still there. */
  async lose({ taskId }: Delivery, ts: Handle): Promise<void> {
    const note = this.#parts.notes.of(taskId);
    if (note?.places === undefined) return;
    note.places = note.places.map((place) => (place === ts ? null : place));
    note.rest.push(ts);
    await this.#parts.notes.save();
  }

  /** A part of the terminal is shown: what it does not need is deleted. */
  shown(delivery: Delivery, { part, parts }: DeliveryAttempt): void {
    const note = this.#parts.notes.of(delivery.taskId);
    if (note?.places === undefined) return;
    const needed = isHere(note, delivery) ? parts : 0;
    if (part === parts || needed === 0) {
      note.rest.push(...note.places.slice(needed).filter((one) => one !== null));
      note.places = note.places.slice(0, needed);
    }
    for (const ts of note.places) if (ts !== null) this.#parts.open.delete(ts);
    this.#parts.sweep.shown(note.taskId);
  }

  /** The same, found out by looking for it. */
  found(receiptId: string): void {
    const note = this.#parts.notes.ofReceipt(receiptId);
    if (note !== undefined) this.#parts.sweep.shown(note.taskId);
  }
}

/** What stands above a question is left to be deleted: the answer stands below. */
function assign(note: StreamNote, delivery: Delivery, { parts }: DeliveryAttempt): void {
  const places = isHere(note, delivery) ? note.ts.slice(note.from, note.from + parts) : [];
  note.places = places;
  note.receiptId = delivery.receiptId;
  note.rest = [...note.rest, ...note.ts.filter((one) => !places.includes(one))];
  note.ts = [];
}

const isHere = (note: StreamNote, { channel }: Delivery): boolean =>
  note.conversation === channel.conversation && note.thread === channel.thread;
