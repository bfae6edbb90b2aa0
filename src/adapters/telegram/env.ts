import type { Adapter } from '../../contracts/adapter.ts';
import { createTelegram } from './index.ts';

/** TELEGRAM_BOT_TOKEN turns Telegram on; TELEGRAM_API_ROOT names a Bot API server of one's own. */
export function fromEnv(env: Readonly<Record<string, string | undefined>>): Adapter | undefined {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: apiRoot } = env;
  if (!token) return undefined;
  return createTelegram({ token, ...(apiRoot ? { apiRoot } : {}) });
}
