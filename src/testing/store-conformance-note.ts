import assert from 'node:assert/strict';
import type { StoreReads } from '../contracts/store.ts';
import {
  get,
  key1,
  key2,
  put,
  putBasics,
  refuses,
  type StoreTest,
} from './store-conformance-kit.ts';
import { ownerId, sessionId, t0, taskId, taskRow } from './store-conformance-rows.ts';

/** What is no row of the story itself: the Journal, numbers, addresses, notes, memory, leases. */
export function noteSuite(test: StoreTest): void {
  journal(test);
  small(test);
}

function journal(test: StoreTest): void {
  test('the Journal numbers its rows and gives them back', async ({ store }) => {
    const seqs = await store.write('journal', function* (tx) {
      const first = yield* tx.journal(
        {
          name: 'task.started',
          data: { attempt: 1 },
          taskId: taskId(1),
          channel: key1,
          sessionId: sessionId(1),
        },
        t0,
      );
      const second = yield* tx.journal({ name: 'relay.stopped', data: { interrupted: 0 } }, t0 + 1);
      return [first, second];
    });
    const page = await get(store, (reads) => reads.journalPage({}, { after: 0, limit: 9 }));
    assert.deepEqual(page.rows, [
      {
        seq: seqs[0],
        atMs: t0,
        name: 'task.started',
        data: { attempt: 1 },
        taskId: taskId(1),
        channel: key1,
        sessionId: sessionId(1),
      },
      { seq: seqs[1], atMs: t0 + 1, name: 'relay.stopped', data: { interrupted: 0 } },
    ]);
    assert.ok(Number(seqs[1]) > Number(seqs[0]));
  });

  test('the newest row tells when it was written, by its number and not by its time', async ({
    store,
  }) => {
    const newest = (): Promise<number | undefined> => get(store, (reads) => reads.newestAtMs());
    assert.equal(await newest(), undefined);
    for (const atMs of [t0 + 10, t0]) {
      await store.write('journal', (tx) =>
        tx.journal({ name: 'relay.stopped', data: { interrupted: 0 } }, atMs),
      );
      assert.equal(await newest(), atMs);
    }
  });

  test('an entry that breaks its schema or is over 4 KiB is refused', async ({ store }) => {
    const extra = { name: 'task.started', data: { attempt: 1, secret: 'x' } } as never;
    await refuses(
      'event_invalid',
      store.write('journal', (tx) => tx.journal(extra, t0)),
    );
    const long = {
      name: 'worker.warning',
      data: { code: 'é'.repeat(2_000), message: 'é'.repeat(2_000) },
    } as const;
    const { message } = await refuses(
      'too_large',
      store.write('journal', (tx) => tx.journal(long, t0)),
    );
    assert.doesNotMatch(message, /é/);
    const fits = {
      name: 'worker.warning',
      data: { code: 'a'.repeat(2_000), message: 'b'.repeat(2_000) },
    } as const;
    await store.write('journal', (tx) => tx.journal(fits, t0));
  });
}

function small(test: StoreTest): void {
  test('numbers of a list are given once, also over a restart', async (under) => {
    const next = (list: 'task' | 'incident') => under.store.write('next', (tx) => tx.nextSeq(list));
    assert.deepEqual([await next('task'), await next('task'), await next('incident')], [1, 2, 1]);
    const store = await under.reopen();
    assert.equal(await store.write('next', (tx) => tx.nextSeq('task')), 3);
  });

  test('a Channel is found by its key, its first and its later address', async ({ store }) => {
    await putBasics(store, [1]);
    await put(store, (tx) => tx.putAlias(key2, key1));
    await get(store, function* (reads: StoreReads) {
      assert.equal((yield* reads.channelAt(key2))?.key, key1);
      assert.equal((yield* reads.channelAt(key1))?.key, key1);
      assert.equal(yield* reads.channel(key2), undefined);
    });
  });

  test("an adapter's notes are kept and replaced, and are at most 64 KiB", async (under) => {
    await put(under.store, (tx) => tx.setAdapterState('a', 'k', 'one'));
    await put(under.store, (tx) => tx.setAdapterState('a', 'k', 'two'));
    await refuses(
      'too_large',
      put(under.store, (tx) => tx.setAdapterState('a', 'k', 'x'.repeat(65_537))),
    );
    const store = await under.reopen();
    assert.equal(await get(store, (reads) => reads.adapterState('a', 'k')), 'two');
    assert.equal(await get(store, (reads) => reads.adapterState('b', 'k')), undefined);
  });

  test('a transcript keeps its order, and the last of it are given', async ({ store }) => {
    await putBasics(store);
    const item = (n: number) =>
      ({ role: 'assistant', text: `t${n}`, taskId: taskId(1), atMs: t0 - n }) as const;
    await put(store, (tx) => {
      for (const n of [1, 2, 3, 4]) tx.addTranscript(sessionId(1), item(n));
    });
    assert.deepEqual(await get(store, (reads) => reads.transcript(sessionId(1), 3)), [
      item(2),
      item(3),
      item(4),
    ]);
  });

  test('leases are renewed for the Tasks that an owner holds, and only those', async ({
    store,
  }) => {
    await putBasics(store);
    const held = { owner: ownerId(1), leaseUntilMs: t0 };
    await put(store, (tx) => {
      tx.putTask(taskRow(1, { state: 'running', ...held }));
      tx.putTask(taskRow(2, { state: 'waiting', ...held }));
      tx.putTask(taskRow(3, { state: 'running', ...held, owner: ownerId(2) }));
      tx.putTask(taskRow(4, { state: 'queued' }));
      tx.putTask(taskRow(5, { state: 'ended', ...held }));
    });
    await put(store, (tx) => tx.renewTasks(ownerId(1), t0 + 9));
    const { rows } = await get(store, (reads) => reads.tasksPage({}, { after: 0, limit: 9 }));
    assert.deepEqual(
      rows.map((row) => row.leaseUntilMs),
      [t0 + 9, t0 + 9, t0, undefined, t0],
    );
  });
}
