import { expect, test } from 'vitest';
import { parseMarkdown } from '../../src/adapters/webchat/widget/markdown.ts';
import { neutral } from '../../src/core/neutral.ts';
import fc from '../support/fast-check.ts';

/** Goal: a title, a name, a reason is shown as it was written. Method: what the widget's CommonMark makes of it. */

/** What one paragraph of plain text says; anything else as JSON, so that it differs. */
function shown(markdown: string): string {
  const blocks = parseMarkdown(markdown);
  const [block] = blocks;
  const plain =
    blocks.length === 1 &&
    block?.kind === 'paragraph' &&
    block.inlines.every((inline) => inline.kind === 'text');
  if (!plain) return JSON.stringify(blocks);
  return block.inlines.map((inline) => (inline.kind === 'text' ? inline.text : '')).join('');
}

test('one line of anything stays what it is', () => {
  const pieces = fc.constantFrom(
    ...'\\`*_~[]<>&|#!()-+=.:/"\'0a ',
    'https://evil.example/a_b',
    '1. ',
    '[x](https://evil.example)',
    '&lt;',
    '<img src=x>',
    'mailto:a@b.example',
    '```',
    '---',
  );
  const line = fc
    .array(pieces, { minLength: 1, maxLength: 12 })
    .map((parts) => parts.join('').trim())
    .filter((text) => text !== '');
  fc.assert(
    fc.property(line, (text) => {
      expect(shown(neutral(text))).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test('lines that would be blocks are text', () => {
  for (const text of ['# a', '> a', '- a', '+ a', '12) a', '===', '---', '***', '~~~', '    a'])
    expect(shown(neutral(`Why:\n${text}`))).not.toContain('"kind":"heading"');
});
