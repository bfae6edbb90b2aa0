import { expect, test } from 'vitest';
import { FileShelf } from '../../../src/testing/slack/file-shelf.ts';
import { client, refusal, server } from './ground.ts';

const bytes = new TextEncoder().encode('a,b\n1,2\n');

async function opened() {
  const slack = await server();
  const ann = slack.person({ name: 'Ann' });
  const root = ann.say('send me the table');
  return { slack, ann, root, thread: ann.dm.thread(root), api: client(slack) };
}

test("the client's own upload ends as a message with the file", async () => {
  const { api, ann, root, thread } = await opened();
  await api.filesUploadV2({
    channel_id: ann.dm.id,
    thread_ts: root.ts,
    initial_comment: 'here',
    file: Buffer.from(bytes),
    filename: 'table.csv',
    title: 'Table',
  });
  const message = thread.messages.at(-1);
  expect(message).toMatchObject({ shown: 'here', threadTs: root.ts });
  const file = message?.files[0];
  expect(file).toMatchObject({ name: 'table.csv', title: 'Table', mimeType: 'text/csv' });
  expect(file?.bytes).toEqual(bytes);
});

test('step by step: the length must be right, and a file is shared once', async () => {
  const { slack, api, ann } = await opened();
  const asked = await api.files.getUploadURLExternal({ filename: 'a.txt', length: 3 });
  const share = (id = asked.file_id as string) =>
    api.files.completeUploadExternal({ files: [{ id }], channel_id: ann.dm.id });
  expect(await refusal(share())).toBe('file_not_found');
  const upload = (body: string) =>
    fetch(asked.upload_url as string, { method: 'POST', body }).then(({ status }) => status);
  expect([await upload('ab'), await upload('abc')]).toEqual([400, 200]);
  expect(await refusal(api.files.info({ file: asked.file_id as string }))).toBe('file_not_found');
  await share();
  expect(await upload('abc')).toBe(404);
  expect(await refusal(share())).toBe('file_not_found');
  expect(ann.dm.messages.at(-1)?.files).toMatchObject([{ name: 'a.txt', title: 'a.txt' }]);
  expect((await api.files.info({ file: asked.file_id as string })).file).toMatchObject({
    size: 3,
    ims: [ann.dm.id],
  });
  expect(slack.callsOf('upload').map(({ applied }) => applied)).toEqual([false, true]);
});

test('what a person uploads is loaded with the token; without it comes a page to log in', async () => {
  const { slack, api, ann } = await opened();
  const message = ann.say('look', { files: [{ name: 'table.csv', bytes }] });
  const { file } = await api.files.info({ file: message.files[0]?.id as string });
  const load = (token: string) =>
    fetch(file?.url_private_download as string, { headers: { authorization: `Bearer ${token}` } });
  const loaded = await load(slack.botToken);
  expect(loaded.headers.get('content-type')).toBe('text/csv');
  expect(new Uint8Array(await loaded.arrayBuffer())).toEqual(bytes);
  const login = await load('xoxb-wrong');
  expect([login.status, login.headers.get('content-type')]).toEqual([200, 'text/html']);
  slack.setScopes(['chat:write']);
  expect((await load(slack.botToken)).headers.get('content-type')).toBe('text/html');
});

test('a file may say that it is longer than it is', async () => {
  const { api, ann } = await opened();
  const huge = { name: 'huge.zip', bytes, sizeBytes: 900_000_000 };
  const message = ann.say('', { files: [huge] });
  const { file } = await api.files.info({ file: message.files[0]?.id as string });
  expect(file).toMatchObject({ size: 900_000_000, mimetype: 'application/zip' });
  expect(await refusal(api.files.getUploadURLExternal({ filename: 'x', length: 2 ** 40 }))).toBe(
    'file_upload_size_restricted',
  );
});

test('a full shelf lets the bytes of its oldest files go, in messages too', () => {
  const shelf = new FileShelf(10);
  const make = (id: string) => {
    const about = { id, name: id, teamId: 'T', userId: 'U', createdMs: 0, sizeBytes: 6 };
    const file = shelf.add(about);
    shelf.fill(file, new Uint8Array(6));
    return file;
  };
  const [first, second] = [make('one'), make('two')];
  expect([first.bytes.byteLength, second.bytes.byteLength]).toEqual([0, 6]);
  expect([shelf.byId('one'), shelf.byId('two')]).toEqual([undefined, second]);
});
