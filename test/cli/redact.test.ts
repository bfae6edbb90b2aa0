import { describe, expect, test } from 'vitest';
import { collectSecrets, createScrub, isSecretName, redact } from '../../src/cli/redact.ts';
import { createLog, type LogOptions } from '../../src/log.ts';
import fc from '../support/fast-check.ts';

/** A log and the lines that it wrote. */
function logged(options: LogOptions = {}): { log: ReturnType<typeof createLog>; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    log: createLog({ form: 'json', write: (line) => void lines.push(line), ...options }),
  };
}

describe('isSecretName', () => {
  test.each(
    'token botToken bot_token BOT_TOKEN authorization Authorization cookie set-cookie Set-Cookie secret clientSecret password dbPassword key apiKey API_KEY privateKey signing_key x-api-key passphrase jwt credentials SLACK_SIGNING_SECRET'.split(
      ' ',
    ),
  )('%s is', (name) => expect(isSecretName(name)).toBe(true));
  test.each(
    'text name keyFile channel channelKey inputTokens outputTokens monkey author keyboard sequence taskId'.split(
      ' ',
    ),
  )('%s is not', (name) => expect(isSecretName(name)).toBe(false));
});

describe('redact', () => {
  const scrub = createScrub(['s3cret-value', 'with "quotes" & spaces']);

  test('secrets under their names, in texts, keys, errors, causes, maps and lists', () => {
    const cause = Object.assign(new Error('401 for s3cret-value'), {
      headers: { authorization: 'Bearer abc' },
    });
    const error = new AggregateError([cause], 'failed: s3cret-value', { cause });
    const shown = JSON.stringify(
      redact(
        {
          error,
          token: 42,
          's3cret-value': 1,
          map: new Map([['password', 'x']]),
          list: ['s3cret-value'],
          url: new URL('https://me:hunter2@host/?token=abc'),
        },
        scrub,
      ),
    );
    expect(shown).not.toMatch(/s3cret-value|Bearer abc|hunter2|token=abc|"x"|42/);
    expect(shown).toContain('401 for [redacted]');
  });

  test('other forms of a secret, and what looks like a token', () => {
    const forms = [
      'with \\"quotes\\" & spaces',
      'with%20%22quotes%22%20%26%20spaces',
      Buffer.from('s3cret-value').toString('base64'),
    ];
    for (const form of forms) expect(scrub(`<${form}>`)).toBe('<[redacted]>');
    expect(scrub('got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.AAAAAAAAAAAA here')).toBe(
      'got [redacted] here',
    );
    expect(scrub('plain words of 12345')).toBe('plain words of 12345');
  });

  test('is bounded: cycles, depth and width end', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    let deep: Record<string, unknown> = {};
    for (let i = 0; i < 100; i += 1) deep = { deep };
    const wide = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`k${i}`, { list: Array(1_000).fill(i) }]),
    );
    expect(JSON.stringify(redact(loop, scrub))).toBe('{"self":"(again)"}');
    expect(JSON.stringify(redact(deep, scrub)).length).toBeLessThan(500);
    expect(JSON.stringify(redact(wide, scrub)).length).toBeLessThan(100_000);
  });

  test('collectSecrets looks into plain settings only', () => {
    class Client {
      token = 'inside-a-client';
    }
    const settings = {
      webchat: { key: 'k'.repeat(32) },
      nested: [{ apiKey: 'abcdef-123' }],
      token: 'short',
      client: new Client(),
      keyFile: '/data/x',
    };
    expect(collectSecrets(settings, { OPENAI_API_KEY: 'sk-12345678', HOME: '/root' })).toEqual([
      'k'.repeat(32),
      'abcdef-123',
      'sk-12345678',
    ]);
  });
});

describe('createLog', () => {
  test('writes one JSON object per line with level, time, pid, message and data', () => {
    const { log, lines } = logged();
    log('info', 'started 100% of %s', { port: 8787, level: 'mine', msg: 'mine' });
    log('debug', 'not this');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      pid: process.pid,
      msg: 'started 100% of %s',
      port: 8787,
      level_: 'mine',
      msg_: 'mine',
    });
  });

  test.each([
    ['debug', 4],
    ['warn', 2],
    ['silent', 0],
  ] as const)('level %s writes %i of the four', (level, count) => {
    const { log, lines } = logged({ level });
    for (const each of ['debug', 'info', 'warn', 'error'] as const) log(each, 'x');
    expect(lines).toHaveLength(count);
  });

  test('the human form is one safe line', () => {
    const { log, lines } = logged({ form: 'human', color: false });
    log('error', 'bad\n\u001B[31mred', {
      adapter: 'webchat',
      note: 'a b\n',
      error: new Error('outer', { cause: new TypeError('inner\u0007') }),
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} error bad↵␛\[31mred adapter=webchat note="a b\\n" error=Error: outer \(cause: TypeError: inner␇\)\n$/,
    );
  });

  test('nothing is written after close, and what cannot be logged does not throw', async () => {
    const { log, lines } = logged();
    const hostile = {
      get bad(): never {
        throw new Error('getter');
      },
    };
    expect(() => log('info', 'hostile', hostile)).not.toThrow();
    await log.close();
    await log.close();
    log('error', 'late');
    expect(lines).toHaveLength(1);
  });

  test('I11 no configured secret stands in any line, wherever it was put', () => {
    const secretText = fc
      .tuple(fc.uuid(), fc.string({ unit: 'binary', maxLength: 20 }))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        secretText,
        fc.string(),
        fc.constantFrom('json', 'human'),
        (secret, other, form) => {
          const { log, lines } = logged({ secrets: [secret], form, color: false });
          const error = new Error(`${other}${secret}`, { cause: new Error(`${secret}${other}`) });
          log('error', `a ${secret} b`, {
            [secret]: secret,
            list: [other + secret],
            deep: { error, more: { [`x${secret}`]: new Map([['k', secret]]) } },
          });
          const text = lines.join('');
          expect(text).not.toContain(secret);
          expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
          expect(text.match(/\n/g)).toHaveLength(1);
          if (form === 'json') expect(() => JSON.parse(text) as unknown).not.toThrow();
        },
      ),
    );
  });
});
