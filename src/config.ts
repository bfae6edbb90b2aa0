import path from 'node:path';
import type { WebchatConfigInput } from './adapters/webchat/config.ts';
import { clockProblems } from './cli/config-clocks.ts';
import { envWarnings, readEnv } from './cli/config-env.ts';
import { findFile, loadWorkers, pickProblem, readConfigFile } from './cli/config-file.ts';
import { type ConfigProblem, findProblems, problemLines } from './cli/config-problem.ts';
import { ConfigSchema, detailSchemas, type logLevelNames } from './cli/config-schema.ts';
import { collectSecrets, createScrub } from './cli/redact.ts';
import type { Adapter } from './contracts/adapter.ts';
import { ConfigError } from './contracts/error.ts';
import type { RelaySettings } from './contracts/relay.ts';
import type { Worker } from './contracts/worker.ts';
import type { RelayOptions } from './relay.ts';

/** What is handed to `createRelay` as it is. */
type RelayParts = Pick<
  RelayOptions,
  'pick' | 'clocks' | 'sessionPer' | 'routes' | 'operator' | 'words'
>;

/** What `readback start` can be told by a file. A `.json` file can hold the parts that are data. */
export interface Config extends RelaySettings, RelayParts {
  /** Directory of the database and the keys, relative to the working directory. Default `./data`; READBACK_DATA comes before it. */
  readonly data?: string;
  /** 0 to 65535, 0 takes a free one. Default 8787; PORT comes before it. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1, so nobody outside this machine gets in; HOST comes before it. */
  readonly host?: string;
  /** What is logged: this and what is worse. Default `info`; READBACK_LOG comes before it. */
  readonly log?: (typeof logLevelNames)[number];
  /** Options of `createWebchat`; false: no web chat. Default: on. */
  readonly webchat?: WebchatConfigInput | false;
  /** What does the work, or paths of `.mjs` files that export Workers, relative to the config file. At least one. */
  readonly workers?: readonly (Worker | string)[];
  /** Platforms besides the web chat. */
  readonly adapters?: readonly Adapter[];
  /** An HTML file served at `/`, relative to the config file. */
  readonly page?: string;
  /** Printed after the address at the start. */
  readonly hint?: string;
  /** `power` (default): nothing acknowledged is lost when the power goes. `process`: faster, safe against kill -9 only. */
  readonly durability?: 'power' | 'process';
}

/** The settings with every default in its place. */
export interface ResolvedConfig extends Omit<Config, 'workers'> {
  /** Absolute. */
  readonly data: string;
  readonly port: number;
  readonly host: string;
  readonly log: (typeof logLevelNames)[number];
  readonly workers: readonly Worker[];
  readonly adapters: readonly Adapter[];
}

export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** Absolute path of the file that was read. */
  readonly file?: string;
  /** Texts that must not be written anywhere. */
  readonly secrets: readonly string[];
  /** Said once at the start: nothing is wrong, but perhaps not meant. */
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  /** Default: `readback.config.mjs` or `readback.config.json` in the working directory, if there is one. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: the process's. */
  readonly cwd?: string;
}

/**
 * Reads the settings: defaults, then the file, then PORT, HOST, READBACK_DATA and READBACK_LOG.
 *
 * @throws ConfigError `config_invalid` that names every problem with path, what came and what is allowed;
 * `config_unreadable` when the file cannot be read or run.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const cwd = options.cwd ?? process.cwd();
  const file = findFile(options.file, cwd);
  const scrub = createScrub(collectSecrets(options.env));
  const raw = file === undefined ? {} : await readConfigFile(file, options.env, scrub);
  const secrets = collectSecrets(raw, options.env);
  const problems = [...findProblems(ConfigSchema, raw), ...clockProblems(raw)];
  for (const { name, value, schema } of await detailSchemas(raw)) {
    problems.push(...findProblems(schema, value, [name]));
  }
  const env = readEnv(options.env, problems);
  const config = raw as Config;
  // code is run only for settings that are right
  const named = problems.length > 0 ? [] : (config.workers ?? []);
  const workers = await loadWorkers(named, file, problems);
  if (workers.length > 1 && config.pick === undefined) problems.push(pickProblem(workers));
  if (problems.length > 0) throw problemsError(problems, { file, cwd, secrets });
  return {
    config: { ...withDefaults({ ...config, ...env }, cwd, file), workers },
    ...(file === undefined ? {} : { file }),
    secrets,
    warnings: envWarnings(options.env),
  };
}

function withDefaults(config: Config, cwd: string, file: string | undefined): ResolvedConfig {
  const { data = 'data', port = 8787, host = '127.0.0.1', log = 'info', adapters = [] } = config;
  const page = config.page && path.resolve(path.dirname(file ?? cwd), config.page);
  return {
    ...config,
    data: path.resolve(cwd, data),
    port,
    host,
    log,
    workers: [],
    adapters,
    ...(page === undefined ? {} : { page }),
  };
}

interface Where {
  readonly file: string | undefined;
  readonly cwd: string;
  readonly secrets: readonly string[];
}

function problemsError(problems: readonly ConfigProblem[], where: Where): ConfigError {
  const { file, cwd, secrets } = where;
  const source = file === undefined ? 'The environment' : path.relative(cwd, file) || file;
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  const message = createScrub(secrets)(`${source} has ${count}:\n${problemLines(problems)}`);
  return new ConfigError('config_invalid', message, { ids: { problems: problems.length } });
}
