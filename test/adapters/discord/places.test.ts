import { beforeEach, describe, expect, test } from 'vitest';
import { Places } from '../../../src/adapters/discord/places.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/fake-runtime.ts';
import { ScriptedHost } from './scripted-host.ts';

const direct = '319674150115610528';
const general = '290926798626357999';
const thread = '1190000000000000007';
const guildId = '290926798626357250';
const place = { adapter: 'discord', account: 'a' };
const person = { id: '80351110224678912' };

let runtime: FakeRuntime;
let host: ScriptedHost;
beforeEach(() => {
  runtime = createFakeRuntime();
  host = new ScriptedHost(runtime);
});
const open = (): Places => new Places(host, 'a');
const message = (id: string, channel: object, more: object = {}) => ({
  kind: 'message' as const,
  id,
  channel: { ...place, conversation: general, ...channel },
  person,
  sentAtMs: 1,
  text: `text of ${id}`,
  ...more,
});

describe('places', () => {
  test('a server tells what its channels are; it is left, and they are not known any more', () => {
    const places = open();
    places.sees(
      {
        id: guildId,
        channels: [{ id: general, type: 0 }, { id: '5', type: 15 }, null, { id: 7 }, 'x'],
        threads: [{ id: thread, type: 11, parent_id: general, owner_id: 'me' }],
      },
      'me',
    );
    expect(places.placeOf(general)).toEqual({ kind: 'channel', guildId, threads: true });
    expect(places.placeOf('5')).toEqual({ kind: 'channel', guildId });
    const ours = { kind: 'thread', parentId: general, guildId, ours: true };
    expect(places.placeOf(thread)).toEqual(ours);
    places.leave('another');
    expect(places.placeOf(thread)).toEqual(ours);
    places.leave(guildId);
    expect(places.placeOf(general)).toBeUndefined();
    expect(places.placeOf(thread)).toBeUndefined();
    for (const wrong of [undefined, 7, { id: '1', channels: {} }]) places.sees(wrong, 'me');
  });

  test('where the bot takes part is known after a restart', async () => {
    const places = open();
    places.learn(general, { kind: 'channel', guildId, threads: true });
    await places.saw(message('11111', { thread }));
    await places.saw(message('22222', { conversation: direct }, { private: true }));
    const after = open();
    expect(after.takesPart(thread)).toBe(false);
    await after.load();
    expect(after.takesPart(thread)).toBe(true);
    expect(after.placeOf(thread)).toEqual({ kind: 'thread', parentId: general, guildId });
    expect(after.placeOf(direct)).toEqual({ kind: 'direct' });
    expect(after.placeOf(general)).toBeUndefined();
    expect(after.noted()).toEqual([
      { id: direct, isDirect: true },
      { id: thread, guildId, parentId: general },
    ]);
    after.forget(thread);
    await after.saw(message('33333', { conversation: direct }, { private: true }));
    const last = open();
    await last.load();
    expect(last.takesPart(thread)).toBe(false);
  });

  test('a thread that is not noted is looked for once in what was said', async () => {
    const places = open();
    places.learn(thread, { kind: 'thread', parentId: general });
    places.learn('7', { kind: 'thread', parentId: general });
    await host.accept(message('11111', { thread }));
    await places.find(thread);
    await places.find('7');
    expect([places.takesPart(thread), places.takesPart('7')]).toEqual([true, false]);
    host.isDown = true;
    await places.find(thread);
    await places.find('7');
    await expect(
      (async () => {
        places.learn('8', { kind: 'thread', parentId: general });
        await places.find('8');
      })(),
    ).rejects.toThrow('locked');
  });

  test('the note of thousands of places fits, and keeps the newest', async () => {
    const places = open();
    await places.load();
    for (let n = 0; n < 2_000; n += 1) {
      const id = String(1_190_000_000_000_000_000n + BigInt(n));
      places.learn(id, { kind: 'thread', parentId: general, guildId });
      await places.saw(message('11111', { thread: id }));
      await places.saw(message('11111', { conversation: `2${id}`.slice(0, 20) }));
    }
    expect(Math.max(...[...host.notes.values()].map(({ length }) => length))).toBeLessThan(65_536);
    const after = open();
    await after.load();
    expect(after.takesPart(String(1_190_000_000_000_001_999n))).toBe(true);
    expect(after.takesPart(String(1_190_000_000_000_000_000n))).toBe(false);
  });

  test('the words of a message that a thread is to be made of, until there is one', async () => {
    const places = open();
    places.expects(message('11111', { thread: '11111' }));
    places.expects(message('22222', { thread }));
    expect(places.beginning('11111')).toBe('text of 11111');
    expect(places.beginning('22222')).toBeUndefined();
    places.learn('11111', { kind: 'thread', parentId: general });
    expect(places.beginning('11111')).toBeUndefined();
    places.expects(message('11111', { thread: '11111' }));
    expect(places.beginning('11111')).toBeUndefined();
  });

  test('who spoke there last, and what was taken from whom', async () => {
    const places = open();
    await places.saw(message('11111', { thread }));
    expect(places.taken('11111')).toMatchObject({ person, channel: { thread } });
    expect(places.taken('22222')).toBeUndefined();
  });

  test('the time is noted once a minute at most, and a store that fails is no harm', async () => {
    const places = open();
    expect(await places.aliveAtMs()).toBeUndefined();
    await places.alive();
    const firstMs = runtime.wallMs();
    await runtime.advance(30_000);
    await places.alive();
    expect(await places.aliveAtMs()).toBe(firstMs);
    await runtime.advance(30_000);
    await places.alive();
    expect(await places.aliveAtMs()).toBe(firstMs + 60_000);
    expect(await places.canWrite()).toBe(true);
    host.isDown = true;
    await runtime.advance(60_000);
    await places.alive();
    expect(await places.canWrite()).toBe(false);
    host.isDown = false;
    expect(await places.aliveAtMs()).toBe(firstMs + 60_000);
  });

  test.each(['x', '7', '[[1],["a",2,"b"],null]'])(
    'a note of %j is read as far as it goes',
    async (note) => {
      host.notes.set('a places', note);
      const places = open();
      await places.load();
      expect(places.noted().length).toBeLessThan(2);
    },
  );
});
