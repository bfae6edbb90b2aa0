import { ContractError } from '../contracts/error.ts';
import { ReceiptId } from '../contracts/id.ts';
import type { Records } from '../contracts/relay.ts';
import { act } from './act.ts';
import { limitMax } from './argument.ts';
import { type CliContext, type ExitCode, exitDone } from './context.ts';
import { findDatabase, type LocationOptions, withRecords } from './location.ts';
import { printable } from './printable.ts';

export interface RedriveOptions extends LocationOptions {
  readonly json?: boolean;
}

/** Pages of dead receipts that a tail is looked for in. */
const pagesMax = 40;

/** `readback redrive <receipt>`: tries a dead Receipt again. */
export async function redriveCommand(
  context: CliContext,
  idOrTail: string,
  options: RedriveOptions,
): Promise<ExitCode> {
  const file = await findDatabase(context, options);
  const id = await withRecords(context, file, (records) => findDead(records, idOrTail));
  const { result, running } = await act(context, file, {
    ask: { act: 'redrive', receipt: id, by: context.user },
    offline: async (relay) => {
      const { state, channel } = await relay.receipts.redrive(id, { by: context.user });
      return { id, state, channel };
    },
  });
  const when = running ? '' : ' as soon as a bot runs';
  const text = `Receipt ${id} is ${result.state} again and leaves by ${printable(result.channel)}${when}.`;
  if (options.json) context.json(result);
  else context.out(`${text}\n`);
  return exitDone;
}

/** A whole id is taken as it is; a tail names one of the dead. */
async function findDead(records: Records, idOrTail: string): Promise<ReceiptId> {
  if (ReceiptId.safeParse(idOrTail).success) return idOrTail as ReceiptId;
  const found: ReceiptId[] = [];
  let after = 0;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page = await records.receipts.list({ state: 'dead' }, { limit: limitMax, after });
    found.push(
      ...page.rows.map((row) => row.id).filter((id) => id.replaceAll('-', '').endsWith(idOrTail)),
    );
    if (!page.more) break;
    after = page.lastSeq;
  }
  const [first, second] = found;
  if (first === undefined) {
    throw new ContractError(
      'no_such_receipt',
      `No dead receipt ends in ${idOrTail}. \`readback receipts --state dead\` lists them.`,
    );
  }
  if (second !== undefined) {
    throw new ContractError(
      'ambiguous',
      `${found.length} dead receipts end in ${idOrTail}. Type more of the id.`,
    );
  }
  return first;
}
