import { beforeEach, describe, expect, test } from 'vitest';
import type { Life } from '../../../src/adapters/discord/life.ts';
import { Lives } from '../../../src/adapters/discord/lives.ts';
import { createFakeRuntime } from '../../../src/testing/fake-runtime.ts';
import { ScriptedHost } from './scripted-host.ts';

const token = 'bot-token';
const secret = 'aW50ZXJhY3Rpb24tdG9rZW4';
/** As long as Discord's. */
const long = secret.repeat(9);

let host: ScriptedHost;
beforeEach(() => {
  host = new ScriptedHost(createFakeRuntime());
});
const lives = (withToken = token): Lives => new Lives(host, { account: 'a', token: withToken });
const life = (n: number, more: Partial<Life> = {}): Life => ({
  id: String((1_400_000_000_000n + BigInt(n)) << 22n),
  token: long,
  applicationId: '1180000000000000001',
  channelId: '290926798626357999',
  personId: '80351110224678912',
  cameMs: 1_000 + n,
  state: 'open',
  ephemeral: false,
  reachable: true,
  followups: 0,
  ...more,
});

describe('interactions that are being answered', () => {
  test('are known after a restart, and what happened to them', async () => {
    const before = lives();
    await before.put(life(1));
    await before.put(life(2, { channelId: '5' }));
    await before.on(life(1).id, { kind: 'deferred' });
    const after = lives();
    expect(after.get(life(1).id)).toBeUndefined();
    await after.load();
    expect(after.get(life(1).id)).toEqual({ ...life(1), state: 'deferred' });
    expect(after.find('5')).toEqual([life(2, { channelId: '5' })]);
    expect(await after.on('99999', { kind: 'over' })).toBeUndefined();
  });

  test('of one channel come newest first', async () => {
    const all = lives();
    for (const n of [3, 1, 2]) await all.put(life(n));
    expect(all.find(life(1).channelId).map(({ cameMs }) => cameMs)).toEqual([1_003, 1_002, 1_001]);
  });

  test('are kept so that no token can be read', async () => {
    const all = lives();
    await all.put(life(1));
    const notes = [...host.notes.values()];
    expect(notes).toHaveLength(1);
    const decoded = notes.map((note) => Buffer.from(note, 'base64').toString('latin1')).join();
    for (const text of [...notes, decoded]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(life(1).id);
    }
    expect(notes[0]).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
  });

  test('for one person alone: for whom is known when the rest is forgotten, also with a new bot token', async () => {
    const before = lives();
    const hidden = life(1, { ephemeral: true });
    await before.put(hidden);
    for (let n = 2; n < 3_600; n += 1) await before.put(life(n));
    const over = { state: 'over', ephemeral: true, personId: hidden.personId, token: '' };
    expect(before.get(hidden.id)).toMatchObject(over);
    const after = lives('new-token');
    await after.load();
    expect(after.get(hidden.id)).toMatchObject(over);
    expect(after.get(life(2).id)).toBeUndefined();
    expect([...host.notes.values()].join()).not.toContain(secret);
  });

  test('of thousands for one person alone the newest are known, and leave room for the rest', async () => {
    const alone = (n: number): Life => life(16 * n, { ephemeral: true });
    const before = lives();
    await Promise.all(Array.from({ length: 2_000 }, (_, n) => before.put(alone(n))));
    expect([...host.notes.values()].every(({ length }) => length <= 49_152)).toBe(true);
    const after = lives();
    await Promise.all([after.put(alone(2_000)), after.load()]);
    expect(after.get(alone(1_999).id)?.token).toBe(long);
    const last = lives('new-token');
    await last.load();
    for (const n of [2_000, 1_999, 1_701]) expect(last.get(alone(n).id)?.state).toBe('over');
    expect(last.get(alone(1_700).id)).toBeUndefined();
  });

  test('of another bot token are forgotten, and nothing is wrong', async () => {
    await lives().put(life(1));
    const other = lives('new-token');
    await other.load();
    expect(other.get(life(1).id)).toBeUndefined();
    await other.put(life(17));
    const again = lives('new-token');
    await again.load();
    expect(again.get(life(17).id)).toEqual(life(17));
  });

  test('a note that was changed is none', async () => {
    await lives().put(life(1));
    for (const [key, note] of host.notes) host.notes.set(key, `${note.slice(0, -8)}AAAAAAA=`);
    host.notes.set('a life.3', 'x');
    const after = lives();
    await after.load();
    expect(after.find(life(1).channelId)).toEqual([]);
  });

  test('of thousands the newest of each note are kept, in what the relay holds', async () => {
    const all = lives();
    await Promise.all(Array.from({ length: 4_000 }, (_, n) => all.put(life(n))));
    expect([...host.notes.values()].every(({ length }) => length <= 49_152)).toBe(true);
    const after = lives();
    await after.load();
    const kept = after.find(life(1).channelId);
    expect(kept.length).toBeGreaterThan(500);
    expect(kept.map(({ cameMs }) => cameMs)).toEqual(
      Array.from({ length: kept.length }, (_, n) => 4_999 - n),
    );
  });

  test('are known at once while the store cannot write, and kept with the next change', async () => {
    const all = lives();
    await all.load();
    host.isDown = true;
    await all.put(life(1));
    expect(all.get(life(1).id)).toEqual(life(1));
    await all.on(life(1).id, { kind: 'deferred' });
    host.isDown = false;
    // Nothing changes by it; what was not kept is.
    await all.on(life(1).id, { kind: 'deferred' });
    const after = lives();
    await after.load();
    expect(after.get(life(1).id)?.state).toBe('deferred');
  });

  test('are bounded also while the store cannot be read', async () => {
    const all = lives();
    host.isDown = true;
    await Promise.all(Array.from({ length: 4_000 }, (_, n) => all.put(life(n))));
    expect(all.find(life(1).channelId)).toHaveLength(16 * 200);
    expect(all.get(life(0).id)).toBeUndefined();
    expect(all.get(life(3_999).id)).toBeDefined();
  });

  test('what is known by now is not overwritten by what is read', async () => {
    await lives().put(life(1));
    const after = lives();
    const putting = after.put(life(1, { state: 'written' }));
    await Promise.all([after.load(), putting]);
    await after.put(life(17));
    const last = lives();
    await last.load();
    expect(last.get(life(1).id)?.state).toBe('written');
    expect(last.get(life(17).id)).toEqual(life(17));
  });
});
