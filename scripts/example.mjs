// Starts one of the examples: npm run example -- <name>
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const [name, ...rest] = process.argv.slice(2);
const names = await readdir(join(root, 'examples'));

if (names.includes(name)) {
  const config = join(root, 'examples', name, 'readback.config.mjs');
  process.argv.splice(2, Number.POSITIVE_INFINITY, 'start', '--config', config, ...rest);
  await import('../dist/cli.js');
} else {
  console.error(`npm run example -- <name>, where <name> is one of: ${names.join(', ')}`);
  process.exitCode = 1;
}
