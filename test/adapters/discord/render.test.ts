import { describe, expect, test } from 'vitest';
import { renderText, sizeOf } from '../../../src/adapters/discord/render.ts';
import { isLinkName, linkUrl } from '../../../src/adapters/discord/render-link.ts';
import { joiner } from '../../../src/adapters/shared/neutral.ts';
import { readDiscord } from './discord-reader.ts';

const J = joiner;
const rendered = (...lines: string[]): string => renderText(lines.join('\n'));
const lines = (...all: string[]): string => all.join('\n');

describe('blocks', () => {
  test('headings of three sizes; the others are bold lines', () => {
    expect(rendered('# One', '', 'text', '', '### Three', 'text', '', '#### Four', 'text')).toBe(
      lines('# One', 'text', '', '### Three', 'text', '', '**Four**', '', 'text'),
    );
  });

  test('what ends a heading is not taken for its closing', () => {
    expect(rendered('# C\\#')).toBe(`# C#${J}`);
    expect(rendered('# \\# x')).toBe('# \\# x');
    expect(rendered('# - x')).toBe('# \\- x');
    expect(rendered('#')).toBe('…');
  });

  test('lists in lists, as far in as the text above', () => {
    expect(rendered('8. a', '   - b', '     1) c', '', '   two', '9. d')).toBe(
      lines('8. a', '   - b', '     1. c', '   two', '9. d'),
    );
    expect(rendered('- [x] done', '- [ ] open')).toBe(lines('- ☑ done', '- ☐ open'));
  });

  test('two lists do not become one', () => {
    const { kinds } = readDiscord(rendered('- a', '', '1. b', '', '* c'));
    expect(kinds).toEqual(['bullets', 'item', 'ordered', 'item', 'bullets', 'item']);
  });

  test('an empty item is one', () => {
    const shown = readDiscord(rendered('- a', '-', '- b'));
    expect(shown.kinds).toEqual(['bullets', 'item', 'item', 'item']);
  });

  test('code in a list stands at the margin, and the list goes on with its number', () => {
    const text = rendered('1. a', '   ```js', '   x', '   ```', '   b', '2. c');
    expect(text).toBe(lines('1. a', '```js', 'x', '```', '   b', '2. c'));
  });

  test('a heading in a list is bold: Discord knows none there', () => {
    expect(rendered('- # a', '  b')).toBe(lines('- **a**', '  b'));
  });

  test('quotes with what stands in them, one level deep', () => {
    expect(rendered('> a', '>', '> > b', '> - c', '', 'd')).toBe(
      lines('> a', '> ', '> b', '> ', '> - c', '', 'd'),
    );
    expect(readDiscord(rendered('> ```', '> x', '> ```')).kinds).toEqual(['quote', 'block ']);
  });

  test('code keeps its language where Discord reads it, and everything in it', () => {
    expect(rendered('```c++', '*a*', '```')).toBe(lines('```c++', '*a*', '```'));
    expect(rendered('```c#', 'a', '```')).toBe(lines('```', 'a', '```'));
    expect(rendered('````', '```js', '````')).toBe(lines('```', `\`${J}\`${J}\`js`, '```'));
    expect(rendered('a', '```', '```', 'b')).toBe(lines('a', '', 'b'));
  });

  test('tables are code', () => {
    expect(rendered('| a | b |', '|---|--:|', '| [x](https://a.example) | **2** |')).toBe(
      lines(
        '```',
        'a                     |   b',
        '----------------------+----',
        'x (https://a.example) |   2',
        '```',
      ),
    );
  });

  test('a rule, a footnote, a definition that nothing refers to', () => {
    expect(rendered('a[^1]', '', '---', '', '[^1]: note', '', '[b]: https://b.example')).toBe(
      lines('a\\[1]', '', '———', '', '\\[1] note', '', '\\[b]: https\\://b.example'),
    );
  });
});

describe('inlines', () => {
  test.each([
    ['**a** *b* ~~c~~ `d`', '**a** *b* ~~c~~ `d`'],
    ['__a__ _b_', '**a** *b*'],
    ['***a***', `*${J}**a**${J}*`],
    ['*a*b', '*a*b'],
    ['**a *b* c**', '**a *b* c**'],
    ['**a **b** c**', '**a b c**'],
    ['snake_case_name', 'snake\\_case\\_name'],
    ['a  \nb', 'a\nb'],
    ['``a`b``', '``a`b``'],
    ['`` ` ``', '`` ` ``'],
    ['`` `a``` ``', `\`\` \`a\`${J}\`${J}\` \`\``],
    // Discord would end the style inside of the code.
    ['**use `a**b` now**', 'use `a**b` now'],
    ['*a `b*c`*', 'a `b*c`'],
    ['**a `b*c`**', '**a `b*c`**'],
  ])('%s', (source, expected) => {
    expect(renderText(source)).toBe(expected);
  });

  test.each([
    ['@everyone and @here', `@${J}everyone and @${J}here`],
    ['<@123> <@&1> <#2>', '\\<@123> \\<@&1> \\<#2>'],
    [':smile: 10:30', '\\:smile: 10:30'],
    ['||spoiler||', '\\|\\|spoiler\\|\\|'],
    ['steam://run/1', 'steam\\://run/1'],
    ['mail@here.example', `mail@${J}here.example`],
    ['1\\. a', '1\\. a'],
    ['\\- a', '\\- a'],
    ['\\> a', '\\> a'],
    ['-# small', '\\-# small'],
    ['**# a**', '**\\# a**'],
    ['a\\', 'a\\\\'],
    ['C:\\dir\\*', 'C:\\\\dir\\*'],
  ])('nothing comes out of %s', (source, expected) => {
    expect(renderText(source)).toBe(expected);
  });
});

describe('links', () => {
  test.each([
    ['https://a.example/x_y', '<https://a.example/x_y>'],
    ['<https://a.example/b>c', '<https://a.example/b>c'],
    ['www.a.example', '<http://www.a.example/>'],
    ['[name](https://a.example/b)', '[name](https://a.example/b)'],
    ['[name][x]\n\n[x]: https://a.example/', '[name](https://a.example/)'],
    ['[a](https://a.example/b_(c))', '[a](https://a.example/b_%28c%29)'],
    ['[`code`](https://a.example/b)', '[`code`](https://a.example/b)'],
    ['[**bold**](https://a.example/b)', '[bold](https://a.example/b)'],
    ['![picture](https://a.example/i.png)', '[picture](https://a.example/i.png)'],
    // Discord would show them as they are written, or they say something else than where they lead.
    ['[a_b_c](https://a.example/)', 'a\\_b\\_c (<https://a.example/>)'],
    ['[a [b]](https://a.example/)', 'a \\[b] (<https://a.example/>)'],
    [
      '[https://good.example](https://evil.example/)',
      'https\\://good.example (<https://evil.example/>)',
    ],
    ['[good.example](https://evil.example/)', 'good.example (<https://evil.example/>)'],
    ['[🎉](https://a.example/)', '🎉 (<https://a.example/>)'],
    ['[](https://a.example/)', '<https://a.example/>'],
    ['[a](mailto:x@a.example)', 'a (x@a.example)'],
    ['[a](javascript:alert(1))', 'a (javascript:alert(1))'],
    ['[a](discord://x)', 'a (discord\\://x)'],
    ['[a](/relative)', 'a (/relative)'],
  ])('%s', (source, expected) => {
    expect(renderText(source)).toBe(expected);
  });

  test('an address holds nothing that ends it', () => {
    expect(linkUrl('https://a.example/b*c~d|e`f\\g"h<i>')).toBe(
      'https://a.example/b%2Ac%7Ed%7Ce%60f/g%22h%3Ci%3E',
    );
    expect(linkUrl('https://a.example/b.')).toBe('https://a.example/b%2E');
    expect(linkUrl(`https://a.example/${'x'.repeat(2_000)}`)).toBeUndefined();
    expect(linkUrl('http://[::1]/')).toBeUndefined();
    expect(linkUrl('http://')).toBeUndefined();
  });

  test('a path is a name, an address is none', () => {
    expect(isLinkName('src/a.ts')).toBe(true);
    expect(isLinkName('Note: 2')).toBe(true);
    expect(isLinkName('join discord.gg/abc')).toBe(false);
    expect(isLinkName('see www.a.example')).toBe(false);
  });
});

describe('length', () => {
  test('a table that is too long is not aligned', () => {
    const table = `| a | b |\n|---|---|\n${`| ${'x'.repeat(40)} | y |\n| z | y |\n`.repeat(8)}`;
    const long = renderText(table).length;
    expect(renderText(table, { max: long - 1 }).length).toBeLessThan(long - 100);
    expect(sizeOf(table, long - 1)).toBeLessThanOrEqual(long - 1);
  });

  test('what is too long all the same goes out as it was written, and is cut', () => {
    const source = `**a** ${'*'.repeat(100)}`;
    expect(sizeOf(source, 100)).toBeGreaterThan(100);
    const text = renderText(source, { max: 100 });
    expect(text.length).toBeLessThanOrEqual(100);
    expect(text).toMatch(/^\\\*\\\*a\\\*\\\* .*…$/);
  });
});
