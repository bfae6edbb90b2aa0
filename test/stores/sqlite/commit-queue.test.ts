import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../../src/contracts/runtime.ts';
import { openSqlite, SqliteMemory } from '../../../src/stores/sqlite/index.ts';
import { key1, put, putBasics } from '../../../src/testing/store-conformance-kit.ts';
import { channelRow, inboundRow, keyOf } from '../../../src/testing/store-conformance-rows.ts';
import { me, runtime } from '../runtime.ts';

/** A store in memory, with every statement that the queue says to the database. */
async function watched(over: Partial<Runtime> = {}) {
  const memory = new SqliteMemory();
  const store = await openSqlite({
    file: ':memory:',
    runtime: { ...runtime, ...over },
    owner: me,
    memory,
  });
  return { memory, store };
}

describe('group commit', () => {
  it('writes what is asked for in one turn in one transaction', async () => {
    const flushes: (() => void)[] = [];
    const { store, memory } = await watched({
      soon: (fn) => void flushes.push(fn),
      monoMs: () => 0,
    });
    const writes = Array.from({ length: 20 }, (_, n) =>
      put(store, (tx) => tx.putChannel(channelRow(n))),
    );
    expect(flushes).toHaveLength(1);
    let commits = 0;
    memory.database.function('count_commit', () => (commits += 1));
    memory.database.exec(
      "CREATE TEMP TRIGGER once AFTER INSERT ON channels WHEN NEW.key LIKE '%c0' BEGIN SELECT count_commit(); END",
    );
    flushes[0]?.();
    await Promise.all(writes);
    expect([commits, flushes.length]).toEqual([1, 1]);
    memory.close();
  });

  it('ends a commit that has taken long, and goes on with the next in order', async () => {
    const flushes: (() => void)[] = [];
    let nowMs = 0;
    const { store, memory } = await watched({
      soon: (fn) => void flushes.push(fn),
      monoMs: () => nowMs,
    });
    const done: number[] = [];
    const writes = Array.from({ length: 10 }, async (_, n) => {
      await store.write('slow', function* (tx) {
        nowMs += 2;
        tx.setAdapterState('a', `${n}`, 'x');
      });
      done.push(n);
    });
    const rounds: number[] = [];
    while (flushes.length > 0) {
      flushes.shift()?.();
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      rounds.push(done.length);
    }
    await Promise.all(writes);
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rounds).toEqual([3, 6, 9, 10]);
    memory.close();
  });

  it('writes long queues in several, in order', async () => {
    const flushes: (() => void)[] = [];
    const { store, memory } = await watched({ soon: (fn) => void flushes.push(fn) });
    const done: number[] = [];
    const writes = Array.from({ length: 1_200 }, async (_, n) => {
      await put(store, (tx) => tx.setAdapterState('a', `${n}`, 'x'));
      done.push(n);
    });
    while (flushes.length > 0) flushes.shift()?.();
    await Promise.all(writes);
    expect(done).toEqual(Array.from({ length: 1_200 }, (_, n) => n));
    memory.close();
  });

  it('refuses more than it can hold, and takes again when it has written', async () => {
    const flushes: (() => void)[] = [];
    const { store, memory } = await watched({ soon: (fn) => void flushes.push(fn) });
    const writes = Array.from({ length: 10_000 }, () => put(store, () => {}));
    await expect(put(store, () => {})).rejects.toMatchObject({ code: 'overloaded' });
    while (flushes.length > 0) flushes.shift()?.();
    await Promise.all(writes);
    const after = put(store, () => {});
    flushes.shift()?.();
    await after;
    memory.close();
  });

  it('on a full disk refuses what does not fit as unwritable, keeps the rest, and goes on when there is room', async () => {
    const { store, memory } = await watched();
    await putBasics(store);
    const pages = memory.database.pragma('page_count', { simple: true }) as number;
    memory.database.pragma(`max_page_count = ${pages}`);
    const big = inboundRow(1);
    const words = 'word '.repeat(12_000);
    const results = await Promise.allSettled([
      put(store, (tx) => tx.putAlias(keyOf(50), key1)),
      put(store, (tx) =>
        tx.putInbound({
          ...big,
          inbound: { ...big.inbound, kind: 'message', text: words } as never,
        }),
      ),
      put(store, (tx) => tx.putAlias(keyOf(51), key1)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({
      reason: { code: 'unwritable', cause: { code: 'SQLITE_FULL' } },
    });
    expect(String((results[1] as PromiseRejectedResult).reason.message)).not.toContain('word');
    memory.database.pragma(`max_page_count = ${pages + 1_000}`);
    await put(store, (tx) => tx.putInbound(big));
    expect((await store.read((reads) => reads.channelAt(keyOf(51))))?.key).toBe(key1);
    memory.close();
  });

  it('when it cannot even begin, refuses the whole batch at once', async () => {
    const { store, memory } = await watched();
    memory.database.exec('BEGIN');
    const results = await Promise.allSettled([1, 2, 3].map(() => put(store, () => {})));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    memory.database.exec('ROLLBACK');
    await put(store, () => {});
    memory.close();
  });

  it('forgets at a crash what it had not committed, and never answers it', async () => {
    const flushes: (() => void)[] = [];
    const { store, memory } = await watched({ soon: (fn) => void flushes.push(fn) });
    let answered = false;
    void put(store, (tx) => tx.putChannel(channelRow(1))).finally(() => {
      answered = true;
    });
    const next = await openSqlite({ file: ':memory:', runtime, owner: me, memory });
    while (flushes.length > 0) flushes.shift()?.();
    expect(await next.read((reads) => reads.channel(key1))).toBeUndefined();
    expect(answered).toBe(false);
    await expect(put(store, () => {})).rejects.toMatchObject({ code: 'closed' });
    expect(next.epoch).toBe(store.epoch);
    memory.close();
  });
});
