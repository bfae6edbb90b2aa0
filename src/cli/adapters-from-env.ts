import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Adapter } from '../contracts/adapter.ts';
import { ConfigError } from '../contracts/error.ts';

type Env = Readonly<Record<string, string | undefined>>;
/** What `src/adapters/<platform>/env.ts` exports; undefined when its variables are not set. */
interface EnvModule {
  readonly fromEnv: (env: Env) => Adapter | undefined;
}

/**
 * The platforms whose variables are set. A platform that the config file has an Adapter of stays as the file says.
 *
 * @throws ConfigError with the Adapter's own words when a variable holds what cannot be.
 */
export async function adaptersFromEnv(
  env: Env,
  configured: ReadonlySet<string>,
): Promise<readonly Adapter[]> {
  const here = fileURLToPath(import.meta.url);
  const folder = path.resolve(here, '../../adapters');
  const adapters: Adapter[] = [];
  for (const name of readdirSync(folder).sort()) {
    const file = path.join(folder, name, `env${path.extname(here)}`);
    if (configured.has(name) || !existsSync(file)) continue;
    const { fromEnv } = (await import(pathToFileURL(file).href)) as EnvModule;
    const adapter = fromSettings(() => fromEnv(env));
    if (adapter !== undefined) adapters.push(adapter);
  }
  return adapters;
}

function fromSettings<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.code, `The environment: ${error.message}`, { cause: error });
  }
}
