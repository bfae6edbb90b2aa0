import { displayWidth } from '../adapters/shared/display-width.ts';
import { printable } from './printable.ts';

export interface Column<Row> {
  readonly title: string;
  /** Untrusted text is welcome: every cell is made printable. */
  readonly cell: (row: Row) => string | undefined;
  /** Numbers stand at the right. */
  readonly align?: 'start' | 'end';
}

/**
 * Lines of a table for people, aligned by display width. Nothing is cut: put what may be long into the last column.
 */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): readonly string[] {
  const head = columns.map((column) => column.title);
  const body = rows.map((row) => columns.map((column) => printable(column.cell(row) ?? '') || '-'));
  const all = [head, ...body];
  const widths = columns.map((_, i) =>
    Math.max(...all.map((cells) => displayWidth(cells[i] ?? ''))),
  );
  return all.map((cells) =>
    cells
      .map((cell, i) => padTo(cell, widths[i] ?? 0, columns[i]?.align))
      .join('  ')
      .trimEnd(),
  );
}

/** The text with spaces after it (or before it, `end`) up to `width` columns; longer text stays as it is. */
export function padTo(text: string, width: number, side: 'start' | 'end' = 'start'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return side === 'start' ? text + space : space + text;
}
