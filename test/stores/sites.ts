import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { CrashPoint } from '../../src/contracts/crash-point.ts';
import type { Runtime } from '../../src/contracts/runtime.ts';
import type { Store } from '../../src/contracts/store.ts';
import { openSqlite, SqliteMemory } from '../../src/stores/sqlite/index.ts';
import { applySettings, type Durability } from '../../src/stores/sqlite/settings.ts';
import { createStore } from '../../src/stores/sqlite/store.ts';
import { ownerId } from '../../src/testing/store-conformance-rows.ts';
import type { CrashAt } from './histories.ts';
import { runtime } from './runtime.ts';

/** One row, damaged behind the store's back. */
export interface Damage {
  readonly table: string;
  readonly key: Readonly<Record<string, string | number>>;
  readonly column: string;
  readonly value: string | number;
}

/** Fresh data and what stands on it. */
export interface Site {
  /** The store under test, as it is open now. */
  readonly one: Store;
  /** A second store on the same data, with a connection of its own where there can be one. */
  readonly other: Store;
  /** Closes the store under test and opens it again. */
  reopen(): Promise<void>;
  /** `start` sets scripts on their way, of which nobody is told any more; then the data is as a kill leaves it. */
  crash(at: CrashAt, start: () => void): Promise<void>;
  damage(damage: Damage): void;
  end(): Promise<void>;
}

/** A store that the tests of histories run over. A later one joins by one entry of `grounds`. */
export interface Ground {
  readonly name: string;
  readonly crashes: readonly CrashAt[];
  open(): Promise<Site>;
}

/** No commit is cut by time, so that what stands together in one commit follows from the history alone. */
function still(onPoint?: (point: CrashPoint) => void): Runtime {
  return { ...runtime, monoMs: () => 0, ...(onPoint === undefined ? {} : { crashPoint: onPoint }) };
}

/** Another connection of another process, which no lock keeps away. */
function beside(database: Database.Database, end: () => void): Store {
  const parts = { database, runtime: still(), owner: ownerId(2), epoch: 'beside', end };
  return createStore({ ...parts, walBytes: () => undefined }).port;
}

function hurt(database: Database.Database, { table, key, column, value }: Damage): void {
  const where = Object.keys(key).map((name) => `${name} = @${name}`);
  const text = `UPDATE ${table} SET ${column} = @value WHERE ${where.join(' AND ')}`;
  const { changes } = database.prepare(text).run({ ...key, value });
  if (changes !== 1) throw new Error(`${changes} rows of ${table} were damaged, not one`);
}

async function openMemory(): Promise<Site> {
  const memory = new SqliteMemory();
  const open = () => openSqlite({ file: ':memory:', runtime: still(), owner: ownerId(1), memory });
  let one = await open();
  const other = beside(memory.database, () => {});
  return {
    get one() {
      return one;
    },
    other,
    reopen: async () => {
      await one.close();
      one = await open();
    },
    crash: async (_at, start) => {
      start();
      memory.crash();
      one = await open();
    },
    damage: (damage) => hurt(memory.database, damage),
    end: async () => {
      await one.close();
      await other.close();
      memory.close();
    },
  };
}

let template: string | undefined;
/** A database that is migrated and holds nothing: made once. */
async function templateFile(): Promise<string> {
  if (template !== undefined) return template;
  const folder = mkdtempSync(join(tmpdir(), 'readback-model-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'template.sqlite');
  await (await openSqlite({ file, runtime: still(), owner: ownerId(1) })).close();
  template = file;
  return file;
}

/** A database in a file. A crash takes the file and its log as they are at that moment, and goes on with the copy. */
class FileSite implements Site {
  readonly #folder = mkdtempSync(join(tmpdir(), 'readback-model-'));
  readonly #durability: Durability;
  #lives = 0;
  #file: string;
  #one: Store | undefined;
  #other: Store | undefined;
  #onPoint: ((point: CrashPoint) => void) | undefined;

  constructor(durability: Durability) {
    this.#durability = durability;
    this.#file = this.#next();
  }

  get one(): Store {
    return this.#one as Store;
  }

  get other(): Store {
    if (this.#other === undefined) {
      const database = new Database(this.#file);
      applySettings(database, { file: this.#file, durability: this.#durability });
      this.#other = beside(database, () => void database.close());
    }
    return this.#other;
  }

  async start(): Promise<Site> {
    copyFileSync(await templateFile(), this.#file);
    await this.#open();
    return this;
  }

  async reopen(): Promise<void> {
    await this.one.close();
    await this.#open();
  }

  async crash(at: CrashAt, start: () => void): Promise<void> {
    const from = this.#file;
    const to = this.#next();
    let taken = false;
    const take = (): void => {
      if (taken) return;
      taken = true;
      for (const part of ['', '-wal'])
        if (existsSync(from + part)) copyFileSync(from + part, to + part);
    };
    if (at !== 'queued')
      this.#onPoint = (point) => {
        if (point === `store.${at}`) take();
      };
    start();
    if (at === 'queued') take();
    // Also what was on its way ends here, unseen.
    await this.#close();
    take();
    this.#onPoint = undefined;
    this.#file = to;
    await this.#open();
  }

  damage(damage: Damage): void {
    const database = new Database(this.#file);
    try {
      hurt(database, damage);
    } finally {
      database.close();
    }
  }

  async end(): Promise<void> {
    await this.#close();
    rmSync(this.#folder, { recursive: true });
  }

  #next(): string {
    this.#lives += 1;
    const folder = join(this.#folder, String(this.#lives));
    mkdirSync(folder);
    return join(folder, 'readback.sqlite');
  }

  async #open(): Promise<void> {
    this.#one = await openSqlite({
      file: this.#file,
      runtime: still((point) => this.#onPoint?.(point)),
      owner: ownerId(1),
      durability: this.#durability,
    });
  }

  async #close(): Promise<void> {
    await this.one.close();
    await this.#other?.close();
    this.#other = undefined;
  }
}

export const memoryGround: Ground = {
  name: 'sqlite in memory',
  crashes: ['queued'],
  open: openMemory,
};

/** A commit that only a loss of power could take back is enough here: the crashes are kills. */
export const fileGround: Ground = {
  name: 'sqlite in a file',
  crashes: ['queued', 'committing', 'committed'],
  open: () => new FileSite('process').start(),
};

/** With what production writes: a commit outlives a loss of power. */
export const powerGround: Ground = {
  ...fileGround,
  open: () => new FileSite('power').start(),
};

export const grounds: readonly Ground[] = [memoryGround, fileGround];
