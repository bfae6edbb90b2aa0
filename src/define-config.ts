import type { Config, LoadOptions } from './config.ts';

/**
 * Gives a config file its types: `export default defineConfig({ workers: [worker] })`. Does nothing else; a function
 * may be given instead, which is called with the environment and may return a promise.
 */
export function defineConfig<
  C extends Config | ((env: LoadOptions['env']) => Config | Promise<Config>),
>(config: C): C {
  return config;
}
