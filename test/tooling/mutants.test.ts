import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { applyMutant } from '../mutants/apply.mjs';
import { mutants } from '../mutants/list.mjs';

/** Goal: the planted faults can still be planted, so that `npm run mutants` proves what it says. Method: plant each in the text only. */

type Mutant = (typeof mutants)[number];

const root = resolve(import.meta.dirname, '../..');
const places = ['src/core/', 'src/stores/sqlite/', 'drizzle/sqlite/'];

/** What is wrong with one fault: nothing, when it can be planted and what it names is there. */
async function problemsOf(mutant: Mutant): Promise<readonly string[]> {
  const { name, file, search, replace, why, first, equivalent } = mutant;
  const problems: string[] = [];
  if (!/^[a-z]+(-[a-z]+)+$/.test(name)) problems.push(`${name}: not kebab-case`);
  if (!places.some((place) => file.startsWith(place)))
    problems.push(`${name}: ${file} is no place`);
  if (search === replace) problems.push(`${name}: changes nothing`);
  if (why.length < 20) problems.push(`${name}: does not say which promise it breaks`);
  if (equivalent !== undefined && equivalent.length < 40)
    problems.push(`${name}: does not say why nobody can tell it from the source`);
  if (first.length === 0) problems.push(`${name}: names no test to begin with`);
  for (const test of first)
    if (!existsSync(join(root, test))) problems.push(`${name}: there is no ${test}`);
  try {
    const planted = applyMutant(readFileSync(join(root, file), 'utf8'), mutant);
    if (file.endsWith('.ts')) await transform(planted, { loader: 'ts', logLevel: 'silent' });
  } catch (error) {
    problems.push(`${name}: ${String(error)}`);
  }
  return problems;
}

describe('the planted faults', () => {
  it('can each be planted at one place of the source, and what comes of it can be read', async () => {
    const problems = await Promise.all(mutants.map(problemsOf));
    expect(problems.flat()).toEqual([]);
  });

  it('are many, and each has a name of its own', () => {
    const names = mutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(mutants.filter(({ equivalent }) => equivalent === undefined).length).toBeGreaterThan(39);
  });
});

describe('the check sees', () => {
  const file = 'src/core/backoff.ts';
  const right: Mutant = {
    name: 'no-cap',
    file,
    search: 'Math.floor(ceiling * chance)',
    replace: 'ceiling',
    why: 'Waits are jittered in full.',
    first: ['test/core/backoff.test.ts'],
  };

  it('nothing wrong in one that is right', async () => {
    expect(await problemsOf(right)).toEqual([]);
  });

  it.each([
    ['a place that is gone', { search: 'Math.floor(nothing)' }, 'stands 0 times'],
    ['a place that stands twice', { search: 'clocks' }, 'times in'],
    ['a fault that changes nothing', { replace: right.search }, 'changes nothing'],
    ['a fault that cannot be read', { replace: 'Math.floor(' }, 'Unexpected'],
    ['a file that is not there', { file: 'src/core/none.ts' }, 'ENOENT'],
    ['a file of somebody else', { file: 'src/relay.ts' }, 'is no place'],
    ['a test that is not there', { first: ['test/core/none.test.ts'] }, 'there is no'],
    ['no test', { first: [] }, 'names no test'],
    ['no promise', { why: '' }, 'which promise'],
    ['no argument', { equivalent: 'it is' }, 'nobody can tell'],
    ['a name that cannot be typed', { name: 'No Cap' }, 'not kebab-case'],
  ])('%s', async (_, change, problem) => {
    expect((await problemsOf({ ...right, ...change })).join('\n')).toContain(problem);
  });
});
