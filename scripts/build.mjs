// Makes `dist`: every source compiled to a file of its own, and the widget.
//   node scripts/build.mjs [--if-needed] [--out <directory>]
import { spawnSync } from 'node:child_process';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWidget } from './build-widget.mjs';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { 'if-needed': { type: 'boolean', default: false }, out: { type: 'string' } },
});
const out = resolve(values.out ?? join(root, 'dist'));
/** Written last: the build it stands for is whole. */
const stamp = join(out, '.built');

if (!(values['if-needed'] && (await isCurrent()))) await build();

async function build() {
  await rm(out, { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', out];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  await buildWidget(join(out, 'adapters/webchat/widget/readback-chat.js'));
  await writeFile(stamp, '');
}

async function isCurrent() {
  const builtMs = await changedMs(stamp);
  const sources = await readdir(join(root, 'src'), { recursive: true });
  const inputs = [
    ...sources.map((path) => join('src', path)),
    'tsconfig.json',
    'tsconfig.build.json',
  ];
  const changes = await Promise.all(inputs.map((path) => changedMs(join(root, path))));
  return changes.every((ms) => ms <= builtMs);
}

/** 0 for a file that is not there. */
async function changedMs(path) {
  const found = await stat(path).catch(() => undefined);
  return found?.mtimeMs ?? 0;
}
