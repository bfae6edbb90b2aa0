import type { InvalidRow, Page } from '../contracts/store.ts';
import type { CliContext } from './context.ts';
import type { ListDocument } from './item.ts';
import type { LocationOptions } from './location.ts';
import { printable } from './printable.ts';
import { type Column, tableLines } from './table.ts';

/** What every list command takes. */
export interface ListOptions extends LocationOptions {
  readonly limit: number;
  readonly after: number;
  readonly json?: boolean;
}

/** The document that a page becomes. */
export function listDocument<Row, Item>(
  page: Page<Row>,
  items: readonly Item[],
): ListDocument<Item> {
  return { items, more: page.more, after: page.lastSeq, invalid: page.invalid };
}

export interface ListView<Item> {
  readonly columns: readonly Column<Item>[];
  /** Said when there is nothing. */
  readonly none: string;
  /** The command with its filters, to go on with: `readback tasks --open`. */
  readonly command: string;
}

/** Prints a list as one JSON document or as a table that says when it was cut and what could not be read. */
export function printList<Item>(
  context: CliContext,
  options: ListOptions,
  list: { document: ListDocument<Item>; view: ListView<Item> },
): void {
  const { document, view } = list;
  if (options.json) {
    context.json(document);
    return;
  }
  const lines =
    document.items.length === 0
      ? [options.after > 0 ? `${view.none} after ${options.after}.` : `${view.none}.`]
      : [...tableLines(view.columns, document.items)];
  lines.push(...invalidLines(document.invalid));
  if (document.more)
    lines.push(`… more: ${view.command} --limit ${options.limit} --after ${document.after}`);
  context.out(`${lines.join('\n')}\n`);
}

function invalidLines(invalid: readonly InvalidRow[]): readonly string[] {
  if (invalid.length === 0) return [];
  const head =
    invalid.length === 1 ? 'One row cannot be read:' : `${invalid.length} rows cannot be read:`;
  return [
    head,
    ...invalid.map(
      ({ table, id, cause }) => `  ${printable(table)} ${printable(id)}: ${printable(cause)}`,
    ),
  ];
}
