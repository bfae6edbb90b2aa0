import type {
  RichCode,
  RichElement,
  RichInline,
  RichList,
  RichTextBlock,
  TextBlock,
} from './render-block.ts';
import { append, joined, richText } from './render-inline.ts';

/** More dividers are written as a line: a message takes 50 blocks. */
const dividersMax = 15;

/** Collects the elements of rich text, with the line feeds that Slack wants between them, and dividers. */
export class RichWriter {
  readonly #blocks: TextBlock[] = [];
  #elements: RichElement[] = [];
  #dividers = 0;

  /** A paragraph; `quoted` beside a quote's line. */
  paragraph(inlines: readonly RichInline[], { quoted = false } = {}): void {
    if (inlines.length === 0) return;
    const type = quoted ? 'rich_text_quote' : 'rich_text_section';
    const last = this.#elements.at(-1);
    if (last?.type === type) {
      append(last.elements, richText('\n\n'));
      return append(last.elements, inlines);
    }
    if (quoted) return this.#pushBlock({ type: 'rich_text_quote', elements: [...inlines] });
    const isBehind = last !== undefined && last.type !== 'rich_text_preformatted';
    const elements = joined([...(isBehind ? richText('\n') : []), ...inlines]);
    this.#elements.push({ type: 'rich_text_section', elements });
  }

  list(list: RichList): void {
    this.#pushBlock(list);
  }

  code(text: string, border: boolean): void {
    const elements = richText(text);
    const code: RichCode = { type: 'rich_text_preformatted', elements };
    if (elements.length > 0) this.#pushBlock(border ? { ...code, border: 1 } : code);
  }

  /** A line across; a line of text where there are many. */
  divider(): void {
    if (this.#dividers >= dividersMax) return this.paragraph(richText('———'));
    this.#dividers += 1;
    this.#closeText();
    this.#blocks.push({ type: 'divider' });
  }

  blocks(): TextBlock[] {
    this.#closeText();
    return [...this.#blocks];
  }

  /** Slack begins it on a line of its own: the text above it ends its line. */
  #pushBlock(element: RichElement): void {
    const last = this.#elements.at(-1);
    if (last?.type === 'rich_text_section') append(last.elements, richText('\n'));
    this.#elements.push(element);
  }

  #closeText(): void {
    if (this.#elements.length === 0) return;
    const block: RichTextBlock = { type: 'rich_text', elements: this.#elements };
    this.#blocks.push(block);
    this.#elements = [];
  }
}
