import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations, readMigrations } from '../../src/stores/sqlite/migrate.ts';
import { readRows, WatchedRows } from '../../src/testing/invariant-rows.ts';

/** What is judged after every step is what is in the tables, although only what was written is read again. */
describe('watched rows', () => {
  let database: Database.Database;
  let watched: WatchedRows;

  beforeEach(() => {
    database = new Database(':memory:');
    applyMigrations(database, ':memory:', readMigrations());
    watched = new WatchedRows(database);
  });
  afterEach(() => void database.close());

  const session = (id: string): unknown =>
    database.exec(
      `INSERT INTO sessions (id, worker, channel, version, queued, opened_at_ms) VALUES ('${id}', 'w', 'c', 1, 0, 5)`,
    );
  const journal = (name: string): unknown =>
    database.exec(
      `INSERT INTO journal (at_ms, name, task_id, data) VALUES (5, '${name}', 't1', '{}')`,
    );

  it('sees what is added, changed and taken away', () => {
    session('s1');
    session('s2');
    expect([...watched.look().sessions.values()].map(({ id }) => id)).toEqual(['s1', 's2']);
    database.exec(`UPDATE sessions SET busy = 't1' WHERE id = 's2'`);
    expect(watched.look().sessions.get(2)?.busy).toBe('t1');
    database.exec(`DELETE FROM sessions WHERE id = 's1'`);
    expect(watched.look()).toEqual(readRows(database));
    expect(watched.missed()).toEqual([]);
  });

  it('believes nothing that was rolled back', () => {
    session('s1');
    watched.look();
    database.exec('BEGIN');
    database.exec(`UPDATE sessions SET busy = 't1'`);
    session('s2');
    database.exec('ROLLBACK');
    expect([...watched.look().sessions.values()]).toMatchObject([{ id: 's1', busy: null }]);
    expect(watched.missed()).toEqual([]);
  });

  it('tells of what it could not see', () => {
    session('s1');
    watched.look();
    database.exec('DROP TRIGGER saw_sessions_on_NEW_UPDATE');
    database.exec(`UPDATE sessions SET busy = 't1'`);
    expect(watched.missed()).toEqual(['sessions']);
  });

  it('says when a look found something else than the one before', () => {
    session('s1');
    watched.look();
    const before = watched.changes;
    database.exec(`UPDATE sessions SET queued = 0, opened_at_ms = 6`);
    watched.look();
    expect(watched.changes).toBe(before);
    database.exec(`UPDATE sessions SET queued = 1`);
    watched.look();
    expect(watched.changes).toBe(before + 1);
  });

  it('takes of the journal what is judged', () => {
    journal('task.accepted');
    journal('task.progress');
    journal('task.ended');
    const names = [...watched.look().journal.values()].map(({ name }) => name);
    expect(names).toEqual(['task.accepted', 'task.ended']);
    database.exec(`UPDATE journal SET name = 'task.other' WHERE name = 'task.ended'`);
    expect(watched.look()).toEqual(readRows(database));
    expect(watched.look().journal.size).toBe(1);
  });

  it('changes nothing that a store goes by', () => {
    const changes = database.prepare('SELECT total_changes()').pluck();
    session('s1');
    const before = changes.get();
    watched.look();
    watched.missed();
    expect(changes.get()).toBe(before);
  });
});
