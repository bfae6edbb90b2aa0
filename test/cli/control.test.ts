import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { askControl } from '../../src/cli/control-client.ts';
import { lineBytesMax, socketPath } from '../../src/cli/control-protocol.ts';
import {
  type ControlServer,
  type ControlTarget,
  startControl,
} from '../../src/cli/control-server.ts';
import { ConfigError, ContractError } from '../../src/contracts/error.ts';
import type { ReceiptId, TaskId } from '../../src/contracts/id.ts';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type { CancelAnswer } from '../../src/contracts/relay.ts';
import { tempDir } from './temp-dir.ts';

const task = '01890000-0000-7000-8000-00000000abcd' as TaskId;
const receipt = '01890000-0000-7000-8000-00000000ef01' as ReceiptId;
const cause = { end: 'cancelled', reason: 'enough', by: 'ann' } as const;
const servers: ControlServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(target: Partial<ControlTarget> = {}): Promise<string> {
  const file = path.join(tempDir(), 'x.sock');
  const full: ControlTarget = {
    cancel: async () => ({ kind: 'cancelled', cause }),
    redrive: async (id) =>
      ({
        id,
        state: 'pending',
        channel: 'webchat/main/c',
        content: { text: 'private' },
      }) as unknown as Receipt,
    ping: () => ({ pid: 7, version: '0.1.0' }),
    ...target,
  };
  servers.push(await startControl({ path: file, target: full }));
  return file;
}

/** Sends text as it is; what came back until the other side closed, or `lines` lines. */
function say(file: string, text: string, lines = 1): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(file, () => socket.write(text));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      got += String(chunk);
      if (got.split('\n').length > lines) socket.end();
    });
    socket.on('close', () =>
      resolve(
        got
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as unknown),
      ),
    );
  });
}

describe('asking', () => {
  test('cancel and redrive reach the relay, only what is no text comes back', async () => {
    const asked: unknown[] = [];
    const file = await start({
      cancel: async (...args) => {
        asked.push(args);
        return { kind: 'detached', cause };
      },
    });
    expect(await askControl(file, { act: 'cancel', task, reason: 'enough', by: 'ann' })).toEqual({
      kind: 'detached',
      cause,
    });
    expect(await askControl(file, { act: 'cancel', task, by: 'ann' })).toEqual({
      kind: 'detached',
      cause,
    });
    expect(asked).toEqual([
      [task, { reason: 'enough', by: 'ann' }],
      [task, { by: 'ann' }],
    ]);
    expect(await askControl(file, { act: 'redrive', receipt, by: 'ann' })).toEqual({
      id: receipt,
      state: 'pending',
      channel: 'webchat/main/c',
    });
    expect(await askControl(file, { act: 'ping' })).toEqual({ pid: 7, version: '0.1.0' });
  });

  test('a refusal comes back with its code; a fault without its text', async () => {
    const file = await start({
      cancel: () => Promise.reject(new ContractError('no_such_task', 'there is none')),
      redrive: () => Promise.reject(new Error('a secret inside')),
    });
    await expect(askControl(file, { act: 'cancel', task, by: 'a' })).rejects.toMatchObject({
      code: 'no_such_task',
      message: 'there is none',
    });
    await expect(askControl(file, { act: 'redrive', receipt, by: 'a' })).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('secret'),
    });
  });

  test('nobody there is undefined: no file, and a file whose process died', async () => {
    const dir = tempDir();
    expect(await askControl(path.join(dir, 'none.sock'), { act: 'ping' })).toBeUndefined();
    writeFileSync(path.join(dir, 'plain.sock'), '');
    expect(await askControl(path.join(dir, 'plain.sock'), { act: 'ping' })).toBeUndefined();
  });

  test('no answer in time, and an answer that cannot be read', async () => {
    const slow = await start({ cancel: () => new Promise(() => {}) });
    await expect(askControl(slow, { act: 'cancel', task, by: 'a' }, 100)).rejects.toMatchObject({
      code: 'no_answer',
    });
    const file = path.join(tempDir(), 'odd.sock');
    const odd = createServer((socket) => void socket.end('{"v":2}\n'));
    await new Promise<void>((resolve) => odd.listen(file, resolve));
    await expect(askControl(file, { act: 'ping' })).rejects.toMatchObject({
      code: 'answer_invalid',
    });
    odd.close();
  });
});

describe('what the server withstands', () => {
  test.each([
    ['not json', 'the line:'],
    ['{}', 'act:'],
    ['{"v":1,"id":1,"act":"stop"}', 'act:'],
    ['{"v":2,"id":1,"act":"ping"}', 'v:'],
    [`{"v":1,"id":1,"act":"cancel","task":"abcd","by":"x"}`, 'task:'],
    ['{"v":1,"id":1,"act":"ping","more":1}', 'Unrecognized key'],
    [
      `{"v":1,"id":1,"act":"cancel","task":"${task}","by":"x","reason":"${'r'.repeat(501)}"}`,
      'reason:',
    ],
  ])('%s', async (line, said) => {
    const [answer] = await say(await start(), `${line}\n`);
    expect(answer).toMatchObject({
      ok: false,
      id: 0,
      error: { code: 'request_invalid', message: expect.stringContaining(said) },
    });
  });

  test('a line that is too long, ended or not', async () => {
    const file = await start();
    const tooLong = { ok: false, error: { code: 'line_too_long' } };
    expect(await say(file, 'x'.repeat(lineBytesMax + 1))).toMatchObject([tooLong]);
    expect(await say(file, `${'x'.repeat(lineBytesMax + 1)}\n`)).toMatchObject([tooLong]);
  });

  test('many requests on one connection are answered in order', async () => {
    const file = await start();
    const requests = Array.from(
      { length: 50 },
      (_, id) => `{"v":1,"id":${id},"act":"ping"}\n`,
    ).join('');
    expect((await say(file, requests, 50)).map((answer) => (answer as { id: number }).id)).toEqual(
      Array.from({ length: 50 }, (_, id) => id),
    );
  });

  test('a client that goes away while its request runs disturbs nobody', async () => {
    let release = (): void => {};
    const file = await start({
      cancel: () =>
        new Promise((resolve) => {
          release = () => resolve({ kind: 'cancelled', cause });
        }),
    });
    const socket = connect(file, () =>
      socket.write(`{"v":1,"id":1,"act":"cancel","task":"${task}","by":"x"}\n`),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    release();
    expect(await askControl(file, { act: 'ping' })).toBeDefined();
  });
});

describe('the socket file', () => {
  test('is private, and goes with the server', async () => {
    const file = await start();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await Promise.all(servers.splice(0).flatMap((server) => [server.close(), server.close()]));
    expect(existsSync(file)).toBe(false);
  });

  test('a stale one is replaced, another file is not', async () => {
    const file = await start();
    // as after kill -9: the file stands, and nobody listens any more
    const target = {
      cancel: () => Promise.reject(new Error()),
      redrive: () => Promise.reject(new Error()),
      ping: () => ({ pid: 8, version: '2' }),
    };
    servers.push(await startControl({ path: file, target }));
    expect(await askControl(file, { act: 'ping' })).toMatchObject({ pid: 8 });
    const plain = path.join(tempDir(), 'x.sock');
    writeFileSync(plain, 'mine');
    await expect(startControl({ path: plain, target })).rejects.toMatchObject({
      code: 'socket_taken',
    });
  });

  test('close waits for what is under way, and not for ever', async () => {
    const begun = deferred<void>();
    const ended = deferred<CancelAnswer>();
    const file = await start({
      cancel: () => {
        begun.resolve();
        return ended.promise;
      },
    });
    const answer = askControl(file, { act: 'cancel', task, by: 'a' });
    await begun.promise;
    const closed = servers.splice(0)[0]?.close();
    ended.resolve({ kind: 'cancelled', cause });
    await closed;
    expect(await answer).toMatchObject({ kind: 'cancelled' });

    const hangs = deferred<void>();
    const hanging = await start({
      cancel: () => {
        hangs.resolve();
        return new Promise(() => {});
      },
    });
    const never = expect(askControl(hanging, { act: 'cancel', task, by: 'a' })).rejects;
    const refused = never.toMatchObject({ code: 'no_answer' });
    await hangs.promise;
    await servers.splice(0)[0]?.close();
    await refused;
  });

  test('a long path is taken from the working directory; too long a one is refused', () => {
    expect(socketPath('/srv/data/readback.db', '/srv')).toBe('/srv/data/readback.db.sock');
    const dir = path.join(tempDir(), 'd'.repeat(100));
    mkdirSync(dir);
    expect(socketPath(path.join(dir, 'readback.db'), dir)).toBe('readback.db.sock');
    expect(() => socketPath(path.join(dir, 'readback.db'), '/')).toThrow(ConfigError);
  });
});

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
