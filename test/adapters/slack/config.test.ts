import { describe, expect, test } from 'vitest';
import { accountOf, parseConfig } from '../../../src/adapters/slack/config.ts';

const token = `xoxb-${'1'.repeat(12)}-222222222222-AbCdEfFakeFakeFakeFake`;
const appToken = 'xapp-1-A012AB3CD-333333333333-fakefakefakefake';
const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const socket = { token, appToken };

describe('configuration', () => {
  test('has a default for everything but the tokens', () => {
    expect(parseConfig(socket)).toMatchObject({
      mode: 'socket',
      apiUrl: 'https://slack.com/api/',
      sessions: 'thread',
      channels: 'mentioned',
      allow: {},
      operators: [],
      broadcast: false,
      join: true,
      unknownPolicy: 'mark',
      partsMax: 10,
      streams: 'native',
      fileBytesMax: 20_000_000,
      prompts: [],
      words: { file: 'File:', answer: 'Answer in words' },
    });
  });

  test('the mode follows from what is given', () => {
    expect(parseConfig({ token, signingSecret }).mode).toBe('http');
    expect(parseConfig({ token, appToken, signingSecret }).mode).toBe('socket');
    expect(parseConfig({ token, appToken, signingSecret, mode: 'http' }).mode).toBe('http');
  });

  test('the account is the number of the workspace unless it has a name', () => {
    expect(accountOf({ token })).toBe('111111111111');
    expect(accountOf({ token: `xoxb-${'1'.repeat(12)}-999-OtherOther` })).toBe('111111111111');
    expect(accountOf({ token, account: 'T012AB3CD' })).toBe('T012AB3CD');
    // Tokens of another form hold none.
    expect(accountOf({ token: 'xoxb-abc-def' })).toBe('main');
    expect(accountOf({ token: `xoxb-${'1'.repeat(12)}-AbCdEf` })).toBe('main');
  });

  test.each<[unknown, RegExp]>([
    [undefined, /^slack: the options: .*; got nothing, allowed: object$/],
    [{}, /^slack: token: .*; got nothing, allowed: string$/],
    [
      { token },
      /^slack: appToken: must be given for Socket Mode, or signingSecret for HTTP; got nothing,/,
    ],
    [{ token, appToken, mode: 'http' }, /^slack: signingSecret: must be given for mode "http"/],
    [{ token, signingSecret, mode: 'socket' }, /^slack: appToken: must be given for mode "socket"/],
    [
      { token: appToken, appToken },
      /^slack: token: must be a bot token.*; got a secret that is not shown, allowed: a bot token/,
    ],
    [{ token, appToken: token }, /^slack: appToken: .*; got a secret that is not shown/],
    [
      { token, signingSecret: 'short' },
      /^slack: signingSecret: .*; got a secret that is not shown/,
    ],
    [{ ...socket, mode: 'push' }, /^slack: mode: .*; got "push", allowed: socket, http$/],
    [
      { ...socket, channel: 'all' },
      /^slack: channel: unknown field; got a value of type string, allowed: token, appToken,/,
    ],
    [
      { ...socket, allow: { teams: [] } },
      /^slack: allow\.teams: unknown field; .*only what the documentation of allow names$/,
    ],
    [
      { ...socket, sessions: 'user' },
      /^slack: sessions: .*; got "user", allowed: thread, channel$/,
    ],
    [
      { ...socket, operators: ['@ann'] },
      /^slack: operators\[0\]: .*; got "@ann", allowed: a member/,
    ],
    [
      { ...socket, allow: { channels: ['#general'] } },
      /^slack: allow\.channels\[0\]: .*"#general"/,
    ],
    [{ ...socket, apiUrl: 'https://slack.com/api' }, /^slack: apiUrl: .*with a slash at the end/],
    [{ ...socket, partsMax: 0 }, /^slack: partsMax: .*; got 0, allowed: at least 1$/],
    [{ ...socket, fileBytesMax: 2e9 }, /^slack: fileBytesMax: .*allowed: at most 1000000000$/],
    [{ ...socket, fetch: 1 }, /^slack: fetch: must be a function; got 1, allowed: a function$/],
    [{ ...socket, deadlines: { ackMs: 0 } }, /^slack: deadlines\.ackMs: .*; got 0/],
    [{ ...socket, words: { send: 'x'.repeat(25) } }, /^slack: words\.send: .*at most 24$/],
    [
      { ...socket, prompts: Array(5).fill({ title: 'a', message: 'b' }) },
      /^slack: prompts: .*at most 4$/,
    ],
  ])('%j is refused', (config, message) => {
    expect(() => parseConfig(config)).toThrow(message);
    expect(() => parseConfig(config)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });

  test.each([
    { token: `${token} `, appToken },
    { token, appToken: `${appToken} ` },
    { token, signingSecret: `${signingSecret} ` },
    { Token: token },
    { ...socket, account: 1, note: token },
    { ...socket, channels: token },
    { ...socket, mode: appToken },
    { ...socket, sessions: '8f742231b10e8888abcd99aaabbb85a5' },
    { ...socket, operators: [token] },
    { ...socket, words: { send: token } },
    { ...socket, apiUrl: `https://a.example/?${token}` },
  ])('no error shows a token or a secret (%#)', (config) => {
    let message = '';
    try {
      parseConfig(config);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('slack: ');
    expect(message).not.toMatch(/FakeFake|fakefake|8f742231/);
  });
});
