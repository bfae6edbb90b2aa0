import { type CliContext, type ExitCode, exitDone } from './context.ts';
import { findDatabase, type LocationOptions } from './location.ts';

export interface MigrateOptions extends LocationOptions {
  readonly json?: boolean;
}

/** `readback migrate`: brings the database to this version's schema. Needs the writer lock. */
export async function migrateCommand(
  context: CliContext,
  options: MigrateOptions,
): Promise<ExitCode> {
  const file = await findDatabase(context, options);
  const applied = await context.parts.migrateStore(file);
  if (options.json) context.json({ file, applied });
  else if (applied.length === 0) context.out(`${file} has this version's schema already.\n`);
  else context.out(`${file} was brought up to date: ${applied.join(', ')}.\n`);
  return exitDone;
}
