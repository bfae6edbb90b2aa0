// Plants the faults of test/mutants one by one and shows that the fast tests see each.
//   npm run mutants [-- --only <name>]... [--jobs N]
// Each is planted in a private copy of the working tree (in the folder for temporary files, one copy per job), where
// the tests run in this order until one fails: the files that the fault names itself; then test/core, test/faults and
// test/stores without the files that start processes of their own; then test/simulation. A layer that takes longer
// than it may counts as having seen the fault: "timeout". What failed must pass without the fault, else nothing is
// proved and the run fails; so does a fault whose place is not there exactly once, or that cannot be loaded.
// Ends with 1 unless every fault is caught but those that are argued to be equivalent, and each of these survives.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { applyMutant } from '../test/mutants/apply.mjs';
import { mutants } from '../test/mutants/list.mjs';

const root = resolve(import.meta.dirname, '..');
/** What the tests need of the tree. */
const copied = ['src', 'test', 'drizzle', 'scripts', 'package.json', 'vitest.config.ts'];
/** How long a layer may take, in milliseconds; it needs a small part of it. */
const limitMs = { first: 120_000, fast: 600_000, simulation: 600_000 };

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
const chosen = choose(values.only);
const jobs = Math.min(wholeNumber(values.jobs), chosen.length);

const layers = [
  { name: 'fast', files: await testsIn(['test/core', 'test/faults', 'test/stores']) },
  { name: 'simulation', files: await testsIn(['test/simulation']) },
];
/** Files that were seen to pass without any fault. */
const sound = new Set();
const running = new Set();
const copies = [];
process.on('exit', () => {
  for (const child of running) killGroup(child);
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

await lead();

async function lead() {
  const startMs = performance.now();
  const waiting = [...chosen];
  const results = [];
  const work = async () => {
    const copy = await copyTree();
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const result = await judge(copy, mutant);
      results.push(result);
      console.log(lineOf(result));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const wrong = results.filter(({ ok }) => !ok);
  const survived = results.filter(({ caught }) => caught === undefined).length;
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  console.log(
    `\n${results.length} faults: ${results.length - survived} caught, ${survived} survived; ${seconds} s`,
  );
  for (const { mutant, problem } of wrong) console.log(`WRONG ${mutant.name}: ${problem}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

/** Plants one fault, runs the layers, takes it away again. */
async function judge(copy, mutant) {
  const startMs = performance.now();
  const path = join(copy, mutant.file);
  const text = await readFile(path, 'utf8');
  const seconds = () => (performance.now() - startMs) / 1_000;
  try {
    await writeFile(path, applyMutant(text, mutant));
    const caught = await firstFailure(copy, mutant);
    await writeFile(path, text);
    const problem =
      caught === undefined ? undefined : ((await unsound(copy, caught)) ?? caught.broken);
    return { mutant, caught, seconds: seconds(), ...verdict(mutant, caught, problem) };
  } catch (error) {
    await writeFile(path, text);
    return { mutant, seconds: seconds(), ok: false, problem: String(error) };
  }
}

function verdict({ equivalent, why }, caught, problem) {
  if (problem !== undefined) return { ok: false, problem };
  if (caught !== undefined && equivalent !== undefined)
    return { ok: false, problem: `was caught, but is said to be equivalent: ${equivalent}` };
  if (caught === undefined && equivalent === undefined)
    return { ok: false, problem: `no test sees it. ${why}` };
  return { ok: true };
}

async function firstFailure(copy, { first }) {
  for (const { name, files } of [{ name: 'first', files: first }, ...layers]) {
    const failure = await runTests(copy, files, limitMs[name]);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Why the failure proves nothing: the same files fail without the fault. */
async function unsound(copy, { files, limitMs: withinMs }) {
  if (files.every((file) => sound.has(file))) return undefined;
  const failure = await runTests(copy, files, withinMs);
  if (failure !== undefined) return `fails without any fault: ${failure.by}`;
  for (const file of files) sound.add(file);
  return undefined;
}

/** Runs test files up to the first failure; undefined when all pass. */
async function runTests(copy, files, withinMs) {
  const report = join(copy, 'report.json');
  await rm(report, { force: true });
  const child = spawn(
    process.execPath,
    [
      ...['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--maxWorkers=1'],
      ...['--reporter=json', `--outputFile=${report}`, ...files],
    ],
    { cwd: copy, detached: true, stdio: 'ignore' },
  );
  running.add(child);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child);
  }, withinMs);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  running.delete(child);
  if (late) return { by: 'timeout', files, limitMs: withinMs };
  if (code === 0) return undefined;
  return {
    limitMs: withinMs,
    ...failureIn(JSON.parse(await readFile(report, 'utf8')), copy, files),
  };
}

function failureIn({ testResults }, copy, files) {
  for (const { name, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    if (failed === undefined) continue;
    const file = relative(copy, name);
    const [line = ''] = (failed.failureMessages[0] ?? '').split('\n');
    // What vitest reports of a test that took too long.
    const said = line.includes('STACK_TRACE_ERROR') ? 'the test took too long' : line;
    return { by: `${file}: ${failed.fullName}`, said, files: [file] };
  }
  const unloaded = testResults.find(({ status, message }) => status === 'failed' && message);
  if (unloaded === undefined) return { by: 'an error that no test expected', files };
  const file = relative(copy, unloaded.name);
  return { by: file, files: [file], broken: `${file} cannot be loaded: ${unloaded.message}` };
}

function killGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** A tree of its own, with links to what is installed: nothing of a run is left in the working tree. */
async function copyTree() {
  const copy = await mkdtemp(join(tmpdir(), 'readback-mutants-'));
  copies.push(copy);
  const configs = (await readdir(root)).filter((name) => /^tsconfig.*\.json$/.test(name));
  for (const name of [...copied, ...configs])
    await cp(join(root, name), join(copy, name), { recursive: true });
  const installed = join(root, 'node_modules');
  await mkdir(join(copy, 'node_modules'));
  for (const name of await readdir(installed))
    if (!name.startsWith('.'))
      await symlink(join(installed, name), join(copy, 'node_modules', name));
  return copy;
}

/** The test files in folders, without those that start processes of their own. */
async function testsIn(folders) {
  const files = [];
  for (const folder of folders) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      const file = `${folder}/${name.replaceAll('\\', '/')}`;
      if (!file.endsWith('.test.ts')) continue;
      const text = await readFile(join(root, file), 'utf8');
      if (!/child[-_]process/.test(text)) files.push(file);
    }
  }
  return files.sort();
}

function lineOf({ mutant, caught, seconds, ok }) {
  const by = caught === undefined ? (ok ? 'survives: equivalent' : 'NOT CAUGHT') : caught.by;
  const said = caught?.said === undefined ? '' : `\n    ${caught.said.slice(0, 160)}`;
  return `${mutant.name.padEnd(38)} ${seconds.toFixed(1).padStart(6)} s  ${by}${said}`;
}

function choose(names = []) {
  const unknown = names.find((name) => !mutants.some((mutant) => mutant.name === name));
  if (unknown === undefined)
    return names.length === 0 ? mutants : mutants.filter(({ name }) => names.includes(name));
  console.error(`--only: there is no ${unknown}; there are:`);
  for (const { name } of mutants) console.error(`  ${name}`);
  return process.exit(2);
}

function wholeNumber(value) {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`--jobs: got ${value}; allowed is a whole number above 0`);
  return process.exit(2);
}
