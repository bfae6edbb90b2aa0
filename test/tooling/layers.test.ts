import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Goal: each rule that guards the architecture reports what it should, so that a check that fell silent fails here. */

const root = resolve(import.meta.dirname, '../..');
const restricted = 'lint/style/noRestrictedImports';
const globals = 'lint/style/noRestrictedGlobals';
const properties = 'lint/nursery/noJsRestrictedProperties';

/** One violation each: the file, what stands in it, the rule that must report it. */
const planted: readonly [path: string, text: string, rule: string][] = [
  ['src/contracts/to-core.ts', imports('../core/inbox.ts'), restricted],
  ['src/contracts/to-npm.ts', imports('hono'), restricted],
  ['src/contracts/to-node.ts', imports('node:fs'), restricted],
  ['src/core/to-adapters.ts', imports('../adapters/webchat/index.ts'), restricted],
  ['src/core/to-stores.ts', imports('../stores/sqlite/index.ts'), restricted],
  ['src/core/to-npm.ts', imports('zod'), restricted],
  ['src/core/to-node.ts', imports('node:timers'), restricted],
  ['src/core/to-relay.ts', imports('../relay.ts'), restricted],
  [
    'src/core/to-adapters-later.ts',
    "export const x = import('../adapters/slack/index.ts');",
    restricted,
  ],
  ['src/core/to-adapters-again.ts', "export * from '../adapters/slack/index.ts';", restricted],
  [
    'src/core/to-adapters-type.ts',
    "export type { X } from '../adapters/slack/index.ts';",
    restricted,
  ],
  ['src/adapters/webchat/to-core.ts', imports('../../core/clip.ts'), restricted],
  ['src/adapters/webchat/to-slack.ts', imports('../slack/index.ts'), restricted],
  ['src/adapters/webchat/to-store.ts', imports('../../stores/sqlite/index.ts'), restricted],
  ['src/adapters/webchat/widget/to-core.ts', imports('../../../core/clip.ts'), restricted],
  ['src/adapters/webchat/widget/to-slack.ts', imports('../../slack/index.ts'), restricted],
  ['src/adapters/shared/to-webchat.ts', imports('../webchat/index.ts'), restricted],
  ['src/adapters/shared/to-npm.ts', imports('zod'), restricted],
  ['src/stores/sqlite/to-core.ts', imports('../../core/clip.ts'), restricted],
  ['src/stores/sqlite/to-postgres.ts', imports('../postgres/index.ts'), restricted],
  ['src/stores/sqlite/to-timers.ts', imports('node:timers/promises'), restricted],
  ['src/stores/sqlite/to-crypto.ts', imports('node:crypto'), restricted],
  ['src/workers/to-core.ts', imports('../core/clip.ts'), restricted],
  ['src/workers/to-worker.ts', imports('./function.ts'), restricted],
  ['src/workers/acp/to-worker.ts', imports('../function.ts'), restricted],
  ['src/workers/acp/to-core.ts', imports('../../core/clip.ts'), restricted],
  ['src/console/to-core.ts', imports('../core/clip.ts'), restricted],
  ['src/console/to-npm.ts', imports('zod'), restricted],
  ['src/testing/to-adapters.ts', imports('../adapters/webchat/index.ts'), restricted],
  ['src/testing/to-serve.ts', imports('../serve.ts'), restricted],
  ['src/testing/telegram/to-store.ts', imports('../../stores/sqlite/index.ts'), restricted],
  ['src/testing/telegram/to-adapter.ts', imports('../../adapters/telegram/index.ts'), restricted],
  ['src/relay.ts', imports('./adapters/webchat/index.ts'), restricted],
  ['src/index.ts', imports('./adapters/webchat/index.ts'), restricted],
  ['src/core/date.ts', 'export const x = new Date(0);', globals],
  ['src/core/date-now.ts', 'export const x = Date.now();', globals],
  ['src/core/timeout.ts', 'export const x = setTimeout(String, 1);', globals],
  ['src/core/interval.ts', 'export const x = setInterval(String, 1);', globals],
  ['src/core/immediate.ts', 'export const x = setImmediate(String);', globals],
  ['src/core/microtask.ts', 'export const x = (): void => queueMicrotask(String);', globals],
  ['src/core/performance.ts', 'export const x = performance.now();', globals],
  ['src/core/crypto.ts', 'export const x = crypto.randomUUID();', globals],
  ['src/core/random.ts', 'export const x = Math.random();', properties],
  ['src/core/global.ts', 'export const x = globalThis.Date.now();', properties],
  ['src/contracts/date.ts', 'export const x = Date.now();', globals],
  ['src/stores/sqlite/date.ts', 'export const x = Date.now();', globals],
  ['src/stores/sqlite/random.ts', 'export const x = Math.random();', properties],
  [
    'src/core/cycle-a.ts',
    "import { b } from './cycle-b.ts';\nexport const a = (): unknown => b;",
    'lint/suspicious/noImportCycles',
  ],
  [
    'src/core/cycle-b.ts',
    "import { a } from './cycle-a.ts';\nexport const b = (): unknown => a;",
    'lint/suspicious/noImportCycles',
  ],
  [
    'src/core/cycle-type-a.ts',
    "import type { B } from './cycle-type-b.ts';\nexport type A = B[];",
    'lint/suspicious/noImportCycles',
  ],
  [
    'src/core/cycle-type-b.ts',
    "import type { A } from './cycle-type-a.ts';\nexport type B = { a: A };",
    'lint/suspicious/noImportCycles',
  ],
  [
    'src/core/floating.ts',
    'const wait = async (): Promise<void> => {};\nexport function x(): void {\n  wait();\n}',
    'lint/nursery/noFloatingPromises',
  ],
  [
    'src/core/floating-method.ts',
    'class Loop {\n  async run(): Promise<void> {}\n}\nexport function x(loop: Loop): void {\n  loop.run();\n}',
    'lint/nursery/noFloatingPromises',
  ],
  [
    'src/core/misused.ts',
    'export function x(all: number[]): void {\n  all.forEach(async (one) => void (await one));\n}',
    'lint/nursery/noMisusedPromises',
  ],
  [
    'src/core/missing-case.ts',
    "export function x(kind: 'a' | 'b'): void {\n  switch (kind) {\n    case 'a':\n      break;\n  }\n}",
    'lint/nursery/useExhaustiveSwitchCases',
  ],
  ['src/adapters/webchat/default-arm.ts', switchOver('outcome.kind'), 'plugin'],
  ['src/adapters/webchat/widget/default-arm.ts', switchOver('outcome.kind'), 'plugin'],
  ['src/core/compose.ts', switchOver('outcome.kind'), 'plugin'],
  ['src/core/compose-words.ts', switchOver('kind'), 'plugin'],
  [
    'src/core/long-function.ts',
    `export function x(): number {\n  let sum = 0;\n${'  sum += 1;\n'.repeat(70)}  return sum;\n}`,
    'lint/complexity/noExcessiveLinesPerFunction',
  ],
  ['src/core/long-file.ts', 'export {};\n'.repeat(401), 'lint/style/noExcessiveLinesPerFile'],
  [
    'src/core/branches.ts',
    `export function x(n: number): number {\n${'  if (n > 1 && n < 9) n > 5 ? String(n) : Number(n);\n'.repeat(6)}  return n;\n}`,
    'lint/complexity/noExcessiveCognitiveComplexity',
  ],
  [
    'src/core/parameters.ts',
    'export const x = (a: 1, b: 1, c: 1, d: 1, e: 1): unknown => [a, b, c, d, e];',
    'lint/complexity/useMaxParams',
  ],
  ['src/core/enum.ts', 'export enum Kind {\n  A = 0,\n}', 'lint/style/noEnum'],
  ['src/core/default-export.ts', 'const x = 1;\nexport default x;', 'lint/style/noDefaultExport'],
  [
    'src/core/console.ts',
    "export const x = (): void => console.log('x');",
    'lint/suspicious/noConsole',
  ],
  ['src/workers/undeclared.ts', imports('left-pad'), 'lint/correctness/noUndeclaredDependencies'],
  [
    'src/testing/development.ts',
    imports('fast-check'),
    'lint/correctness/noUndeclaredDependencies',
  ],
];

/** What each layer may do. */
const clean: readonly [path: string, text: string][] = [
  ['src/contracts/clean.ts', imports('./id.ts') + imports('zod')],
  ['src/core/clean.ts', imports('./clip.ts') + imports('../contracts/id.ts')],
  [
    'src/core/system-runtime.ts',
    'export const x = (): unknown[] => [Date.now(), setTimeout(String, 1), performance.now()];',
  ],
  [
    'src/adapters/webchat/clean.ts',
    imports('./config.ts') +
      imports('../shared/split-text.ts') +
      imports('../../contracts/id.ts') +
      imports('jose'),
  ],
  ['src/adapters/webchat/open-switch.ts', switchOver('platform.code')],
  [
    'src/adapters/webchat/widget/clean.ts',
    imports('./view.ts') +
      imports('../wire.ts') +
      imports('../../shared/x.ts') +
      imports('../../../contracts/id.ts'),
  ],
  ['src/adapters/shared/clean.ts', imports('./fence.ts') + imports('../../contracts/id.ts')],
  [
    'src/stores/sqlite/clean.ts',
    imports('./rows.ts') + imports('../../contracts/id.ts') + imports('drizzle-orm'),
  ],
  ['src/workers/clean.ts', imports('../contracts/id.ts') + imports('node:child_process')],
  ['src/workers/acp/clean.ts', imports('./frames.ts') + imports('../../contracts/id.ts')],
  ['src/console/clean.ts', imports('../contracts/id.ts') + imports('hono/html')],
  ['src/testing/clean.ts', imports('../core/clip.ts') + imports('../stores/sqlite/index.ts')],
  ['src/cli.ts', "export const x = (): void => console.log('x');"],
];

let folder = '';
let reported: Map<string, string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layers-'));
  for (const name of ['biome.json', '.gitignore', 'lint', 'package.json']) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  for (const [path, text] of [...planted, ...clean]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${text}\n`);
  }
  reported = await lint();
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(planted)('%s is reported', (path, _text, rule) => {
  expect(reported.get(path)).toContain(rule);
});

test.each(clean)('%s is not', (path) => {
  expect(reported.get(path)).toBeUndefined();
});

/** The rules that Biome reports, by file. */
async function lint(): Promise<Map<string, string[]>> {
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { stdout } = await promisify(execFile)(process.execPath, [biome, ...args], {
    cwd: folder,
    maxBuffer: 2 ** 26,
  }).catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  const byFile = new Map<string, string[]>();
  for (const { category, location, severity } of diagnostics) {
    if (severity !== 'error') continue;
    byFile.set(location.path, [...(byFile.get(location.path) ?? []), category]);
  }
  return byFile;
}

interface Diagnostic {
  readonly category: string;
  readonly severity: string;
  readonly location: { readonly path: string };
}

function imports(path: string): string {
  return `export * from '${path}';\n`;
}

function switchOver(what: string): string {
  const name = what.split('.')[0];
  const type = what.includes('.') ? `{ ${what.split('.')[1]}: 'a' | 'b' }` : "'a' | 'b'";
  return `export function x(${name}: ${type}): number {
  switch (${what}) {
    case 'a':
      return 1;
    default:
      return 2;
  }
}`;
}
