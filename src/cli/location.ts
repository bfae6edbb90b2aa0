import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../config.ts';
import { ConfigError } from '../contracts/error.ts';
import type { Records } from '../contracts/relay.ts';
import type { CliContext } from './context.ts';

/** How a command was told where the database is. */
export interface LocationOptions {
  readonly config?: string;
  readonly data?: string;
}

/** The database inside a data directory. */
export function databaseFile(data: string): string {
  return path.join(data, 'readback.db');
}

/** `--data`, else READBACK_DATA, else what the config file says, else `./data`. */
export async function findData(context: CliContext, options: LocationOptions): Promise<string> {
  const named = options.data ?? (context.env['READBACK_DATA'] || undefined);
  if (named !== undefined) return path.resolve(context.cwd, named);
  const { config } = await loadConfig({ file: options.config, env: context.env, cwd: context.cwd });
  return config.data;
}

/** The database file, which must be there. */
export async function findDatabase(context: CliContext, options: LocationOptions): Promise<string> {
  const file = databaseFile(await findData(context, options));
  if (existsSync(file)) return file;
  const hint =
    'Start the bot once with `readback start`, or say where it is: --data <dir>, --config <file> or READBACK_DATA';
  throw new ConfigError('no_database', `There is no database at ${file}. ${hint}.`, {
    ids: { file },
  });
}

/** Reads the database, also while another process writes it. */
export async function withRecords<T>(
  context: CliContext,
  file: string,
  use: (records: Records) => Promise<T>,
): Promise<T> {
  const reader = await context.parts.readStore(file);
  try {
    return await use(await context.parts.createRecords(reader));
  } finally {
    reader.close();
  }
}
