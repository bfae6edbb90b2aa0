import { expect, test } from 'vitest';
import { Connection } from '../../../src/testing/discord/gateway-connection.ts';

/** A connection whose socket only counts its pings. */
function opened() {
  const seen = { pings: 0 };
  const socket = {
    send: () => undefined,
    close: () => undefined,
    ping: () => {
      seen.pings += 1;
    },
  };
  const world = { holdBriefly: (work: Promise<unknown>) => work };
  return { seen, connection: new Connection(socket as never, world as never) };
}

test('one ping is under way at a time, and its pong counts only for what was sent before it', async () => {
  const { seen, connection } = opened();
  const read: number[] = [];
  for (const sequence of [1, 2, 3])
    void connection.sendFrame({ sequence, text: '{}' }).then(() => read.push(sequence));
  expect([seen.pings, connection.unread]).toEqual([1, 3]);
  connection.pong();
  await Promise.resolve();
  expect([read, seen.pings, connection.unread]).toEqual([[1], 2, 2]);
  connection.pong();
  await Promise.resolve();
  expect([read, seen.pings, connection.unread]).toEqual([[1, 2, 3], 2, 0]);
});

test('when it is gone nobody waits for it any more', async () => {
  const { connection } = opened();
  const read = [1, 2].map((sequence) => connection.sendFrame({ sequence, text: '{}' }));
  connection.leave();
  await Promise.all(read);
  expect(connection.unread).toBe(0);
});
