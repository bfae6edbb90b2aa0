import { describe, expect, test } from 'vitest';
import { saidFiles, saidText } from '../../../src/adapters/slack/said.ts';
import fc from '../../support/fast-check.ts';

const text = (raw: string): string => saidText(raw, 'UBOT').text;

describe('what a person wrote', () => {
  test.each([
    ['plain words', 'plain words'],
    ['a &lt;b&gt; &amp; c', 'a <b> & c'],
    ['&amp;lt; stays', '&lt; stays'],
    ['<@U1|ann> and <@U2>', '@ann and @U2'],
    ['<@U1|@ann>', '@ann'],
    ['<#C1|general> <#C2> <#C3|>', '#general #C2 #C3'],
    ['<!here> <!channel|channel> <!everyone>', '@here @channel @everyone'],
    ['<!subteam^S1|@team> <!subteam^S2>', '@team @S2'],
    ['<!date^1392734382^{date_short}|Feb 18, 2014>', 'Feb 18, 2014'],
    ['<https://a.example>', 'https://a.example'],
    ['<https://a.example/?a=1&amp;b=2>', 'https://a.example/?a=1&b=2'],
    ['<http://a.example|a.example>', 'http://a.example'],
    ['<https://a.example/|a.example>', 'https://a.example/'],
    ['<https://a.example|example>', 'example (https://a.example)'],
    ['<https://a.example|words>', 'words (https://a.example)'],
    ['<https://evil.example|https://bank.example>', 'https://bank.example (https://evil.example)'],
    ['<mailto:a@b.example|a@b.example>', 'a@b.example'],
    ['<tel:+123|+123>', '+123'],
    ['*bold* `code` :smile:', '*bold* `code` :smile:'],
    ['<not a mark', '<not a mark'],
    ['a <> b', 'a <> b'],
    ['&lt;@UBOT&gt; as text', '<@UBOT> as text'],
    ['one\ntwo', 'one\ntwo'],
    ['', ''],
  ])('%j', (raw, expected) => {
    expect(text(raw)).toBe(expected);
  });

  test.each([
    ['<@UBOT> hello', 'hello'],
    ['<@UBOT|bot>, hello', 'hello'],
    ['<@UBOT>: hello', 'hello'],
    ['  <@UBOT>\nhello', 'hello'],
    ['<@UBOT> <@UBOT> hello', 'hello'],
    ['hey <@UBOT> there', 'hey there'],
    ['hello <@UBOT>', 'hello'],
    ['ask<@UBOT>', 'ask'],
    ['<@UBOT> <@U2> hello', '@U2 hello'],
    ['<@UBOT>', ''],
    ['<@UBOT> /status', '/status'],
  ])('%j: the name of the bot is taken out', (raw, expected) => {
    expect(saidText(raw, 'UBOT')).toEqual({ text: expected, addressed: true, toOther: false });
  });

  test.each([
    ['hello', false, false],
    ['<@UBOT2> hello', false, true],
    ['<@U2> <@UBOT> hello', true, true],
    [' <!subteam^S1|@team> hello', false, true],
    ['hello <@U2>', false, false],
    ['<!here> hello', false, false],
    ['\u0000 hello', false, false],
  ])('%j: to whom', (raw, addressed, toOther) => {
    expect(saidText(raw, 'UBOT')).toMatchObject({ addressed, toOther });
  });

  test('property: what a client escapes comes back as it was typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        const raw = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        expect(text(raw)).toBe(typed.replaceAll('\u0000', ''));
      }),
    );
  });

  test('a text has an end, and none is no text', () => {
    expect(text('x'.repeat(70_000)).length).toBe(64_000);
    expect(saidText(undefined, 'UBOT').text).toBe('');
  });
});

describe('files', () => {
  /** As it comes with a message. */
  const pdf = {
    id: 'F0S43PZDF',
    created: 1_531_763_342,
    name: 'a.pdf',
    title: 'A',
    mimetype: 'application/pdf',
    filetype: 'pdf',
    size: 137_531,
    mode: 'hosted',
    url_private: 'https://files.slack.com/files-pri/T061EG9R6-F0S43PZDF/a.pdf',
  };

  test('are named and not loaded', () => {
    expect(saidFiles([pdf])).toEqual([
      { name: 'a.pdf', mimeType: 'application/pdf', sizeBytes: 137_531, url: 'slack:F0S43PZDF' },
    ]);
  });

  test('of another workspace only the id is told', () => {
    expect(saidFiles([{ id: 'F1', mode: 'file_access' }])).toEqual([
      { name: 'file', mimeType: 'application/octet-stream', url: 'slack:F1' },
    ]);
    expect(saidFiles([{ id: 'F1', name: null, title: 'T' }])[0]?.name).toBe('T');
  });

  test('what is hidden or deleted is none, and twenty are enough', () => {
    expect(
      saidFiles([{ ...pdf, mode: 'tombstone' }, { ...pdf, mode: 'hidden_by_limit' }, {}]),
    ).toEqual([]);
    expect(saidFiles(undefined)).toEqual([]);
    expect(saidFiles(Array(30).fill(pdf)).length).toBe(20);
  });
});
