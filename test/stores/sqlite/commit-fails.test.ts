import { expect, it } from 'vitest';
import { newOwner } from '../../../src/relay.ts';
import { openSqlite, SqliteMemory } from '../../../src/stores/sqlite/index.ts';
import { createFakeRuntime } from '../../../src/testing/fake-runtime.ts';

/** Goal: a write is answered by its commit, not by its script. Method: a row that only the commit itself refuses. */
it('a write whose commit fails is refused, though its script ran through, and leaves nothing', async () => {
  const runtime = createFakeRuntime();
  const memory = new SqliteMemory();
  const { database } = memory;
  const store = await openSqlite({ file: ':memory:', runtime, owner: newOwner(runtime), memory });
  database.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY);
    CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`);
  let ran = 0;
  const orphan = store.write('orphan', function* () {
    ran += 1;
    database.exec('INSERT INTO child VALUES (1)');
  });
  const answers = Promise.allSettled([orphan]);
  await runtime.settle();
  expect(await answers).toMatchObject([{ status: 'rejected' }]);
  expect(ran).toBeGreaterThan(0);
  expect(database.prepare('SELECT count(*) FROM child').pluck().get()).toBe(0);
  memory.close();
});
