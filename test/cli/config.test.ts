import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LoadedConfig, loadConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/contracts/error.ts';
import { defineConfig } from '../../src/define-config.ts';
import { tempDir } from './temp-dir.ts';

const worker = (name: string, more = ''): string =>
  `{ name: '${name}', capabilities: {}, ensureSession() {}, dispose() {} ${more} }`;

async function load(
  files: Record<string, string>,
  env: Record<string, string> = {},
): Promise<LoadedConfig> {
  return loadConfig({ cwd: tempDir(files), env });
}

/** What is said of an `.mjs` config with this body. */
async function refusal(body: string, env: Record<string, string> = {}): Promise<string> {
  const error = await load({ 'readback.config.mjs': `export default ${body}` }, env).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}

describe('what is read', () => {
  test('nothing at all: the defaults', async () => {
    const cwd = tempDir();
    const { config, file, secrets, warnings } = await loadConfig({ cwd, env: {} });
    expect(config).toMatchObject({
      data: path.join(cwd, 'data'),
      port: 8787,
      host: '127.0.0.1',
      log: 'info',
      workers: [],
      adapters: [],
    });
    expect({ file, secrets, warnings }).toEqual({ file: undefined, secrets: [], warnings: [] });
  });

  test('an mjs file, with objects and paths', async () => {
    const { config, file } = await load({
      'readback.config.mjs': `export default { data: 'store', page: 'index.html', workers: [${worker('one')}, './two.mjs'], deadlines: { ackMs: 3000 }, pick: () => 'one' }`,
      'two.mjs': `export const two = ${worker('two')}; export const other = 7; export default two;`,
    });
    const dir = path.dirname(file ?? '');
    expect(config).toMatchObject({
      data: path.join(dir, 'store'),
      page: path.join(dir, 'index.html'),
      deadlines: { ackMs: 3_000 },
    });
    expect(config.workers.map((each) => each.name)).toEqual(['one', 'two']);
  });

  test('a function is called with the environment', async () => {
    const { config } = await load(
      { 'readback.config.mjs': 'export default async (env) => ({ hint: env.HINT })' },
      { HINT: 'try it' },
    );
    expect(config.hint).toBe('try it');
  });

  test('a JSON file, with Workers by path', async () => {
    const { config } = await load({
      'readback.config.json': JSON.stringify({
        port: 0,
        workers: ['./w.mjs'],
        webchat: { account: 'shop' },
      }),
      'w.mjs': `export const workers = [${worker('a')}];`,
    });
    expect(config.workers.map((each) => each.name)).toEqual(['a']);
    expect(config).toMatchObject({ port: 0, webchat: { account: 'shop' } });
  });

  test('the environment comes before the file; empty variables are absent', async () => {
    const { config } = await load(
      { 'readback.config.json': '{"port": 1, "host": "::1", "log": "warn", "data": "x"}' },
      { PORT: '0', HOST: '0.0.0.0', READBACK_DATA: '/srv/data', READBACK_LOG: '' },
    );
    expect(config).toMatchObject({ port: 0, host: '0.0.0.0', log: 'warn', data: '/srv/data' });
  });

  test('secrets of file and environment are known, variables that look like ours are named', async () => {
    const { secrets, warnings } = await load(
      { 'readback.config.json': JSON.stringify({ webchat: { key: 'k'.repeat(40) } }) },
      { SLACK_BOT_TOKEN: 'xoxb-12345', READBACK_DTA: 'x' },
    );
    expect(secrets).toEqual(['k'.repeat(40), 'xoxb-12345']);
    expect(warnings).toEqual([
      'READBACK_DTA in the environment means nothing to Readback; did you mean READBACK_DATA?',
    ]);
  });

  test('defineConfig gives back what it got', () => {
    const config = { port: 1 };
    expect(defineConfig(config)).toBe(config);
  });
});

describe('what is refused: path, what came, what is allowed', () => {
  test.each([
    ['{ port: "80a" }', 'port: got "80a"; allowed: a whole number from 0 to 65535'],
    ['{ port: 70000 }', 'port: got 70000; allowed: a whole number from 0 to 65535'],
    ['{ port: NaN }', 'port: got NaN; allowed: a whole number from 0 to 65535'],
    ['{ prot: 1 }', 'prot: got a key that is not known; allowed: did you mean port? data, port,'],
    ['{ log: "loud" }', 'log: got "loud"; allowed: "debug", "info", "warn", "error", "silent"'],
    ['{ overlap: "steer" }', 'overlap: got "steer"; allowed: "queue", "interrupt", "reject"'],
    ['{ concurrency: 0 }', 'concurrency: got 0; allowed: a whole number from 1 to 10000'],
    [
      '{ deadlines: { akcMs: 1 } }',
      'deadlines.akcMs: got a key that is not known; allowed: did you mean ackMs? ackDelayMs,',
    ],
    [
      '{ deadlines: { ackMs: -1 } }',
      'deadlines.ackMs: got -1; allowed: a whole number from 1 to 600000',
    ],
    [
      '{ deadlines: { ackMs: 50_000 } }',
      'deadlines.ackMs: got 50000; allowed: must be less than progressMs (45000), got 50000',
    ],
    [
      '{ clocks: { sendMs: 20_000 } }',
      'clocks.leaseMs: got 15000; allowed: must be at least sendMs + 5000 (25000), got 15000',
    ],
    [
      '{ workers: [] }',
      'workers: got a list of 0; allowed: a list of 1 to 100 Workers, or of paths of .mjs files that export them',
    ],
    [
      '{ workers: [7] }',
      'workers[0]: got 7; allowed: a Worker (as defineWorker makes it), or the path of an .mjs file that exports Workers',
    ],
    [
      '{ workers: ["./gone.mjs"] }',
      'workers[0]: got "./gone.mjs", which could not be run: Cannot find module',
    ],
    [
      `{ workers: [${worker('a')}, ${worker('a')}] }`,
      'workers: got two Workers named "a"; allowed: Workers of different names',
    ],
    [
      `{ workers: [${worker('a', ', deadlines: { graceMs: 2000000 }')}] }`,
      'workers[0].deadlines.graceMs: got 2000000; allowed: must be less than terminalMs',
    ],
    [
      '{ adapters: [{ name: "x" }] }',
      'adapters[0]: got an object; allowed: an Adapter (only an .mjs file can hold one)',
    ],
    ['{ pick: "first" }', 'pick: got "first"; allowed: a function (message) => name of a Worker'],
    [
      '{ webchat: true }',
      'webchat: got true; allowed: false, or an object with the options of createWebchat',
    ],
    [
      '{ webchat: { acount: "x" } }',
      'webchat.acount: got a key that is not known; allowed: did you mean account?',
    ],
    [
      '{ webchat: { key: "too short" } }',
      'webchat.key: got [redacted]; allowed: a text of 32 to 1000 characters',
    ],
    [
      '{ webchat: { limits: { textMax: 0 } } }',
      'webchat.limits.textMax: got 0; allowed: a whole number from 1 to 64000',
    ],
    [
      '{ webchat: { allowedOrigins: ["example.org"] } }',
      'webchat.allowedOrigins[0]: got "example.org"; allowed: must be "*" or an origin',
    ],
    [
      '{ words: { akc: () => "" } }',
      'words.akc: got a key that is not known; allowed: did you mean ack?',
    ],
    [
      '{ words: { ack: "On it" } }',
      'words.ack: got "On it"; allowed: a function that returns a text',
    ],
    [
      '{ operator: { channel: {} } }',
      'operator.channel.adapter: got nothing; allowed: a text of 1 to 200 characters',
    ],
    ['{ durability: "none" }', 'durability: got "none"; allowed: "power", "process"'],
    [
      `{ workers: [${worker('a')}, ${worker('b')}] }`,
      'pick: got nothing, with 2 Workers (a, b); allowed: a function',
    ],
    [
      '7',
      'the default export is 7; allowed: export default an object, or a function that returns one',
    ],
    ['undefined', 'the default export is nothing; allowed: export default an object'],
  ])('%s', async (body, said) => {
    expect(await refusal(body)).toContain(said);
  });

  test('all at once, also those of the environment', async () => {
    const said = await refusal('{ port: "x", deadlines: { ackMs: 50_000 }, words: { akc: 1 } }', {
      PORT: '99999',
      READBACK_LOG: 'loud',
    });
    expect(said.split('\n')).toEqual([
      'readback.config.mjs has 5 problems:',
      expect.stringContaining('port: got "x"'),
      expect.stringContaining('deadlines.ackMs: got 50000'),
      expect.stringContaining('words.akc'),
      '  PORT (environment): got "99999"; allowed: a whole number from 0 to 65535',
      '  READBACK_LOG (environment): got "loud"; allowed: debug, info, warn, error, silent',
    ]);
  });

  test('nothing of a secret is told', async () => {
    const secret = 'topsecretvalue1';
    const said = await refusal(
      `{ token: '${secret}', hint: '${secret}'.repeat(200), port: '${secret}', operator: { channel: { adapter: '${secret}' } } }`,
      { MY_TOKEN: secret },
    );
    expect(said).toContain('port: got "[redacted]"');
    expect(said).not.toContain(secret);
  });

  test('a file that throws is named, its secrets are not', async () => {
    const files = {
      'readback.config.mjs':
        "throw new Error('bad token ' + process.env.NOTHING + ' abcdefgh1234')",
    };
    await expect(load(files, { APP_TOKEN: 'abcdefgh1234' })).rejects.toThrow(
      'readback.config.mjs could not be run: bad token undefined [redacted]',
    );
  });

  test.each([
    ['{"port": 1,}', 'readback.config.json is not valid JSON (line 1, column 12)'],
    ['{"token": "hidden-value\n"}', 'readback.config.json is not valid JSON (line 1, column 24)'],
    ['', 'readback.config.json is not valid JSON'],
    ['[]', 'readback.config.json has 1 problem:'],
  ])('JSON %j', async (text, said) => {
    const error = await load({ 'readback.config.json': text }).catch((caught: unknown) => caught);
    expect(String(error)).toContain(said);
    expect(String(error)).not.toContain('hidden');
  });

  test('a named file that is not there, or of another kind', async () => {
    const cwd = tempDir({ 'c.toml': '' });
    await expect(loadConfig({ cwd, env: {}, file: 'gone.mjs' })).rejects.toThrow(
      'config file: got gone.mjs, which is not there; allowed: the path of an .mjs or .json file',
    );
    await expect(loadConfig({ cwd, env: {}, file: 'c.toml' })).rejects.toThrow(
      'got c.toml; allowed: a file that ends in .mjs or .json',
    );
  });
});
