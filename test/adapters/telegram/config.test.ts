import { describe, expect, test } from 'vitest';
import { botIdOf, parseConfig, webhookSecret } from '../../../src/adapters/telegram/config.ts';
import { createTelegram } from '../../../src/adapters/telegram/index.ts';

const token = '123456:AAFakeFakeFakeFakeFakeFakeFakeFake00';
const url = 'https://bot.example/telegram/webhook';

describe('configuration', () => {
  test('has a default for everything but the token', () => {
    expect(parseConfig({ token })).toMatchObject({
      apiRoot: 'https://api.telegram.org',
      mode: 'polling',
      groups: 'mentioned',
      channels: false,
      allow: {},
      operators: [],
      unknownPolicy: 'mark',
      partsMax: 10,
      notifyAfterMs: 60_000,
      commands: true,
      streams: 'edit',
      words: { completed: 'Done, see above.' },
    });
  });

  test('the account is the number of the bot unless it has a name', () => {
    expect(botIdOf({ token })).toBe('123456');
    expect(createTelegram({ token }).accounts).toEqual(['123456']);
    expect(createTelegram({ token, account: 'help' }).accounts).toEqual(['help']);
  });

  test('numbers of people and chats may be digits', () => {
    const { allow, operators } = parseConfig({
      token,
      allow: { users: [1, '2'], chats: ['-1001'] },
      operators: [3],
    });
    expect(allow).toEqual({ users: ['1', '2'], chats: ['-1001'] });
    expect(operators).toEqual(['3']);
  });

  test('an HTTP route is there only where Telegram delivers', () => {
    expect(createTelegram({ token }).fetch).toBeUndefined();
    expect(createTelegram({ token, mode: { webhook: { url } } }).fetch).toBeTypeOf('function');
  });

  test('the secret of the webhook follows from the token, and another one may be set', () => {
    const secret = webhookSecret(parseConfig({ token, mode: { webhook: { url } } }));
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(secret).toBe(webhookSecret(parseConfig({ token, mode: { webhook: { url } } })));
    expect(secret).not.toBe(
      webhookSecret(parseConfig({ token: `${token}1`, mode: { webhook: { url } } })),
    );
    const own = 'chosen-by-the-operator';
    expect(webhookSecret(parseConfig({ token, mode: { webhook: { url, secret: own } } }))).toBe(
      own,
    );
    expect(webhookSecret(parseConfig({ token }))).toBeUndefined();
  });

  test.each<[unknown, RegExp]>([
    [undefined, /^telegram: the options: .*; got nothing, allowed: object$/],
    [{}, /^telegram: token: .*; got nothing, allowed: string$/],
    [
      { token: 'abc' },
      /^telegram: token: must be a token.*; got a secret that is not shown, allowed: /,
    ],
    [
      { token, group: 'all' },
      /^telegram: group: unknown field; got a value of type string, allowed: token, account,/,
    ],
    [{ token, groups: 'some' }, /^telegram: groups: .*; got "some", allowed: mentioned, all, off$/],
    [{ token, mode: 'push' }, /^telegram: mode: .*; got "push", allowed: "polling", \{ webhook/],
    [
      { token, mode: { webhook: { url: 'http://bot.example/x' } } },
      /^telegram: mode\.webhook\.url: must be an https URL.*; got "http:\/\/bot\.example\/x", allowed: an https URL/,
    ],
    [
      { token, mode: { webhook: { url, secret: 'short' } } },
      /^telegram: mode\.webhook\.secret: .*; got a secret that is not shown, allowed: 16 to 256/,
    ],
    [
      { token, mode: { webhook: { url, port: 1 } } },
      /^telegram: mode\.webhook\.port: unknown field; got a value of type number/,
    ],
    [{ token, partsMax: 0 }, /^telegram: partsMax: .*; got 0, allowed: at least 1$/],
    [
      { token, operators: ['@ann'] },
      /^telegram: operators\[0\]: .*; got "@ann", allowed: a number/,
    ],
    [{ token, apiRoot: 'https://api.telegram.org/' }, /^telegram: apiRoot: .*without a slash/],
    [{ token, fetch: 1 }, /^telegram: fetch: must be a function; got 1, allowed: a function$/],
    [
      { token, deadlines: { ackMs: 0 } },
      /^telegram: deadlines\.ackMs: .*; got 0, allowed: at least 1$/,
    ],
  ])('%j is refused', (config, message) => {
    expect(() => parseConfig(config)).toThrow(message);
    expect(() => parseConfig(config)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });

  test.each([
    { token: `${token} ` },
    { Token: token },
    { token, account: 1, note: token },
    { token, apiRoot: `https://x/bot${token}/` },
    { token, groups: token },
    { token, mode: { webhook: { url: `http://x/${token}` } } },
  ])('no error shows a token', (config) => {
    let message = '';
    try {
      parseConfig(config);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('telegram: ');
    expect(message).not.toContain('AAFake');
  });
});
