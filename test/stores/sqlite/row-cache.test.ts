import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import type { Store, Tx } from '../../../src/contracts/store.ts';
import { openSqlite, SqliteMemory } from '../../../src/stores/sqlite/index.ts';
import { get, key1, put } from '../../../src/testing/store-conformance-kit.ts';
import {
  channelRow,
  receiptId,
  receiptRow,
  sessionId,
  sessionRow,
  t0,
  taskId,
} from '../../../src/testing/store-conformance-rows.ts';
import { me, runtime } from '../runtime.ts';
import { tempFile } from './temp-file.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function inMemory(): Promise<{ store: Store; database: Database.Database }> {
  const memory = new SqliteMemory();
  open.push(memory);
  const store = await openSqlite({ file: ':memory:', runtime, owner: me, memory });
  await put(store, (tx) => {
    tx.putChannel(channelRow(1, { seq: 1 }));
    tx.putReceipt(receiptRow(1));
  });
  return { store, database: memory.database };
}
const seqOf = async (store: Store) => (await get(store, (reads) => reads.channel(key1)))?.seq;

describe('rows that are kept between scripts', () => {
  it('are not believed when a statement that is not the store’s changed something', async () => {
    const { store, database } = await inMemory();
    expect(await seqOf(store)).toBe(1);
    database.prepare('UPDATE channels SET seq = 7').run();
    expect(await seqOf(store)).toBe(7);
    database.prepare('UPDATE channels SET seq = 9').run();
    const seen = await store.write('look', function* (tx: Tx) {
      return (yield* tx.channel(key1))?.seq;
    });
    expect(seen).toBe(9);
  });

  it('are not believed when another connection changed something', async () => {
    const { file } = tempFile();
    const store = await openSqlite({ file, runtime, owner: me });
    open.push(store);
    await put(store, (tx) => tx.putChannel(channelRow(1, { seq: 1 })));
    expect(await seqOf(store)).toBe(1);
    const other = new Database(file);
    other.prepare('UPDATE channels SET seq = 7').run();
    other.close();
    expect(await seqOf(store)).toBe(7);
  });

  it('are forgotten with the transaction that put them', async () => {
    const { store } = await inMemory();
    const failed = store.write('fail', function* (tx: Tx) {
      const channel = yield* tx.channel(key1);
      if (channel === undefined) throw new Error('the channel is not there');
      tx.putChannel({ ...channel, seq: 5 });
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await seqOf(store)).toBe(1);
  });

  it('are new to every script: what it has not read it cannot replace', async () => {
    const { store } = await inMemory();
    expect(await seqOf(store)).toBe(1);
    const blind = put(store, (tx) => tx.putChannel(channelRow(1, { seq: 2 })));
    await expect(blind).rejects.toMatchObject({ code: 'duplicate' });
    expect(await seqOf(store)).toBe(1);
  });

  it('hold JSON that cannot be changed, and what replaces it is written', async () => {
    const { store } = await inMemory();
    const wrong = store.write('change', function* (tx: Tx) {
      const receipt = yield* tx.receipt(receiptId(1));
      if (receipt !== undefined) receipt.content.text = 'changed in place';
    });
    await expect(wrong).rejects.toThrow(TypeError);
    await store.write('replace', function* (tx: Tx) {
      const receipt = yield* tx.receipt(receiptId(1));
      if (receipt === undefined) throw new Error('the receipt is not there');
      tx.putReceipt({ ...receipt, content: { ...receipt.content, text: 'replaced' } });
    });
    const after = await get(store, (reads) => reads.receipt(receiptId(1)));
    expect(after?.content.text).toBe('replaced');
  });
});

describe('what was put', () => {
  it('is one statement at the end of the script, however often it was put', async () => {
    const { store, database } = await inMemory();
    let updates = 0;
    database.function('count_update', () => (updates += 1));
    database.exec(
      'CREATE TEMP TRIGGER each_update AFTER UPDATE ON channels BEGIN SELECT count_update(); END',
    );
    await store.write('thrice', function* (tx: Tx) {
      for (const seq of [2, 3, 4]) {
        const channel = yield* tx.channel(key1);
        if (channel === undefined) throw new Error('the channel is not there');
        tx.putChannel({ ...channel, seq });
      }
    });
    expect([updates, await seqOf(store)]).toEqual([1, 4]);
  });

  it('is seen by a statement that looks for it by something else than its id', async () => {
    const { store } = await inMemory();
    const due = await store.write('due', function* (tx: Tx) {
      const channel = yield* tx.channel(key1);
      if (channel === undefined) throw new Error('the channel is not there');
      tx.putChannel({ ...channel, dueAtMs: t0 });
      return yield* tx.channelsDue(t0, 9);
    });
    expect(due.map(({ key }) => key)).toEqual([key1]);
  });

  it('is refused as our own fault when it could not be read again', async () => {
    const { store } = await inMemory();
    for (const wrong of [{ seq: -1 }, { audience: 'maybe' }, { unheard: 1 }]) {
      const bad = store.write('bad', function* (tx: Tx) {
        const channel = yield* tx.channel(key1);
        tx.putChannel({ ...channel, ...wrong } as unknown as Parameters<Tx['putChannel']>[0]);
      });
      await expect(bad).rejects.toMatchObject({ name: 'ContractError', code: 'row_invalid' });
    }
    expect(await seqOf(store)).toBe(1);
  });
});

describe('a transcript', () => {
  const item = (text: string) =>
    ({ role: 'assistant', text, taskId: taskId(1), atMs: t0 }) as const;
  const said = async (store: Store, limit = 9) =>
    (await get(store, (reads) => reads.transcript(sessionId(1), limit))).map((one) =>
      'text' in one ? one.text : one,
    );

  it('is kept, grows with what is said, and is read again after a change by others', async () => {
    const { store, database } = await inMemory();
    await put(store, (tx) => tx.putSession(sessionRow(1)));
    await put(store, (tx) => tx.addTranscript(sessionId(1), item('one')));
    expect(await said(store)).toEqual(['one']);
    await put(store, (tx) => tx.addTranscript(sessionId(1), item('two')));
    expect(await said(store)).toEqual(['one', 'two']);
    expect(await said(store, 1)).toEqual(['two']);
    expect(await said(store, 0)).toEqual([]);
    const failed = put(store, (tx) => {
      tx.addTranscript(sessionId(1), item('three'));
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await said(store)).toEqual(['one', 'two']);
    database.prepare('DELETE FROM transcripts WHERE seq = 1').run();
    expect(await said(store)).toEqual(['two']);
  });
});
