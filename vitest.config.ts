import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLine } from './scripts/closing-line.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // processes, not threads: better-sqlite3, signals and child processes behave as in production
    pool: 'forks',
    // One more than there are cores: what dies, restarts and waits for a second leaves its core to another.
    maxWorkers: availableParallelism() + 1,
    // One process takes many files and loads what they share once: isolation took a fifth of the whole run.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: ['default', new ClosingLine()],
  },
});
