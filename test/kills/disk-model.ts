import type { Chance } from '../../src/testing/chance.ts';

/** One call that a process made on its disk, or a note that it put between them. */
export type DiskAct =
  | { readonly act: 'create' | 'remove' | 'sync'; readonly name: string }
  | { readonly act: 'write'; readonly name: string; readonly at: number; readonly bytes: Buffer }
  | { readonly act: 'truncate'; readonly name: string; readonly length: number }
  | { readonly act: 'note'; readonly name: string };

/** Reads what disk-shim.c appended: "<act> <name> <number> <bytes that follow>\n", and the bytes. */
export function* readActs(log: Buffer): Generator<DiskAct> {
  for (let at = 0; at < log.length; ) {
    const end = log.indexOf('\n', at);
    const [act = '', name = '', number = '', length = ''] = log
      .toString('utf8', at, end)
      .split(' ');
    at = end + 1 + Number(length);
    if (end < 0 || at > log.length) throw new Error('the log of the disk ends in half an act');
    const bytes = log.subarray(end + 1, at);
    if (act === 'write') yield { act, name, at: Number(number), bytes };
    else if (act === 'truncate') yield { act, name, length: Number(number) };
    else if (act === 'create' || act === 'remove' || act === 'sync' || act === 'note')
      yield { act, name };
    else throw new Error(`the log of the disk holds an unknown act: ${act}`);
  }
}

type Change = Extract<DiskAct, { readonly act: 'write' | 'truncate' }>;

/** What stands in a file, apart from its name. */
class Content {
  readonly now: Bytes;
  readonly #synced: Bytes;
  /** After the last sync, in order. */
  #changes: Change[] = [];

  constructor(safe: Buffer = Buffer.alloc(0)) {
    this.now = new Bytes(safe);
    this.#synced = new Bytes(safe);
  }

  change(change: Change): void {
    this.now.change(change);
    this.#changes.push(change);
  }

  sync(): void {
    for (const change of this.#changes) this.#synced.change(change);
    this.#changes = [];
  }

  /** Sector by sector, each kept or not, whatever became of those before it. */
  left(keeps: () => boolean): Buffer {
    const left = new Bytes(this.#synced.all);
    for (const change of this.#changes) {
      for (const part of partsOf(change)) if (keeps()) left.change(part);
    }
    return left.all;
  }
}
type Naming = { readonly name: string; readonly content: Content | undefined };

/** Disks keep or lose this much as one, in bytes. */
const sectorBytes = 512;

/**
 * What of a folder is on the medium and what only seems to be: what was written to a file is safe when the file was
 * synced, and that a file is there, or gone, when the folder was. A power cut loses the rest, all of it or any part.
 */
export class Disk {
  readonly #now = new Map<string, Content>();
  readonly #synced = new Map<string, Content>();
  #namings: Naming[] = [];

  /** Files that are there and safe. */
  constructor(files: ReadonlyMap<string, Buffer> = new Map()) {
    for (const [name, bytes] of files) {
      const content = new Content(bytes);
      this.#now.set(name, content);
      this.#synced.set(name, content);
    }
  }

  do(act: DiskAct): void {
    if (act.act === 'note' || isShared(act.name)) return;
    if (act.act === 'create') this.#name(act.name, new Content());
    else if (act.act === 'remove') this.#name(act.name, undefined);
    else if (act.act === 'sync' && act.name === '.') this.#syncFolder();
    else {
      const content = this.#now.get(act.name);
      if (content === undefined) throw new Error(`${act.act} of ${act.name}, which is not there`);
      if (act.act === 'write' || act.act === 'truncate') content.change(act);
      else content.sync();
    }
  }

  /** What the processes see while the power is on. */
  files(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#now].map(([name, { now }]) => [name, now.all]));
  }

  /** What is left after a cut: only what is safe, or with `chance` also any part of the rest. */
  afterCut(chance?: Chance): ReadonlyMap<string, Buffer> {
    // Of ten parts so many are lost: nearly none, half of them, nearly all.
    const lostOfTen = chance === undefined ? 10 : [1, 5, 9][chance.below(3)];
    const keeps = (): boolean => chance !== undefined && chance.below(10) >= Number(lostOfTen);
    const names = new Map(this.#synced);
    for (const { name, content } of this.#namings) {
      if (!keeps()) continue;
      if (content === undefined) names.delete(name);
      else names.set(name, content);
    }
    const left = [...names].map(([name, content]) => [name, content.left(keeps)] as const);
    return new Map(left);
  }

  #name(name: string, content: Content | undefined): void {
    this.#namings.push({ name, content });
    if (content === undefined) this.#now.delete(name);
    else this.#now.set(name, content);
  }

  #syncFolder(): void {
    this.#namings = [];
    this.#synced.clear();
    for (const [name, content] of this.#now) this.#synced.set(name, content);
  }
}

/** Memory that processes share; it is made anew after a cut. */
function isShared(name: string): boolean {
  return name.endsWith('-shm');
}

function* partsOf(change: Change): Generator<Change> {
  if (change.act === 'truncate') {
    yield change;
    return;
  }
  const { at, bytes } = change;
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + sectorBytes - ((at + from) % sectorBytes));
    yield { ...change, at: at + from, bytes: bytes.subarray(from, to) };
    from = to;
  }
}

/** Bytes that grow in place. */
class Bytes {
  #room: Buffer;
  #length: number;

  constructor(bytes: Buffer) {
    this.#room = Buffer.from(bytes);
    this.#length = bytes.length;
  }

  /** A copy. */
  get all(): Buffer {
    return Buffer.from(this.#room.subarray(0, this.#length));
  }

  change(change: Change): void {
    if (change.act === 'truncate') {
      this.#grow(change.length);
      this.#room.fill(0, change.length);
      this.#length = change.length;
      return;
    }
    const end = change.at + change.bytes.length;
    this.#grow(end);
    change.bytes.copy(this.#room, change.at);
    this.#length = Math.max(this.#length, end);
  }

  #grow(length: number): void {
    if (length <= this.#room.length) return;
    this.#room = Buffer.concat([this.#room], Math.max(length, 2 * this.#room.length));
  }
}
