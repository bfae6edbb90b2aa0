import { spawnSync } from 'node:child_process';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '..');
const lock = join(root, 'node_modules/.cache/readback-build.lock');
/** A build takes a few seconds; a lock that is older was left by a process that died. */
const staleMs = 120_000;

/**
 * Builds `dist` when a source is newer; returns the path of the command line's entry. Test files run in processes
 * of their own: one builds, the others wait for it.
 */
export async function ensureBuilt(): Promise<string> {
  await takeLock();
  try {
    const args = [join(root, 'scripts/build.mjs'), '--if-needed'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
  return join(root, 'dist/cli.js');
}

async function takeLock(): Promise<void> {
  await mkdir(join(root, 'node_modules/.cache'), { recursive: true });
  for (;;) {
    const taken = await mkdir(lock).then(
      () => true,
      () => false,
    );
    if (taken) return;
    const since = await stat(lock).catch(() => undefined);
    if (since !== undefined && Date.now() - since.mtimeMs > staleMs) {
      await rm(lock, { recursive: true, force: true });
    }
    await sleep(100);
  }
}
