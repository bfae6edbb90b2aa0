import type { Inline } from './inline-node.ts';

/** A run of `*`, `_` or `~` that may open or close emphasis. */
export interface Delimiter {
  readonly kind: 'delimiter';
  readonly char: string;
  readonly count: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
}
export type Token = Inline | Delimiter;

/** Emphasis inside emphasis beyond this depth is text. */
const depthMax = 10;

/** The run at a place, by CommonMark's rules of flanking. */
export function delimiterAt(text: string, at: number): Delimiter {
  const char = text[at] ?? '';
  let end = at;
  while (text[end] === char) end += 1;
  const before = classOf(codePointBefore(text, at));
  const after = classOf(String.fromCodePoint(text.codePointAt(end) ?? 32));
  const left = after !== 'space' && (after === 'letter' || before !== 'letter');
  const right = before !== 'space' && (before === 'letter' || after !== 'letter');
  const inWord = char === '_';
  const usable = char !== '~' || end - at === 2;
  return {
    kind: 'delimiter',
    char,
    count: end - at,
    canOpen: usable && left && (!inWord || !right || before === 'mark'),
    canClose: usable && right && (!inWord || !left || after === 'mark'),
  };
}

function codePointBefore(text: string, at: number): string {
  if (at === 0) return ' ';
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : (text[at - 1] ?? ' ');
}

function classOf(char: string): 'space' | 'mark' | 'letter' {
  if (/\s/u.test(char)) return 'space';
  return /[\p{P}\p{S}]/u.test(char) ? 'mark' : 'letter';
}

/** An opener that waits: `at` is the place of its text in the output. */
interface Opener {
  readonly run: Delimiter;
  readonly at: number;
  left: number;
}

/** Pairs openers and closers; what stays unpaired is text. Time is linear. */
export function nest(tokens: readonly Token[]): Inline[] {
  const nesting = new Nesting();
  for (const token of tokens) {
    if (token.kind === 'delimiter') nesting.delimiter(token);
    else nesting.out.push(token);
  }
  return joinText(nesting.finish());
}

class Nesting {
  readonly out: Inline[] = [];
  #openers: Opener[] = [];
  /** Below this height of the stack no opener matches a closer of this sort. */
  readonly #bottoms = new Map<string, number>();
  readonly #depths = new WeakMap<Inline, number>();

  delimiter(run: Delimiter): void {
    let left = run.count;
    while (run.canClose && left > 0) {
      const opener = this.#findOpener(run);
      if (opener === undefined) break;
      const width = run.char === '~' ? 2 : Math.min(2, left, opener.left);
      if (!this.#wrap(opener, width)) break;
      left -= width;
    }
    if (left === 0) return;
    if (run.canOpen) this.#openers.push({ run, at: this.out.length, left });
    this.out.push({ kind: 'text', text: run.char.repeat(left) });
  }

  finish(): Inline[] {
    return this.out;
  }

  #findOpener(run: Delimiter): Opener | undefined {
    const sort = `${run.char}${run.canOpen ? 'o' : ''}${run.count % 3}`;
    const bottom = Math.min(this.#bottoms.get(sort) ?? 0, this.#openers.length);
    for (let at = this.#openers.length - 1; at >= bottom; at -= 1) {
      const opener = this.#openers[at];
      if (opener !== undefined && matches(opener.run, run)) {
        this.#openers.length = at + 1;
        return opener;
      }
    }
    this.#bottoms.set(sort, this.#openers.length);
    return undefined;
  }

  /** What stands after the opener becomes its content. False when that would be too deep. */
  #wrap(opener: Opener, width: number): boolean {
    const inside = this.out.slice(opener.at + 1);
    const depth = 1 + inside.reduce((most, node) => Math.max(most, this.#depths.get(node) ?? 0), 0);
    if (depth > depthMax) return false;
    const kind = opener.run.char === '~' ? 'strike' : width === 2 ? 'strong' : 'emphasis';
    const node: Inline = { kind, inlines: joinText(inside) };
    this.#depths.set(node, depth);
    opener.left -= width;
    this.out.length = opener.at;
    if (opener.left > 0) this.out.push({ kind: 'text', text: opener.run.char.repeat(opener.left) });
    else this.#openers.pop();
    this.out.push(node);
    return true;
  }
}

/** CommonMark's rule of three: `*a**b*` does not pair a run of one with one of two. */
function matches(opener: Delimiter, closer: Delimiter): boolean {
  if (opener.char !== closer.char) return false;
  if (!opener.canClose && !closer.canOpen) return true;
  return (
    (opener.count + closer.count) % 3 !== 0 || (opener.count % 3 === 0 && closer.count % 3 === 0)
  );
}

function joinText(inlines: readonly Inline[]): Inline[] {
  const joined: Inline[] = [];
  for (const inline of inlines) {
    const last = joined.at(-1);
    if (inline.kind === 'text' && last?.kind === 'text')
      joined[joined.length - 1] = { kind: 'text', text: last.text + inline.text };
    else joined.push(inline);
  }
  return joined;
}
