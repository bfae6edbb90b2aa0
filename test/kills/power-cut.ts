import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqlite } from '../../src/stores/sqlite/index.ts';
import type { Durability } from '../../src/stores/sqlite/settings.ts';
import type { Chance } from '../../src/testing/chance.ts';
import { me, runtime } from '../stores/runtime.ts';
import { Disk, type DiskAct, readActs } from './disk-model.ts';
import type { DiskShim } from './disk-shim.ts';
import { library } from './library.ts';

type Files = ReadonlyMap<string, Buffer>;

export interface Recording {
  /** All that the process did on its disk; each note is a number that was acknowledged. */
  readonly acts: readonly DiskAct[];
  /** What really stood there when it was dead. */
  readonly files: Files;
}

/** Opens, fills and closes a store twice, and dies at work on it a third time; the second life is long enough for a checkpoint. */
const rounds = [3, 240, 40];

export async function record(shim: DiskShim, durability: Durability): Promise<Recording> {
  return await inFolder(async (folder) => {
    const file = join(folder, 'bot.db');
    const log = join(folder, 'log');
    const config = JSON.stringify({ file, durability, rounds });
    const path = join(import.meta.dirname, 'power-child.mjs');
    const child = spawnSync(process.execPath, [path, await library(), config], {
      env: { ...process.env, ...shim.env({ files: file, log }) },
      encoding: 'utf8',
    });
    if (child.signal !== 'SIGKILL') throw new Error(`it did not come to its end: ${child.stderr}`);
    return { acts: [...readActs(readFileSync(log))], files: filesOf(folder) };
  });
}

/** What a bot on `bot.db` is left with when the power fails now: `live` is its life until then. */
export async function cutPower(
  folder: string,
  live: (log: string) => Promise<unknown>,
  chance?: Chance,
): Promise<void> {
  const disk = new Disk(filesOf(folder));
  await inFolder(async (apart) => {
    const log = join(apart, 'log');
    await live(log);
    for (const act of readActs(readFileSync(log))) disk.do(act);
  });
  for (const name of readdirSync(folder).filter(isDisk)) rmSync(join(folder, name));
  putFiles(folder, disk.afterCut(chance));
}

/** Opens what a cut left, writes on, and tells how many numbers are there. Throws for damage: a row too many, missing or torn. */
export async function countAfter(files: Files): Promise<number> {
  return await inFolder(async (folder) => {
    putFiles(folder, files);
    const file = join(folder, 'bot.db');
    const store = await openSqlite({ file, runtime, owner: me });
    await store.write('again', function* (tx) {
      tx.setAdapterState('bot', 'again', 'x');
    });
    await store.close();
    return countIn(file);
  });
}

function countIn(file: string): number {
  const database = new Database(file, { readonly: true });
  try {
    const integrity = database.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') throw new Error(`integrity_check: ${integrity}`);
    const rows = database.prepare('SELECT key, value FROM adapter_states').raw().all();
    const values = new Map(rows as [string, string][]);
    if (!values.delete('again')) throw new Error('what was written after the cut is not there');
    const last = Number(values.get('last') ?? 0);
    values.delete('last');
    if (values.size !== last) throw new Error(`${last} were counted and ${values.size} are there`);
    for (const [key, value] of values) {
      if (Number(key) <= last && value === `${key}:`.padEnd(value.length, 'x')) continue;
      throw new Error(`${last} were counted, and ${key} is ${value.slice(0, 20)}`);
    }
    return last;
  } finally {
    database.close();
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'readback-power-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isDisk = (name: string): boolean => name.startsWith('bot.db');

/** What is in a folder, but for the memory that processes share. */
function filesOf(folder: string): Files {
  const names = readdirSync(folder).filter((name) => isDisk(name) && !name.endsWith('-shm'));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

function putFiles(folder: string, files: Files): void {
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
}
