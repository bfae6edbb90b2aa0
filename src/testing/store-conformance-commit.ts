import assert from 'node:assert/strict';
import type { Script, Tx } from '../contracts/store.ts';
import {
  get,
  key1,
  key2,
  nothing,
  put,
  putBasics,
  refuses,
  type StoreTest,
} from './store-conformance-kit.ts';
import { channelRow, inboundRow, keyOf, ownerId, receiptRow } from './store-conformance-rows.ts';

export function commitSuite(test: StoreTest): void {
  together(test);
  scripts(test);
  closing(test);
}

function together(test: StoreTest): void {
  test('of writes asked for at once one may fail: the others stand, in order', async ({
    store,
  }) => {
    await putBasics(store);
    const order: string[] = [];
    const write = (n: number) =>
      put(store, (tx) =>
        tx.putInbound(inboundRow(n, n === 3 ? { key: inboundRow(2).key } : {})),
      ).then(
        () => order.push(`${n}`),
        () => order.push(`${n} refused`),
      );
    await Promise.all([1, 2, 3, 4, 5].map(write));
    assert.deepEqual(order, ['1', '2', '3 refused', '4', '5']);
    const found = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => get(store, (reads) => reads.inbound(inboundRow(n).id))),
    );
    assert.deepEqual(
      found.map((row) => row !== undefined),
      [true, true, false, true, true],
    );
  });

  test('what a failed script had written is gone, whatever it threw', async ({ store }) => {
    await putBasics(store);
    const failure = new Error('of the caller');
    const failing = store.write('fails', function* (tx) {
      yield* nothing();
      tx.putChannel(channelRow(2));
      throw failure;
    });
    const good = put(store, (tx) => tx.putChannel(channelRow(3)));
    await assert.rejects(failing, failure);
    await good;
    assert.equal(await get(store, (reads) => reads.channel(key2)), undefined);
    assert.ok(await get(store, (reads) => reads.channel(keyOf(3))));
  });

  test('each sees what those before it wrote, and results are its own', async ({ store }) => {
    await put(store, (tx) => tx.putChannel(channelRow(1)));
    const count = () =>
      store.write('count', function* (tx) {
        const channel = (yield* tx.channel(key1)) ?? channelRow(1);
        tx.putChannel({ ...channel, seq: channel.seq + 1 });
        return channel.seq + 1;
      });
    assert.deepEqual(await Promise.all([count(), count(), count()]), [1, 2, 3]);
  });

  test('a read sees only what is committed', async ({ store }) => {
    const writing = put(store, (tx) => tx.putChannel(channelRow(1)));
    const before = get(store, (reads) => reads.channel(key1));
    await writing;
    assert.ok((await before) === undefined || (await before)?.key === key1);
    assert.ok(await get(store, (reads) => reads.channel(key1)));
  });
}

function scripts(test: StoreTest): void {
  test('a script may wait for nothing but reads', async ({ store }) => {
    const waiting = store.write('waits', function* (tx): Script<void> {
      tx.putChannel(channelRow(1));
      yield Promise.resolve();
    });
    await refuses('yielded', waiting);
    assert.equal(await get(store, (reads) => reads.channel(key1)), undefined);
  });

  test('a transaction is over when its script is', async ({ store }) => {
    let kept: Tx | undefined;
    await put(store, (tx) => {
      kept = tx;
    });
    assert.throws(() => kept?.putChannel(channelRow(1)), { code: 'script_over' });
    assert.equal(await get(store, (reads) => reads.channel(key1)), undefined);
  });

  test('a transaction may be spread into another object', async ({ store }) => {
    await store.write('spread', function* (tx) {
      const work = { ...tx, now: 1 };
      work.putChannel(channelRow(1));
      assert.equal((yield* work.channel(key1))?.key, key1);
    });
  });
}

function closing(test: StoreTest): void {
  test('closing writes what was taken on, and may be done twice', async (under) => {
    const { store } = under;
    const pending = put(store, (tx) => tx.putChannel(channelRow(1)));
    await Promise.all([store.close(), store.close()]);
    await pending;
    const again = await under.reopen();
    assert.ok(await get(again, (reads) => reads.channel(key1)));
  });

  test('a closed store refuses reads and writes', async (under) => {
    const { store } = under;
    await store.close();
    await refuses(
      'closed',
      put(store, (tx) => tx.putReceipt(receiptRow(1))),
    );
    await refuses(
      'closed',
      get(store, (reads) => reads.channel(key1)),
    );
  });

  test('the data has one name for ever', async (under) => {
    const { epoch } = under.store;
    assert.ok(epoch.length > 0);
    assert.equal((await under.reopen()).epoch, epoch);
  });

  test('an owner that is not alive is known', async ({ store }) => {
    assert.equal(typeof store.ownerGone(ownerId(99)), 'boolean');
  });
}
