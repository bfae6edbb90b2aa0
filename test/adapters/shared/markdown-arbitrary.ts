import fc from '../../support/fast-check.ts';

const token = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('word', 'a', 'longer-words', 'End.', '¿Qué?', '你好。') },
  { weight: 6, arbitrary: fc.constantFrom(' ', ' ', '\n', '\n\n', '\r\n', '\t', '    ') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '**bold words in a row** ',
      '*slanted*',
      '~~gone~~',
      '`code of more words`',
      '[a link with words](https://example.org/a?b=c&d) ',
      '<https://example.org/auto>',
      'https://example.org/bare/path ',
      '![image](https://example.org/i.png)',
      '\\*',
      '&amp;',
      '@everyone ',
      ' /cancel ',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '\n```js\n',
      '\n```\n',
      '\n~~~~\n',
      '\n> ',
      '\n- item\n',
      '\n  - inner\n',
      '\n3. third\n',
      '\n- [x] done\n',
      '\n# Title\n',
      '\n---\n',
      '\n| a | b |\n|---|--:|\n| 1 | 2 |\n',
      '\n[^1]: note\n',
      '[^1]',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('👩‍👩‍👧‍👦', '🇩🇪', 'e\u0301', '1️⃣', 'क्षि', '\u0301', '\u200d', '漢字'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('*', '_', '`', '``', '[', '](', ')', '<', '>', '|', '~~'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(130), `z${'\u0335'.repeat(90)}`, '\ud800') },
);

/** CommonMark as programs and people write it, and as nobody does. */
export const markdown = fc.array(token, { maxLength: 140 }).map((tokens) => tokens.join(''));
