import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AdapterHost } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';

/** Tasks whose streams are known; more do not begin. */
const notesMax = 100;
/** Of those that are over. */
const doneMax = 30;
/** The end of a Task that shows nothing new for so long did not come this way, and will not. */
const oldMs = 86_400_000;
/** Messages of one Task. */
export const messagesMax = 20;
/** A note of an adapter may have 65,536. */
const charactersMax = 60_000;
/** So much a note may grow by what was begun before: its end, and where its parts stand. */
const growthMax = 300;
const likeMax = 24;
const stateKey = 'streams';

/** How a text begins, without saying it. */
const Like = z.strictObject({ letters: z.int().min(0).max(likeMax), hash: z.string().max(64) });
export type Like = z.infer<typeof Like>;

const Lost = z.strictObject({ sinceMs: z.number(), like: Like });
export type Lost = z.infer<typeof Lost>;

const ts = z.string().min(1).max(40);

/** What must be known of a Task's streams after a restart. */
const StreamNote = z.object({
  taskId: z.string().max(100),
  conversation: z.string().max(200),
  thread: z.string().max(200),
  /** Whom it is shown to, outside of direct messages. */
  user: z.string().max(50).optional(),
  /** Its messages, oldest first. */
  ts: z.array(ts).max(messagesMax + 10),
  /** So many of them stand above a question. */
  from: z.int().min(0),
  /** Was begun, and no answer was read. */
  lost: z.array(Lost).max(5),
  /** The terminal has come: the messages that its parts take. */
  places: z.array(ts.nullable()).optional(),
  receiptId: z.string().max(100).optional(),
  /** To be deleted. */
  rest: z.array(ts),
});
export interface StreamNote extends z.infer<typeof StreamNote> {}

/** The durable notes of streams, so that none is left behind by a crash. Bounded in number and length. */
export class StreamNotes {
  readonly #host: Pick<AdapterHost, 'state' | 'log'>;
  readonly #account: string;
  readonly #notes = new Map<string, StreamNote>();
  #writing: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  constructor(host: Pick<AdapterHost, 'state' | 'log'>, account: string) {
    this.#host = host;
    this.#account = account;
  }

  get all(): readonly StreamNote[] {
    return [...this.#notes.values()];
  }

  /** Reads what an earlier life left. */
  async load(): Promise<void> {
    const stored = await this.#host.state.get(this.#account, stateKey);
    for (const note of read(stored)) if (!this.#notes.has(note.taskId)) this.#keep(note);
  }

  of(taskId: string | undefined): StreamNote | undefined {
    return taskId === undefined ? undefined : this.#notes.get(taskId);
  }

  ofReceipt(receiptId: string): StreamNote | undefined {
    return this.all.find((note) => note.receiptId === receiptId);
  }

  /**
   * That of the Task, made when there is none, for one more message; undefined while there is no room: of what still
   * streams nothing is forgotten.
   */
  begin(
    taskId: string,
    { conversation, thread }: ChannelRef & { readonly thread: string },
    nowMs: number,
  ): StreamNote | undefined {
    const known = this.#notes.get(taskId);
    const note: StreamNote = known ?? {
      ...{ taskId, conversation, thread },
      ...{ ts: [], from: 0, lost: [], rest: [] },
    };
    while (!this.#hasRoomFor(note)) if (!this.#forget(nowMs, note)) return undefined;
    if (known === undefined) this.#keep(note);
    return note;
  }

  /** Resolves when what is noted now is stored; false when it could not be. */
  async save(): Promise<boolean> {
    if (this.#writing === undefined) return await this.#write();
    this.#next ??= this.#writing.then(() => this.#write());
    return await this.#next;
  }

  #write(): Promise<boolean> {
    this.#next = undefined;
    const writing = this.#store().finally(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
    return writing;
  }

  async #store(): Promise<boolean> {
    this.#bound();
    let value = JSON.stringify(this.all);
    while (value.length > charactersMax && this.#forget()) value = JSON.stringify(this.all);
    try {
      await this.#host.state.set(this.#account, stateKey, value);
      return true;
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      this.#host.log('warn', 'the notes of streams were not stored', { error: name });
      return false;
    }
  }

  #keep(note: StreamNote): void {
    this.#notes.set(note.taskId, note);
    this.#bound();
  }

  #bound(): void {
    const done = this.all.filter(isDone);
    for (const note of done.slice(0, Math.max(0, done.length - doneMax)))
      this.#notes.delete(note.taskId);
  }

  #hasRoomFor(note: StreamNote): boolean {
    const all = new Set([...this.all, note]);
    if (all.size > notesMax) return false;
    return JSON.stringify([...all]).length + (all.size + 1) * growthMax <= charactersMax;
  }

  /** The oldest that nothing is left to do of, else the oldest that nobody will end; false: there is none. */
  #forget(nowMs = Number.NEGATIVE_INFINITY, but?: StreamNote): boolean {
    const others = this.all.filter((note) => note !== but);
    const one = others.find(isDone) ?? others.find((note) => newestMs(note) < nowMs - oldMs);
    return one !== undefined && this.#notes.delete(one.taskId);
  }
}

/** When it last began a message; by Slack's clock, which is near enough. */
function newestMs({ ts, rest, places = [], lost }: StreamNote): number {
  const shown = [...ts, ...rest, ...places].map((one) => Number(one) * 1_000);
  return Math.max(0, ...shown, ...lost.map(({ sinceMs }) => sinceMs));
}

/** Nothing of it is left to do. It is kept: an answer that was not stored may still be looked for. */
export function isDone({ places, rest, lost }: StreamNote): boolean {
  return places !== undefined && rest.length === 0 && lost.length === 0;
}

function read(stored: string | undefined): StreamNote[] {
  if (stored === undefined) return [];
  try {
    return z.array(StreamNote).parse(JSON.parse(stored));
  } catch {
    return [];
  }
}

/** Pure: what a text begins with, its first letters and digits; Slack may change everything between them. */
export function likeOf(text: string, most = likeMax): Like {
  const letters = lettersOf(text).slice(0, most);
  const hash = createHash('sha256').update(letters).digest('base64url').slice(0, 22);
  return { letters: letters.length, hash };
}

/** Pure: whether a text begins like that one did. */
export function isLike(text: string, like: Like): boolean {
  if (like.letters === 0) return false;
  const own = likeOf(text, like.letters);
  return own.letters === like.letters && own.hash === like.hash;
}

const lettersOf = (text: string): string =>
  text.replace(/&[a-z]{1,8};/g, '').replace(/[^\p{L}\p{N}]/gu, '');
