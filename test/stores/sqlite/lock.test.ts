import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { migrateSqlite, openSqlite, readLock } from '../../../src/stores/sqlite/index.ts';
import { ownerId } from '../../../src/testing/store-conformance-rows.ts';
import { me, runtime } from '../runtime.ts';
import { startChild } from './child-process.ts';
import { tempFile } from './temp-file.ts';

describe('one writer', () => {
  it('is named while it holds the file: to a second process, to this one, and to whoever asks', async () => {
    const { file } = tempFile();
    expect(readLock(file)).toBeUndefined();
    const holder = await startChild('hold', file);
    expect(await holder.next()).toBe('open');
    const named = { pid: holder.process.pid, host: hostname(), owner: ownerId(7) };

    const second = JSON.parse((await (await startChild('try', file, 8)).next()) ?? '{}');
    expect(second).toMatchObject({ code: 'locked', ids: { file, ...named } });
    const opening = openSqlite({ file, runtime, owner: me });
    const why = new RegExp(
      `${file} is written by process ${named.pid} on ${named.host} since 20\\d\\d-`,
    );
    await expect(opening).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringMatching(why),
    });
    expect(readLock(file)).toMatchObject(named);
    expect(Math.abs((readLock(file)?.sinceMs ?? 0) - Date.now())).toBeLessThan(60_000);
    await expect(migrateSqlite({ file })).rejects.toMatchObject({ code: 'locked' });
  });

  it('is free after kill -9', async () => {
    const { file } = tempFile();
    const holder = await startChild('hold', file);
    await holder.next();
    await holder.kill();
    expect(readLock(file)).toBeUndefined();
    const store = await openSqlite({ file, runtime, owner: me });
    expect(store.ownerGone(ownerId(7))).toBe(true);
    expect(store.ownerGone(me)).toBe(false);
    expect(readLock(file)).toMatchObject({ pid: process.pid, owner: me });
    await store.close();
    expect(readLock(file)).toBeUndefined();
  });

  it('is one of this process too', async () => {
    const { file } = tempFile();
    const store = await openSqlite({ file, runtime, owner: me });
    await expect(openSqlite({ file, runtime, owner: ownerId(2) })).rejects.toMatchObject({
      code: 'locked',
      ids: { pid: process.pid },
    });
    await store.close();
    await (await openSqlite({ file, runtime, owner: ownerId(2) })).close();
  });

  it('is one of many that start at once', async () => {
    const { file } = tempFile();
    const answers = await Promise.all(
      [1, 2, 3, 4].map(async (n) => (await startChild('try', file, n)).next()),
    );
    expect(answers.filter((answer) => answer === 'open')).toHaveLength(1);
    for (const answer of answers.filter((line) => line !== 'open'))
      expect(JSON.parse(answer ?? '{}')).toMatchObject({ code: 'locked' });
  });

  it('gives the lock back when the file cannot be opened', async () => {
    const { file } = tempFile();
    writeFileSync(
      file,
      'this is a letter and no database, but long enough to be one at first sight '.repeat(20),
    );
    await expect(openSqlite({ file, runtime, owner: me })).rejects.toMatchObject({
      code: 'not_ours',
    });
    expect(readLock(file)).toBeUndefined();
  });

  it('does not take a stranger for its lock', async () => {
    const { file } = tempFile();
    writeFileSync(
      `${file}.lock`,
      'somebody keeps notes here, and they are long enough to be looked at '.repeat(20),
    );
    await expect(openSqlite({ file, runtime, owner: me })).rejects.toMatchObject({
      code: 'not_ours',
    });
  });
});
