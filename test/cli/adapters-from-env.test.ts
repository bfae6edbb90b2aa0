import { describe, expect, test } from 'vitest';
import { adaptersFromEnv } from '../../src/cli/adapters-from-env.ts';
import { ConfigError } from '../../src/contracts/error.ts';

const none: ReadonlySet<string> = new Set();
const token = '123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr';

describe('platforms of the environment', () => {
  test('none without a variable', async () => {
    expect(await adaptersFromEnv({ TELEGRAM_BOT_TOKEN: '' }, none)).toEqual([]);
  });

  test('Telegram by its token', async () => {
    const adapters = await adaptersFromEnv({ TELEGRAM_BOT_TOKEN: token }, none);
    expect(adapters).toMatchObject([{ name: 'telegram', accounts: ['123456'] }]);
  });

  test('what the config file names stays as it is', async () => {
    const configured = new Set(['telegram']);
    expect(await adaptersFromEnv({ TELEGRAM_BOT_TOKEN: token }, configured)).toEqual([]);
  });

  test('a wrong one is told, and not shown', async () => {
    const wrong = token.replace(':', ' ');
    const failed = adaptersFromEnv({ TELEGRAM_BOT_TOKEN: wrong }, none);
    await expect(failed).rejects.toBeInstanceOf(ConfigError);
    await expect(failed).rejects.toThrow(/^The environment: telegram: token: must be a token/);
    await expect(failed).rejects.not.toThrow(wrong);
  });
});
