import { type ConfigProblem, describeValue } from './config-problem.ts';
import { logLevelNames } from './config-schema.ts';
import { didYouMean } from './did-you-mean.ts';
import { printable } from './printable.ts';

type Env = Readonly<Record<string, string | undefined>>;
const knownEnv = ['READBACK_DATA', 'READBACK_LOG'] as const;

export interface EnvConfig {
  data?: string;
  port?: number;
  host?: string;
  log?: (typeof logLevelNames)[number];
}

/** What the environment sets; an empty variable counts as absent. */
export function readEnv(env: Env, problems: ConfigProblem[]): EnvConfig {
  const found: EnvConfig = {};
  const { PORT: port, HOST: host, READBACK_DATA: data, READBACK_LOG: log } = env;
  if (host) found.host = host;
  if (data) found.data = data;
  if (port) {
    if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) found.port = Number(port);
    else
      problems.push({
        path: 'PORT (environment)',
        got: describeValue(port),
        allowed: 'a whole number from 0 to 65535',
      });
  }
  const level = logLevelNames.find((name) => name === log);
  if (level !== undefined) found.log = level;
  else if (log)
    problems.push({
      path: 'READBACK_LOG (environment)',
      got: describeValue(log),
      allowed: logLevelNames.join(', '),
    });
  return found;
}

/** Variables that look like ours and are not. */
export function envWarnings(env: Env): string[] {
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('READBACK_') && !knownEnv.some((known) => known === name),
  );
  return unknown.map((name) => {
    const meant = didYouMean(name, knownEnv);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return printable(`${name} in the environment means nothing to Readback${hint}`);
  });
}
