import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLine } from './scripts/closing-line.ts';

/** Changes what other tests in its process would find: a package in the place of another, timers, the time zone. */
const alone = [
  'test/adapters/discord/found.test.ts',
  'test/adapters/discord/gateway-resume.test.ts',
  'test/adapters/slack/smoke.test.ts',
  'test/cli/story.test.ts',
  'test/testing/slack/web-socket.test.ts',
];

export default defineConfig({
  test: {
    // One process takes many files and loads what they share once: isolation took a fifth of the whole run.
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: alone,
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, testTimeout: 20_000, hookTimeout: 60_000 },
      },
    ],
    // processes, not threads: better-sqlite3, signals and child processes behave as in production
    pool: 'forks',
    // One more than there are cores: what dies, restarts and waits for a second leaves its core to another.
    maxWorkers: availableParallelism() + 1,
    // A snapshot that is not committed fails here as it does in CI; `npm test -- --update` writes it.
    update: 'none',
    reporters: ['default', new ClosingLine()],
  },
});
