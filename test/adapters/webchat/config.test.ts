import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/adapters/webchat/config.ts';
import { createWebchat } from '../../../src/adapters/webchat/index.ts';

describe('configuration', () => {
  test('has a default for everything', () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      account: 'main',
      keyFile: 'readback-webchat.key',
      tokenTtlMs: 2_592_000_000,
      allowedOrigins: [],
      page: true,
    });
    expect(config.limits).toMatchObject({
      bodyBytes: 65_536,
      connectionsPerConversation: 10,
      connections: 1_000,
    });
    expect(createWebchat({ account: 'help' }).accounts).toEqual(['help']);
  });

  test.each<[unknown, RegExp]>([
    [{ acount: 'x' }, /^webchat: acount: unknown field; got "x", allowed: account, key, keyFile,/],
    [
      { limits: { bodyByte: 1 } },
      /^webchat: limits\.bodyByte: unknown field; got 1, allowed: bodyBytes, textMax,/,
    ],
    [{ tokenTtlMs: 0 }, /^webchat: tokenTtlMs: .*; got 0, allowed: at least 60000$/],
    [
      { limits: { textMax: 100_000 } },
      /^webchat: limits\.textMax: .*; got 100000, allowed: at most 64000$/,
    ],
    [
      { allowedOrigins: ['https://a.example/path'] },
      /^webchat: allowedOrigins\[0\]: .*an origin such as/,
    ],
    [{ pingMs: 'fast' }, /^webchat: pingMs: .*; got "fast", allowed: (int|number)$/],
    [{ key: 'short' }, /^webchat: key: .*; got a secret that is not shown, allowed: at least 32$/],
  ])('%j is refused', (config, message) => {
    expect(() => parseConfig(config)).toThrow(message);
    expect(() => parseConfig(config)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });
});
