import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../contracts/error.ts';
import type { Worker } from '../contracts/worker.ts';
import { type ConfigProblem, describeValue } from './config-problem.ts';
import { workerLike } from './config-schema.ts';
import { printable } from './printable.ts';
import type { Scrub } from './redact.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What is looked for when no file is named. */
export const configNames = ['readback.config.mjs', 'readback.config.json'] as const;

/** The config file's absolute path; none named and none there: undefined. */
export function findFile(file: string | undefined, cwd: string): string | undefined {
  if (file === undefined)
    return configNames.map((name) => path.join(cwd, name)).find((found) => existsSync(found));
  const full = path.resolve(cwd, file);
  if (existsSync(full)) return full;
  throw new ConfigError(
    'config_unreadable',
    `config file: got ${printable(file)}, which is not there; allowed: the path of an .mjs or .json file`,
  );
}

/** What a config file holds, not looked at yet. */
export async function readConfigFile(file: string, env: Env, scrub: Scrub): Promise<unknown> {
  const kind = path.extname(file);
  if (kind === '.json') return readJson(file);
  if (kind !== '.mjs') {
    throw new ConfigError(
      'config_unreadable',
      `config file: got ${printable(path.basename(file))}; allowed: a file that ends in .mjs or .json`,
    );
  }
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    const value: unknown =
      typeof module.default === 'function' ? await module.default(env) : module.default;
    if (typeof value === 'object' && value !== null) return value;
    const allowed = 'allowed: export default an object, or a function that returns one';
    throw new ConfigError(
      'config_invalid',
      `${path.basename(file)}: the default export is ${describeValue(value)}; ${allowed}`,
    );
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const message = scrub(error instanceof Error ? error.message : String(error));
    throw new ConfigError(
      'config_unreadable',
      `${path.basename(file)} could not be run: ${message}`,
      { cause: error },
    );
  }
}

/** The engine's own message of a syntax error quotes the file, secrets included: only the place is told. */
function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      'config_unreadable',
      `${path.basename(file)} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const lines = text.slice(0, Number(position)).split('\n');
    const where =
      position === undefined
        ? ''
        : ` (line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1})`;
    throw new ConfigError('config_invalid', `${path.basename(file)} is not valid JSON${where}`);
  }
}

/** Paths become the Workers that those files export. Names must differ. */
export async function loadWorkers(
  given: readonly (Worker | string)[],
  file: string | undefined,
  problems: ConfigProblem[],
): Promise<Worker[]> {
  const workers: Worker[] = [];
  for (const [i, item] of given.entries()) {
    if (typeof item !== 'string') workers.push(item);
    else
      workers.push(
        ...(await importWorkers(item, file, (got) =>
          problems.push({
            path: `workers[${i}]`,
            got,
            allowed: 'the path of an .mjs file that exports Workers',
          }),
        )),
      );
  }
  const names = workers.map((worker) => worker.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    problems.push({
      path: 'workers',
      got: `two Workers named ${describeValue(twice)}`,
      allowed: 'Workers of different names',
    });
  return workers;
}

/** With several Workers somebody must say whose a message is. */
export function pickProblem(workers: readonly Worker[]): ConfigProblem {
  const names = workers.map((worker) => worker.name).join(', ');
  return {
    path: 'pick',
    got: `nothing, with ${workers.length} Workers (${printable(names)})`,
    allowed: 'a function (message) => name of a Worker',
  };
}

async function importWorkers(
  module: string,
  file: string | undefined,
  refuse: (got: string) => void,
): Promise<Worker[]> {
  const full = path.resolve(file === undefined ? process.cwd() : path.dirname(file), module);
  try {
    const exported = Object.values(
      (await import(pathToFileURL(full).href)) as Record<string, unknown>,
    );
    const found = exported
      .flat()
      .filter((value) => workerLike.safeParse(value).success) as Worker[];
    if (found.length === 0) refuse(`${describeValue(module)}, which exports none`);
    return [...new Set(found)];
  } catch (error) {
    refuse(
      `${describeValue(module)}, which could not be run: ${printable(error instanceof Error ? error.message : String(error))}`,
    );
    return [];
  }
}
