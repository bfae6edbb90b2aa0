/** What is made here of Block Kit, in the shapes of `@slack/types`. */
export interface Style {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly code?: true;
}

export interface RichText {
  readonly type: 'text';
  readonly text: string;
  readonly style?: Style;
}
export interface RichLink {
  readonly type: 'link';
  readonly url: string;
  readonly text?: string;
  readonly style?: Style;
}
/** There is no other inline: nothing that mentions anybody can be written. */
export type RichInline = RichText | RichLink;

export interface RichSection {
  readonly type: 'rich_text_section';
  readonly elements: RichInline[];
}
export interface RichList {
  readonly type: 'rich_text_list';
  readonly style: 'bullet' | 'ordered';
  readonly elements: RichSection[];
  /** 0 to 8. */
  readonly indent?: number;
  /** What the first number is more than 1. */
  readonly offset?: number;
  /** A quote's line beside it. */
  readonly border?: 1;
}
export interface RichQuote {
  readonly type: 'rich_text_quote';
  readonly elements: RichInline[];
}
export interface RichCode {
  readonly type: 'rich_text_preformatted';
  readonly elements: RichInline[];
  readonly border?: 1;
}
export type RichElement = RichSection | RichList | RichQuote | RichCode;

export interface RichTextBlock {
  readonly type: 'rich_text';
  readonly block_id?: string;
  readonly elements: RichElement[];
}
export interface DividerBlock {
  readonly type: 'divider';
}
export interface SectionBlock {
  readonly type: 'section';
  readonly block_id?: string;
  readonly text: { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true };
}
/** The blocks that a text becomes. */
export type TextBlock = RichTextBlock | DividerBlock | SectionBlock;

export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: boolean;
}
