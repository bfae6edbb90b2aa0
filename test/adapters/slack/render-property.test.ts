import { describe, expect, test } from 'vitest';
import { blocksMax, renderPlain, renderText } from '../../../src/adapters/slack/render.ts';
import type { TextBlock } from '../../../src/adapters/slack/render-block.ts';
import {
  clipEscaped,
  escapeText,
  neutralMarkdown,
} from '../../../src/adapters/slack/render-escape.ts';
import fc from '../../support/fast-check.ts';
import { markdown } from '../shared/markdown-arbitrary.ts';
import { expectTakenBySlack, type KnownBlock } from './block-rules.ts';

describe('renderText', () => {
  test('property: of any text Slack takes the blocks, and the fallback is escaped', () => {
    fc.assert(
      fc.property(markdown, (source) => {
        const { text, blocks } = renderText(source);
        // Slack's own types take what is made.
        const known = blocks as readonly TextBlock[] satisfies readonly KnownBlock[];
        expectTakenBySlack(known);
        if (source.length <= 4_000)
          expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(blocksMax);
        expect(text).toMatch(/^(?:[^<>&]|&(?:amp|lt|gt);)+$/);
        expect(text.length).toBeLessThanOrEqual(4_000);
        expect(text).not.toMatch(/@(?:here|channel|everyone)\b/i);
      }),
      { numRuns: 300 },
    );
  });

  test('property: no word is lost', () => {
    const block = fc.constantFrom(
      '- W',
      '1. W',
      '> W',
      '# W',
      'W',
      '**W** x',
      '```\nW\n```',
      '- W\n  > W',
      '| W |\n|--|\n| W |',
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 12 }), (parts) => {
        let count = 0;
        const word = (): string => `w${count++}w`;
        const source = parts.map((part) => part.replaceAll('W', word)).join('\n\n');
        const { text, blocks } = renderText(source);
        const all = JSON.stringify(blocks);
        for (let n = 0; n < count; n += 1) {
          expect(all.split(`w${n}w`).length).toBe(2);
          expect(text.split(`w${n}w`).length).toBe(2);
        }
      }),
    );
  });
});

describe('renderPlain', () => {
  test('the source in sections, escaped', () => {
    const { text, blocks } = renderPlain('**a** <!channel> & <@U1>');
    const escaped = '**a** &lt;!channel&gt; &amp; &lt;@U1&gt;';
    expect(text).toBe(escaped);
    expect(blocks).toEqual([
      { type: 'section', text: { type: 'mrkdwn', text: escaped, verbatim: true } },
    ]);
  });

  test('property: nothing is lost, and no entity is cut', () => {
    const piece = fc.constantFrom('&', '<', '>', 'a', ' ', '\n', '😀', 'word '.repeat(40));
    const source = fc
      .array(piece, { minLength: 500, maxLength: 3_000 })
      .map((all) => `x${all.join('')}x`);
    fc.assert(
      fc.property(source, (given) => {
        const { blocks } = renderPlain(given);
        const sections = blocks.slice(0, 50);
        expectTakenBySlack(sections);
        const said = blocks
          .map((block) => (block.type === 'section' ? block.text.text : ''))
          .join('');
        const read = said.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
        expect(read.replace(/\s/g, '')).toBe(given.replace(/\s/g, ''));
        for (const block of blocks)
          expect(block.type === 'section' && block.text.text).toMatch(
            /^(?:[^<>&]|&(?:amp|lt|gt);)+$/,
          );
      }),
      { numRuns: 50 },
    );
  });
});

describe('escaping', () => {
  test('clipping cuts no entity and no pair', () => {
    const text = escapeText('a<😀'.repeat(20));
    for (let max = 1; max < text.length; max += 1) {
      const cut = clipEscaped(text, max);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut).toMatch(/^(?:[^<>&]|&lt;)*…$/);
      expect(cut).not.toMatch(/\p{Surrogate}/u);
    }
    expect(clipEscaped('abc', 3)).toBe('abc');
  });

  test('markdown for a stream keeps its marks and loses its mentions', () => {
    expect(neutralMarkdown('**a** <!here> <@U1> <https://a.example|b>\n> q & r @channel')).toBe(
      '**a** &lt;!here> &lt;@U1> &lt;https://a.example|b>\n> q & r @\u2060channel',
    );
  });
});
