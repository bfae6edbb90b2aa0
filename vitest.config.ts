import { defineConfig } from 'vitest/config';
import { ClosingLine } from './scripts/closing-line.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // processes, not threads: better-sqlite3, signals and child processes behave as in production
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: ['default', new ClosingLine()],
  },
});
