import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/adapters/webchat/config.ts';
import { createWebchat } from '../../../src/adapters/webchat/index.ts';
import { loadKey } from '../../../src/adapters/webchat/key-file.ts';
import { Tokens } from '../../../src/adapters/webchat/token.ts';
import { ConfigError } from '../../../src/contracts/error.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { FakeHost } from './fake-host.ts';

const day = 86_400_000;
const bytes = new TextEncoder().encode('a key that is long enough for a test');

function setUp(account = 'main', key = bytes) {
  const runtime = createFakeRuntime();
  return { runtime, tokens: new Tokens(key, parseConfig({ account }), runtime) };
}

describe('tokens', () => {
  test('say who it is, and become renewable after a day and void after thirty', async () => {
    const { runtime, tokens } = setUp();
    const visitor = tokens.newVisitor('Ann');
    const token = `Bearer ${await tokens.sign(visitor)}`;
    expect(await tokens.verify(token)).toEqual({ visitor, renewable: false });
    runtime.jumpWall(day);
    expect(await tokens.verify(token)).toEqual({ visitor, renewable: true });
    runtime.jumpWall(29 * day - 1_000);
    expect((await tokens.verify(token)).visitor).toEqual(visitor);
    runtime.jumpWall(1_000);
    await expect(tokens.verify(token)).rejects.toMatchObject({
      status: 401,
      body: { code: 'token_expired' },
    });
  });

  test('visitors are strangers to one another', () => {
    const { tokens } = setUp();
    const [a, b] = [tokens.newVisitor(undefined), tokens.newVisitor(undefined)];
    expect(new Set([a.personId, b.personId, a.conversation, b.conversation]).size).toBe(4);
    expect(a.personId).toMatch(/^p_[\w-]{22}$/);
  });

  const claims = {
    sub: 'p',
    conv: 'c',
    aud: 'readback-webchat/main',
    iat: 1_000_000_000,
    exp: 9_000_000_000,
  };
  const signed = (payload: object, key: Uint8Array = bytes, alg = 'HS256') =>
    new SignJWT({ ...payload }).setProtectedHeader({ alg }).sign(key);
  test.each<[string, () => Promise<string | undefined>, string]>([
    ['none', async () => undefined, 'token_missing'],
    ['another scheme', async () => 'Basic abc', 'token_missing'],
    ['no token', async () => 'Bearer x', 'token_invalid'],
    [
      'another key',
      async () => `Bearer ${await signed(claims, new TextEncoder().encode('x'.repeat(40)))}`,
      'token_invalid',
    ],
    [
      'another algorithm',
      async () =>
        `Bearer ${await signed(claims, new TextEncoder().encode('x'.repeat(64)), 'HS512')}`,
      'token_invalid',
    ],
    [
      'no algorithm',
      async () =>
        `Bearer ${btoa('{"alg":"none"}').replace(/=/g, '')}.${btoa(JSON.stringify(claims)).replace(/=/g, '')}.`,
      'token_invalid',
    ],
    [
      'another account',
      async () => `Bearer ${await signed({ ...claims, aud: 'readback-webchat/other' })}`,
      'token_invalid',
    ],
    [
      'no conversation',
      async () => `Bearer ${await signed({ ...claims, conv: undefined })}`,
      'token_invalid',
    ],
    [
      'no end',
      async () => `Bearer ${await signed({ ...claims, exp: undefined })}`,
      'token_invalid',
    ],
    [
      'changed',
      async () => `Bearer ${(await signed(claims)).replace(/.\./, 'x.')}`,
      'token_invalid',
    ],
  ])('refused: %s', async (_, make, code) => {
    await expect(setUp().tokens.verify(await make())).rejects.toMatchObject({
      status: 401,
      body: { code },
    });
  });

  test('a page that signs its own tokens is believed', async () => {
    const { visitor } = await setUp().tokens.verify(
      `Bearer ${await signed({ ...claims, name: 'Ann' })}`,
    );
    expect(visitor).toEqual({ personId: 'p', conversation: 'c', name: 'Ann' });
  });
});

describe('the key file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'readback-key-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const runtime = createFakeRuntime();

  test('is made once, for its owner only, by however many start', async () => {
    const keyFile = join(folder, 'made');
    const keys = await Promise.all([1, 2, 3].map(() => loadKey({ keyFile }, runtime)));
    expect(new Set(keys.map(({ key }) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(keys[0]?.key).toHaveLength(32);
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expect((await readFile(keyFile, 'utf8')).trim()).toMatch(/^[0-9a-f]{64}$/);
    expect((await loadKey({ keyFile }, runtime)).key).toEqual(keys[0]?.key);
  });

  test('of others is warned of', async () => {
    const keyFile = join(folder, 'open');
    await writeFile(keyFile, 'ab'.repeat(32));
    await chmod(keyFile, 0o644);
    expect((await loadKey({ keyFile }, runtime)).warning).toContain('0600');
  });

  test.each(['', 'short', 'ab'.repeat(31), 'x'.repeat(64)])(
    'with %j in it is refused',
    async (text) => {
      const keyFile = join(folder, `bad${text.length}${text[0]}`);
      await writeFile(keyFile, text);
      await expect(loadKey({ keyFile }, runtime)).rejects.toThrow(ConfigError);
    },
  );

  test('in a place that is not there is refused, at the start', async () => {
    const adapter = createWebchat({ keyFile: join(folder, 'no', 'such', 'folder') });
    await expect(adapter.start(new FakeHost(runtime))).rejects.toMatchObject({ code: 'key_file' });
  });
});
