/** A stretch of the written text that becomes an entity. */
export type Mark =
  | { readonly type: 'bold' | 'italic' | 'strikethrough' | 'blockquote' | 'code' }
  | { readonly type: 'pre'; readonly language?: string | undefined }
  /** `address`: its text is the address itself. */
  | { readonly type: 'text_link'; readonly url: string; readonly address: boolean };

export type PlacedMark = Mark & { readonly start: number; readonly end: number };

// biome-ignore lint/suspicious/noControlCharactersInRegex: Telegram makes spaces of them
const controls = /[\u0000-\u0009\u000b-\u001f]/g;

/** A text as Telegram keeps it: line feeds only, spaces for control characters, no half of a surrogate pair. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(controls, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Collects a text and what is marked in it. Lines begin with the prefixes of what they stand in. */
export class TextWriter {
  readonly marks: PlacedMark[] = [];
  #text = '';
  #prefix = '';
  /** The prefix of this line was not written yet: code has none. */
  #isFresh = false;

  get text(): string {
    return this.#text;
  }

  write(text: string): void {
    if (text === '') return;
    this.#flush();
    this.#text += cleanText(text).replaceAll('\n', `\n${this.#prefix}`);
  }

  /** Lines of code, which have no prefix; on a line of their own. */
  writeCode(text: string): void {
    if (!this.#isFresh && this.#text !== '') this.newLine();
    this.#isFresh = false;
    this.#text += cleanText(text);
  }

  /** Ends the line, and leaves `blank` lines empty. */
  newLine(blank = 0): void {
    if (this.#text === '') return;
    this.#text += '\n'.repeat(1 + blank);
    this.#isFresh = true;
  }

  indent(prefix: string, body: () => void): void {
    const before = this.#prefix;
    this.#prefix += prefix;
    body();
    this.#prefix = before;
  }

  mark(mark: Mark, body: () => void): void {
    if (mark.type !== 'blockquote' && mark.type !== 'pre') this.#flush();
    const start = this.#text.length;
    body();
    if (this.#text.length > start) this.marks.push({ ...mark, start, end: this.#text.length });
  }

  #flush(): void {
    if (this.#isFresh) this.#text += this.#prefix;
    this.#isFresh = false;
  }
}
