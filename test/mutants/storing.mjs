/**
 * The store, and what is told of it.
 * @type {readonly import('./apply.mjs').Mutant[]}
 */
export const storingMutants = [
  {
    name: 'told-before-the-commit',
    file: 'src/core/transact.ts',
    search: 'const result = yield* script(work);',
    replace: `const result = yield* script(work);
      for (const { entry, context } of outbox.events.splice(0))
        parts.emitter.emit(entry.name as RelayEventName, entry.data as never, context);`,
    why: 'No event before its row: listeners hear what was committed.',
    first: ['test/core/task-trouble.test.ts'],
  },
  {
    name: 'answered-before-the-commit',
    file: 'src/stores/sqlite/commit-queue.ts',
    search: 'this.#commit.run();',
    replace: `for (const [index, value] of values.entries()) batch[index]?.resolve(value);
      this.#commit.run();`,
    why: 'A write is answered when it is on the disk, never before.',
    first: ['test/stores/sqlite/commit-fails.test.ts'],
  },
  {
    name: 'one-bad-script-takes-its-batch',
    file: 'src/stores/sqlite/commit-queue.ts',
    search: `together.kind !== 'failed' || batch.length === 1`,
    replace: 'batch.length > 0',
    why: 'Of a batch only the culprit is refused.',
    first: ['test/stores/sqlite/commit-queue.test.ts', 'test/stores/sqlite/conformance.test.ts'],
  },
  {
    name: 'failed-script-is-kept',
    file: 'src/stores/sqlite/commit-queue.ts',
    search: `this.#database.exec('ROLLBACK')`,
    replace: `this.#database.exec('COMMIT')`,
    why: 'A script that fails leaves nothing behind.',
    first: ['test/stores/sqlite/commit-queue.test.ts', 'test/stores/sqlite/conformance.test.ts'],
  },
  {
    name: 'commit-does-not-reach-the-disk',
    file: 'src/stores/sqlite/settings.ts',
    search: `asked.durability === 'power' ? 2 : 1`,
    replace: '1',
    why: 'A commit survives a loss of power unless less was asked for.',
    first: ['test/stores/sqlite/settings.test.ts'],
  },
  {
    name: 'states-move-anyhow',
    file: 'src/stores/sqlite/puts.ts',
    search: 'if (from === to || moves[from]?.includes(to)) return;',
    replace: 'if (from !== undefined) return;',
    why: 'Tasks, contracts and receipts move along their tables only.',
    first: ['test/stores/sqlite/conformance.test.ts'],
  },
  {
    name: 'two-terminals-in-the-store',
    file: 'drizzle/sqlite/0000_start.sql',
    search: 'CREATE UNIQUE INDEX `receipts_terminal`',
    replace: 'CREATE INDEX `receipts_terminal`',
    why: 'The store itself lets no task have two terminals.',
    first: ['test/stores/sqlite/conformance.test.ts', 'test/stores/sqlite/schema.test.ts'],
  },
  {
    name: 'prune-takes-what-is-open',
    file: 'src/stores/sqlite/maintenance-list.ts',
    search: '(r.open = 1 OR ',
    replace: '(',
    why: 'What is open stays, however old it is.',
    first: ['test/stores/sqlite/conformance.test.ts'],
  },
  {
    name: 'dead-owner-is-waited-for',
    file: 'src/stores/sqlite/store.ts',
    search: 'ownerGone: (other) => other !== owner,',
    replace: 'ownerGone: () => false,',
    why: 'The lock is ours: what another process of this file held has fallen.',
    first: ['test/stores/sqlite/conformance.test.ts', 'test/core/task-restart.test.ts'],
  },
];
