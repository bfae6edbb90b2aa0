import { afterEach, describe, expect, test } from 'vitest';
import { emoji, type LongAnswer, longAnswer, ours, readAnswer } from '../../support/telegram.ts';
import { Stage, type StageOptions } from './stage.ts';

/** Goal: an answer of any length is read whole. Method: what stands in the chat is put together again, text by text and code by code. */

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const lengthMax = 4_096;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The answer at once, or into a placeholder. */
async function answer(text: string, placeholder: boolean): Promise<void> {
  if (placeholder) await stage.begin();
  else await stage.say('go');
  stage.work.finish(text);
  await stage.advance(15_000);
}

const asRead = ({ words, code }: LongAnswer) => ({ words, code });

describe('an answer of 9,000 characters with code and emoji', () => {
  const many = longAnswer(9_000);
  const few = longAnswer(9_000, { lines: 260 });

  test.each<[string, LongAnswer, boolean]>([
    ['into a placeholder, blocks between the words', many, true],
    ['as messages of its own, blocks between the words', many, false],
    ['into a placeholder, a block longer than a message', few, true],
    ['as messages of its own, a block longer than a message', few, false],
  ])('%s: is read whole, in numbered parts', async (_, long, placeholder) => {
    const { ann, telegram } = await open();
    await answer(long.markdown, placeholder);
    const messages = ours(ann.chat);
    expect(readAnswer(messages)).toEqual(asRead(long));
    const numbers = messages.map(({ text }) =>
      /\((\d+)\/(\d+)\)$/.exec(text)?.slice(1).map(Number),
    );
    expect(messages.length).toBeGreaterThan(2);
    expect(numbers).toEqual(messages.map((_, at) => [at + 1, messages.length]));
    for (const { text, buttons } of messages) {
      expect(text.length).toBeLessThanOrEqual(lengthMax);
      expect(buttons).toEqual([]);
      // Half an emoji is another character.
      expect(Buffer.from(text).toString()).toBe(text);
    }
    expect(clusters(messages.map(({ text }) => text))).toEqual(clusters([long.markdown]));
    expect(telegram.calls.filter(({ answer }) => answer?.ok === false)).toEqual([]);
  });
});

describe('9,000 characters without a blank', () => {
  test.each([5, 25])('are cut between characters as people see them (%i)', async (before) => {
    const whole = 'x'.repeat(before) + emoji.join('').repeat(200);
    const { ann } = await open();
    await answer(whole, true);
    const texts = ours(ann.chat).map(({ text }) => text);
    const read = texts.map((text) => text.replace(/^…\s*|\s*…?(\s*\(\d\/\d\))?$/g, ''));
    expect(read.join('')).toBe(whole);
    expect(clusters(read)).toEqual(clusters([whole]));
  });
});

/** How often each emoji stands there as one. */
function clusters(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of texts)
    for (const { segment } of graphemes.segment(text))
      if (/\p{Extended_Pictographic}|\p{RI}/u.test(segment))
        counts[segment] = (counts[segment] ?? 0) + 1;
  return counts;
}

describe('an answer of more messages than are wanted', () => {
  const long = longAnswer(9_000);

  test.each([
    [2, 'is a file with all of it, and begins in the chat'],
    [4, 'with room for all of them is messages'],
  ])('%i at most: %s', async (partsMax) => {
    const { ann } = await open({ config: { partsMax } });
    await answer(long.markdown, true);
    const messages = ours(ann.chat);
    const files = messages.flatMap((message) => message.files);
    if (partsMax === 4) {
      expect([messages.length, files]).toEqual([4, []]);
      return;
    }
    expect(files.map(({ name }) => name)).toEqual(['answer.md']);
    expect(new TextDecoder().decode(files[0]?.bytes)).toBe(long.markdown);
    const [beginning] = messages;
    expect(beginning?.text).toContain('The whole text is in the attached file.');
    const { words } = readAnswer(messages.slice(0, 1));
    expect(words.slice(0, 90)).toEqual(long.words.slice(0, 90));
    expect(messages).toHaveLength(2);
  });
});
