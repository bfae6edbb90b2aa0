import { expect, test } from 'vitest';
import { client, refusal, server } from './ground.ts';

/** Each styled piece as `type:text`, with what else it carries. */
async function styled(text: string, mode: string): Promise<{ text: string; styles: string[] }> {
  const telegram = await server();
  const ann = telegram.person();
  ann.say('hello');
  await client(telegram).sendMessage(ann.id, text, { parse_mode: mode as never });
  const [, message] = ann.chat.messages;
  const shown = message?.text ?? '';
  const styles = (message?.entities ?? []).map(
    ({ type, offset, length, url, language }) =>
      `${type}:${shown.slice(offset, offset + length)}${url ? `@${url}` : ''}${language ? `#${language}` : ''}`,
  );
  return { text: shown, styles };
}

test.each([
  ['<b>bold <i>both</i></b> &lt;3 &#33;', 'bold both <3 !', ['bold:bold both', 'italic:both']],
  [
    '<a href="https://a.example/?x=1&amp;y=2">link</a>',
    'link',
    ['text_link:link@https://a.example/?x=1&y=2'],
  ],
  ['<pre><code class="language-ts">a &amp; b</code></pre>', 'a & b', ['pre:a & b#ts']],
  [
    '<code>x</code> <tg-spoiler>s</tg-spoiler> <s>d</s>',
    'x s d',
    ['code:x', 'spoiler:s', 'strikethrough:d'],
  ],
  ['<blockquote expandable>q</blockquote>', 'q', ['expandable_blockquote:q']],
])('HTML %s', async (raw, text, styles) => {
  expect(await styled(raw, 'HTML')).toEqual({ text, styles });
});

test.each([
  ['*bold _both_* 1\\.5', 'bold both 1.5', ['bold:bold both', 'italic:both']],
  [
    '__under__ ~gone~ ||secret||',
    'under gone secret',
    ['underline:under', 'strikethrough:gone', 'spoiler:secret'],
  ],
  ['[link](https://a.example/x\\)y)', 'link', ['text_link:link@https://a.example/x)y']],
  ['`a\\`b` and ```ts\nlet x\\\\y;\n```', 'a`b and let x\\y;', ['code:a`b', 'pre:let x\\y;#ts']],
  ['>one\n>two\nthree', 'one\ntwo\nthree', ['blockquote:one\ntwo']],
])('MarkdownV2 %s', async (raw, text, styles) => {
  expect(await styled(raw, 'MarkdownV2')).toEqual({ text, styles });
});

test('legacy Markdown nests nothing and reserves nothing', async () => {
  expect(await styled('*bold* _it_ 1.5! [l](https://a.example/) `c*`', 'Markdown')).toEqual({
    text: 'bold it 1.5! l c*',
    styles: ['bold:bold', 'italic:it', 'text_link:l@https://a.example/', 'code:c*'],
  });
});

test.each([
  ['HTML', '<b>x', 'Can\'t find end tag corresponding to start tag "b"'],
  ['HTML', 'é</b>', 'Unexpected end tag at byte offset 2'],
  ['HTML', '<b>x</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
  ['HTML', '<table>', 'Unsupported start tag "table" at byte offset 0'],
  ['MarkdownV2', '1.5', "Character '.' is reserved and must be escaped with the preceding '\\'"],
  ['MarkdownV2', 'é *x', "Can't find end of Bold entity at byte offset 3"],
  ['MarkdownV2', '`x', "Can't find end of Code entity at byte offset 0"],
  ['Markdown', 'a_b', "Can't find end of the entity starting at byte offset 1"],
])('%s refuses %s', async (mode, text, why) => {
  const telegram = await server();
  const ann = telegram.person();
  ann.say('hello');
  const sent = client(telegram).sendMessage(ann.id, text, { parse_mode: mode as never });
  expect(await refusal(sent)).toBe(`400 Bad Request: can't parse entities: ${why}`);
  expect(ann.chat.texts).toEqual([]);
});

test('any other mode is refused', async () => {
  const telegram = await server();
  const ann = telegram.person();
  ann.say('hello');
  const sent = client(telegram).sendMessage(ann.id, 'x', { parse_mode: 'BBCode' as never });
  expect(await refusal(sent)).toBe('400 Bad Request: unsupported parse_mode');
});
