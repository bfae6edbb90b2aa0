import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Goal: the fault catalogue cannot promise a test that is not there, nor forget one. Method: read the page and the tests. */

const root = resolve(import.meta.dirname, '../..');
const page = 'docs/faults.md';
const numbers = [...rows('F', 46), ...rows('H', 14)];

function rows(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${letter}${String(n + 1).padStart(2, '0')}`);
}

interface Named {
  readonly call: string;
  readonly name: string;
}

/** The tests of a file whose names begin with a row's number; a `describe` is none. */
function testsOf(text: string): readonly Named[] {
  const calls = text.matchAll(/([\w.]*)\(\s*(?:(['"`])([FH]\d{2} (?:(?!\2)[^\\]|\\.)*)\2)\s*,/g);
  return [...calls]
    .map(([, call = '', , name = '']) => ({ call, name }))
    .filter(({ call }) => !call.startsWith('describe'));
}

interface Row {
  readonly number: string;
  readonly story: string;
  readonly protection: string;
  readonly cited: readonly { readonly file: string; readonly name: string }[];
  readonly waits: string | undefined;
}

/** The lines of the page's tables that begin with a row's number. */
function readRows(text: string): readonly Row[] {
  return text.split('\n').flatMap((line): Row[] => {
    const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim());
    const [number = '', story = '', protection = '', tests = ''] = cells;
    if (!/^[FH]\d{2}$/.test(number)) return [];
    const cited = [...tests.matchAll(/`([^`]+\.test\.ts)`: “([^”]+)”/g)];
    return [
      {
        number,
        story,
        protection,
        cited: cited.map(([, file = '', name = '']) => ({ file, name })),
        waits: /waits for (\w.{9,})/i.exec(tests)?.[1],
      },
    ];
  });
}

/** What is wrong with one row: nothing, when each test that it names is there and runs. */
function problemsOf(row: Row, files: ReadonlyMap<string, string>): readonly string[] {
  const { number, cited, waits } = row;
  const problems = cited.flatMap(({ file, name }) => {
    const text = files.get(file);
    if (text === undefined) return [`${number}: there is no ${file}`];
    if (!name.startsWith(`${number} `)) return [`${number}: “${name}” does not begin with it`];
    return testsOf(text).some((one) => one.name === name)
      ? []
      : [`${number}: ${file} has no test “${name}”`];
  });
  if (cited.length === 0 && waits === undefined)
    problems.push(`${number}: no test and no stated reason`);
  if (row.story === '' || row.protection === '') problems.push(`${number}: an empty cell`);
  return problems;
}

/** Page against tests, both ways. */
function problems(text: string, files: ReadonlyMap<string, string>): readonly string[] {
  const listed = readRows(text);
  const seen = listed.map(({ number }) => number);
  const found = listed.flatMap((row) => problemsOf(row, files));
  for (const number of numbers) {
    const times = seen.filter((one) => one === number).length;
    if (times !== 1) found.push(`${number}: listed ${times} times`);
  }
  for (const [file, source] of files) {
    for (const { call, name } of testsOf(source)) {
      const number = name.slice(0, 3);
      if (!seen.includes(number)) found.push(`${file}: “${name}” is in no row`);
      if (/\b(skip|todo|fails)\b/.test(call)) found.push(`${file}: “${name}” does not run`);
    }
    const skipsAll = /\b(describe|test|it)\.(skip|todo)\b/.test(source);
    if (skipsAll && testsOf(source).length > 0) found.push(`${file}: something in it is skipped`);
  }
  return found;
}

const self = 'test/tooling/faults.test.ts';
const files = new Map(
  readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts') && path !== self)
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
const text = existsSync(join(root, page)) ? readFileSync(join(root, page), 'utf8') : '';

describe('the fault catalogue', () => {
  test('lists every row once; each names a test that is there and runs, or says what it waits for', () => {
    expect(problems(text, files)).toEqual([]);
  });

  test('names the public issues of every row of the first part', () => {
    const silent = readRows(text).filter(
      ({ number, story }) => number.startsWith('F') && !/\b(OC|HA)#\d+/.test(story),
    );
    expect(silent).toEqual([]);
  });

  test('each row has a test now, also where a platform still adds its own', () => {
    expect(readRows(text).filter(({ cited }) => cited.length === 0)).toEqual([]);
  });
});

describe('the check sees', () => {
  const file = 'test/faults/x.test.ts';
  const line = (number: string, tests: string) =>
    `| ${number} | OC#1 it broke | a lock | ${tests} |`;
  const whole = numbers.map((number) => line(number, `\`${file}\`: “${number} holds”`));
  const source = numbers.map((number) => `it('${number} holds', () => {});`).join('\n');
  const check = (lines: readonly string[], code = source) =>
    problems(lines.join('\n'), new Map([[file, code]]));
  const withF09 = (tests: string) =>
    whole.map((one) => (one.startsWith('| F09 ') ? line('F09', tests) : one));

  test('nothing wrong in a page that is right', () => {
    expect(check(whole)).toEqual([]);
    expect(check(withF09('waits for Telegram: it has the only edit window'))).toEqual([]);
  });

  test.each([
    ['a missing row', whole.slice(1), source, 'F01: listed 0 times'],
    ['a row twice', [...whole, ...whole.slice(0, 1)], source, 'F01: listed 2 times'],
    ['no test and no reason', withF09('soon'), source, 'F09: no test and no stated reason'],
    [
      'a file that is not there',
      withF09('`test/y.test.ts`: “F09 holds”'),
      source,
      'F09: there is no test/y.test.ts',
    ],
    [
      'a test that is not there',
      withF09(`\`${file}\`: “F09 stands”`),
      source,
      `F09: ${file} has no test “F09 stands”`,
    ],
    [
      'a test of another row',
      withF09(`\`${file}\`: “F08 holds”`),
      source,
      'F09: “F08 holds” does not begin with it',
    ],
    [
      'a describe in the place of a test',
      whole,
      source.replace("it('F09", "describe('F09"),
      `F09: ${file} has no test “F09 holds”`,
    ],
    [
      'a test that no row lists',
      whole,
      `${source}\ntest.each([[1]])('F47 %i', () => {});`,
      `${file}: “F47 %i” is in no row`,
    ],
    [
      'a test that does not run',
      whole,
      source.replace("it('F09", "it.skip('F09"),
      `${file}: “F09 holds” does not run`,
    ],
  ])('%s', (_, lines, code, expected) => {
    expect(check(lines, code)).toContain(expected);
  });
});
