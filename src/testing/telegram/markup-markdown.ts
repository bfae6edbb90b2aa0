import { badRequest } from './refusal.ts';
import type { TelegramEntity } from './shape.ts';
import type { StyledText } from './text.ts';

/** Longer marks stand before the shorter ones that they begin with. */
const marks = {
  1: [
    ['*', 'bold', 'Bold'],
    ['_', 'italic', 'Italic'],
  ],
  2: [
    ['__', 'underline', 'Underline'],
    ['||', 'spoiler', 'Spoiler'],
    ['*', 'bold', 'Bold'],
    ['_', 'italic', 'Italic'],
    ['~', 'strikethrough', 'Strikethrough'],
  ],
} as const;
const reserved = '_*[]()~`>#+-=|{}.!';

interface Open {
  readonly mark: string;
  readonly type: string;
  readonly name: string;
  readonly offset: number;
  readonly at: number;
}

/** MarkdownV2 (version 2) or the legacy Markdown (version 1, which nests nothing and reserves nothing). */
export function parseMarkdown(raw: string, version: 1 | 2): StyledText {
  return new Parser(raw, version).parse();
}

class Parser {
  readonly #raw: string;
  readonly #version: 1 | 2;
  readonly #entities: TelegramEntity[] = [];
  readonly #open: Open[] = [];
  #text = '';
  #at = 0;
  #quote: number | undefined;

  constructor(raw: string, version: 1 | 2) {
    this.#raw = raw.replaceAll('\r\n', '\n');
    this.#version = version;
  }

  parse(): StyledText {
    while (this.#at < this.#raw.length) this.#step();
    this.#endQuote();
    const left = this.#open.at(-1);
    if (left !== undefined) throw this.#endless(left.name, left.at);
    return { text: this.#text, entities: this.#entities };
  }

  #step(): void {
    if (this.#version === 2 && this.#quoteMark()) return;
    const found = this.#escaped() || this.#code() || this.#link() || this.#style();
    if (found) return;
    const char = this.#raw.charAt(this.#at);
    if (this.#version === 2 && reserved.includes(char))
      throw cannotParse(
        `Character '${char}' is reserved and must be escaped with the preceding '\\'`,
      );
    this.#text += char;
    this.#at += 1;
  }

  #escaped(): boolean {
    const next = this.#raw.charAt(this.#at + 1);
    const may = this.#version === 2 ? /[!-~]/ : /[_*`[]/;
    if (this.#raw.charAt(this.#at) !== '\\' || !may.test(next)) return false;
    this.#text += next;
    this.#at += 2;
    return true;
  }

  /** Lines that begin with `>`: the quote goes on as long as they do. */
  #quoteMark(): boolean {
    if (this.#at > 0 && this.#raw.charAt(this.#at - 1) !== '\n') return false;
    if (this.#raw.charAt(this.#at) === '>') {
      this.#quote ??= this.#text.length;
      this.#at += 1;
      return true;
    }
    this.#endQuote();
    return false;
  }

  #endQuote(): void {
    const offset = this.#quote;
    this.#quote = undefined;
    if (offset === undefined) return;
    const length = this.#text.slice(offset).trimEnd().length;
    if (length > 0) this.#entities.push({ type: 'blockquote', offset, length });
  }

  #code(): boolean {
    const fence = this.#raw.startsWith('```', this.#at) ? '```' : '`';
    if (!this.#raw.startsWith(fence, this.#at)) return false;
    const start = this.#at + fence.length;
    const end = this.#endOf(fence, start);
    if (end < 0) throw this.#endless(fence === '`' ? 'Code' : 'Pre', this.#at);
    const inner = this.#plain(this.#raw.slice(start, end));
    const block = fence === '```' ? /^([\w+#.-]*)\n([\s\S]*)$/.exec(inner) : undefined;
    const code = block?.[2] ?? inner;
    const entity = { offset: this.#text.length, length: code.length };
    const language = block?.[1] ? { language: block[1] } : {};
    const type = fence === '`' ? 'code' : 'pre';
    if (code.length > 0) this.#entities.push({ type, ...entity, ...language });
    this.#text += code;
    this.#at = end + fence.length;
    return true;
  }

  #endOf(mark: string, from: number): number {
    for (let at = from; at < this.#raw.length; at += 1) {
      if (this.#version === 2 && this.#raw.charAt(at) === '\\') at += 1;
      else if (this.#raw.startsWith(mark, at)) return at;
    }
    return -1;
  }

  /** Inside code only the accent and the backslash are escaped. */
  #plain(text: string): string {
    return this.#version === 2 ? text.replace(/\\([!-~])/g, '$1') : text;
  }

  #link(): boolean {
    const opened = this.#open.at(-1);
    if (this.#raw.charAt(this.#at) === '[' && opened?.mark !== '[') {
      this.#push('[', 'text_link', 'TextUrl');
      return true;
    }
    if (this.#raw.charAt(this.#at) !== ']' || opened?.mark !== '[') return false;
    this.#open.pop();
    if (this.#raw.charAt(this.#at + 1) !== '(') {
      this.#at += 1;
      return true;
    }
    const end = this.#endOf(')', this.#at + 2);
    if (end < 0)
      throw cannotParse(`Can't find end of a URL at byte offset ${this.#byte(this.#at)}`);
    const url = this.#plain(this.#raw.slice(this.#at + 2, end));
    const length = this.#text.length - opened.offset;
    if (length > 0 && url !== '')
      this.#entities.push({ type: 'text_link', offset: opened.offset, length, url });
    this.#at = end + 1;
    return true;
  }

  #style(): boolean {
    const found = marks[this.#version].find(([mark]) => this.#raw.startsWith(mark, this.#at));
    if (found === undefined) return false;
    const [mark, type, name] = found;
    const last = this.#open.at(-1);
    if (last?.mark !== mark) {
      if (this.#version === 1 && last !== undefined) return false;
      this.#push(mark, type, name);
      return true;
    }
    this.#open.pop();
    const length = this.#text.length - last.offset;
    if (length > 0) this.#entities.push({ type, offset: last.offset, length });
    this.#at += mark.length;
    return true;
  }

  #push(mark: string, type: string, name: string): void {
    this.#open.push({ mark, type, name, offset: this.#text.length, at: this.#at });
    this.#at += mark.length;
  }

  #endless(name: string, at: number): Error {
    const offset = this.#byte(at);
    return this.#version === 1
      ? cannotParse(`Can't find end of the entity starting at byte offset ${offset}`)
      : cannotParse(`Can't find end of ${name} entity at byte offset ${offset}`);
  }

  #byte(at: number): number {
    return Buffer.byteLength(this.#raw.slice(0, at), 'utf8');
  }
}

const cannotParse = (why: string): Error => badRequest(`can't parse entities: ${why}`);
