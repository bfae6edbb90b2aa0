import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Inside the package, so that the driver is found from there. */
const outFolder = `${root}node_modules/.cache/readback-store-test/`;

let built: Promise<string> | undefined;

/** The child as plain JavaScript: the lowest Node that we support runs no TypeScript. */
async function bundle(): Promise<string> {
  mkdirSync(outFolder, { recursive: true });
  const outfile = `${outFolder}child-${process.pid}.mjs`;
  await build({
    entryPoints: [fileURLToPath(new URL('./child.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3'],
    // The migrations are found from where the source lies.
    define: {
      'import.meta.url': JSON.stringify(pathToFileURL(`${root}src/stores/sqlite/migrate.ts`).href),
    },
    logLevel: 'error',
  });
  // Test files run side by side and all make the same: the last one stays.
  renameSync(outfile, `${outFolder}child.mjs`);
  return `${outFolder}child.mjs`;
}

export interface Child {
  readonly process: ChildProcess;
  /** Every line so far. */
  readonly lines: readonly string[];
  /** The next line, or undefined when it has ended. */
  next(): Promise<string | undefined>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts another process on a database; it is killed after the test. */
export async function startChild(
  act: 'hold' | 'try' | 'write',
  file: string,
  n = 7,
): Promise<Child> {
  built ??= bundle();
  const child = spawn(process.execPath, [await built, act, file, String(n)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  const next = async (): Promise<string | undefined> => {
    const step = await reader.next();
    if (step.done === true) return undefined;
    lines.push(step.value);
    return step.value;
  };
  return { process: child, lines, next, kill };
}
