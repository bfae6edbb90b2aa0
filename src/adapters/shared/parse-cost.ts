/** Quote and list marks that one line may begin with. */
const containersMax = 24;
/** What a text may cost: 700 marks in one paragraph, or 70 in each of a hundred; 700 underlined headings; 350 items inside of others. */
const costMax = 500_000;

const containers = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))*/;
/** A list or quote inside of the one on the lines before. */
const indented = /^[ \t]+(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])/;
/** A list that changes with a quote inside of it, line by line, costs more than marks on one line. */
const indentedWeight = 4;
const container = />|[-+*](?=[ \t])|\d[.)]/g;
const delimiters = /\*+|_+|~+|`+|[[\]]/g;
const underline = /^[ \t>]*(?:=+|-+)[ \t]*$/;
const delimiterRow = /^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\||$)/;

/**
 * Whether parsing a text would take far longer than its length says. The time grows with the square of the
 * emphasis marks and brackets of a paragraph, of the underlined headings, and of the quote and list marks that
 * stand behind or inside of others, which also fill the stack. What is written in earnest is far below.
 */
export function parseCostly(markdown: string): boolean {
  let underlines = 0;
  let nested = 0;
  for (const line of markdown.split('\n')) {
    const depth = nesting(line);
    if (depth > containersMax) return true;
    nested += Math.max(0, depth - 1) + (indented.test(line) ? indentedWeight : 0);
    if (underline.test(line)) underlines += 1;
  }
  let cost = underlines ** 2 + nested ** 2 / 4;
  for (const block of markdown.split(/\n[ \t>]*\r?\n/)) cost += blockCost(block);
  return cost > costMax;
}

function nesting(line: string): number {
  const prefix = containers.exec(line)?.[0] ?? '';
  return prefix.match(container)?.length ?? 0;
}

function blockCost(block: string): number {
  const marks = block.match(delimiters)?.length ?? 0;
  const [, second = ''] = block.split('\n', 2);
  /** Each cell of a table is a text of its own. */
  return delimiterRow.test(second) ? marks ** 2 / 8 : marks ** 2;
}
