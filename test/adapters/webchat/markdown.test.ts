import { describe, expect, test } from 'vitest';
import type { Inline } from '../../../src/adapters/webchat/widget/inline-node.ts';
import { type Block, parseMarkdown } from '../../../src/adapters/webchat/widget/markdown.ts';
import fc from '../../support/fast-check.ts';

/** Where a tree leads to. */
function hrefsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'href' in node ? [String(node.href)] : [];
  return [...own, ...Object.values(node).flatMap(hrefsIn)];
}

/** A tree as one line: tags stand for what the widget makes of it. */
function line(blocks: readonly Block[]): string {
  return blocks.map(blockLine).join('');
}

function blockLine(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${inlineLine(block.inlines)}</p>`;
    case 'heading':
      return `<h${block.level}>${inlineLine(block.inlines)}</h${block.level}>`;
    case 'code':
      return `<pre ${block.language}>${block.text}</pre>`;
    case 'quote':
      return `<q>${line(block.blocks)}</q>`;
    case 'list':
      return `<l${block.start ?? ''}>${block.items.map((item) => `<i>${line(item)}</i>`).join('')}</l>`;
    case 'rule':
      return '<hr>';
  }
}

const tags = { strong: 'b', emphasis: 'e', strike: 's' } as const;

function inlineLine(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (inline.kind === 'break') return '<br>';
      if ('text' in inline) return inline.kind === 'code' ? `<c>${inline.text}</c>` : inline.text;
      if (inline.kind === 'link') return `<a ${inline.href}>${inlineLine(inline.inlines)}</a>`;
      const tag = tags[inline.kind];
      return `<${tag}>${inlineLine(inline.inlines)}</${tag}>`;
    })
    .join('');
}

describe('parseMarkdown', () => {
  test.each([
    ['plain', '<p>plain</p>'],
    ['one\ntwo', '<p>one<br>two</p>'],
    ['one\\\ntwo  \nthree', '<p>one<br>two<br>three</p>'],
    ['one\n\n\ntwo', '<p>one</p><p>two</p>'],
    ['**b** *e* __b__ _e_ ~~s~~', '<p><b>b</b> <e>e</e> <b>b</b> <e>e</e> <s>s</s></p>'],
    ['***both***', '<p><e><b>both</b></e></p>'],
    ['**a *b* c**', '<p><b>a <e>b</e> c</b></p>'],
    ['snake_case_name and 2 * 3 * 4', '<p>snake_case_name and 2 * 3 * 4</p>'],
    ['**open and ~one~ and *', '<p>**open and ~one~ and *</p>'],
    ['a\\*b\\_c \\q', '<p>a*b_c \\q</p>'],
    ['`a*b` ``x ` y`` `open', '<p><c>a*b</c> <c>x ` y</c> `open</p>'],
    ['&lt;b&gt; &amp; &#65; &nope; &', '<p><b> & A &nope; &</p>'],
    ['# one\n### three ###\n#no', '<h1>one</h1><h3>three</h3><p>#no</p>'],
    [
      '```ts x\nlet a = `<b>`;\n\n  two\n```\nafter',
      '<pre ts>let a = `<b>`;\n\n  two</pre><p>after</p>',
    ],
    ['~~~\nopen\n```', '<pre >open\n```</pre>'],
    ['> a\n> b\n>\n> > c', '<q><p>a<br>b</p><q><p>c</p></q></q>'],
    [
      '- a\n- b\n  c\n\n  d\n- e',
      '<l><i><p>a</p></i><i><p>b<br>c</p><p>d</p></i><i><p>e</p></i></l>',
    ],
    ['3. a\n4. b\n   - c', '<l3><i><p>a</p></i><i><p>b</p><l><i><p>c</p></i></l></i></l>'],
    ['1. a\n\n2. b', '<l1><i><p>a</p></i><i><p>b</p></i></l>'],
    ['It was\n1984. Or not', '<p>It was<br>1984. Or not</p>'],
    ['a\n- b', '<p>a</p><l><i><p>b</p></i></l>'],
    ['---\n* * *', '<hr><hr>'],
    ['[t](https://a.example/x "title")', '<p><a https://a.example/x>t</a></p>'],
    ['[**b**](<https://a.example/(x>)', '<p><a https://a.example/(x><b>b</b></a></p>'],
    ['![alt](https://a.example/i.png)', '<p><a https://a.example/i.png>alt</a></p>'],
    ['[![i](https://a.example/i)](https://b.example)', '<p><a https://b.example>i</a></p>'],
    [
      '[a [b](https://b.example) c](https://c.example)',
      '<p>[a <a https://b.example>b</a> c](<a https://c.example>https://c.example</a>)</p>',
    ],
    [
      'see https://a.example/x_(y), or (https://b.example).',
      '<p>see <a https://a.example/x_(y)>https://a.example/x_(y)</a>, or (<a https://b.example>https://b.example</a>).</p>',
    ],
    [
      '<https://a.example> <mailto:x@a.example>',
      '<p><a https://a.example>https://a.example</a> <a mailto:x@a.example>mailto:x@a.example</a></p>',
    ],
  ])('%j', (text, expected) => {
    expect(line(parseMarkdown(text))).toBe(expected);
  });

  test.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java\tscript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:x)',
    '[x](//evil.example)',
    '[x](/path)',
    '[x](https:evil.example)',
    '<javascript:alert(1)>',
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
  ])('%j is text', (text) => {
    expect(line(parseMarkdown(text))).toBe(`<p>${text}</p>`);
  });

  test('nothing of a text without marks is lost', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '<', '"', '.', 'ä', '😀') }),
        (text) => {
          const words = text.trim();
          expect(line(parseMarkdown(text))).toBe(words === '' ? '' : `<p>${words}</p>`);
        },
      ),
    );
  });

  test('any text is parsed, and links go nowhere but to http, https and mailto', () => {
    const unit = fc.constantFrom(
      ...'*_~`[]()!<>#-+.>\\&;:/ \n\t1aj',
      'https://',
      'javascript:',
      '```',
      '](',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 400 }), (text) => {
        for (const href of hrefsIn(parseMarkdown(text)))
          expect(href).toMatch(/^(https?:\/\/|mailto:)/);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    '*',
    '_',
    '**a ',
    '[',
    '![',
    '](',
    '[a](',
    '`',
    '``',
    '> ',
    '- ',
    '  - ',
    '<',
    '&',
    '\\',
    '~~',
    'h',
    'https://a.b/(',
    '# ',
    '\n',
    '*a_',
    '`a``',
    '1. a\n\n',
  ])('64,000 characters of %j take no long time', (piece) => {
    const text = piece.repeat(Math.ceil(64_000 / piece.length));
    // What takes long is told by the time limit of tests.
    expect(line(parseMarkdown(text)) === '').toBe(text.trim() === '');
  });
});
