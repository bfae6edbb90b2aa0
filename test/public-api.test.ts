import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Goal: nothing becomes public, or stops to be, unseen. After a wanted change: `npx vitest run test/public-api.test.ts -u`. */

const src = resolve(import.meta.dirname, '../src');
const mainMax = 30;

const entries = [
  'index.ts',
  'contracts/index.ts',
  'testing/index.ts',
  ...(await folderEntries('testing')).filter((path) => path.split(sep).length === 3),
  ...(await folderEntries('adapters')),
  ...(await folderEntries('stores')),
  ...(await folderEntries('workers')),
];

describe.each(entries)('%s', (entry) => {
  test('exports these names', async () => {
    const names = await exportedNames(join(src, entry));
    expect(names.join('\n')).toMatchSnapshot();
  });

  test('every value it exports is named in it', async () => {
    const names = await exportedNames(join(src, entry));
    const values = Object.keys(await import(join(src, entry)));
    expect(names).toEqual(expect.arrayContaining(values));
  });
});

test('the main entry stays small', async () => {
  const names = await exportedNames(join(src, 'index.ts'));
  expect(names.length).toBeGreaterThan(0);
  expect(names.length).toBeLessThanOrEqual(mainMax);
});

/** `<folder>/<x>/index.ts`, and for workers also `<folder>/<x>.ts`. */
async function folderEntries(folder: string): Promise<string[]> {
  const found = await readdir(join(src, folder), { withFileTypes: true }).catch(() => []);
  return found
    .map((entry) =>
      entry.isDirectory() ? join(folder, entry.name, 'index.ts') : join(folder, entry.name),
    )
    .filter((path) => path.endsWith('.ts') && existsSync(join(src, path)))
    .sort();
}

/** Types and values, sorted; `export *` is followed. */
async function exportedNames(file: string): Promise<string[]> {
  const text = (await readFile(file, 'utf8')).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const names = new Set<string>();
  for (const [, list = ''] of text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)) {
    for (const item of list.split(',')) {
      const name = item
        .trim()
        .replace(/^type /, '')
        .split(' as ')
        .at(-1)
        ?.trim();
      if (name) names.add(name);
    }
  }
  const declared =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm;
  for (const [, name = ''] of text.matchAll(declared)) names.add(name);
  for (const [, path = ''] of text.matchAll(/^export \* from '(\.[^']+)'/gm)) {
    for (const name of await exportedNames(resolve(dirname(file), path))) names.add(name);
  }
  return [...names].sort();
}
