import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { ensureBuilt } from '../build.ts';

const root = resolve(import.meta.dirname, '../..');
const parts = {
  'relay.js': 'createRelay, newOwner',
  'core/system-runtime.js': 'createSystemRuntime',
  'contracts/event.js': 'RelayEvents',
  'stores/sqlite/index.js': 'openSqlite',
  'adapters/shared/split-text.js': 'splitText',
  'testing/chance.js': 'createChance',
};
let made: Promise<{ folder: string; file: string }> | undefined;

/** What a bot needs of `dist`, as one file: a process starts in half the time, and a build meanwhile does not disturb it. */
export async function library(): Promise<string> {
  made ??= make();
  return (await made).file;
}

/** The file is not needed any more. */
export async function dropLibrary(): Promise<void> {
  const old = await made;
  made = undefined;
  if (old !== undefined) await rm(old.folder, { recursive: true, force: true });
}

async function make(): Promise<{ folder: string; file: string }> {
  const dist = dirname(await ensureBuilt());
  const folder = await mkdtemp(join(tmpdir(), 'readback-library-'));
  // As deep as the store lies in `dist`: it finds its migrations from there.
  const file = join(folder, 'dist/stores/sqlite/library.mjs');
  const contents = Object.entries(parts)
    .map(([path, names]) => `export { ${names} } from ${JSON.stringify(join(dist, path))};`)
    .join('\n');
  await cp(join(root, 'drizzle'), join(folder, 'drizzle'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await build({
    stdin: { contents, resolveDir: dist },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3'],
    outfile: file,
    logLevel: 'silent',
  });
  return { folder, file };
}
