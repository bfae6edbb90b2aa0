import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSession, Session } from '../../../src/adapters/discord/session.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { FakeHost } from '../webchat/fake-host.ts';

const begun = { sessionId: 'abc', resumeURL: 'wss://gateway.example', sequence: 1 };

function make() {
  const runtime = createFakeRuntime();
  const host = new FakeHost(runtime);
  const writes: string[] = [];
  const store = { fails: false };
  const { set } = host.state;
  host.state.set = async (account, key, value) => {
    if (store.fails) throw new Error('locked');
    writes.push(value);
    await set(account, key, value);
  };
  const session = (intents = 512): Session =>
    new Session({ host, account: '1', shard: 0, shardCount: 1, intents });
  const stored = async () => readSession(await host.state.get('1', 'session:0'));
  return { runtime, host, writes, store, session, stored };
}

describe('a session', () => {
  test('is stored at once when it begins, its sequence once a second, and last at the end', async () => {
    const { session: open, runtime, writes, stored } = make();
    const session = open();
    await session.load();
    session.begin(begun);
    await runtime.settle();
    expect(await stored()).toEqual({ ...begun, shardCount: 1, intents: 512 });
    for (let sequence = 2; sequence <= 200; sequence += 1) {
      session.hear(sequence, takeAtOnce);
      await runtime.advance(10);
    }
    expect(writes.length).toBeLessThanOrEqual(3);
    session.hear(201, takeAtOnce);
    await session.close();
    expect((await stored())?.sequence).toBe(201);
    const after = open();
    await after.load();
    expect(after.current?.sequence).toBe(201);
  });

  test('of other intents is none; one that Discord does not know any more is gone', async () => {
    const { session: open, stored } = make();
    const session = open();
    session.begin(begun);
    await session.close();
    const other = open(1);
    await other.load();
    expect(other.current).toBeUndefined();
    const same = open();
    await same.load();
    same.forget();
    await same.close();
    expect(same.current).toBeUndefined();
    expect(await stored()).toBeUndefined();
  });

  test('that could not be stored is stored when the store writes again', async () => {
    const { session: open, runtime, store, stored } = make();
    const session = open();
    store.fails = true;
    session.begin(begun);
    await runtime.advance(10_000);
    expect(await stored()).toBeUndefined();
    store.fails = false;
    await runtime.advance(1_000);
    expect((await stored())?.sessionId).toBe('abc');
    await session.close();
  });

  test('that cannot be read is none', async () => {
    const { session: open, host } = make();
    host.state.get = async () => {
      throw new Error('locked');
    };
    const session = open();
    await session.load();
    expect(session.current).toBeUndefined();
    for (const row of [undefined, '', '{', 'null', '[]', '{"sessionId":1}'])
      expect(readSession(row)).toBeUndefined();
  });

  test('an old one that is stored late does not move the new one', async () => {
    const { session: open } = make();
    const session = open();
    session.begin(begun);
    let late: () => void = () => undefined;
    session.hear(50, (done) => {
      late = done;
      return true;
    });
    session.begin({ ...begun, sessionId: 'def' });
    late();
    expect(session.current).toMatchObject({ sessionId: 'def', sequence: 1 });
    expect(session.hear(2, takeAtOnce)).toBe(true);
    expect(session.current?.sequence).toBe(2);
    await session.close();
  });

  test('commits what is stored up to the first that is not, in whatever order, and takes nothing twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((count) =>
          fc.tuple(
            fc.shuffledSubarray(
              Array.from({ length: count }, (_, n) => n + 2),
              { minLength: count },
            ),
            fc.array(fc.integer({ min: 2, max: count + 1 }), { maxLength: 10 }),
          ),
        ),
        ([order, again]) => {
          const session = make().session();
          session.begin(begun);
          const dones = new Map<number, () => void>();
          let taken = 0;
          const hear = (sequence: number): boolean =>
            session.hear(sequence, (done) => {
              taken += 1;
              dones.set(sequence, done);
              return true;
            });
          for (const sequence of [...order].sort((a, b) => a - b)) hear(sequence);
          const stored = new Set([1]);
          for (const sequence of order) {
            stored.add(sequence);
            dones.get(sequence)?.();
            for (const one of again) hear(one);
            let highest = 1;
            while (stored.has(highest + 1)) highest += 1;
            expect(session.current?.sequence).toBe(highest);
          }
          expect(taken).toBe(order.length);
        },
      ),
    );
  });

  test('what is not taken must come again', () => {
    const session = make().session();
    session.begin(begun);
    expect(session.hear(2, () => false)).toBe(false);
    expect(() =>
      session.hear(2, () => {
        throw new Error('broken');
      }),
    ).toThrow('broken');
    expect(session.current?.sequence).toBe(1);
    expect(session.hear(2, takeAtOnce)).toBe(true);
    expect(session.current?.sequence).toBe(2);
  });
});

function takeAtOnce(done: () => void): boolean {
  done();
  return true;
}
