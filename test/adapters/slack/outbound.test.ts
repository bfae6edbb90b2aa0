import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/adapters/slack/config.ts';
import { keyBlockId, metadataOf } from '../../../src/adapters/slack/metadata.ts';
import { placeOf, toCall } from '../../../src/adapters/slack/outbound.ts';
import type { DeliveryFile } from '../../../src/contracts/delivery.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import { expectTakenBySlack } from './block-rules.ts';
import { compose, type Said } from './send.ts';

const channel = { adapter: 'slack', account: 'T1', conversation: 'C1' };
const inThread = { ...channel, thread: '1700000000.000100' };
const config = parseConfig({ token: 'xoxb-1-2-abcd', appToken: 'xapp-1-abcd' });
const key = 'K'.repeat(43);

function call(said: Said, more: { to?: ChannelRef; broadcast?: boolean } = {}) {
  const { delivery, attempt } = compose(more.to ?? inThread, said);
  const { broadcast = false } = more;
  const made = toCall(delivery, attempt, { key, config: { ...config, broadcast } });
  expectTakenBySlack(blocksOf(made));
  return made;
}
const blocksOf = ({ payload }: { payload: object }) =>
  (payload as { blocks: { type: string; block_id?: string }[] }).blocks;
const typesOf = (made: { payload: object }) => blocksOf(made).map(({ type }) => type);
const paragraph = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
});
const textFile = (name: string): DeliveryFile => ({ name, mimeType: 'text/plain', text: 'T' });
const linkFile = (url: string): DeliveryFile => ({
  name: 'a.pdf',
  mimeType: 'application/pdf',
  url,
});

describe('a new message', () => {
  test('stands in its thread, carries its key, mentions and unfolds nothing', () => {
    expect(call({ text: 'hello <!channel>', buttons: ['cancel:1'] })).toEqual({
      method: 'chat.postMessage',
      payload: {
        channel: 'C1',
        thread_ts: '1700000000.000100',
        text: 'hello &lt;!channel&gt;',
        blocks: [
          paragraph('hello <!channel>'),
          {
            type: 'actions',
            block_id: 'readback:at:1700000000.000100',
            elements: [
              {
                type: 'button',
                action_id: 'readback:button:0',
                text: { type: 'plain_text', text: 'cancel:1', emoji: true },
                value: 'cancel:1',
              },
            ],
          },
        ],
        parse: 'none',
        link_names: false,
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: 'readback', event_payload: { key } },
      },
    });
  });

  test('outside of threads it names none', () => {
    const { payload } = call({}, { to: channel });
    expect(payload).not.toHaveProperty('thread_ts');
    expect(typesOf(call({ buttons: ['a'] }, { to: channel }))).toEqual(['rich_text', 'actions']);
    expect(blocksOf(call({ buttons: ['a'] }, { to: channel })).at(-1)?.block_id).toBe(
      'readback:at:',
    );
  });

  test('without its anchor it leaves the thread, and its buttons still belong there', () => {
    const made = call({ repairs: ['drop_anchor'], buttons: ['a'] });
    expect(made.payload).not.toHaveProperty('thread_ts');
    expect(blocksOf(made).at(-1)?.block_id).toBe('readback:at:1700000000.000100');
    expect(placeOf({ channel: inThread })).toEqual({
      channel: 'C1',
      thread_ts: '1700000000.000100',
    });
  });

  test('plain is the source in sections, escaped', () => {
    const made = call({ text: '**a** <@U1>', repairs: ['plain'], buttons: ['a'] });
    expect(typesOf(made)).toEqual(['section', 'actions']);
    expect(blocksOf(made)[0]).toMatchObject({
      text: { type: 'mrkdwn', text: '**a** &lt;@U1&gt;', verbatim: true },
    });
    expect(made.payload).toMatchObject({ metadata: metadataOf(key) });
  });

  test('buttons stand below the last part', () => {
    const more = { buttons: ['a'], parts: 2, kind: 'question', freeText: true } as const;
    expect(typesOf(call({ ...more, part: 1 }))).toEqual(['rich_text']);
    expect(typesOf(call({ ...more, part: 2 }))).toEqual(['rich_text', 'actions']);
  });

  test('an answer may stand in the channel too, where that is configured', () => {
    const wide = { broadcast: true };
    expect(call({ kind: 'terminal' }, wide).payload).toMatchObject({ reply_broadcast: true });
    for (const [said, more] of [
      [{ kind: 'terminal' }, {}],
      [{ kind: 'ack' }, wide],
      [{ kind: 'notice' }, wide],
      [{ kind: 'terminal', part: 1, parts: 2 }, wide],
      [{ kind: 'terminal' }, { ...wide, to: channel }],
      [{ kind: 'terminal', repairs: ['drop_anchor'] }, wide],
      [{ kind: 'terminal', live: '1.1' }, wide],
    ] as const)
      expect(call(said, more).payload).not.toHaveProperty('reply_broadcast');
  });

  test('with many long buttons the blocks are still short enough', () => {
    const buttons = Array.from(
      { length: 25 },
      (_, at) => `${String(at).padStart(3, '0')}${'"'.repeat(60)}`,
    );
    for (const count of [1, 130, 480]) {
      const made = call({ kind: 'question', text: '**a** b '.repeat(count), buttons });
      expect(JSON.stringify(blocksOf(made)).length).toBeLessThanOrEqual(12_000);
    }
  });
});

describe('an edit', () => {
  test('says all there is: blocks that are left out would stay', () => {
    expect(call({ kind: 'progress', live: '1700000001.000200', text: 'still at it' })).toEqual({
      method: 'chat.update',
      payload: {
        channel: 'C1',
        ts: '1700000001.000200',
        text: 'still at it',
        blocks: [paragraph('still at it')],
        parse: 'none',
        link_names: false,
      },
    });
  });

  test('of an empty text is never empty', () => {
    const { payload } = call({ kind: 'amend', live: '1.1', text: ' ', content: { text: '' } });
    expect(payload).toMatchObject({ text: '…' });
  });
});

describe('files', () => {
  test('a text is uploaded, and its message can be found again', () => {
    const made = call({ content: { text: '', files: [textFile('answer.md')] }, buttons: ['a'] });
    expect(made).toMatchObject({
      method: 'files.completeUploadExternal',
      upload: { name: 'answer.md', text: 'T' },
      payload: { channel_id: 'C1', thread_ts: '1700000000.000100' },
    });
    expect(blocksOf(made)).toMatchObject([
      { ...paragraph('answer.md'), block_id: keyBlockId(key) },
      { type: 'actions' },
    ]);
    expect(made.payload).not.toHaveProperty('metadata');
  });

  test('a short notice stands with its file', () => {
    const made = call({
      content: { text: '---\n\nsee this\n\n---\n\nand that', files: [textFile('a.txt')] },
    });
    expect(blocksOf(made)).toEqual([
      { type: 'divider' },
      { ...paragraph('see this'), block_id: keyBlockId(key) },
      { type: 'divider' },
      paragraph('and that'),
    ]);
  });

  test('one that is somewhere is told of', () => {
    const made = call({ content: { text: 'see', files: [linkFile('https://a.example/a.pdf')] } });
    expect(made.method).toBe('chat.postMessage');
    expect(made.payload).toMatchObject({
      text: 'see\n\nFile: a.pdf https://a.example/a.pdf',
      metadata: metadataOf(key),
    });
    expect(JSON.stringify(blocksOf(made))).toContain(
      '{"type":"link","url":"https://a.example/a.pdf"}',
    );
    const none = call({ content: { text: '', files: [linkFile('file:///etc/passwd')] } });
    expect(none.payload).toMatchObject({ text: 'File: a.pdf', blocks: [paragraph('File: a.pdf')] });
  });

  test('a text that Slack takes no file for is told of too', () => {
    const made = call({ content: { text: '', files: [textFile('a.txt')] }, repairs: ['plain'] });
    expect(made).toMatchObject({ method: 'chat.postMessage', payload: { text: 'File: a.txt' } });
    expect(made).not.toHaveProperty('upload');
  });

  test.each([
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['a"b;c\u0000', 'a_b_c_'],
    [' ', 'file'],
  ])('the name %j', (name, expected) => {
    const made = call({ content: { text: '', files: [textFile(name)] } });
    expect(made.upload?.name).toBe(expected);
  });
});
