import { readdir, readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

/** Goal: what the linter does not see. Each check is shown a violation first, so that one that fell silent fails. */

const root = resolve(import.meta.dirname, '../..');
const left = new Set(['.git', 'node_modules', 'dist', 'data', 'coverage', 'package-lock.json']);
const texts = new Set([
  '.ts',
  '.mjs',
  '.js',
  '.json',
  '.md',
  '.css',
  '.html',
  '.yml',
  '.sql',
  '.grit',
  '',
]);
const sources = new Set(['.ts', '.mjs', '.js', '.css', '.html']);
const linesMax = 400;

interface File {
  readonly path: string;
  readonly text: string;
}

/** A check names what is wrong with a file, or nothing. */
type Check = (file: File) => string | undefined;

const checks: Record<string, { check: Check; planted: File }> = {
  'no source file is longer than 400 lines': {
    check: ({ path, text }) => {
      const lines = text.split('\n').length - 1;
      return sources.has(extname(path)) && lines > linesMax ? `${lines} lines` : undefined;
    },
    planted: { path: 'src/core/long.ts', text: 'x\n'.repeat(linesMax + 1) },
  },
  'no file names a package registry': {
    check: ({ text }) =>
      /\bregistry\.[a-z]+js\.|\bnpmjs\.(?:org|com)\b|\bregistry\.yarnpkg\b/.exec(text)?.[0],
    planted: { path: 'README.md', text: `https://registry.${'npmjs'}.org/readback` },
  },
  'no secret of a known shape stands in a file': {
    check: ({ text }) =>
      /xox[abp]-\d{8,}-\d{8,}|\bsk-[A-Za-z0-9]{40,}|-----BEGIN [A-Z ]*PRIVATE KEY/.exec(text)?.[0],
    planted: { path: 'test/x.ts', text: `-----BEGIN ${'PRIVATE'} KEY-----` },
  },
  'file names are in kebab-case and say what is in them': {
    check: ({ path }) => {
      if (!/^(?:src|test|scripts|bench)\//.test(path)) return undefined;
      const name = path.split('/').at(-1)?.split('.')[0] ?? '';
      const vague = /^(?:utils?|helpers?|common|misc|types|shared|managers?|services?)$/.test(name);
      const fits = name === 'README' || /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name);
      return fits && !vague ? undefined : name;
    },
    planted: { path: 'src/core/utils.ts', text: '' },
  },
};

let files: readonly File[] = [];

beforeAll(async () => {
  files = await textFiles('');
});

test('there are files to check', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(files.map(({ path }) => path)).toContain('test/tooling/repository.test.ts');
});

describe.each(Object.entries(checks))('%s', (_name, { check, planted }) => {
  test('finds a planted one', () => {
    expect(check(planted)).toBeDefined();
  });

  test('finds none', () => {
    const found = files.flatMap((file) => {
      const wrong = check(file);
      return wrong === undefined ? [] : [`${file.path}: ${wrong}`];
    });
    expect(found).toEqual([]);
  });
});

test('the lockfile names no place that packages come from', async () => {
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
  expect(JSON.parse(lock)).toMatchObject({ lockfileVersion: 3 });
  expect(lock).not.toContain('"resolved"');
  expect(lock).not.toMatch(/\.tgz/);
});

test('the lockfile pins what package.json asks for, and package.json pins exactly', async () => {
  const read = async (name: string) => JSON.parse(await readFile(join(root, name), 'utf8'));
  const [asked, lock] = [await read('package.json'), await read('package-lock.json')];
  const locked = lock.packages[''];
  for (const kind of ['dependencies', 'devDependencies', 'peerDependencies']) {
    expect(locked[kind] ?? {}).toEqual(asked[kind] ?? {});
  }
  for (const version of Object.values({ ...asked.dependencies, ...asked.devDependencies })) {
    expect(version).toMatch(/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+$/);
  }
});

test('the lockfile knows the packages of every platform, so that `npm ci` takes it everywhere', async () => {
  const lock: Lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const missing = Object.entries(lock.packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(lock, from, name)),
  );
  expect(missing).toEqual([]);
});

interface Lock {
  readonly packages: Readonly<Record<string, { optionalDependencies?: Record<string, string> }>>;
}

/** Found as Node finds it: from the package outwards. */
function isLocked(lock: Lock, from: string, name: string): boolean {
  if (join(from, 'node_modules', name) in lock.packages) return true;
  if (from === '') return false;
  return isLocked(lock, from.slice(0, Math.max(from.lastIndexOf('/node_modules/'), 0)), name);
}

async function textFiles(folder: string): Promise<File[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<File[]> => {
      const path = join(folder, entry.name);
      if (left.has(entry.name)) return [];
      if (entry.isDirectory()) return textFiles(path);
      if (!entry.isFile() || !texts.has(extname(path))) return [];
      return [{ path, text: await readFile(join(root, path), 'utf8') }];
    }),
  );
  return found.flat();
}
