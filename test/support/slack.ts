import type { SlackMessage, SlackPlace } from '../../src/testing/slack/index.ts';

/** The bot's messages in a channel or thread, in order. */
export const ours = ({ messages }: SlackPlace): readonly SlackMessage[] =>
  messages.filter(({ from }) => from.kind === 'bot');

export const labels = (message: SlackMessage | undefined): readonly string[] =>
  message?.buttons.map(({ text }) => text) ?? [];

/** What a person reads of an answer: the words outside of code, and the lines of each block of code, in order. */
export interface ReadAnswer {
  readonly words: readonly string[];
  readonly code: readonly (readonly string[])[];
}

/** What a person reads in these messages one after the other. Slack shows no language of code. */
export function readAnswer(messages: readonly SlackMessage[]): ReadAnswer {
  const words: string[] = [];
  const code: string[][] = [];
  let open = false;
  for (const message of messages) {
    const pieces = piecesOf(message);
    for (const [at, { isCode, text }] of pieces.entries()) {
      if (!isCode) words.push(...wordsOf(text));
      // A block that was cut goes on at the beginning of the next message.
      else if (open && at === 0) code.at(-1)?.push(...linesOf(text));
      else code.push([...linesOf(text)]);
    }
    open = pieces.at(-1)?.isCode === true;
  }
  return { words, code };
}

interface Piece {
  readonly isCode: boolean;
  readonly text: string;
}

/** What it says in order; what only marks a cut (`…`) or the number of a part (`(2/3)`) is none of it. */
function piecesOf({ blocks }: SlackMessage): readonly Piece[] {
  return blocks
    .flatMap(({ type, elements }) => (type === 'rich_text' ? asElements(elements) : []))
    .map(({ type, elements }) => ({
      isCode: type === 'rich_text_preformatted',
      text: asElements(elements)
        .map(({ text }) => String(text ?? ''))
        .join(''),
    }))
    .filter(({ isCode, text }) => isCode || wordsOf(text).length > 0);
}

interface Element {
  readonly type: string;
  readonly text?: unknown;
  readonly elements?: unknown;
}

const asElements = (value: unknown): readonly Element[] => (Array.isArray(value) ? value : []);

const wordsOf = (text: string): readonly string[] =>
  text.split(/\s+/).filter((word) => !/^(…?|\(\d+\/\d+\))$/.test(word));

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n');
