import { describe, it } from 'vitest';
import fc from '../support/fast-check.ts';
import { checked, limitMs } from './check.ts';
import { type Step, steps } from './histories.ts';
import { liveReads, liveStep, type Mode, type Outcome } from './live.ts';
import { idOfRow } from './ops.ts';
import { allReads, type ReadOp } from './reads.ts';
import { same } from './same.ts';
import { fileGround, type Ground, memoryGround, powerGround, type Site } from './sites.ts';

/** One way of doing a history. A later store joins by one entry. */
interface Way {
  readonly name: string;
  readonly ground: Ground;
  readonly mode?: Mode;
  /** Closed and opened again before every step with that many between. */
  readonly reopenEvery?: number;
}

/** The first is what the others are compared with. */
const ways: readonly Way[] = [
  { name: 'in memory', ground: memoryGround },
  { name: 'in a file, what comes together in one commit', ground: powerGround },
  { name: 'in a file, each script by itself', ground: powerGround, mode: { alone: true } },
  { name: 'in a file, opened again and again', ground: fileGround, reopenEvery: 3 },
];

/** Whether the row that a step would damage can be read now, on that store. */
async function readable(site: Site, step: Extract<Step, { step: 'damage' }>): Promise<boolean> {
  const { table, n } = step;
  const id = idOfRow(table, n);
  try {
    return await site.one.read(function* (reads) {
      if (table === 'attempts')
        return (yield* reads.attempts(id.slice(0, -2) as never)).some((row) => row.n === 1);
      if (table === 'incidents') {
        const { rows } = yield* reads.incidentsPage({}, { after: 0, limit: 100 });
        return rows.some((row) => row.id === id);
      }
      const name = table.slice(0, -1) as 'task';
      return (yield* reads[name](id as never)) !== undefined;
    });
  } catch {
    return false;
  }
}

async function outcomesOf(way: Way, history: readonly Step[]): Promise<readonly Outcome[][]> {
  const site = await way.ground.open();
  try {
    const outcomes: Outcome[][] = [];
    for (const [at, step] of history.entries()) {
      if (way.reopenEvery !== undefined && at % way.reopenEvery === 0) await site.reopen();
      const there = step.step === 'damage' && (await readable(site, step));
      const { mode = {} } = way;
      outcomes.push([...(await liveStep(site, { has: () => there }, { step, mode }))]);
    }
    for (const read of allReads) outcomes.push([...(await liveReads(site, [read]))]);
    return outcomes;
  } finally {
    await site.end();
  }
}

describe('one history', () => {
  it('comes to the same on every store: all ways', { timeout: limitMs }, async () => {
    const histories = () =>
      fc.array(fc.oneof(...steps(['queued'])), { minLength: 1, maxLength: 60, size: 'max' });
    const run = async (history: readonly Step[]): Promise<void> => {
      const [first, ...others] = ways as readonly [Way, ...Way[]];
      const expected = await outcomesOf(first, history);
      const asked: readonly (Step | ReadOp)[] = [...history, ...allReads];
      for (const way of others) {
        const live = await outcomesOf(way, history);
        for (const [at, what] of asked.entries()) {
          const told = `${JSON.stringify(what)}, ${way.name}`;
          same(told, expected[at] ?? [], live[at] ?? []);
        }
      }
    };
    await checked({ name: 'all ways', share: 0.1, histories, run });
  });
});
