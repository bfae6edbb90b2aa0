import type { EndCause } from '../contracts/task.ts';
import { act } from './act.ts';
import { type CliContext, type ExitCode, exitDone, exitFailed } from './context.ts';
import type { CancelResult } from './control-protocol.ts';
import { findDatabase, type LocationOptions, withRecords } from './location.ts';
import { printable } from './printable.ts';

export interface CancelOptions extends LocationOptions {
  readonly reason?: string;
  readonly json?: boolean;
}

/** `readback cancel <task>`: in the running process, or stored for the next start. */
export async function cancelCommand(
  context: CliContext,
  idOrTail: string,
  options: CancelOptions,
): Promise<ExitCode> {
  const file = await findDatabase(context, options);
  const { id, shortId } = await withRecords(context, file, async (records) => {
    const found = await records.tasks.find(idOrTail);
    return { id: found, shortId: await records.tasks.shortId(found) };
  });
  const said = { ...(options.reason ? { reason: options.reason } : {}), by: context.user };
  const { result, running } = await act(context, file, {
    ask: { act: 'cancel', task: id, ...said },
    offline: (relay) => relay.tasks.cancel(id, said),
  });
  const { kind, cause } = result;
  const later =
    running || kind === 'already_ended' ? '' : ' No bot is running: it is told at the next start.';
  if (options.json) context.json({ task: id, shortId, ...result });
  else context.out(`${resultText(shortId, result)}${later}\n`);
  return kind === 'already_ended' && cause.end !== 'cancelled' ? exitFailed : exitDone;
}

function resultText(shortId: string, { kind, cause }: CancelResult): string {
  switch (kind) {
    case 'cancelled':
      return cause.end === 'cancelled'
        ? `Cancelled ${shortId}: ${causeText(cause)}.`
        : `${shortId} ended first: ${endText(cause)}.`;
    case 'already_ended':
      return `${shortId} had already ended: ${endText(cause)}.`;
    case 'detached':
      return `${shortId} did not stop in its grace and was left behind. It ended: ${endText(cause)}.`;
    case 'stored':
      return `Stored: ${shortId} will be ${endText(cause)}.`;
  }
}

function endText(cause: EndCause): string {
  return `${cause.end} (${causeText(cause)})`;
}

function causeText(cause: EndCause): string {
  const by = cause.by === undefined ? '' : `, by ${printable(cause.by)}`;
  return `${printable(cause.reason)}${by}`;
}
