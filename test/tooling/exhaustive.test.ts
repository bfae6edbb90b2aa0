import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Delivery, DeliveryOutcome } from '../../src/contracts/delivery.ts';
import { Inbound } from '../../src/contracts/inbound.ts';
import type { UpdateKind } from '../../src/contracts/update.ts';

/** Goal: who answers to a closed union and forgets a member cannot build. Method: compile one file per forgotten member. */

const root = resolve(import.meta.dirname, '../..');

const updateKinds: Record<UpdateKind, true> = {
  accepted: true,
  started: true,
  queued: true,
  progress: true,
  question: true,
  reminder: true,
  ended: true,
  finished: true,
  late: true,
  refused: true,
  answered: true,
  notified: true,
  incident: true,
  unreadable: true,
};

const unions = [
  { name: 'DeliveryOutcome', file: 'delivery', kinds: kindsOf(DeliveryOutcome) },
  { name: 'Delivery', file: 'delivery', kinds: kindsOf(Delivery) },
  { name: 'Inbound', file: 'inbound', kinds: kindsOf(Inbound) },
  { name: 'Update', file: 'update', kinds: Object.keys(updateKinds) },
];

interface Fixture {
  readonly path: string;
  readonly text: string;
  readonly compiles: boolean;
}

const fixtures = unions.flatMap(({ name, file, kinds }): Fixture[] => {
  const fixture = (path: string, cases: readonly string[]): Fixture => ({
    path: `${name}-${path}.ts`,
    text: switchOver({ name, file, cases }),
    compiles: cases.length === kinds.length,
  });
  return [
    fixture('all', kinds),
    ...kinds.map((missing) =>
      fixture(
        `without-${missing}`,
        kinds.filter((kind) => kind !== missing),
      ),
    ),
  ];
});

let folder = '';
let errors = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exhaustive-'));
  const compilerOptions = {
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const { path, text } of fixtures) await writeFile(join(folder, path), text);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = await promisify(execFile)(
    process.execPath,
    [tsc, '-p', '.', '--pretty', 'false'],
    {
      cwd: folder,
    },
  ).catch((error: { stdout: string }) => error);
  errors = compiled.stdout;
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('no union is empty', () => {
  for (const { kinds } of unions) expect(kinds.length).toBeGreaterThan(2);
});

test.each(
  fixtures.map(({ path, compiles }) => [path, compiles ? 'compiles' : 'does not compile'] as const),
)('%s %s', (path, expected) => {
  const found = errors.split('\n').filter((line) => line.startsWith(`${path}(`));
  if (expected === 'compiles') expect(found).toEqual([]);
  else expect(found).toEqual([expect.stringContaining('error TS2366')]);
});

test('nothing else is wrong with them', () => {
  const lines = errors.split('\n').filter((line) => line !== '');
  expect(lines).toHaveLength(fixtures.filter(({ compiles }) => !compiles).length);
});

function kindsOf(union: { options: readonly { shape: { kind: { value: string } } }[] }): string[] {
  return union.options.map(({ shape }) => shape.kind.value);
}

function switchOver(of: { name: string; file: string; cases: readonly string[] }): string {
  const cases = of.cases.map((kind) => `    case '${kind}':\n      return '${kind}';\n`);
  return `import type { ${of.name} } from '${join(root, 'src/contracts', of.file)}.ts';
export function word(of: ${of.name}): string {
  switch (of.kind) {
${cases.join('')}  }
}
`;
}
