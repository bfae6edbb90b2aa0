import type { Reporter, TestModule } from 'vitest/node';

/** The last line of a run is `123 passed, 0 failed`, and `, 4 skipped` where some were. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errorsOutside: readonly unknown[]): void {
    const counts = { passed: 0, failed: errorsOutside.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += brokenSuites(module);
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // one that never came to its end did not pass
        counts[state === 'pending' ? 'failed' : state] += 1;
      }
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    const line = `${counts.passed} passed, ${counts.failed} failed${skipped}\n`;
    process.once('exit', () => process.stdout.write(line));
  }
}

/** Files and groups that failed outside their tests: an import, a hook. */
function brokenSuites(module: TestModule): number {
  const suites = [module, ...module.children.allSuites()];
  return suites.filter((suite) => suite.errors().length > 0).length;
}
