import { expect, test } from 'vitest';
import { CallLog } from '../../../src/testing/call-log.ts';
import { FileShelf } from '../../../src/testing/telegram/file-shelf.ts';
import { bytesOf, type Payload } from '../../../src/testing/telegram/request-body.ts';
import { UpdateQueue } from '../../../src/testing/telegram/update-queue.ts';
import { client, server } from './ground.ts';

test('the oldest files lose their bytes, also in the messages that show them', () => {
  const shelf = new FileShelf(250);
  const files = [1, 2, 3].map(() => shelf.add({ kind: 'document', bytes: new Uint8Array(100) }));
  expect(files.map(({ bytes }) => bytes.byteLength)).toEqual([0, 100, 100]);
  expect(() => shelf.forDownload(files[0]?.fileId ?? '')).toThrow('temporarily unavailable');
  expect(shelf.forDownload(files[1]?.fileId ?? '')).toBe(files[1]);
});

test('the oldest calls go, by number and by the bytes of their files', () => {
  const log = new CallLog<{ readonly payload: Payload }>(bytesOf, 250);
  const begin = (payload: Payload) => log.begin({ payload });
  for (let n = 0; n < 3; n += 1) begin({ n, document: { name: 'a', bytes: new Uint8Array(100) } });
  expect(log.all.map(({ payload }) => payload['n'])).toEqual([1, 2]);
  for (let n = 0; n < 10_001; n += 1) begin({ n });
  expect(log.all).toHaveLength(10_000);
  expect(log.all[0]?.payload).toEqual({ n: 1 });
});

test('the oldest updates go; one that comes again comes once', () => {
  const queue = new UpdateQueue(() => 0);
  const ids = Array.from({ length: 10_001 }, (_, n) => queue.push({ n }));
  expect(queue.length).toBe(10_000);
  const [first] = queue.take(ids[2] ?? 0, 1);
  expect(first?.updateId).toBe(ids[2]);
  expect([queue.restore(ids[1] ?? 0), queue.restore(ids[1] ?? 0)]).toEqual([true, true]);
  expect(queue.take(ids[2] ?? 0, 2).map(({ updateId }) => updateId)).toEqual([ids[1], ids[2]]);
  expect(queue.take(ids[2] ?? 0, 1).map(({ updateId }) => updateId)).toEqual([ids[2]]);
});

test('a chat shows its newest 10,000 messages', async () => {
  const telegram = await server();
  const ann = telegram.person();
  for (let n = 0; n < 10_000; n += 1) ann.say(`m${n}`);
  await client(telegram).sendMessage(ann.id, 'one more');
  expect([ann.chat.messages.length, ann.chat.messages[0]?.text]).toEqual([10_000, 'm1']);
});
