import { Command, CommanderError } from 'commander';
import { ConfigError, ContractError, StoreError } from '../contracts/error.ts';
import {
  limitDefault,
  parseAfter,
  parseIdOrTail,
  parseLimit,
  parseReason,
  parseReceiptState,
  parseTaskState,
} from './argument.ts';
import { type CliContext, type ExitCode, exitDone, exitFailed, exitUsage } from './context.ts';
import { printableLines } from './printable.ts';

/** The bin's whole surface: parses, runs one command, turns every failure into a message and an exit code. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let code: ExitCode = exitDone;
  const program = createProgram(context, async (run) => {
    code = await run();
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitDone : exitUsage;
    context.err(`${failureLines(error).join('\n')}\n`);
    return exitFailed;
  }
}

function failureLines(error: unknown): readonly string[] {
  if (
    error instanceof ConfigError ||
    error instanceof ContractError ||
    error instanceof StoreError
  ) {
    return printableLines(`readback: ${error.message}`);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return printableLines(`readback: a fault of Readback itself, please report it.\n${text}`);
}

type Run = (command: () => Promise<ExitCode>) => Promise<void>;

function createProgram(context: CliContext, run: Run): Command {
  const program = new Command('readback')
    .description('Chat bots whose long work always answers.')
    .version(context.version)
    .showHelpAfterError('(readback --help shows what there is)')
    .configureOutput({
      writeOut: context.out,
      writeErr: (text) => context.err(printableLines(text).join('\n')),
    })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  addStart(program, context, run);
  addLists(program, context, run);
  addActs(program, context, run);
  addCare(program, context, run);
  program.addHelpText('after', helpText);
  return program;
}

const helpText = `
Exit codes: 0 done, 1 failed, 2 asked wrongly.
The database is <data>/readback.db; <data> is --data, else READBACK_DATA, else what the config
file says (readback.config.mjs or .json here, or --config), else ./data.`;

function located(command: Command): Command {
  return command
    .option(
      '-c, --config <file>',
      'config file, .mjs or .json (default: readback.config.mjs or .json here)',
    )
    .option('-d, --data <dir>', 'data directory (default: READBACK_DATA, the config file, ./data)');
}

function listed(command: Command): Command {
  return located(command)
    .option('--limit <n>', 'rows, 1 to 500', parseLimit, limitDefault)
    .option('--after <seq>', 'go on after this row', parseAfter, 0)
    .option('--json', 'one JSON document: items, more, after, invalid');
}

function addStart(program: Command, context: CliContext, run: Run): void {
  located(program.command('start'))
    .description('run the bot until SIGTERM or Ctrl+C; a second one stops at once')
    .action((options) =>
      run(async () => (await import('./start.ts')).startCommand(context, options)),
    );
}

function addLists(program: Command, context: CliContext, run: Run): void {
  listed(program.command('tasks'))
    .description('list the tasks, oldest first')
    .option('--open', 'only what has not ended')
    .option('--state <state>', 'queued, running, waiting, aborting, ended', parseTaskState)
    .action((options) =>
      run(async () => (await import('./tasks.ts')).tasksCommand(context, options)),
    );
  located(program.command('inspect'))
    .description('tell the whole story of one task')
    .argument('<task>', 'its id, or at least four characters of its end', parseIdOrTail)
    .option('--text', 'texts in full, not their first lines')
    .option('--json', 'one JSON document: task, inbound, asks, receipts, journal')
    .action((task, options) =>
      run(async () => (await import('./inspect.ts')).inspectCommand(context, task, options)),
    );
  listed(program.command('receipts'))
    .description('list what was, is or could not be shown')
    .option(
      '--state <state>',
      'pending, claimed, unknown, surfaced, superseded, dead',
      parseReceiptState,
    )
    .action((options) =>
      run(async () => (await import('./receipts.ts')).receiptsCommand(context, options)),
    );
  listed(program.command('incidents'))
    .description('list what an operator should know')
    .option('--open', 'only what is not closed')
    .action((options) =>
      run(async () => (await import('./incidents.ts')).incidentsCommand(context, options)),
    );
}

function addActs(program: Command, context: CliContext, run: Run): void {
  located(program.command('cancel'))
    .description(
      'cancel a task, in the running bot or for its next start; exit 1 when it had ended otherwise',
    )
    .argument('<task>', 'its id, or at least four characters of its end', parseIdOrTail)
    .option(
      '-r, --reason <text>',
      'why, for the person who asked; at most 500 characters',
      parseReason,
    )
    .option('--json', 'one JSON document: task, shortId, kind, cause')
    .action((task, options) =>
      run(async () => (await import('./cancel.ts')).cancelCommand(context, task, options)),
    );
  located(program.command('redrive'))
    .description('try a dead receipt again')
    .argument('<receipt>', 'its id, or at least four characters of its end', parseIdOrTail)
    .option('--json', 'one JSON document: id, state, channel')
    .action((receipt, options) =>
      run(async () => (await import('./redrive.ts')).redriveCommand(context, receipt, options)),
    );
}

function addCare(program: Command, context: CliContext, run: Run): void {
  located(program.command('migrate'))
    .description("bring the database to this version's schema; the bot must not run")
    .option('--json', 'one JSON document: file, applied')
    .action((options) =>
      run(async () => (await import('./migrate.ts')).migrateCommand(context, options)),
    );
  located(program.command('doctor'))
    .description('look at what a start needs, and change nothing')
    .option('--json', 'one JSON document: ok, checks')
    .action((options) =>
      run(async () => (await import('./doctor.ts')).doctorCommand(context, options)),
    );
}
