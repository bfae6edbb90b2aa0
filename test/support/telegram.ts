import type {
  TelegramEntity,
  TelegramMessage,
  TelegramPlace,
} from '../../src/testing/telegram/index.ts';

/** How a new message says that it may stand there already. */
export const repetition = 'This may be a repetition:';

/** The bot's messages in a chat or topic, in order. */
export const ours = ({ messages }: TelegramPlace): readonly TelegramMessage[] =>
  messages.filter(({ from }) => from.kind === 'bot');

/** A long answer, and how it is to be read on Telegram. */
export interface LongAnswer {
  /** CommonMark. */
  readonly markdown: string;
  /** Everything that a person is to read outside of code, in order: words and emoji. */
  readonly words: readonly string[];
  /** The lines of each block of code, in order. */
  readonly code: readonly { readonly language: string; readonly lines: readonly string[] }[];
}

/** Of several UTF-16 units each, joined and with modifiers: cut anywhere inside they are another character. */
export const emoji = ['👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '👍🏽', '🇨🇭', '🧑🏿‍🚀', '❤️‍🔥'];
const languages = ['python', 'rust', 'sql'];

/** An answer of at least `length` UTF-16 units, of paragraphs with emoji and of blocks of code with `lines` lines. */
export function longAnswer(length: number, { lines: count = 40 } = {}): LongAnswer {
  const blocks: string[] = [];
  const words: string[] = [];
  const code: { language: string; lines: string[] }[] = [];
  for (let n = 0; blocks.join('\n\n').length < length; n += 1) {
    const said = Array.from(
      { length: 90 },
      (_, w) => `w${n}x${w} ${emoji[(n + w) % emoji.length]}`,
    );
    const language = languages[n % languages.length] ?? '';
    const lines = Array.from({ length: count }, (_, at) => codeLine(n, at));
    blocks.push(said.join(' '), [`\`\`\`${language}`, ...lines, '```'].join('\n'));
    words.push(...said.flatMap((one) => one.split(' ')));
    code.push({ language, lines });
  }
  return { markdown: blocks.join('\n\n'), words, code };
}

const codeLine = (n: number, at: number): string => `  line_${n}_${at} = "${'·'.repeat(at % 40)}"`;

/** What a person reads in these messages one after the other. */
export function readAnswer(messages: readonly TelegramMessage[]): Omit<LongAnswer, 'markdown'> {
  const words: string[] = [];
  const code: { language: string; lines: string[] }[] = [];
  let open = false;
  for (const { text, entities } of messages) {
    const start = repeated.exec(text)?.[0].length ?? 0;
    let at = start;
    for (const block of entities.filter(({ type }) => type === 'pre')) {
      const before = wordsOf(text.slice(at, block.offset));
      words.push(...before);
      // A block that was cut goes on at the beginning of the next message.
      if (open && at === start && before.length === 0)
        code.at(-1)?.lines.push(...linesOf(text, block));
      else code.push({ language: block.language ?? '', lines: linesOf(text, block) });
      at = block.offset + block.length;
    }
    const rest = wordsOf(text.slice(at));
    words.push(...rest);
    open = at > start && rest.length === 0;
  }
  return { words, code };
}

const repeated = new RegExp(`^${repetition}\\s+(“.*” · \\w+\\n\\n)?`);

/** What is cut is marked by `…`, and a part by its number, `(2/3)`: no words of the answer. */
const wordsOf = (text: string): readonly string[] =>
  text.split(/\s+/).filter((word) => !/^(…?|\(\d+\/\d+\))$/.test(word));

const linesOf = (text: string, { offset, length }: TelegramEntity): string[] =>
  text
    .slice(offset, offset + length)
    .replace(/\n$/, '')
    .split('\n');
