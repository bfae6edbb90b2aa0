import { describe, expect, test } from 'vitest';
import { commandBodies, commandRoutes } from '../../../src/adapters/discord/commands.ts';
import { accountOf, parseConfig } from '../../../src/adapters/discord/config.ts';
import { problemText } from '../../../src/adapters/discord/config-problem.ts';

const application = '123456789012345678';
/** Made so that nothing takes it for a real one. */
const token = [Buffer.from(application).toString('base64'), 'FakeFk', 'f'.repeat(38)].join('.');

describe('configuration', () => {
  test('has a default for everything but the token', () => {
    expect(parseConfig({ token })).toMatchObject({
      apiUrl: 'https://discord.com/api',
      messageContent: true,
      sessions: 'channel',
      threadMinutes: 1_440,
      channels: 'mentioned',
      allow: {},
      operators: [],
      commands: { in: 'global', userInstall: false, ask: 'ask', help: 'help' },
      ephemeral: false,
      embeds: false,
      unknownPolicy: 'repeat',
      partsMax: 10,
      streams: 'edit',
      shards: 'auto',
      words: { file: 'File:', answer: 'Answer in words' },
    });
    expect(parseConfig({ token, commands: false }).commands).toBe(false);
    expect(parseConfig({ token, commands: { in: [application] } }).commands).toMatchObject({
      in: [application],
      cancel: 'cancel',
    });
  });

  test('the account is the application unless it has a name', () => {
    expect(accountOf({ token })).toBe(application);
    expect(accountOf({ token, account: 'prod' })).toBe('prod');
    expect(accountOf({ token: 'not-base64.of.anumber' })).toBe('main');
  });

  test.each<[unknown, RegExp]>([
    [undefined, /^discord: the options: .*; got nothing, allowed: object$/],
    [{}, /^discord: token: .*; got nothing, allowed: string$/],
    [
      { token: 'x' },
      /^discord: token: must be a bot token, from "Bot"; got a secret that is not shown/,
    ],
    [{ token, account: '' }, /^discord: account: .*allowed: at least 1$/],
    [
      { token, nonsense: 1 },
      /^discord: nonsense: unknown field; got a value of type number, allowed: token, account,/,
    ],
    [
      { token, words: { nonsense: 1 } },
      /^discord: words\.nonsense: unknown field; .*documentation of words/,
    ],
    [
      { token, operators: ['ann'] },
      /^discord: operators\[0\]: .*; got "ann", allowed: an id such as/,
    ],
    [{ token, sessions: 'post' }, /^discord: sessions: .*; got "post", allowed: thread, channel$/],
    [
      { token, threadMinutes: 5 },
      /^discord: threadMinutes: .*; got 5, allowed: 60, 1440, 4320, 10080$/,
    ],
    [{ token, shards: 0 }, /^discord: shards: .*; got 0, allowed: /],
    [
      { token, apiUrl: 'https://discord.com/api/' },
      /^discord: apiUrl: must be a URL without a slash/,
    ],
    [{ token, fetch: 'x' }, /^discord: fetch: must be a function; got "x"/],
    [{ token, partsMax: 101 }, /^discord: partsMax: .*; got 101, allowed: at most 100$/],
    [
      { token, channels: 'all', messageContent: false },
      /^discord: messageContent: must be true for channels "all"; got false/,
    ],
    [
      { token, commands: { userInstall: true, in: [application] } },
      /^discord: commands\.userInstall: must be false unless/,
    ],
    [{ token, commands: { ask: 'help' } }, /^discord: commands: must be five different names/],
    [
      { token, commands: { ask: 'Ask' } },
      /^discord: commands\.ask: must be in lower case; got "Ask"/,
    ],
    [
      { token, commands: { ask: 'a b' } },
      /^discord: commands\.ask: must be a name of 1 to 32 letters/,
    ],
    [
      { token, commands: { in: 'some' } },
      /^discord: commands\.in: .*; got "some", allowed: global, array$/,
    ],
    [{ token, operators: 'x'.repeat(200) }, /… \(202 characters\)/],
  ])('%j is refused', (given, message) => {
    let found: unknown;
    try {
      parseConfig(given);
    } catch (error) {
      found = error;
    }
    expect(found).toMatchObject({ code: 'invalid_config' });
    expect((found as Error).message).toMatch(message);
    expect((found as Error).message).not.toContain(token);
  });

  test('a token in the wrong place is not shown', () => {
    for (const wrong of [
      { token, account: [token] },
      { token, words: { file: { a: token } } },
    ])
      expect(() => parseConfig(wrong)).toThrow(/got a value of type object/);
    expect(() => parseConfig({ token, apiUrl: token })).toThrow(/got a value of type string/);
  });

  test('a problem that says nothing is one all the same', () => {
    expect(problemText(undefined, null, [])).toBe('the options: not valid; got null, allowed: ');
  });
});

describe('commands', () => {
  const { commands, words } = parseConfig({ token, commands: { ask: 'fragen' } });
  if (commands === false) throw new Error('no commands');

  test('five, as Discord takes them', () => {
    const bodies = commandBodies(commands, words);
    expect(bodies.map(({ name }) => name)).toEqual(['fragen', 'status', 'cancel', 'retry', 'help']);
    expect(bodies[0]).toEqual({
      type: 1,
      name: 'fragen',
      description: 'Ask something',
      options: [
        { type: 3, name: 'text', description: 'What to ask', required: true, max_length: 6_000 },
        { type: 11, name: 'file', description: 'A file to it', required: false },
      ],
      integration_types: [0],
      contexts: [0, 1],
    });
    expect(bodies[1]).not.toHaveProperty('options');
  });

  test('where people install the app for themselves it may be used anywhere', () => {
    const [first] = commandBodies({ ...commands, userInstall: true }, words);
    expect(first).toMatchObject({ integration_types: [0, 1], contexts: [0, 1, 2] });
  });

  test('in servers they are put one by one, and say nothing of elsewhere', () => {
    const inTwo = { ...commands, in: ['11111', '22222'] };
    expect(commandRoutes(inTwo, '99')).toEqual([
      '/applications/99/guilds/11111/commands',
      '/applications/99/guilds/22222/commands',
    ]);
    expect(commandRoutes(commands, '99')).toEqual(['/applications/99/commands']);
    expect(commandBodies(inTwo, words)[0]).not.toHaveProperty('contexts');
  });
});
