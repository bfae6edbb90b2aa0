import { describe, expect, test } from 'vitest';
import {
  isDone,
  isLike,
  likeOf,
  type StreamNote,
  StreamNotes,
} from '../../../src/adapters/slack/stream-note.ts';

const place = { adapter: 'slack', account: 'main', conversation: 'C1', thread: '1.1' };

class Shelf {
  value: string | undefined;
  writes = 0;
  isBroken = false;
  release: (() => void) | undefined;
  isHeld = false;
  readonly log = (): void => undefined;
  readonly state = {
    get: async (): Promise<string | undefined> => this.value,
    set: async (_account: string, _key: string, value: string): Promise<void> => {
      this.writes += 1;
      if (this.isHeld)
        await new Promise<void>((resolve) => {
          this.release = resolve;
        });
      if (this.isBroken) throw new Error('no');
      this.value = value;
    },
  };
}

const nowMs = 1_700_000_100_000;
const ts = '1700000000.000100';

/** One that streams. */
function begin(notes: StreamNotes, taskId: string, where = place): StreamNote {
  const note = notes.begin(taskId, where, nowMs);
  if (note === undefined) throw new Error('no room');
  note.ts.push(ts);
  return note;
}

const done = (notes: StreamNotes, taskId: string): StreamNote =>
  Object.assign(begin(notes, taskId), { ts: [], places: [ts] });

describe('the notes of streams', () => {
  test('outlive a restart', async () => {
    const shelf = new Shelf();
    const notes = new StreamNotes(shelf, 'main');
    begin(notes, 't1');
    expect(await notes.save()).toBe(true);
    const after = new StreamNotes(shelf, 'main');
    await after.load();
    expect(after.of('t1')).toMatchObject({ conversation: 'C1', ts: ['1700000000.000100'] });
  });

  test('what nobody can read is none', async () => {
    for (const value of ['{', '[{"taskId":1}]', '7']) {
      const notes = new StreamNotes(Object.assign(new Shelf(), { value }), 'main');
      await notes.load();
      expect(notes.all).toEqual([]);
    }
  });

  test('are bounded: what is over goes first, and of what streams nothing', async () => {
    const notes = new StreamNotes(new Shelf(), 'main');
    for (let n = 0; n < 60; n += 1) done(notes, `done${n}`);
    for (let n = 0; n < 100; n += 1) begin(notes, `open${n}`);
    expect(notes.begin('one too many', place, nowMs)).toBeUndefined();
    await notes.save();
    expect(notes.all.filter(isDone)).toEqual([]);
    expect(notes.all.map(({ taskId }) => taskId)).toEqual(
      Array.from({ length: 100 }, (_, n) => `open${n}`),
    );
    // What was begun goes on, and one that is over makes room.
    expect(notes.begin('open3', place, nowMs)).toBe(notes.of('open3'));
    Object.assign(notes.of('open7') ?? {}, { places: [] });
    expect(notes.begin('one more', place, nowMs)).toBeDefined();
    expect(notes.of('open7')).toBeUndefined();
  });

  test('what shows nothing new for a day makes room', () => {
    const notes = new StreamNotes(new Shelf(), 'main');
    for (let n = 0; n < 100; n += 1) begin(notes, `open${n}`);
    const day = 86_400_000;
    expect(notes.begin('later', place, nowMs + day - 100_001)).toBeUndefined();
    expect(notes.begin('later', place, nowMs + day)).toBeDefined();
    expect(notes.of('open0')).toBeUndefined();
    expect(notes.of('open1')).toBeDefined();
  });

  test('fit into what an adapter may note, and what streams is not forgotten for it', async () => {
    const shelf = new Shelf();
    const notes = new StreamNotes(shelf, 'main');
    const long = { ...place, conversation: 'C'.repeat(200), thread: '1'.repeat(200) };
    const kept: string[] = [];
    for (let n = 0; n < 100; n += 1) {
      const taskId = `task${n}${'x'.repeat(80)}`;
      for (let at = 0; at < 20; at += 1) {
        const note = notes.begin(taskId, long, nowMs);
        if (note === undefined) break;
        if (at === 0) kept.push(taskId);
        note.ts.push(`17000000${at + 10}.000100`);
      }
    }
    expect(kept.length).toBeGreaterThan(20);
    // All of them end, which takes some room itself.
    for (const note of notes.all)
      Object.assign(note, { receiptId: 'r'.repeat(100), places: note.ts, ts: [], rest: [ts] });
    expect(await notes.save()).toBe(true);
    expect(shelf.value?.length).toBeLessThanOrEqual(60_000);
    expect(notes.all.map(({ taskId }) => taskId)).toEqual(kept);
  });

  test('writes that come together are one; what was noted meanwhile is stored', async () => {
    const shelf = new Shelf();
    const notes = new StreamNotes(shelf, 'main');
    shelf.isHeld = true;
    const first = notes.save();
    begin(notes, 'late');
    const others = [notes.save(), notes.save(), notes.save()];
    shelf.isHeld = false;
    shelf.release?.();
    expect(await Promise.all([first, ...others])).toEqual([true, true, true, true]);
    expect(shelf.writes).toBe(2);
    expect(shelf.value).toContain('late');
  });

  test('a store that cannot write says so', async () => {
    const shelf = Object.assign(new Shelf(), { isBroken: true });
    expect(await new StreamNotes(shelf, 'main').save()).toBe(false);
  });
});

describe('how a text begins', () => {
  test('is known again whatever Slack makes of its marks', () => {
    const like = likeOf('**Hello** &lt;world&gt;, this is it');
    expect(isLike('Hello <world>, this is it, and more', like)).toBe(true);
    expect(isLike('*Hello* &lt;world&gt;, this is it', like)).toBe(true);
    expect(isLike('Hello moon, this is it', like)).toBe(false);
    expect(isLike('Hello', like)).toBe(false);
    expect(JSON.stringify(like)).not.toContain('ello');
  });

  test('nothing is like a text without letters', () => {
    expect(isLike('anything', likeOf('…'))).toBe(false);
  });
});
