import { loadConfig } from '../config.ts';
import { type Assembly, assemble } from './assemble.ts';
import type { CliContext, ExitCode } from './context.ts';
import { printable } from './printable.ts';
import { watchProcess } from './watch-process.ts';

export interface StartOptions {
  readonly config?: string;
  readonly data?: string;
}

/** `readback start`: runs until a signal or an error that nobody caught. */
export async function startCommand(context: CliContext, options: StartOptions): Promise<ExitCode> {
  const env =
    options.data === undefined ? context.env : { ...context.env, READBACK_DATA: options.data };
  const loaded = await loadConfig({ file: options.config, env, cwd: context.cwd });
  const { createLog } = await import('../log.ts');
  const log = createLog({ level: loaded.config.log, secrets: loaded.secrets });
  for (const warning of loaded.warnings) log('warn', warning);
  const watch = watchProcess(context.process, log);
  const run = async (): Promise<ExitCode> => {
    const assembly = await assemble(context, loaded, log);
    log('info', 'started', { version: context.version, url: assembly.url, file: assembly.file });
    context.out(greeting(context, assembly, loaded.config.hint));
    return await watch.stopped(assembly);
  };
  try {
    return await Promise.race([run(), watch.abandoned]);
  } finally {
    watch.end();
    await log.close();
  }
}

function greeting(
  context: CliContext,
  { url, file, platforms }: Assembly,
  hint: string | undefined,
): string {
  const lines = [
    `Readback ${context.version} is at ${url}`,
    `  on       ${platforms.map(printable).join(', ') || 'no platform'}`,
    `  data     ${printable(file)}`,
  ];
  lines.push(`  process  ${process.pid}; Ctrl+C lets work end, a second one stops at once`);
  if (hint !== undefined) lines.push('', ...hint.trimEnd().split('\n').map(printable));
  return `${lines.join('\n')}\n`;
}
