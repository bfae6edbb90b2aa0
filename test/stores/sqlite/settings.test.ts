import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openSqlite } from '../../../src/stores/sqlite/index.ts';
import {
  applySettings,
  checkPlace,
  checkSettings,
  checkVersion,
} from '../../../src/stores/sqlite/settings.ts';
import { me, runtime } from '../runtime.ts';
import { tempFile } from './temp-file.ts';

/** A database that answers what it wants to one pragma and the truth to all others. */
function lying(
  database: Database.Database,
  name: string,
  answer: unknown,
): Pick<Database.Database, 'pragma'> {
  return {
    pragma: (source, options) => (source === name ? answer : database.pragma(source, options)),
  };
}

describe('settings', () => {
  it('are set and read back: full durability by default', () => {
    const { file } = tempFile();
    const database = new Database(file);
    expect(database.pragma('synchronous', { simple: true })).toBe(2);
    applySettings(database, { file, durability: 'power' });
    expect(
      ['journal_mode', 'synchronous', 'busy_timeout', 'foreign_keys'].map((name) =>
        database.pragma(name, { simple: true }),
      ),
    ).toEqual(['wal', 2, 5_000, 1]);
    database.close();
  });

  it('would be weaker if they were left to the driver', () => {
    const { file } = tempFile();
    const first = new Database(file);
    first.pragma('journal_mode = WAL');
    first.exec('CREATE TABLE t (a)');
    first.close();
    const again = new Database(file);
    again.exec('INSERT INTO t VALUES (1)');
    expect(again.pragma('synchronous', { simple: true })).toBe(1);
    again.close();
  });

  it('are NORMAL only when asked for', () => {
    const { file } = tempFile();
    const database = new Database(file);
    applySettings(database, { file, durability: 'process' });
    expect(database.pragma('synchronous', { simple: true })).toBe(1);
    expect(() => checkSettings(database, { file, durability: 'power' })).toThrow(
      /synchronous must be 2 and is 1/,
    );
    database.close();
  });

  it.each([
    ['journal_mode', 'delete'],
    ['synchronous', 1],
    ['busy_timeout', 0],
    ['foreign_keys', 0],
    ['journal_size_limit', -1],
  ])('a database whose %s stays %s is not opened', (name, answer) => {
    const { file } = tempFile();
    const database = new Database(file);
    expect(() =>
      applySettings(lying(database, name, answer), { file, durability: 'power' }),
    ).toThrowError(expect.objectContaining({ code: 'settings' }));
    database.close();
  });

  it('flush the medium itself on a Mac', () => {
    const { file } = tempFile();
    const database = new Database(file);
    applySettings(database, { file, durability: 'power', platform: 'darwin' });
    expect(() =>
      checkSettings(lying(database, 'fullfsync', 0), {
        file,
        durability: 'power',
        platform: 'darwin',
      }),
    ).toThrow(/fullfsync/);
    database.close();
  });

  it('want a library without the known faults', () => {
    for (const version of ['3.51.3', '3.51.10', '3.52.0', '4.0.0'])
      expect(() => checkVersion(version)).not.toThrow();
    for (const version of ['3.51.2', '3.50.9', '3.9.99', '2.99.99', ''])
      expect(() => checkVersion(version)).toThrow(/3\.51\.3 or newer/);
  });

  it('refuse a folder that is not there, and one on a network', async () => {
    const opening = openSqlite({ file: '/nowhere/at/all.sqlite', runtime, owner: me });
    await expect(opening).rejects.toMatchObject({ code: 'missing' });
    const { file } = tempFile();
    expect(() => checkPlace(file)).not.toThrow();
    for (const type of [0x6969, 0xff534d42, -11317950])
      expect(() => checkPlace(file, () => type)).toThrow(/network/);
  });
});
