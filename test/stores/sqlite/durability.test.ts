import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openSqlite } from '../../../src/stores/sqlite/index.ts';
import { put } from '../../../src/testing/store-conformance-kit.ts';
import { me, runtime } from '../runtime.ts';
import { startChild } from './child-process.ts';
import { tempFile } from './temp-file.ts';

const kills = 6;
const linesEach = 150;

describe('durability', () => {
  it('takes a thousand commits, each waited for', async () => {
    const { file } = tempFile();
    const store = await openSqlite({ file, runtime, owner: me });
    for (let n = 0; n < 1_000; n++) await put(store, (tx) => tx.setAdapterState('a', `${n}`, 'x'));
    await store.close();
    const again = await openSqlite({ file, runtime, owner: me });
    expect(await again.read((reads) => reads.adapterState('a', '999'))).toBe('x');
    await again.close();
  }, 60_000);

  it('keeps every acknowledged commit through kill -9', async () => {
    const { file } = tempFile();
    const acknowledged: string[] = [];
    for (let n = 1; n <= kills; n++) {
      const child = await startChild('write', file, n);
      expect(await child.next()).toBe('open');
      for (let line = 0; line < linesEach; line++) acknowledged.push((await child.next()) ?? '');
      await child.kill();
      // What it said while it died counts too.
      for (let line = await child.next(); line !== undefined; line = await child.next())
        acknowledged.push(line);
    }
    const store = await openSqlite({ file, runtime, owner: me });
    // The last line may have been cut off by the kill.
    const whole = acknowledged.filter((key) => /^\d+-\d-\d+$/.test(key));
    const lost: string[] = [];
    for (const key of whole) {
      if ((await store.read((reads) => reads.adapterState('child', key))) === undefined)
        lost.push(key);
    }
    expect(lost.filter((key) => !prefixOfAnother(key, whole))).toEqual([]);
    expect(whole.length).toBeGreaterThanOrEqual(kills * linesEach - kills);
    await store.close();
    const database = new Database(file);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
  }, 60_000);

  it('leaves no log behind after closing', async () => {
    const { file } = tempFile();
    const store = await openSqlite({ file, runtime, owner: me });
    await put(store, (tx) => tx.setAdapterState('a', 'k', 'v'));
    expect((await store.read((reads) => reads.figures())).walBytes).toBeGreaterThan(0);
    await store.close();
    const database = new Database(file, { readonly: true });
    expect(database.prepare("SELECT value FROM adapter_states WHERE key = 'k'").pluck().get()).toBe(
      'v',
    );
    database.close();
  });
});

/** A number whose last digits the kill cut off looks like another key. */
function prefixOfAnother(key: string, keys: readonly string[]): boolean {
  return keys.some((other) => other !== key && other.startsWith(key));
}
