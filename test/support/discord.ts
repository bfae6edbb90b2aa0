import type { DiscordMessage } from '../../src/testing/discord/index.ts';
import type { LongAnswer } from './telegram.ts';

/** What a person reads in these messages one after the other. */
export function readAnswer(
  messages: readonly Pick<DiscordMessage, 'shown'>[],
): Omit<LongAnswer, 'markdown'> {
  const words: string[] = [];
  const code: { language: string; lines: string[] }[] = [];
  /** The message before ended with a block of code. */
  let wasCode = false;
  for (const { shown } of messages) {
    const pieces = piecesOf(shown);
    for (const [at, piece] of pieces.entries()) {
      if (piece.language === undefined) words.push(...piece.lines.flatMap(wordsOf));
      // A block that was cut goes on at the beginning of the next message.
      else if (wasCode && at === 0) code.at(-1)?.lines.push(...piece.lines);
      else code.push({ language: piece.language, lines: [...piece.lines] });
    }
    wasCode = pieces.at(-1)?.language !== undefined;
  }
  return { words, code };
}

interface Piece {
  /** Of code. */
  readonly language: string | undefined;
  readonly lines: string[];
}

/** Words and blocks of code in order, without what holds no words: the number of a part (`(2/3)`), a cut (`…`). */
function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [{ language: undefined, lines: [] }];
  for (const line of text.split('\n')) {
    const isCode = pieces.at(-1)?.language !== undefined;
    if (!line.startsWith('```')) pieces.at(-1)?.lines.push(line);
    else pieces.push({ language: isCode ? undefined : line.slice(3), lines: [] });
  }
  return pieces.filter(
    ({ language, lines }) =>
      language !== undefined || lines.some((line) => wordsOf(line).length > 0),
  );
}

const wordsOf = (text: string): readonly string[] =>
  text.split(/\s+/).filter((word) => word !== '' && !/^(…|\(\d+\/\d+\))$/.test(word));
