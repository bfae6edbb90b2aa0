import { displayWidth } from './display-width.ts';

export type TableAlign = 'left' | 'right' | 'center' | null | undefined;

/**
 * A table in letters that are all as wide: columns between bars, a line under the first row. Cells are one
 * line of plain text each; rows may be of different lengths. `padded: false` leaves the spaces out, where the
 * aligned table would be too long.
 */
export function tableText(
  rows: readonly (readonly string[])[],
  align: readonly TableAlign[],
  { padded }: { readonly padded: boolean },
): string {
  const count = Math.max(0, ...rows.map((cells) => cells.length));
  const columns = Array.from({ length: count }, (_, at) => at);
  const width = columns.map((at) =>
    padded ? Math.max(3, ...rows.map((cells) => displayWidth(cells[at] ?? ''))) : 3,
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((at) => {
        const cell = cells[at] ?? '';
        return padded ? pad(cell, width[at] ?? 0, align[at]) : cell;
      })
      .join(' | ')
      .trimEnd();
  const rule = columns.map((at) => '-'.repeat(width[at] ?? 3)).join('-+-');
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}

function pad(cell: string, width: number, align: TableAlign): string {
  const space = Math.max(0, width - displayWidth(cell));
  const before = align === 'right' ? space : align === 'center' ? Math.floor(space / 2) : 0;
  return ' '.repeat(before) + cell + ' '.repeat(space - before);
}
