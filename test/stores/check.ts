import fc from 'fast-check';

/** How many histories in all tests of them together. */
const runs = Number(process.env['READBACK_MODEL_RUNS'] ?? 80);
/** How long a shorter history that fails as well is looked for. */
const shrinkMs = 5_000;
/** Longest time of one test, on a machine that is ten times busier than it should be. */
export const limitMs = 60_000 + runs * 2_000;
/** The same histories every time, unless others are asked for. */
const seed = Number(process.env['READBACK_MODEL_SEED'] ?? 1);
const [path, replay] = (process.env['READBACK_MODEL_PATH'] ?? '').split('/');

export interface Asked<T> {
  /** Named in a failure; a part of the test's name. */
  readonly name: string;
  /** Of all runs. */
  readonly share: number;
  readonly histories: (replayPath: string | undefined) => fc.Arbitrary<T>;
  run(history: T): Promise<void>;
}

/**
 * Runs its share of the histories. A failure names the seed, the shortest history that was found, and the command that
 * runs it again.
 */
export async function checked<T>({ name, share, histories, run }: Asked<T>): Promise<void> {
  let failedAtMs: number | undefined;
  const property = fc.asyncProperty(histories(replay), async (history) => {
    if (failedAtMs !== undefined && performance.now() - failedAtMs > shrinkMs) return;
    try {
      await run(history);
    } catch (error) {
      failedAtMs ??= performance.now();
      throw error;
    }
  });
  const result = await fc.check(property, {
    numRuns: Math.max(1, Math.round(runs * share)),
    seed,
    ...(path ? { path } : {}),
  });
  if (!result.failed) return;
  const shown = fc.stringify(result.counterexample);
  const found = /replayPath="([^"]*)"/.exec(shown)?.[1];
  const way = [result.counterexamplePath, ...(found === undefined ? [] : [found])].join('/');
  throw new Error(
    [
      `${name}: a history failed (seed ${result.seed}, run ${result.numRuns}, ${result.numShrinks} times shrunk):`,
      shown,
      `again: READBACK_MODEL_SEED=${result.seed} READBACK_MODEL_PATH='${way}' npx vitest run test/stores -t '${name}'`,
    ].join('\n'),
    { cause: result.errorInstance },
  );
}
