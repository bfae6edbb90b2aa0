import { afterAll, describe, expect, it } from 'vitest';
import { openSqlite, SqliteMemory } from '../../../src/stores/sqlite/index.ts';
import { codecs } from '../../../src/stores/sqlite/rows.ts';
import {
  changing,
  inserting,
  type StatementName,
  statementList,
} from '../../../src/stores/sqlite/statements.ts';
import { me, runtime } from '../runtime.ts';

/** Statements that by their nature touch every row of a small table, or of one that a rare event concerns as a whole. */
const allowed: Partial<Record<StatementName, string>> = {
  shiftChannels:
    'a jump of the clock concerns the times of every Channel: backoff, pacing and pauses stand in idle ones too',
  shiftAccounts: 'a handful of rows',
};

const memory = new SqliteMemory();
await openSqlite({ file: ':memory:', runtime, owner: me, memory });
afterAll(() => memory.close());

function planOf(sql: string): string[] {
  const statement = memory.database.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  const names = [...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, null]);
  const places = [...sql.matchAll(/\?/g)].map(() => null);
  const rows =
    names.length > 0 ? statement.all(Object.fromEntries(names)) : statement.all(...places);
  return (rows as { detail: string }[]).map((row) => row.detail);
}

/** A scan of a table, or a sort. A walk over a partial index of open rows is what the index is for; json_each is no table. */
function faults(plan: readonly string[]): string[] {
  return plan.filter((step) => {
    if (/TEMP B-TREE|AUTOMATIC/.test(step)) return true;
    return (
      step.startsWith('SCAN') && !/USING (COVERING )?INDEX|VIRTUAL TABLE|CONSTANT ROW/.test(step)
    );
  });
}

describe('every statement finds its rows by an index', () => {
  for (const [name, sql] of Object.entries(statementList)) {
    it(name, () => {
      const found = faults(planOf(sql));
      if (allowed[name as StatementName] === undefined) expect(found).toEqual([]);
      else expect(found, 'the exception is not needed any more').not.toEqual([]);
    });
  }

  for (const { table, key, columns } of Object.values(codecs)) {
    it(`a change of ${table}`, () => {
      const plan = planOf(changing(table, key, columns));
      expect(faults(plan)).toEqual([]);
      expect(plan.join()).toMatch(/SEARCH/);
    });
  }

  for (const codec of Object.values(codecs)) {
    it(`a new row of ${codec.table}`, () => {
      expect(faults(planOf(inserting(codec)))).toEqual([]);
    });
  }

  it('is able to see a scan and a sort', () => {
    expect(faults(planOf('SELECT * FROM tasks WHERE title = ?'))).toHaveLength(1);
    expect(faults(planOf('SELECT * FROM channels WHERE account = ? ORDER BY key'))).toHaveLength(1);
    expect(faults(planOf("SELECT * FROM receipts WHERE state = 'claimed'"))).toHaveLength(1);
  });
});

/** An index walked as a whole is fine only when it holds what is open or due. */
describe('walks over a whole index', () => {
  const walks = Object.entries(statementList).flatMap(([name, sql]) =>
    planOf(sql)
      .filter(
        (step) => step.startsWith('SCAN') && step.includes('INDEX') && !step.includes('VIRTUAL'),
      )
      .map((step) => `${name}: ${step.replace(/^SCAN \w+ USING (COVERING )?INDEX /, '')}`),
  );
  it('are these', () => {
    expect(walks).toMatchInlineSnapshot(`
      [
        "countTasksOpen: tasks_open",
        "countReceiptsOpen: receipts_open",
        "countReceiptsDead: receipts_dead",
        "countIncidentsOpen: incidents_open",
        "oldestOpen: receipts_open",
        "shiftTasks: tasks_open",
        "shiftReceipts: receipts_open",
        "shiftAsks: asks_open",
      ]
    `);
  });
});
