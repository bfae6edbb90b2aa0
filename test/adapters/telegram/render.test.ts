import type { MessageEntity } from 'grammy/types';
import { describe, expect, test } from 'vitest';
import { joinersIn } from '../../../src/adapters/shared/neutral.ts';
import { renderPlain, renderText } from '../../../src/adapters/telegram/render.ts';
import fc from '../../support/fast-check.ts';
import { markdown } from '../shared/markdown-arbitrary.ts';

/** The text with its entities as tags, so that a table of examples can be read. */
function tagged(source: string): string {
  const { text, entities } = renderText(source);
  const opens = new Map<number, string>();
  const closes = new Map<number, string>();
  for (const entity of entities) {
    const end = entity.offset + entity.length;
    opens.set(entity.offset, `${opens.get(entity.offset) ?? ''}<${tag(entity)}>`);
    closes.set(end, `</${short[entity.type]}>${closes.get(end) ?? ''}`);
  }
  let line = '';
  for (let at = 0; at <= text.length; at += 1)
    line += (closes.get(at) ?? '') + (opens.get(at) ?? '') + (text[at] ?? '');
  return line;
}

const short: Readonly<Record<string, string>> = {
  bold: 'b',
  italic: 'i',
  strikethrough: 's',
  code: 'c',
  pre: 'pre',
  text_link: 'a',
  blockquote: 'q',
};
function tag(entity: MessageEntity): string {
  if (entity.type === 'text_link') return `a ${entity.url}`;
  if (entity.type === 'pre' && entity.language !== undefined) return `pre ${entity.language}`;
  return short[entity.type] ?? entity.type;
}

describe('renderText', () => {
  test.each([
    ['plain *i* **b** ~~s~~ `c`', 'plain <i>i</i> <b>b</b> <s>s</s> <c>c</c>'],
    ['***both*** and **a *b* c**', '<b><i>both</i></b> and <b>a <i>b</i> c</b>'],
    ['one ~tilde~, a_b_c, 2 * 3', 'one ~tilde~, a_b_c, 2 * 3'],
    ['one\ntwo  \nthree\\\nfour', 'one\ntwo\nthree\nfour'],
    ['a\r\nb\r\n\r\nc', 'a\nb\n\nc'],
    ['# Title\ntext', '<b>Title</b>\n\ntext'],
    ['## A `c` **b**', '<b>A</b> <c>c</c> <b>b</b>'],
    ['**a `c` b**', '<b>a</b> <c>c</c> <b>b</b>'],
    ['- a\n- b\n  - c\n    more\n- d', '• a\n• b\n  • c\n    more\n• d'],
    ['- a\n\n- b', '• a\n\n• b'],
    ['3. a\n4. b\n   1. c', '3. a\n4. b\n   1. c'],
    ['- [x] done\n- [ ] not\n1. [x] both', '☑ done\n☐ not\n\n1. ☑ both'],
    ['> quote\n> **b**\n\nafter', '<q>quote\n<b>b</b></q>\n\nafter'],
    ['> a\n> > b\n> > c', '<q>a\n\n> b\n> c</q>'],
    ['> ```\n> x\n> ```', '<q><pre>x</pre></q>'],
    ['- a\n  > q', '• a\n  <q>q</q>'],
    ['```ts x\nlet a;\n\tb\n```', '<pre ts>let a;\n    b</pre>'],
    ['- a\n  ```\n  x\n   y\n  ```\n  b', '• a\n<pre>x\n y</pre>\n  b'],
    ['    indented', '<pre>indented</pre>'],
    ['a\n\n---\n\nb', 'a\n\n———\n\nb'],
    ['[t](https://a.example/x "title")', '<a https://a.example/x>t</a>'],
    ['[**b** `c`](https://a.example)', '<a https://a.example><b>b</b> c</a>'],
    [
      '[t][1] [u]\n\n[1]: https://a.example\n[u]: https://b.example',
      '<a https://a.example>t</a> <a https://b.example>u</a>',
    ],
    ['x\n\n[1]: https://a.example', 'x\n\n[1]: https://a.example'],
    [
      '![alt](https://a.example/i.png) ![](https://b.example/j)',
      '<a https://a.example/i.png>alt</a> <a https://b.example/j>https://b.example/j</a>',
    ],
    ['[![alt](https://a.example/i)](https://b.example)', '<a https://b.example>alt</a>'],
    [
      '<https://a.example/?a=b&c> www.b.example',
      '<a https://a.example/?a=b&c>https://a.example/?a=b&c</a> <a http://www.b.example>www.b.example</a>',
    ],
    [
      'https://a.example/_b_/*c*/.',
      '<a https://a.example/_b_/*c*/>https://a.example/_b_/*c*/</a>.',
    ],
    [
      '[t](/path) [m](mailto:a@b.example) [p](tel:+123)',
      't (/\u2060path) m (a@b.example) p (+123)',
    ],
    [
      '[l](http://localhost:3000/x) [j](javascript:alert)',
      'l (http://localhost:3000/x) j (javascript:alert)',
    ],
    ['me@b.example <me@b.example>', 'me@b.example me@b.example'],
    ['[](https://a.example)', '<a https://a.example>https://a.example</a>'],
    ['**a**[**b** c](https://b.example)', '<b>a</b><a https://b.example><b>b</b> c</a>'],
    ['a <b>**bold**</b> <!-- c -->', 'a <b><b>bold</b></b> <!-- c -->'],
    ['<div>\n*x*\n</div>', '<div>\n<i>x</i>\n</div>'],
    ['text[^1]\n\n[^1]: The *note*', 'text[1]\n\n[1] The <i>note</i>'],
    ['&lt;&amp;&#65; \\*x\\*', '<&A *x*'],
    ['**😀 b** x', '<b>😀 b</b> x'],
    ['  \n\n  a  \n\n', 'a'],
  ])('%j', (source, expected) => {
    expect(tagged(source)).toBe(expected);
  });

  test('a table stands in code, aligned by what is seen', () => {
    const table =
      '| Name | Count |\n|:--|--:|\n| 漢字 | 1 |\n| **b** [l](https://a.example) | 1000 |';
    expect(tagged(table)).toBe(
      [
        '<pre>Name                    | Count',
        '------------------------+------',
        '漢字                    |     1',
        'b l (https://a.example) |  1000</pre>',
      ].join('\n'),
    );
  });

  test('mentions and commands are harmless outside of code and addresses', () => {
    expect(renderText('@everyone, (@ann) a@b.example /cancel and/or /etc/hosts').text).toBe(
      '@\u2060everyone, (@\u2060ann) a@b.example /\u2060cancel and/or /etc/hosts',
    );
    expect(renderText('`@ann /cancel` https://a.example/@ann').text).toBe(
      '@ann /cancel https://a.example/@ann',
    );
    expect(renderText('@**ann** @&#97;nn /can**cel** [@ann](https://a.example)').text).toBe(
      '@\u2060ann @\u2060ann /\u2060cancel @\u2060ann',
    );
    expect(tagged('@ann **b** @**ann**')).toBe('@\u2060ann <b>b</b> @\u2060<b>ann</b>');
    expect(tagged('**@ann** [/go](https://a.example)')).toBe(
      '<b>@\u2060ann</b> <a https://a.example>/\u2060go</a>',
    );
  });

  test('what cannot be shown shows its source', () => {
    for (const source of ['#', '>', '```js\n```', '[](  )', '![]()']) {
      expect(renderText(source)).toEqual({ text: source, entities: [] });
    }
    expect(renderText(' \n ')).toEqual({ text: '', entities: [] });
  });

  test('more than a hundred entities: addresses and code stay, styles at the end go', () => {
    const source = `${'**b** x '.repeat(90)}${'`c` '.repeat(20)}[l](https://a.example)`;
    const { entities } = renderText(source);
    expect(entities).toHaveLength(100);
    expect(entities.filter(({ type }) => type === 'bold')).toHaveLength(79);
    expect(entities.filter(({ type }) => type === 'code')).toHaveLength(20);
    expect(entities.at(-1)?.type).toBe('text_link');
  });

  test('so many links have their address written out', () => {
    const source = Array.from({ length: 95 }, (_, at) => `[l](https://a.example/${at})`).join(' ');
    const { text, entities } = renderText(source);
    expect(entities).toHaveLength(90);
    expect(text.endsWith('l (https://a.example/93) l (https://a.example/94)')).toBe(true);
  });

  test('a mention in code that lost its entity is harmless', () => {
    const { text } = renderText('`@ann` '.repeat(120));
    expect(joinersIn(text)).toHaveLength(100);
    expect(text.endsWith('@\u2060ann')).toBe(true);
  });
});

describe('what would be too long', () => {
  test('a table that grows is not aligned', () => {
    const wide = `| ${'w'.repeat(900)} | b |\n|--|--|\n${'| a | b |\n'.repeat(20)}`;
    const { text, entities } = renderText(wide);
    expect(text.length).toBeLessThanOrEqual(4_096);
    expect(text.startsWith(`${'w'.repeat(900)} | b\n`)).toBe(true);
    expect(entities).toMatchObject([{ type: 'pre', offset: 0, length: text.length }]);
  });

  test('mentions that grow: the source goes out, in letters that look alike', () => {
    const mentions = '@ab '.repeat(1_024).trim();
    const { text, entities } = renderText(mentions);
    expect(text).toBe('\uff20ab '.repeat(1_024).trim());
    expect(entities).toEqual([]);
  });

  test('renderPlain is the source, harmless', () => {
    expect(renderPlain(' **@ann** `/cancel`\r\n')).toEqual({
      text: '**@\u2060ann** `/\u2060cancel`',
      entities: [],
    });
  });
});

test('indented code at the beginning of a quote stays inside of it', () => {
  expect(renderText('a\n>      b')).toEqual({
    text: 'a\n\n b',
    entities: [
      { type: 'blockquote', offset: 4, length: 1 },
      { type: 'pre', offset: 4, length: 1 },
    ],
  });
});

const nests = (outer: MessageEntity, inner: MessageEntity): boolean =>
  outer.offset <= inner.offset && inner.offset + inner.length <= outer.offset + outer.length;
const isStyle = ({ type }: MessageEntity): boolean =>
  ['bold', 'italic', 'strikethrough'].includes(type);

describe('whatever the text', () => {
  test('entities are in bounds, without white space at their ends, and nest as Telegram allows', () => {
    fc.assert(
      fc.property(markdown, (source) => {
        const { text, entities } = renderText(source);
        expect(entities.length).toBeLessThanOrEqual(100);
        expect(text).toBe(text.replace(/^[ \n]+|[ \n]+$/g, ''));
        for (const [at, entity] of entities.entries()) {
          const end = entity.offset + entity.length;
          expect(entity.length).toBeGreaterThan(0);
          expect(end).toBeLessThanOrEqual(text.length);
          // A first line of code keeps its indentation, or is empty.
          const blank = entity.type === 'pre' ? /[ \n]$/ : /^[ \n]|[ \n]$/;
          expect(text.slice(entity.offset, end)).not.toMatch(blank);
          for (const other of entities.slice(at + 1)) {
            if (other.offset >= end) continue;
            expect(nests(entity, other) || nests(other, entity)).toBe(true);
            const isAllowed =
              (entity.type === 'blockquote' && other.type !== 'blockquote') ||
              ((isStyle(entity) || isStyle(other)) &&
                ![entity.type, other.type].some((type) => type === 'code' || type === 'pre') &&
                entity.type !== other.type);
            expect(isAllowed).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('it fits, is not empty where something is seen, and neither mentions nor commands', () => {
    fc.assert(
      fc.property(markdown, fc.integer({ min: 200, max: 3_000 }), (source, max) => {
        const { text, entities } = renderText(source, { max });
        if (source.length <= max) expect(text.length).toBeLessThanOrEqual(max);
        expect(text === '').toBe(source.replace(/[\s\p{Cc}]/gu, '') === '');
        const safe = entities.filter(({ type }) => ['code', 'pre', 'text_link'].includes(type));
        for (const place of joinersIn(text))
          expect(
            safe.some(({ offset, length }) => offset < place && place <= offset + length),
          ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  const frame = fc.constantFrom<(word: string) => string>(
    (word) => `**${word}** `,
    (word) => `*${word}* `,
    (word) => `~~${word}~~ `,
    (word) => `\`${word}\` `,
    (word) => `[${word}](https://a.example) `,
    (word) => `![${word}](/relative) `,
    (word) => `\n\n# ${word}\n\n`,
    (word) => `\n- ${word}\n`,
    (word) => `\n  - ${word}\n`,
    (word) => `\n\n> ${word}\n\n`,
    (word) => `\n\n\`\`\`\n${word}\n\`\`\`\n\n`,
    (word) => `\n\n| ${word} | b |\n|--|--|\n| a | b |\n\n`,
    (word) => `\n\n${word}\n===\n\n`,
    (word) => `<b>${word}</b> `,
    (word) => `@${word} `,
    (word) => `/${word} `,
    (word) => `https://a.example/${word} `,
    (word) => `<https://a.example/${word}> `,
    (word) => `${word}@b.example `,
    (word) => `www.${word}.example `,
    (word) => `[^n] ${word}\n\n[^n]: note\n\n`,
    (word) => `* _ \`\` [ ${word} `,
  );

  test('every word of it is seen, in its order', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 60 }), (frames) => {
        const words = frames.map((_, at) => `w${String(at).padStart(3, '0')}`);
        const source = frames.map((wrap, at) => wrap(words[at] ?? '')).join('');
        const seen =
          renderText(source)
            .text.replaceAll('\u2060', '')
            .match(/w\d{3}/g) ?? [];
        expect(seen).toEqual(words);
      }),
      { numRuns: 300 },
    );
  });
});
