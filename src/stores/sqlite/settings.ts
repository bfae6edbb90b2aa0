import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { StoreError } from '../../contracts/error.ts';

/** `power`: a commit survives a loss of power. `process`: only the death of the process; faster where nothing is batched. */
export type Durability = 'power' | 'process';

export interface SettingsAsked {
  readonly file: string;
  readonly durability: Durability;
  readonly platform?: string;
}

/** The WAL of older ones can be damaged by a reset at the wrong moment. */
const versionMin = [3, 51, 3] as const;
/** The log is cut to this after a checkpoint, in bytes. */
const walBytesKept = 64 * 1024 * 1024;
const busyMs = 5_000;

/** What the database must answer, by pragma. */
function wanted(asked: SettingsAsked): Readonly<Record<string, string | number>> {
  const inFile = asked.file !== ':memory:';
  const mac = (asked.platform ?? process.platform) === 'darwin';
  return {
    journal_mode: inFile ? 'wal' : 'memory',
    // FULL is 2, NORMAL is 1. The driver is built with NORMAL as its default under WAL.
    synchronous: asked.durability === 'power' ? 2 : 1,
    busy_timeout: busyMs,
    foreign_keys: 1,
    journal_size_limit: walBytesKept,
    ...(mac ? { fullfsync: 1, checkpoint_fullfsync: 1 } : {}),
  };
}

/** Sets what the promise stands on, then reads it back: a database that says something else is not used. */
export function applySettings(
  database: Pick<Database.Database, 'pragma'>,
  asked: SettingsAsked,
): void {
  for (const [name, value] of Object.entries(wanted(asked))) database.pragma(`${name} = ${value}`);
  database.pragma('trusted_schema = OFF');
  checkSettings(database, asked);
}

/** Throws `StoreError` `settings` with what differs. */
export function checkSettings(
  database: Pick<Database.Database, 'pragma'>,
  asked: SettingsAsked,
): void {
  for (const [name, value] of Object.entries(wanted(asked))) {
    const is = database.pragma(name, { simple: true });
    if (is === value) continue;
    const ids = { file: asked.file, setting: name };
    throw new StoreError(
      'settings',
      `${asked.file}: ${name} must be ${value} and is ${is}; the store is not opened`,
      { ids },
    );
  }
}

/** Throws `StoreError` `settings` for a library that is too old. */
export function checkVersion(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [index, min] of versionMin.entries()) {
    const part = parts[index] ?? 0;
    if (part > min) return;
    if (part < min) {
      throw new StoreError(
        'settings',
        `SQLite must be ${versionMin.join('.')} or newer and is ${version}`,
        { ids: { version } },
      );
    }
  }
}

/** NFS, SMB, CIFS, SMB2: their locks and their fsync cannot be trusted. */
const networkTypes = [0x6969, 0x517b, 0xff534d42, 0xfe534d42];

/** Throws `StoreError` for a folder that is not there (`missing`) or lies on a network (`settings`; seen on Linux only). */
export function checkPlace(
  file: string,
  typeOf = (folder: string): number => statfsSync(folder).type,
): void {
  const folder = dirname(file);
  if (!existsSync(folder))
    throw new StoreError('missing', `${file}: the folder is not there`, { ids: { file } });
  if (process.platform !== 'linux' || !networkTypes.includes(typeOf(folder) >>> 0)) return;
  throw new StoreError('settings', `${file} lies on a network filesystem; put it on a local disk`, {
    ids: { file },
  });
}
