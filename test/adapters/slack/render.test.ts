import { describe, expect, test } from 'vitest';
import { blocksMax, renderPlain, renderText } from '../../../src/adapters/slack/render.ts';
import type {
  RichElement,
  RichInline,
  Style,
  TextBlock,
} from '../../../src/adapters/slack/render-block.ts';
import { expectTakenBySlack } from './block-rules.ts';

/** The blocks as tags, so that a table of examples can be read. */
function tagged(source: string): string {
  return renderText(source).blocks.map(blockTags).join('');
}
function blockTags(block: TextBlock): string {
  if (block.type === 'divider') return '<hr>';
  if (block.type === 'section') throw new Error('a section is for plain texts');
  return block.elements.map(elementTags).join('');
}
function elementTags(element: RichElement): string {
  switch (element.type) {
    case 'rich_text_section':
      return `<p>${inlineTags(element.elements)}</p>`;
    case 'rich_text_quote':
      return `<q>${inlineTags(element.elements)}</q>`;
    case 'rich_text_preformatted':
      return `<pre${element.border === 1 ? ' quoted' : ''}>${inlineTags(element.elements)}</pre>`;
    case 'rich_text_list': {
      const { style, indent, offset, border, elements } = element;
      const name = style === 'ordered' ? 'ol' : 'ul';
      const attributes = [
        indent === undefined ? '' : ` in${indent}`,
        offset === undefined ? '' : ` +${offset}`,
        border === undefined ? '' : ' quoted',
      ];
      const items = elements.map((item) => `<li>${inlineTags(item.elements)}`);
      return `<${name}${attributes.join('')}>${items.join('')}</${name}>`;
    }
  }
}
const names = { bold: 'b', italic: 'i', strike: 's', code: 'c' } as const;
const styles = ['bold', 'italic', 'strike', 'code'] as const satisfies readonly (keyof Style)[];
function inlineTags(inlines: readonly RichInline[]): string {
  return inlines
    .map((inline) => {
      const { text = '', style = {} } = inline;
      const link = inline.type === 'link' ? `<a ${inline.url}>${text}</a>` : text;
      const used = styles.filter((name) => style[name] === true).map((name) => names[name]);
      return used.reduce((inner, name) => `<${name}>${inner}</${name}>`, link);
    })
    .join('');
}

describe('renderText', () => {
  test.each([
    ['plain *i* **b** ~~s~~ `c`', '<p>plain <i>i</i> <b>b</b> <s>s</s> <c>c</c></p>'],
    [
      '***both*** and **a *b* c**',
      '<p><i><b>both</b></i> and <b>a </b><i><b>b</b></i><b> c</b></p>',
    ],
    ['**bold `code`**', '<p><b>bold </b><c><b>code</b></c></p>'],
    ['漢字**太字**漢字', '<p>漢字<b>太字</b>漢字</p>'],
    ['a_b_c *not* 2 * 3 ~one~', '<p>a_b_c <i>not</i> 2 * 3 ~one~</p>'],
    ['one\ntwo  \nthree', '<p>one\ntwo\nthree</p>'],
    ['a\r\nb\r\n\r\nc', '<p>a\nb\n\nc</p>'],
    ['# Title\ntext', '<p><b>Title</b>\n\ntext</p>'],
    [
      '## A `c` [l](https://a.example)',
      '<p><b>A </b><c><b>c</b></c><b> </b><b><a https://a.example>l</a></b></p>',
    ],
    ['a\n\n- b\n- c\n\nd', '<p>a\n</p><ul><li>b<li>c</ul><p>\nd</p>'],
    ['- a\n- b\n  - c\n- d', '<ul><li>a<li>b</ul><ul in1><li>c</ul><ul><li>d</ul>'],
    ['3. a\n4. b\n   1. c\n5. d', '<ol +2><li>a<li>b</ol><ol in1><li>c</ol><ol +4><li>d</ol>'],
    ['1. a\n\n   more\n2. b', '<ol><li>a\nmore<li>b</ol>'],
    ['1. a\n   ```\n   x\n   ```\n2. b', '<ol><li>a</ol><pre>x</pre><ol +1><li>b</ol>'],
    ['- a\n  > q', '<ul><li>a</ul><q>q</q>'],
    ['- [x] done\n- [ ] not\n-', '<ul><li>☑ done<li>☐ not<li> </ul>'],
    ['> quote\n> **b**\n\nafter', '<q>quote\n<b>b</b></q><p>\nafter</p>'],
    ['a\n\n> b\n>\n> > c\n>\n> - d', '<p>a\n</p><q>b\n\nc</q><ul quoted><li>d</ul>'],
    ['> ```\n> x\n> ```', '<pre quoted>x</pre>'],
    ['a\n```ts\nlet b;\n\tc\n```\nd', '<p>a\n</p><pre>let b;\n\tc</pre><p>d</p>'],
    ['a\n\n---\n\nb', '<p>a</p><hr><p>b</p>'],
    ['> a\n>\n> ---', '<q>a\n\n———</q>'],
    ['[t](https://a.example/x "title")', '<p><a https://a.example/x>t</a></p>'],
    ['[**t**](https://a.example/)', '<p><b><a https://a.example/>t</a></b></p>'],
    ['[two *words*](https://a.example/)', '<p><a https://a.example/>two words</a></p>'],
    ['[t][1]\n\n[1]: https://a.example', '<p><a https://a.example>t</a></p>'],
    ['x\n\n[1]: https://a.example', '<p>x\n\n[1]: https://a.example</p>'],
    ['![alt](https://a.example/i.png)', '<p><a https://a.example/i.png>alt</a></p>'],
    [
      '<https://a.example/?a=b&c> www.b.example',
      '<p><a https://a.example/?a=b&c></a> <a http://www.b.example>www.b.example</a></p>',
    ],
    ['me@b.example', '<p><a mailto:me@b.example>me@b.example</a></p>'],
    [
      '[t](/path) [p](tel:+123) [f](ftp://a.example)',
      '<p>t (/path) p (+123) f (ftp://a.example)</p>',
    ],
    [
      '[j](javascript:alert(1)) [d](data:text/html,x)',
      '<p>j (javascript:alert(1)) d (data:text/html,x)</p>',
    ],
    [
      '[s](slack://channel?id=C1) [v](vbscript:x)',
      '<p>s (slack://channel?id=C1) v (vbscript:x)</p>',
    ],
    ['[ü](https://a.example/ü)', '<p><a https://a.example/%C3%BC>ü</a></p>'],
    ['[](https://a.example)', '<p><a https://a.example></a></p>'],
    ['a <b>**bold**</b> <!-- c -->', '<p>a <b><b>bold</b></b> <!-- c --></p>'],
    ['text[^1]\n\n[^1]: The *note*', '<p>text[1]\n\n[1] The <i>note</i></p>'],
    ['&lt;&amp;&#65; \\*x\\*', '<p><&A *x*</p>'],
    ['  \n\n  a  \n\n', '<p>a</p>'],
  ])('%j', (source, expected) => {
    expect(tagged(source)).toBe(expected);
  });

  test('a table stands in code, aligned by what is seen', () => {
    const table =
      '| Name | Count |\n|:--|--:|\n| 漢字 | 1 |\n| **b** [l](https://a.example) | 1000 |\n| | |';
    expect(tagged(table)).toBe(
      [
        '<pre>Name                    | Count',
        '------------------------+------',
        '漢字                    |     1',
        'b l (https://a.example) |  1000',
        '                        |</pre>',
      ].join('\n'),
    );
  });

  test('nobody can be mentioned: Slack reads nothing in it', () => {
    const source =
      '<!channel> <!here|x> <@U012AB3CD> <@U1|ann> <#C1> <!subteam^S1> @here @channel <https://evil.example|bank>';
    const { text, blocks } = renderText(source);
    // An address for CommonMark, but none that leads anywhere.
    const shown = source.replace('<https://evil.example|bank>', 'https://evil.example|bank');
    expect(blocks).toEqual([
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: shown }] }],
      },
    ]);
    expect(text).not.toMatch(/[<>]|@here|@channel/);
    expect(text).toContain('&lt;!channel&gt; &lt;!here|x&gt;');
    expect(text).toContain('@\u2060here @\u2060channel');
  });

  test('the fallback is what the blocks say, as plain text', () => {
    const source =
      '# Done & dusted\n\n1. [a](https://a.example)\n2. b\n   - c\n\n> q\n> r\n\n```\nx < y\n```\n\n---\n\nme@b.example';
    expect(renderText(source).text).toBe(
      [
        'Done &amp; dusted',
        '1. a (https://a.example)',
        '2. b',
        '  • c',
        '&gt; q',
        '&gt; r',
        'x &lt; y',
        '———',
        'me@b.example',
      ].join('\n'),
    );
  });

  test.each(['', ' \n ', '```\n```'])('%j: never empty', (source) => {
    const { text, blocks } = renderText(source);
    expect(text).toBe('…');
    expectTakenBySlack(blocks);
    expectTakenBySlack(renderPlain(source).blocks);
  });

  test('more dividers than Slack has blocks for become lines', () => {
    const { blocks } = renderText('a\n\n---\n\n'.repeat(60));
    expect(blocks.filter(({ type }) => type === 'divider').length).toBe(15);
    expectTakenBySlack(blocks);
  });

  test('where styles would make the blocks too long, the source goes out as it was written', () => {
    const source = '**a** b '.repeat(500).trim();
    const { blocks } = renderText(source);
    expect(blocks).toEqual([
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: source }] }],
      },
    ]);
  });

  test('a table that is too long aligned is not aligned', () => {
    const wide = `| ${'x'.repeat(900)} | b |\n|--|--|\n${'| 1 | 2 |\n'.repeat(60)}`;
    const { blocks } = renderText(wide);
    expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(blocksMax);
    expect(JSON.stringify(blocks)).toContain('1 | 2');
  });
});
