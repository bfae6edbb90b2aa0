import { type Delimiter, delimiterAt, nest, type Token } from './emphasis.ts';
import { decodeEntity } from './entity.ts';
import { safeHref } from './href.ts';
import type { Inline } from './inline-node.ts';

const plain = /[^\\`<&*_~![\]h\n]+/y;
const escaped = /\\([!-/:-@[-`{-~])/y;
const entity = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,7});/iy;
const autolink = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/iy;
const bareLink = /https?:\/\/[^\s<>]{1,2000}/iy;
/** `(destination "title")` with one level of parentheses in the destination. */
const destination =
  /\(\s{0,9}(?:<([^<>\n]{0,2000})>|((?:[^\s()<>]|\([^\s()<>]{0,500}\)){0,2000}))(?:\s{1,9}(?:"[^"\n]{0,500}"|'[^'\n]{0,500}'))?\s{0,9}\)/y;

interface Bracket {
  /** Where its token stands. */
  readonly at: number;
  readonly text: string;
}

/** The inlines of one paragraph. HTML is text, images are links, addresses other than http, https and mailto are text. */
export function parseInlines(text: string): Inline[] {
  const scan = new Scan(text);
  while (scan.at < text.length) scan.step();
  return nest(scan.tokens);
}

/** Goes over the text once; what may turn out to be emphasis or a link is paired afterwards. */
class Scan {
  at = 0;
  readonly tokens: Token[] = [];
  readonly #text: string;
  #brackets: Bracket[] = [];
  /** Lengths of backtick runs that no run closes from a place on. */
  readonly #unclosed = new Map<number, number>();

  constructor(text: string) {
    this.#text = text;
  }

  step(): void {
    const char = this.#text[this.at] ?? '';
    if (!this.#mark(char) && !this.#reference(char)) this.#words();
  }

  /** False when the character means nothing here. */
  #mark(char: string): boolean {
    switch (char) {
      case '\n':
        return this.#take('\n', { kind: 'break' });
      case '\\':
        return this.#backslash();
      case '`':
        return this.#code();
      case '*':
      case '_':
      case '~':
        return this.#delimiter();
      case '[':
        return this.#open('[');
      case '!':
        return this.#text[this.at + 1] === '[' && this.#open('![');
      case ']':
        return this.#close();
      default:
        return false;
    }
  }

  /** Characters and addresses that are written out. */
  #reference(char: string): boolean {
    if (char === '&') {
      const found = this.#match(entity)?.[0];
      return found !== undefined && this.#take(found, { kind: 'text', text: decodeEntity(found) });
    }
    if (char === '<') {
      const [whole, href = ''] = this.#match(autolink) ?? [];
      return whole !== undefined && this.#link(whole, href);
    }
    if (char !== 'h' || /\w/.test(this.#text[this.at - 1] ?? '')) return false;
    const found = trimLink(this.#match(bareLink)?.[0] ?? '');
    return found !== '' && this.#link(found, found);
  }

  #link(whole: string, target: string): true {
    const href = safeHref(target);
    const shown: Inline = { kind: 'text', text: href === undefined ? whole : target };
    return this.#take(whole, href === undefined ? shown : { kind: 'link', href, inlines: [shown] });
  }

  #words(): void {
    const found = this.#match(plain)?.[0] ?? this.#text[this.at] ?? '';
    this.#take(found, { kind: 'text', text: found });
  }

  #backslash(): true {
    if (this.#text[this.at + 1] === '\n') return this.#take('\\\n', { kind: 'break' });
    const [whole = '\\', char = '\\'] = this.#match(escaped) ?? [];
    return this.#take(whole, { kind: 'text', text: char });
  }

  #code(): true {
    const run = runAt(this.#text, this.at);
    const end = this.#closingRun(run.length, this.at + run.length);
    if (end === undefined) return this.#take(run, { kind: 'text', text: run });
    const inner = this.#text.slice(this.at + run.length, end).replace(/\n/g, ' ');
    const isPadded = inner.startsWith(' ') && inner.endsWith(' ') && inner.trim() !== '';
    const text = isPadded ? inner.slice(1, -1) : inner;
    return this.#take(this.#text.slice(this.at, end + run.length), { kind: 'code', text });
  }

  #closingRun(length: number, from: number): number | undefined {
    if ((this.#unclosed.get(length) ?? Number.POSITIVE_INFINITY) <= from) return undefined;
    for (let at = this.#text.indexOf('`', from); at >= 0; ) {
      const run = runAt(this.#text, at);
      if (run.length === length) return at;
      at = this.#text.indexOf('`', at + run.length);
    }
    this.#unclosed.set(length, from);
    return undefined;
  }

  #delimiter(): true {
    const found: Delimiter = delimiterAt(this.#text, this.at);
    return this.#take(this.#text.slice(this.at, this.at + found.count), found);
  }

  #open(text: string): true {
    this.#brackets.push({ at: this.tokens.length, text });
    return this.#take(text, { kind: 'text', text });
  }

  /** A `]` ends a link when an opening bracket waits and an address follows. */
  #close(): true {
    const opener = this.#brackets.pop();
    this.at += 1;
    const [whole, angled, bare] = opener === undefined ? [] : (this.#match(destination) ?? []);
    const href = safeHref(angled ?? bare ?? '');
    if (opener === undefined || whole === undefined || href === undefined) {
      return this.#take('', { kind: 'text', text: ']' });
    }
    const inside = withoutLinks(nest(this.tokens.splice(opener.at).slice(1)));
    const inlines: Inline[] = inside.length === 0 ? [{ kind: 'text', text: href }] : inside;
    if (opener.text === '[') this.#brackets = [];
    return this.#take(whole, { kind: 'link', href, inlines });
  }

  #take(source: string, token: Token): true {
    this.at += source.length;
    this.tokens.push(token);
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.#text);
  }
}

function runAt(text: string, at: number): string {
  let end = at;
  while (text[end] === '`') end += 1;
  return text.slice(at, end);
}

/** Punctuation at the end of a bare address belongs to the sentence, as does a parenthesis that it did not open. */
function trimLink(found: string): string {
  let end = found.length;
  let unopened = found.split(')').length - found.split('(').length;
  for (;;) {
    const last = found[end - 1] ?? '';
    if (last === ')' && unopened > 0) unopened -= 1;
    else if (!/[.,:;!?'"*_~\]}`|]/.test(last)) return found.slice(0, end);
    end -= 1;
  }
}

/** Images inside a link are its text: links do not nest. */
function withoutLinks(inlines: readonly Inline[]): Inline[] {
  return inlines.flatMap((inline) => {
    if (inline.kind === 'link') return withoutLinks(inline.inlines);
    if (inline.kind === 'strong' || inline.kind === 'emphasis' || inline.kind === 'strike') {
      return [{ kind: inline.kind, inlines: withoutLinks(inline.inlines) }];
    }
    return [inline];
  });
}
