import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { ensureBuilt } from '../build.ts';

const root = resolve(import.meta.dirname, '../..');
/** What a bot needs of `dist`, by its file. */
type Parts = Readonly<Record<string, readonly string[]>>;
const parts: Parts = {
  'relay.js': ['createRelay', 'newOwner'],
  'core/system-runtime.js': ['createSystemRuntime'],
  'contracts/event.js': ['RelayEvents'],
  'stores/sqlite/index.js': ['openSqlite'],
  'adapters/shared/split-text.js': ['splitText'],
  'testing/chance.js': ['createChance'],
};
let folder: Promise<string> | undefined;
const made = new Map<string, Promise<string>>();

/** What a bot needs of `dist`, as one file: a process starts in half the time, and a build meanwhile does not disturb it. */
export async function library(): Promise<string> {
  return await oneFile('library', parts);
}

/**
 * As `library`, with an adapter and its client library in the same file: an error of the core is one for the adapter
 * too. `create`: the name of what makes it.
 */
export async function platformLibrary(name: string, create: string): Promise<string> {
  const adapter = { 'serve.js': ['serve'], [`adapters/${name}/index.js`]: [create] };
  return await oneFile(name, { ...parts, ...adapter });
}

/** The files are not needed any more. */
export async function dropLibrary(): Promise<void> {
  const old = await folder;
  folder = undefined;
  made.clear();
  if (old !== undefined) await rm(old, { recursive: true, force: true });
}

async function oneFile(name: string, of: Parts): Promise<string> {
  const making = made.get(name) ?? make(name, of);
  made.set(name, making);
  return await making;
}

async function makeFolder(): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'readback-library-'));
  await cp(join(root, 'drizzle'), join(at, 'drizzle'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(at, 'node_modules'));
  return at;
}

async function make(name: string, of: Parts): Promise<string> {
  const dist = dirname(await ensureBuilt());
  folder ??= makeFolder();
  // As deep as the store lies in `dist`: it finds its migrations from there.
  const file = join(await folder, 'dist/stores/sqlite', `${name}.cjs`);
  const contents = Object.entries(of)
    .map(([path, names]) => `export { ${names.join(', ')} } from '${join(dist, path)}';`)
    .join('\n');
  await build({
    stdin: { contents, resolveDir: dist },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // The second speeds a client up that does without it.
    external: ['better-sqlite3', 'zlib-sync'],
    define: { 'import.meta.url': 'ownUrl' },
    banner: {
      js: `(function (exports, require, module, __filename, __dirname) {
        const ownUrl = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
    outfile: file,
    logLevel: 'silent',
  });
  const loader = join(import.meta.dirname, 'one-file.mjs');
  const entry = file.replace(/cjs$/, 'mjs');
  const names = Object.values(of).flat().join(', ');
  await writeFile(
    entry,
    `import { load } from '${loader}';
     export { keep } from '${loader}';
     export const { ${names} } = load('${file}');`,
  );
  return entry;
}
