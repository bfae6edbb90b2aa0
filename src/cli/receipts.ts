import type { ReceiptState } from '../contracts/receipt.ts';
import { type CliContext, type ExitCode, exitDone } from './context.ts';
import { agoText } from './instant.ts';
import { type ListedReceiptItem, listedReceiptItem } from './item.ts';
import { type ListOptions, type ListView, listDocument, printList } from './list.ts';
import { findDatabase, withRecords } from './location.ts';

export interface ReceiptsOptions extends ListOptions {
  readonly state?: ReceiptState;
}

/** `readback receipts`: what was, is or could not be shown. */
export async function receiptsCommand(
  context: CliContext,
  options: ReceiptsOptions,
): Promise<ExitCode> {
  const file = await findDatabase(context, options);
  const nowMs = (await context.parts.createRuntime()).wallMs();
  const document = await withRecords(context, file, async (records) => {
    const filter = options.state === undefined ? {} : { state: options.state };
    const page = await records.receipts.list(filter, {
      limit: options.limit,
      after: options.after,
    });
    return listDocument(page, page.rows.map(listedReceiptItem));
  });
  printList(context, options, { document, view: view(options, nowMs) });
  return exitDone;
}

/** So many digits of an id's end are shown: `redrive` takes them. */
export const receiptTail = 8;

function view(options: ReceiptsOptions, nowMs: number): ListView<ListedReceiptItem> {
  return {
    command: `readback receipts${options.state === undefined ? '' : ` --state ${options.state}`}`,
    none: options.state === undefined ? 'No receipts' : 'No such receipts',
    columns: [
      { title: 'SEQ', cell: (receipt) => String(receipt.listSeq), align: 'end' },
      { title: 'RECEIPT', cell: (receipt) => receipt.id.slice(-receiptTail) },
      { title: 'KIND', cell: (receipt) => receipt.kind },
      { title: 'STATE', cell: stateText },
      {
        title: 'PARTS',
        cell: (receipt) =>
          receipt.parts === 0 ? undefined : `${receipt.partsShown}/${receipt.parts}`,
        align: 'end',
      },
      { title: 'TRIES', cell: (receipt) => String(receipt.attempts), align: 'end' },
      { title: 'OPENED', cell: (receipt) => agoText(receipt.openedAtMs, nowMs), align: 'end' },
      { title: 'TASK', cell: (receipt) => receipt.task?.slice(-receiptTail) },
      { title: 'CHANNEL', cell: (receipt) => receipt.channel },
      { title: 'REASON', cell: (receipt) => receipt.reason },
    ],
  };
}

function stateText(receipt: ListedReceiptItem): string {
  if (receipt.state === 'surfaced' && 'evidence' in receipt)
    return `surfaced (${receipt.evidence})`;
  return receipt.unseen && receipt.settledAtMs === undefined
    ? `${receipt.state} (nobody looks)`
    : receipt.state;
}
