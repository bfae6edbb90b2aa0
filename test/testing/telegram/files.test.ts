import { InputFile } from 'grammy';
import { expect, test } from 'vitest';
import type { FakeTelegram } from '../../../src/testing/telegram/index.ts';
import { client, refusal, server, updates } from './ground.ts';

async function opened() {
  const telegram = await server();
  const ann = telegram.person();
  ann.say('hello');
  return { telegram, ann, api: client(telegram) };
}

const download = (telegram: FakeTelegram, path: string | undefined) =>
  fetch(`${telegram.apiRoot}/file/bot${telegram.token}/${path}`);

test('a document arrives byte for byte, with its name and caption', async () => {
  const { telegram, ann, api } = await opened();
  const bytes = new Uint8Array(300_000).map((_, at) => at % 256);
  const tricky = new TextEncoder().encode('\r\n--\r\n\r\n------------');
  bytes.set(tricky, 1_000);
  const sent = await api.sendDocument(ann.id, new InputFile(bytes, 'répört v1.bin'), {
    caption: 'the *report*',
    caption_entities: [{ type: 'bold', offset: 4, length: 8 }],
    reply_markup: { inline_keyboard: [[{ text: 'Ok', callback_data: 'ok' }]] },
  });
  const shown = ann.chat.messages.at(-1);
  expect(shown).toMatchObject({
    text: 'the *report*',
    entities: [{ type: 'bold', offset: 4, length: 8 }],
    buttons: [[{ text: 'Ok', data: 'ok' }]],
  });
  expect(shown?.files).toMatchObject([{ kind: 'document', name: 'répört v1.bin' }]);
  expect(Buffer.from(shown?.files[0]?.bytes ?? []).equals(bytes)).toBe(true);
  expect(sent.document).toMatchObject({ file_name: 'répört v1.bin', file_size: 300_000 });
  expect(sent.caption).toBe('the *report*');
  expect(telegram.calls.at(-1)?.payload).toMatchObject({
    chat_id: ann.id,
    document: { name: 'répört v1.bin' },
  });
});

test('a file of the bot is sent again by its id, or named by an address', async () => {
  const { ann, api } = await opened();
  const first = await api.sendPhoto(ann.id, new InputFile(new Uint8Array([1, 2]), 'a.jpg'));
  await api.sendPhoto(ann.id, first.photo.at(-1)?.file_id ?? '');
  await api.sendDocument(ann.id, 'https://example.com/x/report.pdf');
  expect(ann.chat.messages.slice(-3).map(({ files }) => files[0])).toMatchObject([
    { kind: 'photo', bytes: new Uint8Array([1, 2]) },
    { kind: 'photo', bytes: new Uint8Array([1, 2]) },
    { kind: 'document', name: 'report.pdf', url: 'https://example.com/x/report.pdf' },
  ]);
  expect(await refusal(api.sendDocument(ann.id, 'what is this'))).toBe(
    '400 Bad Request: wrong remote file identifier specified: Wrong string length',
  );
});

test('what is too long or empty is refused', async () => {
  const { ann, api } = await opened();
  const file = (size: number) => new InputFile(new Uint8Array(size), 'a.bin');
  expect(await refusal(api.sendDocument(ann.id, file(0)))).toBe(
    '400 Bad Request: file must be non-empty',
  );
  expect(await refusal(api.sendDocument(ann.id, file(1), { caption: 'x'.repeat(1_025) }))).toBe(
    '400 Bad Request: message caption is too long',
  );
  expect(await refusal(api.sendPhoto(ann.id, file(10 * 1_024 * 1_024 + 1)))).toBe(
    '400 Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes',
  );
  expect(ann.chat.texts).toEqual([]);
});

test('the caption of a file is edited, its text is not', async () => {
  const { ann, api } = await opened();
  const { message_id: id } = await api.sendDocument(
    ann.id,
    new InputFile(new Uint8Array([1]), 'a.txt'),
    { caption: 'one' },
  );
  await api.editMessageCaption(ann.id, id, { caption: 'two' });
  expect(ann.chat.messages.at(-1)).toMatchObject({ text: 'two', history: ['one', 'two'] });
  expect(await refusal(api.editMessageText(ann.id, id, 'three'))).toBe(
    '400 Bad Request: there is no text in the message to edit',
  );
});

test('what a person sends is described by kind and loaded by the bot', async () => {
  const { telegram, ann, api } = await opened();
  await updates(api);
  const bytes = new TextEncoder().encode('a,b\n1,2\n');
  ann.say('my data', { files: [{ name: 'data.csv', mimeType: 'text/csv', bytes }] });
  ann.say('', { files: [{ kind: 'photo', bytes }] });
  ann.say('', { files: [{ kind: 'voice', bytes }] });
  const [document, photo, voice] = (await updates(api)).map(({ message }) => message);
  expect(document).toMatchObject({
    caption: 'my data',
    document: { file_name: 'data.csv', mime_type: 'text/csv', file_size: 8 },
  });
  expect(document).not.toHaveProperty('text');
  expect(photo?.photo).toHaveLength(2);
  expect(voice?.voice).toMatchObject({ mime_type: 'audio/ogg', file_size: 8 });
  for (const id of [document?.document?.file_id, photo?.photo?.at(-1)?.file_id]) {
    const file = await api.getFile(id ?? '');
    expect(file.file_path).toMatch(/^(documents|photos)\/file_\d+/);
    const response = await download(telegram, file.file_path);
    expect(await response.text()).toBe('a,b\n1,2\n');
  }
  expect((await download(telegram, 'documents/none.txt')).status).toBe(404);
  expect(await refusal(api.getFile('nonsense'))).toBe(
    '400 Bad Request: wrong file_id or the file is temporarily unavailable',
  );
});

test('a bot loads at most 20 MB', async () => {
  const { ann, api } = await opened();
  await updates(api);
  const bytes = new Uint8Array([1]);
  ann.say('', { files: [{ name: 'film.mkv', bytes, sizeBytes: 20 * 1_024 * 1_024 + 1 }] });
  const [update] = await updates(api);
  const id = update?.message?.document?.file_id ?? '';
  expect(await refusal(api.getFile(id))).toBe('400 Bad Request: file is too big');
});
