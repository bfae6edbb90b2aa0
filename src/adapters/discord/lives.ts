import { z } from 'zod';
import type { AdapterHost } from '../../contracts/adapter.ts';
import { BoundedMap } from '../shared/bounded.ts';
import { isOfOne, Life, type LifeEvent, liveOn, lostLife } from './life.ts';
import { createSeal, type Seal } from './seal.ts';
import { isSnowflake, snowflakeMs } from './snowflake.ts';

/** Interactions are kept in so many notes, so that each one writes a short one. */
const notesMax = 16;
/** Of a note, sealed; the relay keeps 64 KiB. */
const noteCharactersMax = 49_152;
/** So many of a note are looked at for what fits; one of Discord's takes about 600 characters. */
const livesMax = 200;
/** Of those that one person alone sees it is known much longer for whom: what is still to say must not be said before all. */
const hiddenMax = 300;

type Host = Pick<AdapterHost, 'state' | 'log' | 'runtime'>;

/**
 * The interactions that are being answered, the newest of many: kept durably, so that a restart goes on answering them.
 * Their tokens are as good as passwords while they hold: what is kept is encrypted with a key made of the bot's token.
 */
export class Lives {
  readonly #host: Host;
  readonly #account: string;
  readonly #seal: Seal;
  /** By note, the newest of each last. */
  readonly #notes = Array.from({ length: notesMax }, () => new Map<string, Life>());
  /** By note: for whom the answers are that one person alone sees. Holds no token, and outlives a new one. */
  readonly #hidden = Array.from(
    { length: notesMax },
    () => new BoundedMap<string, string>(hiddenMax),
  );
  readonly #unsaved = new Set<number>();
  readonly #saving = new Map<number, Promise<void>>();
  #loading: Promise<void> | undefined;

  constructor(
    host: Host,
    { account, token }: { readonly account: string; readonly token: string },
  ) {
    this.#host = host;
    this.#account = account;
    this.#seal = createSeal(token, (bytes) => host.runtime.random(bytes));
  }

  /** Reads what was kept, once. Rejects while it cannot be read. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** Of one that is forgotten and was for one person alone: for whom. */
  get(interactionId: string): Life | undefined {
    const life = this.#noteOf(interactionId).get(interactionId);
    if (life !== undefined) return life;
    const personId = this.#hidden[indexOf(interactionId)]?.get(interactionId);
    return personId === undefined ? undefined : lostLife(interactionId, personId);
  }

  /** Those of a channel of Discord's, the newest first. */
  find(channelId: string): readonly Life[] {
    return this.#notes
      .flatMap((note) => [...note.values()])
      .filter((life) => life.channelId === channelId)
      .sort((a, b) => b.cameMs - a.cameMs || snowflakeMs(b.id) - snowflakeMs(a.id));
  }

  /** Known at once; resolves when it is kept, or could not be: then it is with the next change. Never rejects. */
  async put(life: Life): Promise<void> {
    const note = this.#noteOf(life.id);
    note.delete(life.id);
    note.set(life.id, life);
    if (isOfOne(life)) this.#hidden[indexOf(life.id)]?.set(life.id, life.personId);
    const [oldest = ''] = note.keys();
    if (note.size > livesMax) note.delete(oldest);
    this.#unsaved.add(indexOf(life.id));
    await this.#save(indexOf(life.id));
  }

  /** What happened to it; undefined when it is not known. Never rejects. */
  async on(interactionId: string, event: LifeEvent): Promise<Life | undefined> {
    const life = this.#noteOf(interactionId).get(interactionId);
    if (life === undefined) return undefined;
    const next = liveOn(life, event);
    if (next !== life) await this.put(next);
    else await this.#save(indexOf(interactionId));
    return this.get(interactionId);
  }

  #noteOf(interactionId: string): Map<string, Life> {
    return this.#notes[indexOf(interactionId)] as Map<string, Life>;
  }

  /** One after the other; what came meanwhile is written by one. */
  async #save(index: number): Promise<void> {
    const before = this.#saving.get(index) ?? Promise.resolve();
    const saving = before.then(() => this.#write(index));
    this.#saving.set(index, saving);
    await saving;
    if (this.#saving.get(index) === saving) this.#saving.delete(index);
  }

  async #write(index: number): Promise<void> {
    if (!this.#unsaved.has(index)) return;
    try {
      await this.load();
      this.#unsaved.delete(index);
      await this.#host.state.set(this.#account, keyOf(index), this.#sealed(index));
    } catch (error) {
      this.#unsaved.add(index);
      const name = error instanceof Error ? error.name : 'error';
      this.#host.log('debug', 'an interaction was not kept yet', { error: name });
    }
  }

  /** As many of the newest as a note holds; older ones are forgotten. */
  #sealed(index: number): string {
    const note = this.#notes[index] as Map<string, Life>;
    const hidden = [...(this.#hidden[index] ?? [])];
    for (;;) {
      const sealed = this.#seal.close(JSON.stringify([...note.values()]));
      const text = JSON.stringify({ hidden, sealed });
      const [oldest] = note.keys();
      if (text.length <= noteCharactersMax || oldest === undefined) return text;
      note.delete(oldest);
    }
  }

  async #load(): Promise<void> {
    const { state, log } = this.#host;
    for (const [index, note] of this.#notes.entries()) {
      const text = await state.get(this.#account, keyOf(index));
      if (text === undefined) continue;
      const { hidden, sealed } = readNote(text);
      const newer = [...(this.#hidden[index] ?? [])];
      for (const [id, personId] of [...hidden, ...newer]) this.#hidden[index]?.set(id, personId);
      const kept = this.#parse(sealed);
      if (kept === undefined) log('info', 'interactions of another token are forgotten');
      const now = [...note.values()];
      note.clear();
      for (const life of [...(kept ?? []), ...now]) {
        note.delete(life.id);
        note.set(life.id, life);
      }
    }
  }

  /** Undefined for what another token closed. */
  #parse(text: string): readonly Life[] | undefined {
    const opened = this.#seal.open(text);
    if (opened === undefined) return undefined;
    const rows: unknown = JSON.parse(opened);
    return (Array.isArray(rows) ? rows : []).flatMap((row: unknown) => {
      const life = Life.safeParse(row);
      return life.success ? [life.data] : [];
    });
  }
}

const Note = z.strictObject({
  hidden: z.array(z.tuple([z.string(), z.string()])),
  sealed: z.string(),
});

/** What is no note of ours is an empty one. */
function readNote(text: string): z.infer<typeof Note> {
  try {
    return Note.parse(JSON.parse(text));
  } catch {
    return { hidden: [], sealed: '' };
  }
}

const keyOf = (index: number): string => `life.${index}`;

/** By the time in the id: its end is nearly always the same. */
function indexOf(id: string): number {
  return isSnowflake(id) ? Number((BigInt(id) >> 22n) % BigInt(notesMax)) : 0;
}
