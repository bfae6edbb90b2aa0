import { ContractError } from '../contracts/error.ts';
import { type CliContext, type ExitCode, exitDone } from './context.ts';
import { storyItem } from './item.ts';
import { findDatabase, type LocationOptions, withRecords } from './location.ts';
import { storyLines } from './story.ts';

export interface InspectOptions extends LocationOptions {
  readonly json?: boolean;
  readonly text?: boolean;
}

/** `readback inspect <task>`: the whole story of one Task. */
export async function inspectCommand(
  context: CliContext,
  idOrTail: string,
  options: InspectOptions,
): Promise<ExitCode> {
  const file = await findDatabase(context, options);
  const nowMs = (await context.parts.createRuntime()).wallMs();
  const story = await withRecords(context, file, async (records) =>
    records.tasks.inspect(await records.tasks.find(idOrTail)),
  );
  if (story === undefined) throw new ContractError('no_such_task', `There is no task ${idOrTail}.`);
  if (options.json) context.json(storyItem(story));
  else context.out(`${storyLines(story, { nowMs, texts: options.text === true }).join('\n')}\n`);
  return exitDone;
}
