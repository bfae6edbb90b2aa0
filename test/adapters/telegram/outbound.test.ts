import { describe, expect, test } from 'vitest';
import { Upload } from '../../../src/adapters/telegram/api.ts';
import {
  captionMax,
  cutDelivery,
  keyboard,
  lengthMax,
  rendered,
  toCalls,
} from '../../../src/adapters/telegram/outbound.ts';
import type { DeliveryFile } from '../../../src/contracts/delivery.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import { createFakeRuntime } from '../../../src/testing/fake-runtime.ts';
import { compose, type Said } from './send.ts';

const runtime = createFakeRuntime();
const chat = { adapter: 'telegram', account: '1', conversation: '-100500' };
const topic = { ...chat, thread: '7' };
const config = { groups: 'mentioned', words: { file: 'File:', reply: 'Reply.' } } as const;

function calls(said: Said, channel: ChannelRef = topic) {
  const { delivery, attempt } = compose(runtime, channel, said);
  return toCalls(delivery, attempt, config);
}
const cut = (said: Said, partsMax = 10) =>
  cutDelivery(compose(runtime, topic, said).delivery, said.repairs ?? [], { partsMax });
const textFile = (name: string): DeliveryFile => ({ name, mimeType: 'text/plain', text: name });

describe('a new message', () => {
  test('stands in its topic, in reply, silent, without a preview', () => {
    expect(calls({ text: 'hello', anchor: '11', buttons: ['cancel:1'] })).toEqual([
      {
        method: 'sendMessage',
        payload: {
          chat_id: -100_500,
          message_thread_id: 7,
          text: 'hello',
          reply_parameters: { message_id: 11, allow_sending_without_reply: true },
          disable_notification: true,
          link_preview_options: { is_disabled: true },
          reply_markup: { inline_keyboard: [[{ text: 'cancel:1', callback_data: 'cancel:1' }]] },
        },
      },
    ]);
  });

  test('makes a sound when it should, and has no empty keyboard', () => {
    const [call] = calls({ notify: true }, chat);
    expect(call?.payload).toEqual({
      chat_id: -100_500,
      text: 'hello',
      disable_notification: false,
      link_preview_options: { is_disabled: true },
    });
  });

  test('without its anchor it leaves the topic too, which may be what is gone', () => {
    const [call] = calls({ repairs: ['drop_anchor'] });
    expect(call?.payload).not.toHaveProperty('message_thread_id');
  });

  test('a later part is no reply, and the buttons stand below the last', () => {
    const more = { anchor: '11', buttons: ['retry:1'], parts: 2 };
    const [first] = calls({ ...more, part: 1 });
    const [second] = calls({ ...more, part: 2 });
    expect(first?.payload).toHaveProperty('reply_parameters');
    expect(first?.payload).not.toHaveProperty('reply_markup');
    expect(second?.payload).not.toHaveProperty('reply_parameters');
    expect(second?.payload).toHaveProperty('reply_markup');
  });

  test('an anchor that is no number of a message is left out', () => {
    expect(calls({ anchor: 'e900' })[0]?.payload).not.toHaveProperty('reply_parameters');
  });

  test('a chat may have a name instead of a number', () => {
    const [call] = calls({}, { ...chat, conversation: '@news' });
    expect(call?.payload['chat_id']).toBe('@news');
  });

  test('what would be empty is not', () => {
    expect(calls({ text: ' \n ' })[0]?.payload['text']).toBe('…');
  });
});

describe('text', () => {
  test('is rendered: entities, never a parse mode', () => {
    const [call] = calls({ text: '**bold**' });
    expect(call?.payload).toMatchObject({
      text: 'bold',
      entities: [{ type: 'bold', offset: 0, length: 4 }],
    });
    expect(call?.payload).not.toHaveProperty('parse_mode');
  });

  test('goes out as it was written after its entities were refused', () => {
    const [call] = calls({ text: '**bold**', repairs: ['plain'] });
    expect(call?.payload['text']).toBe('**bold**');
    expect(call?.payload).not.toHaveProperty('entities');
  });

  test('is never longer than Telegram takes', () => {
    const bullets = '- x\n'.repeat(10) + '@name '.repeat(5);
    expect(rendered(bullets, bullets.length).text.length).toBeLessThanOrEqual(bullets.length);
    expect(rendered('x'.repeat(5_000), lengthMax).text).toHaveLength(lengthMax);
  });
});

describe('an edit', () => {
  test('names the message, and takes the buttons off', () => {
    expect(calls({ kind: 'terminal', live: '12', text: 'done', anchor: '11' })).toEqual([
      {
        method: 'editMessageText',
        payload: {
          chat_id: -100_500,
          message_id: 12,
          text: 'done',
          link_preview_options: { is_disabled: true },
          reply_markup: { inline_keyboard: [] },
        },
      },
    ]);
  });

  test('keeps those it has', () => {
    const [call] = calls({ kind: 'progress', live: '12', buttons: ['cancel:1'] });
    expect(call?.payload['reply_markup']).toEqual({
      inline_keyboard: [[{ text: 'cancel:1', callback_data: 'cancel:1' }]],
    });
  });
});

describe('buttons', () => {
  const rows = (...labels: string[]) =>
    keyboard(labels.map((label) => ({ id: label, label, style: 'plain' }))).inline_keyboard.map(
      (row) => row.map(({ text }) => text),
    );
  const long = 'rather a long label';

  test.each([
    [['Yes', 'No'], [['Yes', 'No']]],
    [
      ['A', 'B', 'C'],
      [['A', 'B'], ['C']],
    ],
    [
      [long, 'B', 'C'],
      [[long], ['B', 'C']],
    ],
    [
      ['A', long, 'C'],
      [['A'], [long], ['C']],
    ],
    [[], []],
  ])('%j', (labels, expected) => {
    expect(rows(...labels)).toEqual(expected);
  });
});

describe('files', () => {
  const send = (file: DeliveryFile, more: Said = {}) =>
    calls({ ...more, content: { text: more.text ?? '', files: [file] } });

  test('a text is sent along', () => {
    const [call, ...others] = send(textFile('a.txt'));
    expect(others).toEqual([]);
    expect(call?.method).toBe('sendDocument');
    expect(call?.payload['document']).toEqual(new Upload('a.txt', 'a.txt'));
    expect(call?.payload).not.toHaveProperty('caption');
  });

  test('its name cannot break out of its place', () => {
    const [call] = send({ ...textFile('x'), name: 'a"; b\r\nx-evil: 1/../ü.txt' });
    expect(call?.payload['document']).toEqual(new Upload('a__ b__x-evil: 1_.._ü.txt', 'x'));
  });

  test('an address is given to Telegram; one of its own files is named', () => {
    const file = { name: 'a.pdf', mimeType: 'application/pdf' };
    const document = (url: string) => send({ ...file, url })[0]?.payload['document'];
    expect(document('https://example.org/a.pdf')).toBe('https://example.org/a.pdf');
    expect(document('telegram:AgAD')).toBe('AgAD');
  });

  test.each(['file:///etc/passwd', 'data:text/plain,x', 'javascript:x'])(
    'of %s only the name is told',
    (url) => {
      const [call] = send({ name: 'a.pdf', mimeType: 'application/pdf', url });
      expect(call).toMatchObject({ method: 'sendMessage', payload: { text: 'File: a.pdf' } });
    },
  );

  test('what Telegram did not fetch is told with its address', () => {
    const file = { name: 'a.html', mimeType: 'text/html', url: 'https://example.org/a.html' };
    expect(send(file, { repairs: ['plain'] })[0]).toMatchObject({
      method: 'sendMessage',
      payload: { text: 'File: a.html https://example.org/a.html' },
    });
  });

  test('a short text stands below it, rendered', () => {
    const [call] = send(textFile('a.txt'), { text: 'see **this**' });
    expect(call?.payload).toMatchObject({
      caption: 'see this',
      caption_entities: [{ type: 'bold', offset: 4, length: 4 }],
    });
  });

  test('a long one goes before it', () => {
    const text = 'x'.repeat(captionMax + 1);
    const [first, second] = send(textFile('a.txt'), { text, buttons: ['retry:1'] });
    expect(first).toMatchObject({ method: 'sendMessage', payload: { text } });
    expect(first?.payload).not.toHaveProperty('reply_markup');
    expect(second?.method).toBe('sendDocument');
    expect(second?.payload).toHaveProperty('reply_markup');
  });
});

describe('cutting', () => {
  const sources = (said: Said, partsMax?: number) =>
    cut(said, partsMax)
      .map((part) => part.source ?? part.text)
      .join('');

  test('a short text is one part as it stands', () => {
    expect(cut({ text: 'hello' })).toEqual([{ text: 'hello' }]);
  });

  test('files follow the text, each by itself', () => {
    const files = [textFile('a'), textFile('b')];
    expect(cut({ kind: 'terminal', text: 'hello', files })).toEqual([
      { text: 'hello' },
      { text: '', source: '', files: [files[0]] },
      { text: '', source: '', files: [files[1]] },
    ]);
  });

  test('a short notice stands below its first file', () => {
    const files = [textFile('a'), textFile('b')];
    expect(cut({ text: 'hello', files })).toEqual([
      { text: 'hello', files: [files[0]] },
      { text: '', source: '', files: [files[1]] },
    ]);
    const long = 'word '.repeat(300);
    expect(cut({ text: long, files })).toHaveLength(3);
  });

  test('too many messages become a file behind a beginning; the text stands behind the file', () => {
    const text = 'some words. '.repeat(3_000);
    const parts = cut({ kind: 'terminal', text }, 3);
    expect(parts).toHaveLength(2);
    expect(parts[0]?.source).toBe('');
    expect(parts[0]?.text.length).toBeLessThanOrEqual(lengthMax);
    expect(parts[1]).toMatchObject({ text: '', source: text, files: [{ text }] });
    expect(sources({ kind: 'terminal', text }, 3)).toBe(text);
  });

  test('what is edited in place is no file', () => {
    const text = 'some words. '.repeat(3_000);
    for (const kind of ['ack', 'progress'] as const) {
      const parts = cut({ kind, text }, 3);
      expect(parts.every((part) => part.files === undefined)).toBe(true);
    }
  });

  test('what takes the buttons off edits one message: the last of them', () => {
    const text = `${'some words. '.repeat(600)}Answered: Yes`;
    const parts = cut({ kind: 'amend', live: '12', text });
    expect(parts).toHaveLength(1);
    expect(parts[0]?.text).toMatch(/Answered: Yes/);
    expect(parts[0]?.source).toBe(text);
    const short = cut({ kind: 'amend', live: '12', text: 'short' });
    expect(short).toEqual([{ text: 'short', source: 'short' }]);
  });

  test('what Telegram called too long is cut smaller', () => {
    const text = 'word '.repeat(800);
    expect(cut({ text })).toHaveLength(1);
    const parts = cut({ text, repairs: ['split'] });
    expect(parts.length).toBeGreaterThan(1);
    expect(sources({ text, repairs: ['split'] })).toBe(text);
  });
});
