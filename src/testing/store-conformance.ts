import { commitSuite } from './store-conformance-commit.ts';
import { invalidSuite } from './store-conformance-invalid.ts';
import { keySuite } from './store-conformance-key.ts';
import type { Runner, StoreSubject, StoreTest } from './store-conformance-kit.ts';
import { listSuite } from './store-conformance-list.ts';
import { moveSuite } from './store-conformance-move.ts';
import { noteSuite } from './store-conformance-note.ts';
import { pageSuite } from './store-conformance-page.ts';
import { pruneSuite } from './store-conformance-prune.ts';
import { putSuite } from './store-conformance-put.ts';
import { quarantineSuite } from './store-conformance-quarantine.ts';

export type { CorruptRow, Runner, StoreSubject, StoreUnderTest } from './store-conformance-kit.ts';

/**
 * What every Store must do, as tests: keys, puts and their moves, order and pages, what happens to rows that cannot be
 * read, moving, shifting, forgetting and pruning, commits and closing. It does not test locks, files or power cuts:
 * those are each store's own.
 *
 * @example storeConformance({ name: 'mine', open: async () => openMine() }, { describe, it })
 */
export function storeConformance(subject: StoreSubject, runner: Runner): void {
  const test: StoreTest = (name, body) => {
    runner.it(name, async () => {
      const under = await subject.open();
      try {
        await body(under);
      } finally {
        await under.end();
      }
    });
  };
  const suites = {
    puts: putSuite,
    'keys and moves': keySuite,
    notes: noteSuite,
    lists: listSuite,
    pages: pageSuite,
    'moving and shifting': moveSuite,
    'forgetting and pruning': pruneSuite,
    'rows that cannot be read': invalidSuite,
    quarantine: quarantineSuite,
    commits: commitSuite,
  };
  for (const [name, suite] of Object.entries(suites))
    runner.describe(`${subject.name}: ${name}`, () => suite(test));
}
